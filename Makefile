# Chalkgrad needs make and Python 3.11 or later; every target sets up .venv by itself the first time.
# To use another Python:  make PYTHON=/path/to/python3.12     To test in one process:  make test WORKERS=0

SHELL = /bin/sh
VENV = .venv
IN_VENV = $(VENV)/bin/python
READY = $(VENV)/.ready
PYTHON =
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3.14 python3 python)
PIP_INSTALL = -m pip install -qq --disable-pip-version-check --no-input
WORKERS = auto

# A half-made file is deleted, and the targets run one after the other even under `make -j`: they share one .venv.
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL = help
.PHONY: help setup demo test check format bench lock clean

help:
	@echo "Chalkgrad, the autodiff engine that shows its work."
	@echo
	@echo "  make demo      work the lecture's examples in the terminal, and one as a page in build/"
	@echo "  make test      check, then run every test"
	@echo "  make check     look for mistakes without running anything: ruff and mypy"
	@echo "  make format    lay the code out, and mend what can be mended by machine"
	@echo "  make bench     measure the engine's speed"
	@echo "  make setup     only set up .venv, which the others do by themselves"
	@echo "  make lock      choose the newest allowed versions and write requirements/dev.txt"
	@echo "  make clean     delete what was built; .venv stays"

setup: $(READY)

demo: $(READY)
	@$(IN_VENV) examples/demo.py

test: check
	$(IN_VENV) -m pytest -n $(WORKERS)

check: $(READY)
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(IN_VENV) -m mypy

format: $(READY)
	$(IN_VENV) -m ruff check --fix --exit-zero --quiet
	$(IN_VENV) -m ruff format

bench: $(READY)
	@$(IN_VENV) benchmarks/million.py

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Sets PYTHON_FOUND in the shell, or explains what is missing and stops.
define find_python
found=; \
for candidate in $(CANDIDATES); do \
    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$candidate; break; fi; \
done; \
if [ -z "$$found" ]; then \
    echo "I found no Python 3.11 or later." >&2; \
    echo >&2; \
    echo "    looked for: $(CANDIDATES)" >&2; \
    echo >&2; \
    echo "Install Python 3.11 or later, or say where it is: make PYTHON=/path/to/python3 setup" >&2; \
    exit 1; \
fi; \
if ! $$found -c 'import ensurepip, venv' >/dev/null 2>&1; then \
    echo "$$found cannot make virtual environments: it lacks venv or ensurepip." >&2; \
    echo >&2; \
    echo "On Debian and Ubuntu they are in the package python3-venv." >&2; \
    exit 1; \
fi
endef

# The stamp is written last, so a set-up that was interrupted begins afresh the next time. A finished .venv whose
# versions have changed is brought up to date where it stands.
$(READY): pyproject.toml requirements/dev.txt
	@if [ ! -f $(READY) ] || ! $(IN_VENV) -c '' 2>/dev/null; then \
	    $(find_python); \
	    echo "Setting up $(VENV) with $$($$found --version); this takes a minute, once."; \
	    $$found -m venv --clear $(VENV); \
	else \
	    echo "Bringing $(VENV) up to date."; \
	fi
	@$(IN_VENV) $(PIP_INSTALL) -r requirements/dev.txt
	@$(IN_VENV) $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The header of the file is kept; what follows is what a fresh environment of the oldest Python resolves to, for a newer
# one would choose versions that the oldest cannot install.
lock: CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.11 python3 python)
lock:
	@$(find_python); \
	set -e; \
	if ! $$found -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then \
	    echo "The versions are chosen with Python 3.11, the oldest one supported, and I found only $$($$found --version)." >&2; \
	    exit 1; \
	fi; \
	echo "Choosing versions in a fresh environment."; \
	rm -rf build/lock; mkdir -p build/lock; \
	$$found -m venv build/lock/venv; \
	build/lock/venv/bin/python $(PIP_INSTALL) ".[dev]"; \
	grep '^#' requirements/dev.txt > build/lock/dev.txt; \
	build/lock/venv/bin/python -m pip freeze --exclude chalkgrad >> build/lock/dev.txt; \
	mv build/lock/dev.txt requirements/dev.txt; \
	rm -rf build/lock; \
	echo "Wrote requirements/dev.txt."
