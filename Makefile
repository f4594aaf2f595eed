# Every command of the project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help lab copies receipt edit doctor test test-helpers test-tools test-browser test-lab test-decks \
        chromium firefox test-grading test-frameworks test-all frameworks corpus answers snapshots claims mutants bounds notebooks \
        slides handout site public exercises grade return formgrader changes course-zip address readme-picture bench lint format constraints clean

# Two BLAS threads compete with the browser on a small machine, and would let the last digit
# of a result depend on how many there are.
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# They may keep Python or Matplotlib from starting.
unexport PYTHONHOME PYTHONSAFEPATH MPLBACKEND

# `course/` needs no package: it makes the environment, in .venv or conda's, and what runs in it.
# `make lab PYTHON=/path/to/python` names the Python that .venv is made with.
COURSE = @python=$$(sh course/python.sh "$(PYTHON)") && "$$python" -m course
RUN = $(COURSE) run developer

# Strict: every cell's output is compared, but for what the file of patterns replaces. Pictures
# are redrawn and compared too.
NBVAL := -p tests.redrawn --nbval --nbval-current-env --nbval-cell-timeout=120 \
	--nbval-sanitize-with tests/nbval.cfg -W default

# Two notebooks at a time, each in one kernel. Unit tests take one process: two would import and
# collect everything twice, and hold half as much memory again.
SIDE_BY_SIDE := -n 2 --dist loadscope

# Lower bounds count for what pyproject.toml names, not for what that needs in turn.
RESOLUTION := lowest-direct
IN_BOUNDS = $(RUN) -m uv pip install --quiet --no-config --python build/bounds --resolution $(RESOLUTION)

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab:  ## Open the course in JupyterLab (LAB_ARGS=--no-browser passes flags)
	$(COURSE) lab $(LAB_ARGS)

copies:  ## Make what `make lab` opens, without opening it: for VS Code and the like
	$(COURSE) copies

receipt:  ## Before you hand in exercises: see which answers will be found
	$(COURSE) receipt

edit:  ## Open the lessons themselves, to change the course
	$(COURSE) edit $(LAB_ARGS)

doctor:  ## Look at this machine, and say what to mend
	$(COURSE) doctor

frameworks:  ## Install PyTorch, Keras, JAX and transformers, for lessons 8 and 9
	$(COURSE) ready frameworks

test: test-helpers  ## Test the helpers, then run every notebook and compare its outputs
	$(RUN) -m pytest -q $(SIDE_BY_SIDE) $(NBVAL) notebooks

test-helpers:  ## Test the helpers, and what teaches with them
	@test -d tests || { echo "The tests are not in this copy: they are in the course's repository." >&2; exit 1; }
	$(RUN) -m pytest -q --doctest-modules helpers tests

test-tools:  ## Try `make lab` on odd machines, and every benchmark at its smallest
	$(RUN) -m pytest -q --durations=10 $(SIDE_BY_SIDE) tests/course tests/benchmarks

test-browser: test-lab test-decks  ## Use panels, exercises, decks and pages in a real browser

DECKS := $(addprefix tests/browser/,test_slides.py test_lecture.py test_site.py test_firefox.py)

test-lab: chromium  ## Use panels and exercises in JupyterLab
	$(RUN) -m pytest -q --durations=10 tests/browser $(DECKS:%=--ignore=%)

test-decks: chromium firefox  ## Use decks and the pages of the site
	$(RUN) -m pytest -q --durations=10 $(DECKS)

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { echo "make test-browser drives Chromium, which is \
	missing. On Debian or Ubuntu: sudo apt install chromium" >&2; exit 1; }

firefox:
	@command -v npm >/dev/null && { command -v firefox-esr >/dev/null || command -v firefox >/dev/null; } || { echo "make \
	test-decks drives Firefox by Node.js, of which one is missing. On Debian or Ubuntu: \
	sudo apt install firefox-esr npm" >&2; exit 1; }

test-grading:  ## Try to cheat, and to break the grading
	@command -v bwrap >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { echo "make \
	test-grading needs bubblewrap and PostgreSQL, of which one is missing. On Debian or Ubuntu: \
	sudo apt install bubblewrap libseccomp2 postgresql" >&2; exit 1; }
	$(RUN) -m pytest -q --durations=10 $(SIDE_BY_SIDE) tests/grading

test-frameworks: frameworks  ## Compare with PyTorch, Keras and JAX
	$(RUN) -m pytest -q --durations=10 $(SIDE_BY_SIDE) tests/frameworks
	$(RUN) -m pytest -q $(NBVAL) notebooks/08_frameworks.ipynb notebooks/09_residual.ipynb

test-all: lint test test-tools test-browser test-grading test-frameworks  ## Everything that CI runs

corpus: frameworks  ## See what `inspect` says of the libraries' own models
	$(RUN) -m pip install -q transformers timm torchvision diffusers torch_geometric
	KERAS_BACKEND=torch $(RUN) -m tests.frameworks.libraries

answers:  ## Judge every known answer to the exercises, over 200 secrets
	$(RUN) -m tests.answers.judge

snapshots:  ## Write anew what tests keep of figures and panels; look at what git shows
	$(RUN) -m tests.test_snapshots

claims:  ## Measure all claims of the lessons on other random numbers (SEED=3)
	$(RUN) -m teaching.claims $(SEED)

mutants:  ## Break the helpers in many small ways: which does a test catch?
	$(RUN) tests/mutants.py
	$(RUN) -m tests.answers.mutants

# In an environment of its own, where no setting of uv holds a version back. The extra `lab` asks
# for newer widgets than the lessons do, which then run once more with the oldest widgets.
bounds:  ## Test with the oldest versions allowed (RESOLUTION=highest: the newest)
	$(RUN) -m pip install -q uv
	$(RUN) -m uv venv --quiet --clear build/bounds
	$(IN_BOUNDS) -e '.[lab,test,grade,teach]'
	$(MAKE) test RUN=build/bounds/bin/python
ifneq ($(RESOLUTION),highest)
	$(MAKE) lint RUN=build/bounds/bin/python
	$(IN_BOUNDS) --upgrade-package ipywidgets -e .
	build/bounds/bin/python -m pytest -q tests/test_panels.py tests/test_live.py
	build/bounds/bin/python -m pytest -q $(NBVAL) notebooks
endif

notebooks:  ## Run every notebook and write its outputs (NOTEBOOKS= for some)
	$(RUN) -m teaching.notebooks $(NOTEBOOKS)
	$(RUN) -m teaching.remembered

# For the title slides; `lecture.toml` may say it too.
BYLINE := $(if $(LECTURER),--lecturer "$(LECTURER)") $(if $(INSTITUTION),--institution \
	"$(INSTITUTION)") $(if $(DATE),--date "$(DATE)")

slides:  ## Make decks that need no internet and no kernel (LESSONS= LECTURER= INSTITUTION= DATE=)
	$(RUN) -m teaching.slides $(BYLINE) $(LESSONS)

handout:  ## Make the decks, and print them as PDF (LESSONS= for some)
	$(RUN) -m teaching.slides $(BYLINE) --handout $(LESSONS)

site:  ## Make pages of all lessons, to read on a phone or offline
	$(RUN) -m teaching.site

public: handout course-zip site  ## Make all that is published: the site with decks, handouts and course.zip

exercises:  ## Make the students' copies of the assignments; work is never overwritten
	$(RUN) -m teaching.exercises

grade:  ## Mark what is in SUBMISSIONS=folder (ASSIGNMENT=name ROSTER=class.csv SCHEDULER=address)
	$(COURSE) run grading -m teaching.grading $(if $(SUBMISSIONS),"$(SUBMISSIONS)") \
		$(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") \
		$(if $(ROSTER),--roster "$(ROSTER)") \
		$(if $(SCHEDULER),--scheduler "$(SCHEDULER)") $(GRADE_ARGS)

return:  ## Make what a platform imports (LMS=moodle ASSIGNMENT=05_he SHEET=its-table.csv)
	$(COURSE) run grading -m teaching.grading.returning "$(LMS)" "$(ASSIGNMENT)" $(if $(SHEET),--sheet "$(SHEET)") \
		$(if $(ROSTER),--roster "$(ROSTER)") $(GRADE_ARGS)

formgrader:  ## Edit the assignments, and mark by hand, with nbgrader in JupyterLab
	$(COURSE) formgrader $(LAB_ARGS)

changes:  ## List the lessons and exercises that changed (SINCE=v0.1.0, else the last tag)
	$(RUN) -m teaching.changes $(SINCE)

# What students need, and nothing in which a solution stands.
FOR_STUDENTS := .devcontainer .jupyter course docs/elsewhere.md docs/panel.png helpers notebooks CITATION.cff \
	LICENSE LICENSE-TEXT MANIFEST.in Makefile README.md constraints.txt environment.yml pyproject.toml

course-zip:  ## Pack the course for students, without solutions and what marks them
	@mkdir -p build
	@git archive --format=zip --prefix=weight-initialization/ --output=build/course.zip HEAD -- $(FOR_STUDENTS)
	@echo "build/course.zip is the last commit, with what students need."

address:  ## Write badges and install lines for the repository's address, in pyproject.toml
	$(RUN) -m teaching.address

readme-picture:  ## Take the picture of a panel that README.md shows
	$(RUN) -m teaching.readme_picture

bench:  ## Measure every claim about speed, beside what it is compared with
	$(RUN) -m benchmarks

lint:  ## Check style, types and the copies of exercises
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m teaching.exercises --check

format:  ## Mend the style of code and notebooks
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

constraints:  ## Find the newest versions that go together, into constraints.txt
	$(RUN) -m pip install -q uv
	$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--no-annotate --no-header --output-file constraints.txt pyproject.toml

clean:  ## Remove the environment, caches, and what was built
	$(COURSE) clean
