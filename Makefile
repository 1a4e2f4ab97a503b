# One command each. `make run` and `make test` are all that a newcomer needs; both prepare .venv first.
.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types boundaries format hooks bench train lock clean

PYTHON ?= python3
PORT ?= 8501
ROWS ?= 1000000
BIN := .venv/bin
OURS := benchmarks components lookingglass pages sample_models tests
STAMP := .venv/.ready

help: ## list these commands
	@sed -nE 's/^([a-z]+):.*## /make \1\t/p' Makefile | expand -t 14

setup: $(STAMP) ## make .venv from the lock file (with uv where it is installed, else venv and pip)
	@$(BIN)/python -m compileall -q app.py $(OURS)

# Everything is compiled once, here: Python would do it again in every process where it may not write the result.
$(STAMP): requirements.txt pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Looking Glass needs Python 3.11 or later: run make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Preparing .venv from requirements.txt: this takes a few minutes the first time."
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" .venv && \
	  uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; \
	else \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@touch $@

run: setup ## build the worked use cases on first use, then serve the dashboard on port 8501 (PORT=... for another)
	@$(BIN)/lookingglass demo --if-missing workspaces
	@$(BIN)/lookingglass dashboard workspaces --port $(PORT)

# One more than there are cores: tests that wait for a server or a browser leave theirs to another. Each takes 1.5 GB.
TESTERS = $$($(BIN)/python -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')

# Several processes share the cores: matrix arithmetic that waits busily for threads of its own takes them away.
# To get memory from the system anew takes longer than what most tests compute in it (lookingglass/cli/dashboard.py).
FRUGAL = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
  MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=268435456

test: setup ## every test but the rules that check runs, in a browser too (TESTS=tests/core/metrics for some of them)
	@chromium=$$($(BIN)/python tests/find_chromium.py) && echo "The browser tests drive $$chromium"
ifdef TESTS
	@$(FRUGAL) $(BIN)/python -m pytest $(TESTS)
else
	@$(FRUGAL) $(BIN)/python -m pytest -q --ignore tests/boundaries -n $(TESTERS) --dist worksteal --durations 25
endif

check: lint types boundaries ## format, lint, types, and the rules in tests/boundaries: imports, registries, house rules

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

boundaries: setup
	@$(BIN)/python -m pytest -q tests/boundaries

format: setup ## put the code into the agreed format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

hooks: setup ## run format, lint and types before each commit (pre-commit, nothing downloaded)
	@$(BIN)/pre-commit install

bench: setup ## measure the performance budgets beside what users would pick instead; writes docs/benchmarks.md (ROWS=...)
	@$(BIN)/python -m benchmarks.run --rows $(ROWS) --docs docs/benchmarks.md --json benchmarks/results.json

train: setup ## train the sample models again from their fixed seeds
	@$(BIN)/python -m sample_models.mortgage.train
	@$(BIN)/python -m sample_models.matching.train
	@$(BIN)/python -m sample_models.digits.train

lock: ## write requirements.txt, and requirements-run.txt without the development tools, anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 --group dev --extra samples --no-header -o requirements.txt pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header -c requirements.txt -o requirements-run.txt pyproject.toml

clean: ## remove the environment and the demo workspaces
	rm -rf .venv workspaces
