# Two commands do everything: `make paper` trades against a simulated exchange, `make test` checks everything.
# They need git, make and Python >= 3.11; all else is installed into .venv from hashed locks.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $$p && break; done)
# Some tests wait for processes, so there are half as many workers again as processors.
WORKERS ?= $(shell $(PYTHON) -c 'import os; count = os.cpu_count() or 1; print(count + count // 2)')
# Python counts the lines that are reached at next to no cost since 3.12; before, make test does not count them.
MONITORING = $(shell $(BIN)/python -c 'import sys; print("COVERAGE_CORE=sysmon" if hasattr(sys, "monitoring") else "")')
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
ARGS ?=

# Where this is set (in containers it often is) each engine that a test starts would compile all of its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help paper web demo-faults long-run test check lint types floors unit coverage docs pictures site package extras versions lock clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ -/'

paper: .venv/run  ## make a market on the simulated exchange until Ctrl-C (ARGS="--duration 30" is handed on)
	$(call run_paper,)

web: .venv/web  ## the same with a page in the browser, which shows it and can halt it
	$(call run_paper,--open)

# Where its extra is installed the page is served beside the engine, and ends with it.
define run_paper
	@page=; if $(BIN)/python -c 'import hypercorn.trio, starlette' 2>/dev/null; then \
		rm -f .venv/page; (umask 077; exec $(BIN)/engine web config/paper.toml $(1) > .venv/page) & page=$$!; \
		while kill -0 $$page 2>/dev/null && ! [ -s .venv/page ]; do sleep 0.1; done; \
		cat .venv/page; \
	fi; \
	$(BIN)/engine run config/paper.toml $(ARGS); code=$$?; \
	[ -z "$$page" ] || kill $$page 2>/dev/null; exit $$code
endef

demo-faults: .venv/run  ## a paper run in which everything goes wrong, and checks itself (two minutes; ARGS=--quick for one)
	@$(BIN)/python -m tests.engine.demo_faults $(ARGS)

long-run: .venv/run  ## days of paper trading in virtual time: what grows? (hours; ARGS="--days 1" for less)
	@$(BIN)/python -m tests.engine.long_run $(ARGS)

test: .venv/dev  ## every check: lint, types, floors, tests and what they reach
	@echo "On two cores this takes about ten minutes: one for checks that run nothing, then the tests,"
	@echo "which show how far they are."
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types floors
	@$(MAKE) --no-print-directory $(if $(MONITORING),coverage,unit)

check: .venv/dev  ## in a minute, while one works: style, types, floors, and the tests of what decides
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	HYPOTHESIS_PROFILE=check $(BIN)/python -m pytest --numprocesses $(WORKERS) -q tests/config tests/trading \
		--ignore=tests/trading/simulator --ignore=tests/trading/venues

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# flake8-async takes half a second a file: only what runs, and has something asynchronous in it, is
	@# asked. Ruff's own rules about that are asked everywhere.
	$(BIN)/flake8 --select=ASYNC --startable-in-context-manager=run,obey_signals,end_with_a_signal,_live,_hold --disable=ASYNC9,ASYNC127,ASYNC128 \
		$$(grep -rlE --include='*.py' '^ *(async |import trio|from trio)' trading config actors engine)

types: .venv/dev
	$(BIN)/mypy

floors: .venv/dev
	$(BIN)/lint-imports

unit: .venv/dev  ## the tests alone (ARGS="tests/trading -k name" for some of them)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

coverage: .venv/dev  ## all tests once, and which lines they reach (with Python 3.11 that takes three times as long)
	$(BIN)/coverage erase
	$(MONITORING) $(BIN)/coverage run -m pytest --numprocesses $(WORKERS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

docs: .venv/dev  ## write the tables of keys and of checks into docs/, from the code
	$(BIN)/python -m tests.support.key_tables
	$(BIN)/python -m tests.support.conformance_page

pictures: .venv/dev .venv/web  ## take the pictures of docs/tour.md anew (needs node and chromium; three minutes)
	npm ci --prefix tests/web --no-audit --no-fund
	QW_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/web/test_page_in_a_browser.py

site: .venv/site  ## the pages of docs/ as a site in .cache/site/built, with every link looked at
	$(BIN)/python -m tests.support.site stage
	.cache/site/venv/bin/zensical build --strict
	$(BIN)/python -m tests.support.site check

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 with the venv module is needed (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "making a virtual environment with $(PYTHON) (once)"
	@$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements/run.txt pyproject.toml
	@echo "installing what the engine needs (once)"
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

package: .venv/run  ## wheel and sdist in .cache/package, installed and run in an empty environment without this folder
	.ci/package $(BIN)/python

.venv/site: .venv/bin/python requirements/site.txt
	@echo "installing what the site is built with (once)"
	@$(PYTHON) -m venv .cache/site/venv
	@.cache/site/venv/bin/python -m pip --disable-pip-version-check --quiet install -r requirements/site.txt
	@touch $@

.venv/web: .venv/run requirements/web.txt
	@echo "installing what the page needs (once)"
	@$(PIP) --require-hashes -r requirements/web.txt
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo "installing what the checks need (once)"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

extras:  ## the tests of what extras bring, with all of them in .cache/extras (the first time half a gigabyte; ARGS="-k dask" for some)
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 with the venv module is needed (on Debian: apt-get install python3-venv)"; exit 1; }
	.ci/extras $(PYTHON) $(ARGS)

versions: .venv/dev  ## a short suite with the lowest and with the newest versions of all libraries
	.ci/versions

lock:  ## renew requirements/*.txt (needs uv)
	uv pip compile pyproject.toml --group build --universal --generate-hashes --no-annotate --no-header -q -U -o requirements/run.txt
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-header -q -U -o requirements/dev.txt
	uv pip compile pyproject.toml --extra web -c requirements/run.txt --universal --generate-hashes --no-annotate --no-header -q -U -o requirements/web.txt
	uv pip compile pyproject.toml --extra alerts --extra dask --extra ray --extra research --extra search --group extras -c requirements/dev.txt --universal --generate-hashes --no-annotate --no-header -q -U -o requirements/extras.txt

clean:  ## remove what was made here
	rm -rf .venv .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
