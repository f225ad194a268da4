# Thin lines that call real tools. `make demo` and `make test` set up everything they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EVERYTHING := -e ".[torch,grade,lab,canvas,postgres,dask,book,dev]"
PIP := python -m pip install --quiet --disable-pip-version-check --no-compile
# For test-pythons: which, and with what arguments of pytest (none: everything).
PYTHONS := python3.11 python3.12 python3.13
TESTS :=

.PHONY: demo test test-all test-pythons lab lint build bundle book dist-check audit bench clean

demo: $(READY)  ## grade the sample class in demo/, a copy of the course; print the table
	$(BIN)/python -m headcheck.authoring.demo demo
	$(BIN)/headcheck grade --course demo

# Where this is set, each of the hundreds of commands that the tests start would compile all of headcheck.
unexport PYTHONDONTWRITEBYTECODE

# Small models, several processes: more threads would wait for each other.
test test-all build: export OMP_NUM_THREADS = 1

# (A file's tests stay together: they share what was made for them, and some go on from each other.)
# Three for two cores: some wait, and the last long files overlap.
test: $(READY)  ## the tests of a change; those of the engine and of authoring only when what they depend on has changed since they passed
	HEADCHECK_TESTS=changed $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-all: $(READY)  ## every test, for the night: every mutant through the command line; Slurm and JupyterHub where they are (docs/maintaining.md)
	HEADCHECK_TESTS=all $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

test-pythons:  ## the nightly one on each of PYTHONS that is there, each in an environment of its own
	@tried=; failed=; \
	for python in $(PYTHONS); do \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || \
	    { echo "== $$python is not there: not tested"; continue; }; \
	  echo "== Python $$version ($$(command -v $$python))"; tried="$$tried $$version"; \
	  $(MAKE) --no-print-directory test-all PYTHON=$$python VENV=.venv-$$version TESTS='$(TESTS)' || failed="$$failed $$version"; \
	done; \
	echo "== tested:$${tried:- none}; failed:$${failed:- none}"; [ -n "$$tried" ] && [ -z "$$failed" ]

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks  # the glossary lies beside notebooks/

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

build: $(READY)  ## notebooks/ from source/, and run every changed lesson, answered and unanswered
	$(BIN)/headcheck build

bundle: $(READY)  ## the student edition: dist/body-and-head/ and dist/body-and-head.zip
	$(BIN)/headcheck bundle --into dist

book: $(READY)  ## the course as a static site: dist/book/index.html
	$(BIN)/headcheck book --into dist/book

dist-check: $(READY)  ## source distribution and wheel of headcheck, as a package index wants them
	rm -rf dist/package
	$(BIN)/python -m build --no-isolation --outdir dist/package .
	$(BIN)/python -m twine check --strict dist/package/*

audit: $(READY)  ## are the checks any good? mutants of every reference; ends with 1 when one lives unexplained
	$(BIN)/headcheck audit --check

bench: $(READY)
	$(BIN)/python bench/run.py

clean:  ## demo/ and the tools' caches: nothing that a person made
	[ ! -e demo/.sample-class ] || rm -rf demo
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@# uv takes a third of pip's time. It reads no configuration of pip's (a mirror, say): where it finds nothing, pip does it.
	$(BIN)/$(PIP) -c constraints.txt uv && $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt $(EVERYTHING) || \
	  $(BIN)/$(PIP) -c constraints.txt $(EVERYTHING)
	@# Not while installing, when all of their tests would be compiled, too. (Some packages bring files that are no Python 3: no error.)
	@$(BIN)/python -m compileall -qq -j 0 -x '/(tests?|pip)/' $(VENV)/lib || true
	@touch $(READY)
