# Everything a contributor or a CI server runs. Needs python3 (3.11 or later) and make.
#
#   make test PYTHON=python3.13 VENV=.venv-3.13     another Python, in another environment

PYTHON ?= python3
VENV ?= .venv
BENCH_VENV ?= .venv-bench
HEAVY_VENV ?= .venv-heavy

export PIP_DISABLE_PIP_VERSION_CHECK = 1
PIP_INSTALL := -m pip install -qq

# Stamp files: an environment is made, and filled, only when something it rests on is newer.
# DEV is the package as an editable install with every tool; DEMO is the package as users get it; HEAVY has
# the real packages of those whose prices and responses are read, for the tests only.
DEV := $(VENV)/.ready-dev
DEMO := $(VENV)/.ready-demo
BENCH := $(BENCH_VENV)/.ready-bench
HEAVY := $(HEAVY_VENV)/.ready-heavy

# What ends up in the wheel. Directories count too, so that a deleted file is noticed.
SHIPPED := pyproject.toml README.md LICENSE $(shell find src catalog -name __pycache__ -prune -o -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

.PHONY: help
help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# ------------------------------------------------------------------------ what people run

.PHONY: demo
# A development environment, where there is one, serves the demo as well.
demo: $(if $(wildcard $(DEV)),$(DEV),$(DEMO))  ## run the article's comparison and recommendations
	@$(VENV)/bin/python examples/demo.py

.PHONY: test
test: lint types pytest  ## lint, type-check and test (with doctests)

.PHONY: test-all
test-all: test pytest-heavy coverage  ## the same, the heavy tests, and what the tests cover

.PHONY: lint
lint: $(DEV)  ## check style and format with ruff
	@echo "== ruff"
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check

.PHONY: format
format: $(DEV)  ## rewrite the code in the house format
	@$(VENV)/bin/ruff check --fix-only
	@$(VENV)/bin/ruff format

.PHONY: types
types: $(DEV)  ## check types with mypy --strict and pyright
	@echo "== mypy"
	@$(VENV)/bin/mypy
	@echo "== pyright"
	@$(VENV)/bin/basedpyright --warnings --pythonpath $(VENV)/bin/python

.PHONY: pytest
pytest: $(DEV)  ## only the tests
	@echo "== pytest"
	@$(VENV)/bin/python -m pytest

.PHONY: coverage
# Apart from `test`, since tracing every branch takes the tests twice as long.
coverage: $(DEV)  ## the tests again, with the branches they take
	@echo "== coverage"
	@$(VENV)/bin/coverage run -m pytest -q
	@$(VENV)/bin/coverage report

.PHONY: pytest-heavy
pytest-heavy: $(HEAVY)  ## only the heavy tests: against the real packages of others
	@echo "== pytest, heavy"
	@LITELLM_LOCAL_MODEL_COST_MAP=True $(HEAVY_VENV)/bin/python -m pytest -m heavy

.PHONY: catalog-check
catalog-check: $(HEAVY)  ## compare the catalog with the installed genai-prices and LiteLLM
	@$(HEAVY_VENV)/bin/python tools/catalog_check.py --catalog catalog

.PHONY: catalog-index
catalog-index: $(DEV)  ## write catalog/index.json anew, after a model was added or renamed
	@$(VENV)/bin/python tools/write_index.py

.PHONY: bench
bench: $(BENCH)  ## measure our speed against genai-prices (WRITE=1 rewrites docs/speed.md)
	@$(BENCH_VENV)/bin/python benchmarks/bench.py --quiet $(if $(WRITE),--write)

.PHONY: clean
clean:  ## remove environments, caches and build products
	rm -rf $(VENV) $(BENCH_VENV) $(HEAVY_VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------ environments

$(DEMO): $(VENV)/.made $(SHIPPED)
	@echo "== installing llm-tradeoffs into $(VENV)"
	@$(VENV)/bin/python $(PIP_INSTALL) .
	@touch $@

# Dependency groups need pip 25.1; the pip that comes with a Python is often older.
$(DEV): $(VENV)/.made pyproject.toml
	@echo "== installing llm-tradeoffs and its development tools into $(VENV) (about a minute)"
	@$(VENV)/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@$(VENV)/bin/python $(PIP_INSTALL) --editable . --group dev
	@touch $@

$(HEAVY): $(HEAVY_VENV)/.made pyproject.toml
	@echo "== installing llm-tradeoffs and the packages it is tested against into $(HEAVY_VENV) (two minutes)"
	@$(HEAVY_VENV)/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@$(HEAVY_VENV)/bin/python $(PIP_INSTALL) --editable . --group heavy
	@touch $@

$(BENCH): $(BENCH_VENV)/.made $(SHIPPED)
	@echo "== installing llm-tradeoffs and its peers into $(BENCH_VENV)"
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) . --group bench
	@touch $@

# --clear, so that a half-made environment (^C) heals itself.
%/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and \
	    "llm-tradeoffs needs Python 3.11 or later, and $(PYTHON) is %d.%d: say make PYTHON=..." % v[:2])'
	@echo "== making $*"
	@$(PYTHON) -m venv --clear $*
	@touch $@
