# The only commands a person needs. The first one to run sets everything up.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
EXPORT := data/synthetic/scs_2024_25.csv

.PHONY: help setup packs test lint bench calibration lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (once; about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: .venv/ready ## set up .venv from requirements.lock

packs: .venv/ready ## a consistency check pack for every department of the synthetic export
	@$(BIN)/pmstats pack $(EXPORT) --stage mid-year --out reports

test: .venv/ready ## the whole suite, notebooks included
	@$(BIN)/python -m pytest
	@$(BIN)/python -m pytest --nbval notebooks -p no:doctest

lint: .venv/ready ## style, types, import order, stripped notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/ready ## where the time goes, as ratios in one run
	@$(BIN)/python -m benchmarks

calibration: .venv/ready ## measure our own methods on simulated departments
	@$(BIN)/python -m benchmarks.calibration
