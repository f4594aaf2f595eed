# Every command of the project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help lab test test-browser test-grading test-frameworks test-all frameworks answers mutants notebooks slides \
        handout site exercises grade formgrader course-zip readme-picture bench lint format constraints clean check-python

NAME := weight-initialization
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# A student who deletes a copy gets a new one from `make lab`; where there are no masters, none.
COPIES := $(patsubst assignments/%,notebooks/exercises/%.ipynb,$(wildcard assignments/*))

# Two BLAS threads compete with the browser on a small machine, and would let the last digit
# of a result depend on how many there are.
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# The active conda environment, if it is the one of environment.yml; else our own, in .venv.
ifeq ($(CONDA_DEFAULT_ENV),$(NAME))
  BIN := $(CONDA_PREFIX)/bin/
  STUDENT := $(BIN)jupyter
  DEVELOPER := $(BIN)jupyter
  FRAMEWORKS := $(BIN)torchrun
else
  BIN := .venv/bin/
  STUDENT := .venv/ready-student
  DEVELOPER := .venv/ready-developer
  FRAMEWORKS := .venv/ready-frameworks
endif

# Strict: every cell's output is compared, but for what the file of patterns replaces.
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=120 \
	--nbval-sanitize-with tests/nbval.cfg -W default

# Two notebooks at a time, each in one kernel. Unit tests take one process: two would import and
# collect everything twice, and hold half as much memory again.
SIDE_BY_SIDE := -n 2 --dist loadscope

# The first Python that is new enough; `make lab PYTHON=/path/to/python` names another.
PYTHON ?= $(shell for p in python3 python python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& command -v $$p && break; done)

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

lab: $(STUDENT) | $(COPIES)  ## Open the course in JupyterLab (LAB_ARGS=--no-browser passes flags)
	@echo "Opening the course in JupyterLab. Stop it with Ctrl-C, twice."
	@JUPYTER_CONFIG_PATH=$(CURDIR)/.jupyter $(BIN)jupyter lab --ServerApp.root_dir=notebooks \
		--LabApp.default_url=/lab/tree/00_start_here.ipynb $(LAB_ARGS)

frameworks: $(FRAMEWORKS)  ## Install PyTorch, Keras and JAX, for lesson 8

test: $(DEVELOPER)  ## Test the helpers, then run every notebook and compare its outputs
	$(BIN)python -m pytest -q --doctest-modules helpers tests
	$(BIN)python -m pytest -q $(SIDE_BY_SIDE) $(NBVAL) notebooks

test-browser: $(DEVELOPER)  ## Use panels, exercises, decks and pages in a real browser
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { echo "make test-browser drives Chromium, which is \
	missing. On Debian or Ubuntu: sudo apt install chromium" >&2; exit 1; }
	$(BIN)python -m pytest -q --durations=10 tests/browser

test-grading: $(DEVELOPER)  ## Try to cheat, and to break the grading
	@command -v bwrap >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { echo "make \
	test-grading needs bubblewrap and PostgreSQL, of which one is missing. On Debian or Ubuntu: \
	sudo apt install bubblewrap libseccomp2 postgresql" >&2; exit 1; }
	$(BIN)python -m pytest -q --durations=10 tests/grading

test-frameworks: $(DEVELOPER) $(FRAMEWORKS)  ## Compare with PyTorch, Keras and JAX
	$(BIN)python -m pytest -q --durations=10 tests/frameworks
	$(BIN)python -m pytest -q $(NBVAL) notebooks/08_frameworks.ipynb

test-all: lint test test-browser test-grading test-frameworks  ## Everything that CI runs

answers: $(DEVELOPER)  ## Judge every known answer to the exercises, over 200 secrets
	$(BIN)python -m tests.answers.judge

mutants: $(DEVELOPER)  ## Break the helpers in many small ways: which does a test catch?
	$(BIN)python tests/mutants.py
	$(BIN)python -m tests.answers.mutants

notebooks: $(DEVELOPER)  ## Run every notebook and write its outputs (NOTEBOOKS= for some)
	$(BIN)python -m teaching.notebooks $(NOTEBOOKS)

slides: $(DEVELOPER)  ## Make decks that need no internet and no kernel (LESSONS= for some)
	$(BIN)python -m teaching.slides $(LESSONS)

handout: $(DEVELOPER)  ## Make the decks, and print them as PDF (LESSONS= for some)
	$(BIN)python -m teaching.slides --handout $(LESSONS)

site: $(DEVELOPER)  ## Make pages of all lessons, to read on a phone or offline
	$(BIN)python -m teaching.site

exercises: $(DEVELOPER)  ## Make the students' copies of the assignments; work is never overwritten
	$(BIN)python -m teaching.exercises

$(COPIES):
	@$(MAKE) exercises

grade: $(DEVELOPER)  ## Mark what is in SUBMISSIONS=folder (ASSIGNMENT=name SCHEDULER=address)
	$(BIN)python -m teaching.grading $(if $(SUBMISSIONS),"$(SUBMISSIONS)") \
		$(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") \
		$(if $(SCHEDULER),--scheduler "$(SCHEDULER)") $(GRADE_ARGS)

formgrader: $(DEVELOPER)  ## Edit the assignments, and mark by hand, with nbgrader in JupyterLab
	@PATH="$(abspath $(BIN)):$$PATH" jupyter lab --LabApp.default_url=/lab/tree/assignments \
		$(LAB_ARGS)

course-zip:  ## Pack the course for students, without solutions and hidden tests
	@mkdir -p build
	@git archive --format=zip --prefix=weight-initialization/ --output=build/course.zip HEAD \
		-- . ':!assignments' ':!tests/answers'
	@echo "build/course.zip is the last commit, without assignments/ and tests/answers/."

readme-picture: $(DEVELOPER)  ## Take the picture of a panel that README.md shows
	$(BIN)python -m teaching.readme_picture

bench: $(DEVELOPER)  ## Measure every claim about speed, beside what it is compared with
	$(BIN)python -m benchmarks

lint: $(DEVELOPER)  ## Check the style of code and notebooks
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)python -m teaching.exercises --check

format: $(DEVELOPER)  ## Mend the style of code and notebooks
	$(BIN)ruff check --fix .
	$(BIN)ruff format .

constraints: $(DEVELOPER)  ## Find the newest versions that go together, into constraints.txt
	$(BIN)python -m pip install -q uv
	$(BIN)uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--no-annotate --no-header --output-file constraints.txt pyproject.toml

clean:  ## Remove what the other commands made, but for notebooks
	rm -rf .venv build .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

check-python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		2>/dev/null || { echo "This course needs Python 3.11 or newer, and found none: install \
	one from https://www.python.org/downloads/ and try again." >&2; exit 1; }

# What is installed into .venv: for students, and in addition for those who change the course.
# Its stamps are older than a changed list of packages, so a new list is installed by itself.

.venv/bin/python: | check-python
	@echo "Making a Python environment in .venv (once, about a minute) ..."
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make environments. \
	On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

.venv/ready-student: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing JupyterLab and what the lessons need ..."
	@.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/ready-developer: .venv/ready-student
	@echo "Installing what tests the course ..."
	@.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,teach]'
	@touch $@

# After either of the others, which come first where both are asked for.
.venv/ready-frameworks: pyproject.toml constraints.txt | .venv/ready-student
	@echo "Installing PyTorch, Keras and JAX (once; more than a gigabyte) ..."
	@.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt \
		-e '.[frameworks]'
	@touch $@

# conda's own versions of what the course needs stay.
$(CONDA_PREFIX)/bin/torchrun:
	$(BIN)python -m pip install -q -e '.[frameworks]'
