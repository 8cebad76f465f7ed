# make demo | make test | make help
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := benchmarks/peers/.venv
export JOURNEYS_DATA ?= $(abspath ../shared/data)
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help setup demo test test-spark test-duckdb15 test-peers soak explore mutants lint example bench bench-guard bench-peers lock clean

help:  ## Show what there is to make
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "journey-mining needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock lists into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.dev  ## Make the virtual environment with everything the tests need

demo: $(VENV)/.run  ## Invent a shop, run the whole pipeline on it, and say what it found
	@$(BIN)/journeys demo

test: $(VENV)/.dev lint  ## Run every check and every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

explore: $(VENV)/.dev  ## Hold thousands of random nights, and the library, against reference models (hours)
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest tests/generative tests/journey_mining

mutants: $(VENV)/.dev  ## Seed bugs, one at a time, and insist that the tests find each
	$(BIN)/python -m tests.mutants.run

soak: export JOURNEYS_SOAK ?= 1
soak: $(VENV)/.dev  ## Stop, kill and starve runs in every way, for up to two hours; JOURNEYS_SOAK=10 for a night
	$(BIN)/python -m pytest tests/faults -n 2

$(VENV)/.spark: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pyspark>=4.0,<5'
	@touch $@

test-spark: $(VENV)/.spark  ## Build the models on Apache Spark too, and compare every row (needs Java 17)
	SPARK_LOCAL_IP=127.0.0.1 $(BIN)/python -m pytest -m spark tests/functional/test_spark.py

$(VENV)/duckdb15: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $@ 'duckdb==1.5.*'

test-duckdb15: $(VENV)/duckdb15  ## Run the tests of the models, the connectors and the library on DuckDB 1.5
	PYTHONPATH=$(VENV)/duckdb15 $(BIN)/python -m pytest -n 2 tests/spec tests/connectors tests/journey_mining \
	  tests/rules/test_sql_headers.py tests/rules/test_names.py

lint: $(VENV)/.dev  ## Style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.rules.portable

example: $(VENV)/.run  ## Run one workspace of examples/, whose README says which files it needs: make example NAME=greenery
	$(BIN)/journeys init --workspace examples/$(NAME)
	$(BIN)/journeys run --workspace examples/$(NAME)

bench: $(VENV)/.dev $(PEERS)/.done  ## Measure what the pipeline costs up to 100 million events (hours); writes benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.run

bench-guard: $(VENV)/.dev  ## Fail if the pipeline got slower, by ratios measured in one run (2 minutes)
	$(BIN)/python -m benchmarks.guard

$(PEERS)/.done: benchmarks/peers/requirements.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	@touch $@

test-peers: $(VENV)/.dev $(PEERS)/.done  ## Check that retentioneering, pm4py, ChannelAttribution, Polars and chDB count what we count (a quarter of an hour)
	$(BIN)/python -m tests.peers.run
	$(BIN)/python -m tests.peers.flows_by_retentioneering
	$(BIN)/python -m tests.peers.attribution_by_channelattribution
	$(BIN)/python -m benchmarks.peers.compare

bench-peers: $(VENV)/.dev $(PEERS)/.done  ## Measure us and them: a whole log, and each family of path analysis
	$(BIN)/python -m benchmarks.run --rows peers,mining

lock:  ## Lock the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
	  --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
	  --group build --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:  ## Remove the demo's workspace
	rm -rf demo
