# Everything a newcomer needs: python3 with venv. `make` lists the targets.
PYTHON ?= python3
URL ?= http://127.0.0.1/
JOBS ?= 2
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --dist worksteal

# Without bytecode every start pays for compiling again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo run test lab lint format accuracy bench screenshots pages package clean

help:  ## show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready  ## make .venv with everything in it

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is needed; name one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. On Debian: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m compileall -q wizard
	@touch $@

demo: setup  ## show a recorded real incident; needs no root and no proxy
	@$(BIN)/wizard demo

run: setup  ## diagnose: make run URL=http://127.0.0.1/
	@$(BIN)/wizard diagnose $(URL); \
	status=$$?; [ $$status -eq 0 ] || [ $$status -eq 1 ] || [ $$status -eq 3 ]

# The quick tests; with WIZARD_LAB=required every test, and one that cannot run is a failure.
CHOICE = $(if $(filter required,$(WIZARD_LAB)),,-m "not lab and not slow")

test: setup  ## the quick tests, a minute or so; with WIZARD_LAB=required all of them
	$(PYTEST) -n $(JOBS) $(CHOICE)

lab: setup  ## only the hosts that are broken for real; needs root and Docker
	$(PYTEST) -n $(JOBS) -m lab

lint: setup  ## style, types, layers and the flows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/wizard flow check

format: setup  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accuracy: setup  ## how often the lab's causes are named; needs root and Docker
	$(BIN)/python -m tests.lab.accuracy

bench: setup  ## how fast it is: the start, a whole run, big configurations, logs and socket tables
	@status=0; for each in startup screen diagnose nginx_routing error_log sockets; do \
	  echo "== $$each"; $(BIN)/python benchmarks/$$each.py || status=1; \
	done; exit $$status

pages: setup  ## write docs/causes/ and the schema of the flows anew
	$(BIN)/python docs/make.py
	$(BIN)/wizard flow schema > flows/schema.json

package: setup  ## wheel and source archive in dist/
	$(BIN)/python -m build

clean:  ## forget .venv and everything that was made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
