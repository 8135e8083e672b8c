# Needs python3 and GNU make 3.81 or later; scripts/bootstrap.py brings everything else.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo token test lint audit bench changelog clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv, or bring it in line with uv.lock
	@$(PYTHON) scripts/bootstrap.py

demo: setup ## Start everything on the embedded database, in the foreground
	@exec $(BIN)/tokenhouse demo

token: setup ## Get a token from the running demo and explain it
	@exec $(BIN)/tokenhouse token demo

test: setup ## Run all tests; branch coverage below the limit fails
	$(BIN)/coverage erase
	$(BIN)/pytest -n auto --dist loadgroup -rs --cov --cov-report=term

lint: setup ## Check style, types, layers and the lock file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) scripts/bootstrap.py uv lock --check

audit: setup ## Look for known weaknesses in the dependencies (needs the network)
	$(BIN)/pip-audit --skip-editable

bench: setup ## Measure, side by side with a raw echo
	$(BIN)/python benchmarks/run.py

changelog: setup ## Show the next release's changes, from changelog.d
	@$(BIN)/python scripts/changelog.py

clean: ## Remove everything that can be made again, the demo's data too
	rm -rf .venv .tools .demo .bench .cache .coverage .coverage.* htmlcov dist build
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
