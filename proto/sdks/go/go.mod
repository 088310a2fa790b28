module ameide.example/ameide_core_proto

go 1.24.0

tool google.golang.org/protobuf/cmd/protoc-gen-go

require (
	google.golang.org/genproto/googleapis/api v0.0.0-20251202230838-ff82c1b0f217
	google.golang.org/protobuf v1.36.12
)
