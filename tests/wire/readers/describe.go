// Describe writes the descriptors of the contract, as the generated Go carries them, as one FileDescriptorSet.
package main

import (
	"log"
	"os"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "ameide.example/ameide_core_proto/sre/core/v1"
	_ "ameide.example/ameide_core_proto/sre/process/v1"
)

func main() {
	set := &descriptorpb.FileDescriptorSet{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(file.Path(), "ameide_core_proto/") {
			set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
		}
		return true
	})
	value, err := proto.Marshal(set)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(value); err != nil {
		log.Fatal(err)
	}
}
