# `make run` sets DATAG up and opens it, `make test` runs every check. Nothing else is needed.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint types js pytest worker clean help

help: ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/.runtime ## Set up what is missing and open DATAG.
	@$(BIN)/python -m core.prepare || echo "DATAG opens without; it tries again when the model is needed."
	$(BIN)/streamlit run app.py --server.port $(PORT)

worker: $(VENV)/.runtime ## Run a worker by itself, beside an app with DATAG_START_WORKER=false.
	$(BIN)/python -m core.worker

test: lint types js pytest ## Run every check: lint, types, browser code, tests.

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

js: node_modules/.installed
	npm run --silent check
	npm run --silent test

pytest: $(VENV)/.dev
	@tools/ensure_chromium.sh
	@tools/ensure_postgresql.sh
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

clean: ## Remove the virtual environment and tools, not your data.
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "DATAG needs Python 3.11 or newer: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	@tools/ensure_node.sh
	npm ci --silent --no-audit --no-fund
	@touch $@
