# Needs Python >= 3.11 with venv, and make. Everything else is set up by the targets themselves.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
RUN_STAMP := $(VENV)/.requirements
DEV_STAMP := $(VENV)/.requirements-dev
export PYTHONUNBUFFERED = 1

.PHONY: run demo test drill corpus check e2e setup help
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 16

run: $(RUN_STAMP)  ## serve http://127.0.0.1:8000 with a demo city (PORT= moves it); Ctrl-C stops all
	@DEMO=1 $(BIN)/python manage.py demo --serve --port $(PORT)

demo: $(RUN_STAMP)  ## build the demo city without serving; prints and writes var/demo/summary.json
	@DEMO=1 $(BIN)/python manage.py demo

test: $(RUN_STAMP)  ## the whole suite, on SQLite unless DATABASE_URL names another database
	$(BIN)/python -m pytest -n 2

drill: $(RUN_STAMP)  ## a month disturbed while it is closed (MOMENTS=10 for the whole of it); Celery too where DATABASE_URL and CELERY_BROKER_URL are (empties that Redis number)
	$(BIN)/python -m pytest -m drill tests/drills tests/incentives/test_double_submission.py

corpus: $(RUN_STAMP)  ## the front door under fire: every bad file in full size and mended, 2,000 mutations, 20 uploads at once
	$(BIN)/python -m pytest -m corpus tests/corpus

check: $(DEV_STAMP)  ## lint, format, templates, migrations, deployment settings, imports, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet core intake enterprises cultivation evaluation incentives reports
	$(BIN)/python manage.py makemigrations --check --dry-run
	PRODUCTION=1 SECRET_KEY=check-only-$$(head -c 40 /dev/urandom | od -An -tx1 | tr -d ' \n') ALLOWED_HOSTS=portal.example \
		DATABASE_URL=postgres://check@127.0.0.1/check $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/lint-imports
	$(BIN)/mypy

e2e: $(DEV_STAMP)  ## the users' stories in a real browser (system Chromium)
	$(BIN)/python -m pytest -m browser tests/e2e

setup: $(RUN_STAMP)  ## .venv with requirements.txt

$(RUN_STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "== installing what requirements.txt names"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@echo "== installing what requirements-dev.txt names"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
