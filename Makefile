# Chalkgrad needs make and Python 3.11 or later; every target sets up .venv by itself the first time.
# To use another Python:  make PYTHON=/path/to/python3.12     To test in one process:  make test WORKERS=0

SHELL = /bin/sh
VENV = .venv
IN_VENV = $(VENV)/bin/python
READY = $(VENV)/.ready
PEERS = .venv-peers
PEERS_READY = $(PEERS)/.ready
PYTHON =
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3.14 python3 python)
PIP_INSTALL = -m pip install -qq --disable-pip-version-check --no-input
WORKERS = auto

# A half-made file is deleted, and the targets run one after the other even under `make -j`: they share one .venv.
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL = help
.PHONY: help setup demo test test-peers check format grammar bench bench-graphs bench-accuracy lock clean

help:
	@echo "Chalkgrad, the autodiff engine that shows its work."
	@echo
	@echo "  make demo        work the lecture's examples in the terminal, and one as a page in build/"
	@echo "  make test        check, then run every test"
	@echo "  make test-peers  compare with autograd, JAX and PyTorch, in an environment of its own (.venv-peers, 1.5 GB)"
	@echo "  make check       look for mistakes without running anything: ruff and mypy"
	@echo "  make format      lay the code out, and mend what can be mended by machine"
	@echo "  make grammar     work out the automaton of the grammar of formulas, after a change of it"
	@echo "  make bench       measure native code beside C, NumPy, JAX, PyTorch, autograd, CasADi and Numba, in .venv-peers"
	@echo "  make bench-graphs   measure the interpreter on graphs of up to a million gates"
	@echo "  make bench-accuracy measure bits of error, of formulas and of native functions, and write docs/accuracy.md"
	@echo "  make setup       only set up .venv, which the others do by themselves"
	@echo "  make lock        choose the newest allowed versions and write requirements/"
	@echo "  make clean       delete what was built; .venv and .venv-peers stay"

setup: $(READY)

demo: $(READY)
	@$(IN_VENV) examples/demo.py

test: check
	$(IN_VENV) -m pytest -n $(WORKERS)

test-peers: $(PEERS_READY)
	OMP_NUM_THREADS=2 JAX_PLATFORMS=cpu $(PEERS)/bin/python -m pytest -n $(WORKERS) tests/peers

check: $(READY)
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(IN_VENV) -m mypy

format: $(READY)
	$(IN_VENV) -m ruff check --fix --exit-zero --quiet
	$(IN_VENV) -m ruff format

grammar: $(READY)
	@$(IN_VENV) tests/reading/automata.py

bench: $(PEERS_READY)
	@OMP_NUM_THREADS=2 JAX_PLATFORMS=cpu $(PEERS)/bin/python benchmarks/suite.py $(BENCH)

bench-graphs: $(READY)
	@$(IN_VENV) benchmarks/million.py

bench-accuracy: $(READY)
	@$(IN_VENV) benchmarks/accuracy/rewriting.py
	@$(IN_VENV) benchmarks/accuracy/functions.py

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

# Sets up the environment $(1) with the versions in $(2). The stamp is written last, so a set-up that was interrupted begins
# afresh the next time. A finished environment whose versions have changed is brought up to date where it stands.
define set_up
@if [ ! -f $(1)/.ready ] || ! $(1)/bin/python -c '' 2>/dev/null; then \
    $(find_python); \
    echo "Setting up $(1) with $$($$found --version); this takes a minute, once."; \
    $$found -m venv --clear $(1); \
else \
    echo "Bringing $(1) up to date."; \
fi
@$(1)/bin/python $(PIP_INSTALL) -r $(2)
@$(1)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
@touch $(1)/.ready
endef

$(READY): pyproject.toml requirements/dev.txt
	$(call set_up,$(VENV),requirements/dev.txt)

$(PEERS_READY): pyproject.toml requirements/peers.txt
	$(call set_up,$(PEERS),requirements/peers.txt)

# The headers of the files are kept; what follows is what a fresh environment of the oldest Python resolves to, for a newer
# one would choose versions that the oldest cannot install. PyTorch's version is chosen by hand, and `+cpu` is left off it.
lock: CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.11 python3 python)
lock:
	@$(find_python); \
	set -e; \
	if ! $$found -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then \
	    echo "The versions are chosen with Python 3.11, the oldest one supported, and I found only $$($$found --version)." >&2; \
	    exit 1; \
	fi; \
	echo "Choosing versions in fresh environments."; \
	rm -rf build/lock; mkdir -p build/lock; \
	for name in dev peers; do \
	    $$found -m venv --clear build/lock/venv; \
	    if [ $$name = dev ]; then chosen=".[dev]"; else chosen=".[dev,peers,bench] $$(grep '^torch==' requirements/peers.txt)"; fi; \
	    build/lock/venv/bin/python $(PIP_INSTALL) $$chosen; \
	    grep '^#' requirements/$$name.txt > build/lock/$$name.txt; \
	    build/lock/venv/bin/python -m pip freeze --exclude chalkgrad | sed 's/+cpu$$//' >> build/lock/$$name.txt; \
	    mv build/lock/$$name.txt requirements/$$name.txt; \
	    echo "Wrote requirements/$$name.txt."; \
	done; \
	rm -rf build/lock
