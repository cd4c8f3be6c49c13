# make setup, make demo: all that is needed to try the program. make help lists the rest.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

# The first Python of at least 3.11; PYTHON=/path/to/python chooses another one.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) $(NEW_ENOUGH) >/dev/null 2>&1 && echo $(name))))

CATALOGUES := $(wildcard locale/*/LC_MESSAGES/django.po)
COMPILED := $(CATALOGUES:.po=.mo)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-reset test check messages loc lock bench-segment bench-import

help:
	@echo 'make setup       install everything into $(VENV) and node_modules; does nothing when up to date'
	@echo 'make demo        run the program with a demo group on http://127.0.0.1:$(PORT)/ (PORT=8100 for another)'
	@echo 'make demo-reset  the same, with the demo group made anew'
	@echo 'make test        all tests on SQLite, and on PostgreSQL with Redis where they answer'
	@echo 'make check       style, types, import direction, migrations, translations, templates, deployment'
	@echo 'make messages    collect the texts to translate into locale/'
	@echo 'make loc         lines of code by app'
	@echo 'make bench-import   the speed of an import beside a bare COPY (ROWS=20000: a tenth of it)'
	@echo 'make bench-segment  the cost of the segmentation at a million customers (SIZE=0.1: a tenth of it)'
	@echo 'make lock        resolve the locked dependencies again, after a change in pyproject.toml'

setup: $(VENV)/.runtime node_modules/.package-lock.json $(COMPILED)

setup-dev: setup $(VENV)/.development

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; this machine has: '"$$(python3 --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) $(NEW_ENOUGH) || { echo 'Python 3.11 or newer is needed; $(PYTHON) is older.' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The development lock holds the runtime's versions too.
$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.package-lock.json: package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null \
		|| { echo 'Node.js 18 or newer is needed, with npm; this machine has: '"$$(node --version 2>&1)" >&2; exit 1; }
	npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

%.mo: %.po $(VENV)/.runtime
	$(BIN)/pybabel --quiet compile --domain django --input-file $< --output-file $@ --locale zh_Hans

# exec: a signal sent to make's child must reach the program itself.
demo: setup
	@exec $(BIN)/python manage.py demo

demo-reset: setup
	@exec $(BIN)/python manage.py demo --reset

test: setup-dev
	@exec $(BIN)/python -m tests.run $(ARGS)

check: setup-dev
	@exec $(BIN)/python -m tests.checks

messages: setup-dev
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-obsolete --no-wrap \
		--ignore 'node_modules/*' --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'

loc: setup-dev
	@exec $(BIN)/python -m tests.checks.loc

# Makes and removes scratch databases of up to 10 GB on PostgreSQL: BENCH_DATABASE_URL, and on SQLite.
SIZE ?= 1
ROWS ?= 200000
bench-import: setup-dev
	@exec $(BIN)/python -m tests.bench.bench_import --rows $(ROWS)

bench-segment: setup-dev
	@exec $(BIN)/python -m tests.bench.bench_segment --size $(SIZE)

lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		-o requirements.txt
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--extra dev -c requirements.txt -o requirements-dev.txt
