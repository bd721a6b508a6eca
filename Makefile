# Everything a contributor or a CI server runs. Needs python3 (3.11 or later) and make.
#
#   make test PYTHON=python3.13 VENV=.venv-3.13     another Python, in another environment

PYTHON ?= python3
VENV ?= .venv

export PIP_DISABLE_PIP_VERSION_CHECK = 1
PIP_INSTALL := -m pip install -qq

# Stamp files: an environment is made, and filled, only when something it rests on is newer.
# DEV is the package as an editable install with every tool; DEMO is the package as users get it. Beside them stands an
# environment for each world that the library is tested in, named for its dependency group: $(VENV)-heavy, -engines ...
DEV := $(VENV)/.ready-dev
DEMO := $(VENV)/.ready-demo
BENCH := $(VENV)-bench/.ready-bench
WORLDS := heavy engines frameworks frameworks-lowest faces

# What ends up in the wheel. Directories count too, so that a deleted file is noticed.
SHIPPED := pyproject.toml README.md LICENSE $(shell find src catalog -name __pycache__ -prune -o -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY: # a marker of an environment is no passing file

.PHONY: help
help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# ------------------------------------------------------------------------ what people run

.PHONY: demo
# A development environment, where there is one, serves the demo as well.
demo: $(if $(wildcard $(DEV)),$(DEV),$(DEMO))  ## run the article's comparison and recommendations
	@$(VENV)/bin/python examples/demo.py

.PHONY: test
test: lint types pytest  ## lint, type-check and test (with doctests)

.PHONY: test-all
test-all: test $(WORLDS:%=pytest-%) types-frameworks docs coverage  ## the same in every world, the site, and what the tests cover

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
	@echo "== mypy and pyright"
	@$(VENV)/bin/mypy & mypy=$$!; \
	    $(VENV)/bin/basedpyright --warnings --pythonpath $(VENV)/bin/python; pyright=$$?; wait $$mypy && exit $$pyright

.PHONY: pytest
pytest: $(DEV)  ## only the tests
	@echo "== pytest"
	@$(VENV)/bin/python -m pytest -n auto

.PHONY: coverage
# Apart from `test`, since tracing every branch takes the tests twice as long. Adds up what the worlds below have run.
coverage: $(DEV)  ## the tests again, with the branches that they and the worlds' tests take
	@echo "== coverage"
	@rm -f .coverage.core.*
	@$(VENV)/bin/coverage run --data-file=.coverage.core -m pytest -q -n auto
	@$(VENV)/bin/coverage combine -q --keep
	@$(VENV)/bin/coverage report

.PHONY: $(WORLDS:%=pytest-%)
# pytest-heavy, pytest-engines, pytest-frameworks, pytest-frameworks-lowest, pytest-faces: only the tests of that marker.
$(WORLDS:%=pytest-%): pytest-%: $(VENV)-%/.ready
	@echo "== pytest, $*"
	@rm -f .coverage.$*.*
	@LITELLM_LOCAL_MODEL_COST_MAP=True \
	    $(VENV)-$*/bin/coverage run --data-file=.coverage.$* -m pytest -m $(firstword $(subst -, ,$*))

.PHONY: types-frameworks
types-frameworks: $(VENV)-frameworks/.ready  ## check the types of the adapters, where their frameworks are
	@echo "== mypy and pyright, adapters"
	@$(VENV)-frameworks/bin/mypy src/llm_tradeoffs/adapters/*.py
	@$(VENV)-frameworks/bin/basedpyright --warnings --pythonpath $(VENV)-frameworks/bin/python -p tools/pyright-adapters.json

.PHONY: docs
docs: $(VENV)-faces/.ready  ## build the documentation site into build/site
	@echo "== docs"
	@$(VENV)-faces/bin/python tools/site/make_site.py

.PHONY: catalog-check
catalog-check: $(VENV)-heavy/.ready  ## compare the catalog with the installed genai-prices and LiteLLM
	@$(VENV)-heavy/bin/python tools/catalog_check.py --catalog catalog

.PHONY: catalog-index
catalog-index: $(DEV)  ## write catalog/index.json anew, after a model was added or renamed
	@$(VENV)/bin/python tools/write_index.py

.PHONY: notebooks
notebooks: $(VENV)-faces/.ready  ## run the notebooks of examples/ and keep what they say
	@$(VENV)-faces/bin/python tools/run_notebooks.py

.PHONY: bench
bench: $(BENCH)  ## measure our speed against genai-prices and LiteLLM (WRITE=1 rewrites docs/speed*.md)
	@$(VENV)-bench/bin/python benchmarks/bench.py --quiet $(if $(WRITE),--write)
	@$(VENV)-bench/bin/python -W ignore benchmarks/bench_router.py $(if $(WRITE),--write)

.PHONY: bench-bulk
bench-bulk: $(BENCH)  ## measure usage logs of millions of rows (WRITE=1 rewrites docs/speed-bulk.md)
	@$(VENV)-bench/bin/python benchmarks/bench_bulk.py $(if $(WRITE),--write)

.PHONY: clean
clean:  ## remove environments, caches and build products
	rm -rf $(VENV) $(VENV)-bench $(WORLDS:%=$(VENV)-%) build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
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

$(VENV)-%/.ready: $(VENV)-%/.made pyproject.toml
	@echo "== installing llm-tradeoffs and what it is tested against into $(VENV)-$* (a minute or two)"
	@$(VENV)-$*/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@$(VENV)-$*/bin/python $(PIP_INSTALL) --editable . --group $*
	@touch $@

$(BENCH): $(VENV)-bench/.made $(SHIPPED)
	@echo "== installing llm-tradeoffs and its peers into $(VENV)-bench"
	@$(VENV)-bench/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@$(VENV)-bench/bin/python $(PIP_INSTALL) . --group bench
	@touch $@

# --clear, so that a half-made environment (^C) heals itself.
%/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and \
	    "llm-tradeoffs needs Python 3.11 or later, and $(PYTHON) is %d.%d: say make PYTHON=..." % v[:2])'
	@echo "== making $*"
	@$(PYTHON) -m venv --clear $*
	@touch $@
