# breakglass: `make run` opens the app, `make test` runs every test. Both need Python 3.11 or later, and make; the first
# call makes .venv from the lock, later calls only when the lock has changed. PYTHON=... names another Python.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
# Wheels only: installing runs no code of any package. Every file is checked against the lock's hashes.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all:

.PHONY: run test torture lint bench lock clean

run: $(VENV)/.runtime
	@$(PY) -m custodian

# TESTS=tests/vault picks some of them; ARGS passes anything else to pytest.
test: $(VENV)/.dev
	$(PY) -m pytest $(TESTS) $(ARGS)

# The properties again, each with thousands of examples that are new every time.
torture: $(VENV)/.dev
	HYPOTHESIS_PROFILE=torture $(PY) -m pytest -m hypothesis -o timeout=0 $(TESTS) $(ARGS)

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m mypy
	PYTHONPATH=. $(VENV)/bin/lint-imports

bench: $(VENV)/.dev
	$(PY) bench/run.py

# Resolves anew for Linux and macOS and every Python from 3.11. UPGRADE=--upgrade takes the newest of everything.
# The files hold hashes and no address, so they mean the same whatever index or mirror a machine uses.
LOCK = $(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-config --quiet $(UPGRADE)
lock: $(VENV)/.made
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) --extra keepass --output-file requirements.txt
	$(LOCK) --extra keepass --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV)

# ---------------------------------------------------------------------------------------------------------------------

# The packages are found through one line in a .pth file: nothing of ours is built to be run from here. The command beside
# it never looks into the folder it is called from (-P).
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "breakglass needs Python 3.11 or later, and found none." >&2; \
		echo "hint: install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "breakglass needs Python 3.11 or later; $(PYTHON) is not." >&2; \
		echo "hint: name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)" >&2
	@$(PYTHON) -m venv --clear $(VENV) || { echo "hint: on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PY) -c 'import os, sysconfig; \
		open(os.path.join(sysconfig.get_path("purelib"), "breakglass.pth"), "w").write(os.getcwd() + "\n")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -P -m custodian "$$@"\n' > $(VENV)/bin/breakglass
	@chmod +x $(VENV)/bin/breakglass
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "installing from requirements.txt" >&2
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt $(VENV)/.made
	@echo "installing from requirements-dev.txt" >&2
	@$(INSTALL) -r requirements-dev.txt
	@touch $(VENV)/.runtime $@
