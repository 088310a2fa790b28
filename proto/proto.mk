# The contract's commands. They run from the root of the repository, and they need no network, but for the first time
# that `make proto-sdks` gets its generators.
VENV ?= .venv

PROTO_BUF := PATH="$(abspath $(VENV))/bin:$$PATH" $(VENV)/bin/buf
PROTO_MODULE := proto/packages/ameide_core_proto/src
PROTO_PYTHON := src/ameide_core_proto
PROTO_FIELD_BEHAVIOR := proto/third_party/google/api/field_behavior.proto

# A fresh temporary folder, $$tmp, which lives as long as the shell of the recipe.
PROTO_TMP = tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT

PROTO_GENERATE = $(PROTO_TMP) && \
	$(PROTO_BUF) generate --template proto/buf.gen.sdk-python.yaml --output "$$tmp" && \
	$(VENV)/bin/python proto/stamp.py "$$tmp/ameide_core_proto"

# For whom, and where, `make proto-sdks` generates. The generators lie where proto/sdks/install.sh puts them.
PROTO_SDKS := $(patsubst proto/sdks/%/,%,$(sort $(wildcard proto/sdks/*/)))
SDKS ?= $(PROTO_SDKS)
SDK_OUT ?= build/sdks
SDK_TOOLS ?= build
PROTO_SDK_PATH = $(abspath $(SDK_TOOLS))/sdk-go/bin:$(abspath $(SDK_TOOLS))/sdk-typescript/node_modules/.bin

# Builds the image of our own module, $$tmp/image.binpb, with comments; or without them, which is always the same bytes.
PROTO_BUILD = $(PROTO_TMP) && \
	$(PROTO_BUF) build $(PROTO_MODULE) --as-file-descriptor-set --output "$$tmp/image.binpb"
PROTO_IMAGE = $(PROTO_BUILD) --exclude-source-info

# The image of the newest released version.
PROTO_BASELINE = $$(ls proto/released/*.binpb | sort -V | tail -n 1)

# Makes the catalogue for clients of the Model Context Protocol, $$tmp/mcp-catalog.json, from an image with comments.
PROTO_MCP = $(PROTO_BUILD) && \
	$(VENV)/bin/python -m sre_ingest contract mcp-catalog "$$tmp/image.binpb" >"$$tmp/mcp-catalog.json"

.PHONY: proto proto-check proto-lint proto-fresh proto-breaking proto-locked proto-lock proto-release \
	proto-mcp proto-mcp-fresh proto-sdks proto-sdk-names proto-sdk-tools proto-third-party proto-venv

proto: proto-third-party  ## format the contract and generate its Python
	$(PROTO_BUF) format --write $(PROTO_MODULE)
	$(PROTO_GENERATE) && rm -rf $(PROTO_PYTHON) && mkdir -p $(dir $(PROTO_PYTHON)) && \
		cp -R "$$tmp/ameide_core_proto" $(PROTO_PYTHON)

proto-check: proto-lint proto-fresh proto-breaking proto-locked proto-mcp-fresh  ## lint the contract; check its Python, past, lock and catalogue

proto-lint: proto-third-party
	$(PROTO_BUF) lint proto
	$(PROTO_BUF) format --diff --exit-code $(PROTO_MODULE)
	$(PROTO_BUF) build proto --output /dev/null

proto-fresh: proto-third-party
	$(PROTO_GENERATE) && { diff -r -x __pycache__ "$$tmp/ameide_core_proto" $(PROTO_PYTHON) || \
		{ echo 'The generated Python does not follow from the .proto files: run make proto'; exit 1; }; }

proto-breaking: proto-third-party
	$(PROTO_BUF) breaking $(PROTO_MODULE) --against $(PROTO_BASELINE)

proto-locked: proto-third-party
	$(PROTO_IMAGE) && $(VENV)/bin/python proto/schema.py check "$$tmp/image.binpb"

proto-lock: proto-third-party  ## note the contract's hash under its version, or under a new one: PROTO_VERSION=v1.1.0
	$(PROTO_IMAGE) && $(VENV)/bin/python proto/schema.py lock "$$tmp/image.binpb" $(PROTO_VERSION)

proto-release: proto-third-party  ## keep the image of the present version, which later changes are compared with
	$(PROTO_IMAGE) && $(VENV)/bin/python proto/schema.py release "$$tmp/image.binpb"

proto-mcp: proto-third-party  ## write the catalogue of tools and resources for clients of the Model Context Protocol
	$(PROTO_MCP) && cp "$$tmp/mcp-catalog.json" proto/

proto-mcp-fresh: proto-third-party
	$(PROTO_MCP) && { diff "$$tmp/mcp-catalog.json" proto/mcp-catalog.json || \
		{ echo 'The catalogue does not follow from the .proto files: run make proto-mcp'; exit 1; }; }

# A Go module, an npm package: each in a folder of its own, of which nothing is deleted.
proto-sdks: proto-sdk-names proto-third-party proto-sdk-tools  ## generate the SDKs: SDKS="go typescript" SDK_OUT=build/sdks
	@set -e; for sdk in $(SDKS); do \
		mkdir -p "$(SDK_OUT)/$$sdk"; \
		PATH="$(PROTO_SDK_PATH):$$PATH" $(VENV)/bin/buf generate \
			--template proto/buf.gen.sdk-$$sdk.yaml --output "$(SDK_OUT)/$$sdk"; \
		cp proto/sdks/$$sdk/* "$(SDK_OUT)/$$sdk"; \
		echo "$(SDK_OUT)/$$sdk"; \
	done

# Before anything is installed or generated.
proto-sdk-names:
	@test -n "$(strip $(SDKS))" || { echo 'SDKS names no SDK; name some of: $(PROTO_SDKS)' >&2; exit 1; }
	@for sdk in $(SDKS); do case " $(PROTO_SDKS) " in *" $$sdk "*) ;; *) \
		echo "There is no SDK for $$sdk; SDKS names some of: $(PROTO_SDKS)" >&2; exit 1;; esac; done

proto-sdk-tools:
	@sh proto/sdks/install.sh

proto-venv:
	@test -x "$(VENV)/bin/buf" || \
		{ echo 'The tools of the contract are not in $(VENV): run make $(VENV)/.dev, which puts them there' >&2; exit 1; }

# The one imported file that protobuf itself does not bring. It comes from the installed wheel and is never committed.
proto-third-party: proto-venv
	@mkdir -p $(dir $(PROTO_FIELD_BEHAVIOR))
	@cp "$$($(VENV)/bin/python -c \
		'from importlib.resources import files; print(files("google.api") / "field_behavior.proto")')" \
		$(PROTO_FIELD_BEHAVIOR)
