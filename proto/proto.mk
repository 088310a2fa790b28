# The contract's commands. They run from the root of the repository, and they need no network.
VENV ?= .venv

PROTO_BUF := PATH="$(abspath $(VENV))/bin:$$PATH" $(VENV)/bin/buf
PROTO_MODULE := proto/packages/ameide_core_proto/src
PROTO_PYTHON := src/ameide_core_proto
PROTO_FIELD_BEHAVIOR := proto/third_party/google/api/field_behavior.proto

# Generates into a fresh temporary folder, $$tmp, which lives as long as the shell of the recipe.
PROTO_GENERATE = tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(PROTO_BUF) generate --template proto/buf.gen.yaml --output "$$tmp" && \
	$(VENV)/bin/python proto/stamp.py "$$tmp/ameide_core_proto"

.PHONY: proto proto-check proto-third-party

proto: proto-third-party  ## format the contract and generate its Python
	$(PROTO_BUF) format --write $(PROTO_MODULE)
	$(PROTO_GENERATE) && rm -rf $(PROTO_PYTHON) && mkdir -p $(dir $(PROTO_PYTHON)) && \
		cp -R "$$tmp/ameide_core_proto" $(PROTO_PYTHON)

proto-check: proto-third-party  ## lint the contract; fail when its format or its Python is out of date
	$(PROTO_BUF) lint proto
	$(PROTO_BUF) format --diff --exit-code $(PROTO_MODULE)
	$(PROTO_BUF) build proto --output /dev/null
	$(PROTO_GENERATE) && { diff -r -x __pycache__ "$$tmp/ameide_core_proto" $(PROTO_PYTHON) || \
		{ echo 'The generated Python does not follow from the .proto files: run make proto'; exit 1; }; }

# The one imported file that protobuf itself does not bring. It comes from the installed wheel and is never committed.
proto-third-party:
	@mkdir -p $(dir $(PROTO_FIELD_BEHAVIOR))
	@cp "$$($(VENV)/bin/python -c \
		'from importlib.resources import files; print(files("google.api") / "field_behavior.proto")')" \
		$(PROTO_FIELD_BEHAVIOR)
