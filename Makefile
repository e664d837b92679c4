# The two commands a newcomer needs: `make run` and `make test`. The rest is for people who change the portal.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --generate-hashes \
	--no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe

.PHONY: run test lint bench machine lock clean

run: $(VENV)/installed
	@$(BIN)/portal demo --port $(PORT)

test: $(VENV)/installed-for-tests lint
	$(BIN)/pytest --numprocesses auto --dist loadgroup

lint: $(VENV)/installed-for-tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/installed-for-tests
	$(BIN)/python -m tests.bench

# Random lives of appointments against a model of them: 500 of 40 steps on each database.
machine: $(VENV)/installed-for-tests
	PORTAL_MACHINE_RUNS=500 $(BIN)/pytest -n 0 tests/life

# Rebuilds both pinned files at the newest versions that pyproject.toml admits.
lock: $(VENV)/made
	$(BIN)/python -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	$(PIP_COMPILE) --upgrade --build-deps-for editable --output-file requirements.txt pyproject.toml
	$(PIP_COMPILE) --upgrade --build-deps-for editable --extra test --constraint requirements.txt \
		--output-file tests/requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) build portal.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/made:
	$(if $(PYTHON),,$(error The portal needs Python 3.11 or later. Install it, or name it: make PYTHON=/path/to/python3.11))
	@sh tests/machine.sh run $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The build tool is pinned too, so the project is built with the one just installed instead of one fetched apart.
$(VENV)/installed: $(VENV)/made requirements.txt pyproject.toml
	@echo "Installing the pinned requirements into $(VENV)"
	@$(PIP_INSTALL) --require-hashes -r requirements.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/installed tests/requirements.txt tests/machine.sh
	@sh tests/machine.sh test $(BIN)/python
	@echo "Installing the pinned requirements of the tests into $(VENV)"
	@$(PIP_INSTALL) --require-hashes -r tests/requirements.txt
	@touch $@
