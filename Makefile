# `make` alone explains the house.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2

include proto/proto.mk
include tests/parts/parts.mk

.PHONY: help run test check faults goldens corpus chart new-adapter lock bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## the gateway on 127.0.0.1:8080 with the embedded log in ./var; needs Python 3.11 and nothing else
	@echo
	@echo "  Once it logs that it is listening, and on which port, send an alert from another terminal and read the intent"
	@echo "  it became:"
	@echo
	@echo "    curl -i http://127.0.0.1:$${SRE_INGEST_HTTP__PORT:-8080}/webhooks/alertmanager -H 'Content-Type: application/json' \\"
	@echo "      --data @adapters/alertmanager/samples/firing.json"
	@echo "    $(BIN)/sre-ingest tail --from-beginning"
	@echo
	@exec $(BIN)/sre-ingest serve

test: $(VENV)/.dev parts ## every test, the real Kafka's and the real Alertmanager's included
	$(BIN)/pytest -n $(WORKERS)

check: $(VENV)/.dev proto-check ## format, lint, types, import contracts, the contract pack
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint -s -c .yamllint.yaml helm/sre-ingest/values.yaml helm/sre-ingest/Chart.yaml helm/sre-ingest/ci adapters

# What is set on the command line is in the environment of what it runs: make faults FAULTS_SECONDS=60 ONLY="kill outage"
faults: $(VENV)/.dev parts ## break everything around the gateway, at length, on three brokers; writes docs/guarantees.md
	$(BIN)/python -m tests.faults.guarantees $(ONLY)
	HISTORIES=2000 $(BIN)/pytest -q tests/unit/test_dedup_pair.py

goldens: $(VENV)/.dev ## rewrite the expected outputs, and fail so that somebody reads the difference
	UPDATE_GOLDENS=1 $(BIN)/pytest -q -p no:randomly tests/rooms tests/chart tests/docs tests/journey/test_determinism.py

corpus: $(VENV)/.dev ## what becomes of every published body beside the project, and of 10,000 mutated ones a room
	$(BIN)/python -m tests.rooms.corpus
	MUTATIONS=10000 $(BIN)/pytest -q -n $(WORKERS) --timeout 1800 tests/rooms/test_mutations.py

chart: $(VENV)/.dev ## render, lint and validate the Helm chart
	$(BIN)/pytest -q tests/chart

bench: $(VENV)/.dev ## CPU per alert, measured
	$(BIN)/python -m bench.ingest

new-adapter: named $(VENV)/.dev ## begin the adapter NAME=acme: a room, or with KIND=mapping a file without code
	$(BIN)/sre-ingest adapters new $(NAME) --kind $(KIND) --to $(PLACE_OF_$(KIND))
	@echo "make goldens writes the tables and goldens that tell of every adapter"

# Before anything is installed.
.PHONY: named
named:
	@test -n "$(NAME)" || { echo "Name it: make new-adapter NAME=acme"; exit 2; }
	@test -n "$(PLACE_OF_$(KIND))" || { echo "KIND is room or mapping"; exit 2; }

KIND ?= room
PLACE_OF_room := adapters
PLACE_OF_mapping := adapters/generic/mappings

lock: $(VENV)/.dev ## pin the dependencies anew, with hashes and without addresses
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean: ## forget everything that was built, the embedded log excepted
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The virtual environment, in two sizes: what the gateway needs, and what working on it needs.
$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.lock)

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.run

define install
	@echo "Installing $(1) into $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $(1)
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
