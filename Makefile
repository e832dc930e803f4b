# The only commands a person needs. The first one to run sets everything up.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
EXPORT := data/synthetic/scs_2024_25.csv


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

# notebook, export and stage of each further framework, by scheme
provider_quality_2024    := 110_training_providers providers/providers.csv review
parliament_objectives    := 120_parliament_toolkit parliament/parliament_objectives.csv march-may
csp_pmif                 := 130_partnership_improvement partnerships/partnerships.csv external
public_sector_scorecard  := 140_public_sector_scorecard scorecard/scorecard.csv status
scs_process_2024_25      := 150_process_scorecard process/process.csv mid-year
workforce_programme_2024 := 115_workforce_programme ../published/workforce_programme_2024.csv status
# exports of the parliament's two other schemes, which its notebook reads beside the first
MORE_parliament_objectives := \
    -p process_export=$(CURDIR)/data/synthetic/parliament/parliament_process.csv \
    -p feedback_export=$(CURDIR)/data/synthetic/parliament/parliament_feedback.csv
FRAMEWORKS := provider_quality_2024 parliament_objectives csp_pmif public_sector_scorecard \
    scs_process_2024_25 workforce_programme_2024

frameworks: $(FRAMEWORKS) ## packs of every other framework, each scheme a target of its own

$(FRAMEWORKS): .venv/ready
	@$(BIN)/pmstats run notebooks/$(word 1,$($@)).ipynb --export data/synthetic/$(word 2,$($@)) \
	    --scheme $@ --stage $(word 3,$($@)) $(MORE_$@) --out reports/$@

test: .venv/ready ## the whole suite, notebooks included
	@$(BIN)/python -m pytest
	@$(BIN)/python -m pytest --nbval-lax notebooks

cycle: .venv/ready ## a whole year of all eight departments released into one ledger (about ten minutes)
	@PMSTATS_ALL_DEPARTMENTS=1 $(BIN)/python -m pytest tests/release/test_cycle.py

lint: .venv/ready ## style, types, import order, stripped notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/nbstripout --verify --keep-id --keep-count notebooks/*.ipynb

golden: .venv/ready ## run the notebooks again and keep the outputs of their golden cells
	@$(BIN)/jupyter execute --inplace notebooks/*.ipynb
	@$(BIN)/nbstripout --keep-id --keep-count notebooks/*.ipynb

lock: ## pin every dependency again, with hashes and without any index address
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

pictures: packs ## the pictures of the README, from the current code (needs Chromium)
	@$(BIN)/python docs/pictures.py

bench: .venv/ready ## where the time goes, as ratios in one run
	@$(BIN)/python -m benchmarks

calibration: .venv/ready ## measure our own methods on simulated departments
	@$(BIN)/python -m benchmarks.calibration
	@$(BIN)/python -m benchmarks.adjusted
	@$(BIN)/python -m benchmarks.moderation
	@$(BIN)/python -m benchmarks.planted
	@$(BIN)/python -m benchmarks.seeds

.PHONY: help setup packs frameworks $(FRAMEWORKS) test cycle lint golden pictures bench calibration lock
