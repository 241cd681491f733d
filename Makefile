# `make demo` and `make test` need Python 3.11 or newer, make and a package index; everything else goes into .venv.
# Another Python: make PYTHON=python3.12 demo. Arguments for pytest: make test ARGS="tests/data -k csv".

PYTHON ?= python3
VENV = .venv
CONSTRAINTS = constraints.txt
ARGS =

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --no-compile --disable-pip-version-check
STAMP := $(VENV)/installed
LOG := $(VENV)/install.log
QUIETLY = >>$(LOG) 2>&1 || { tail -n 20 $(LOG) >&2; echo "Failed; all of it is in $(LOG). The same command goes on from here." >&2; exit 1; }

# What a person's shell sets for other projects stays out of this one.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PIP_CONSTRAINT PIP_PREFIX PIP_TARGET PIP_USER

.PHONY: demo test lint install clean constraints

demo: $(STAMP)
	@if [ -t 1 ]; then exec $(BIN)/workbench demo; else exec $(BIN)/workbench demo --headless; fi

test: $(STAMP)
	@$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

install: $(STAMP)
	@:

# An environment whose Python is gone is made again, whatever its stamp says.
ifneq ($(shell $(BIN)/python -c "print(1)" 2>/dev/null),1)
.PHONY: $(STAMP)
endif

$(STAMP): pyproject.toml $(CONSTRAINTS) workbench/torch_build.py workbench/torch_install.py
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Name a Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$$($(PYTHON) --version) is too old: Workbench needs 3.11 or newer. Name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make environments. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "[1/4] the environment $(VENV), with $$($(PYTHON) --version)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@: >$(LOG)
	@# A package that pip was writing when it was killed has no INSTALLER: forget it, so that pip writes it again.
	@for package in $(VENV)/lib/python*/site-packages/*.dist-info; do \
	  [ ! -d $$package ] || [ -e $$package/INSTALLER ] || rm -rf $$package; done
	@rm -rf $(VENV)/lib/python*/site-packages/~*
	@$(PIP) --upgrade pip -c $(CONSTRAINTS) $(QUIETLY)
	@echo "[2/4] torch: 0.2 GB on a CPU, about 3 GB with CUDA"
	@$(BIN)/python -m workbench.torch_install --constraints $(CONSTRAINTS) --write $(VENV)/constraints.txt
	@echo "[3/4] the other packages: about 0.3 GB, a minute or more (log: $(LOG))"
	@$(PIP) -c $(VENV)/constraints.txt hatchling editables setuptools $(QUIETLY)
	@$(PIP) -c $(VENV)/constraints.txt --no-build-isolation -e '.[test]' $(QUIETLY)
	@echo "[4/4] bytecode, so that the first start is fast"
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib workbench screens sample_data >>$(LOG) 2>&1 || true
	@touch $@

# The newest versions that fit pyproject.toml, without what belongs to one build of torch.
constraints:
	@rm -rf build/fresh
	@mkdir -p build && : >build/unpinned.txt
	@$(MAKE) --no-print-directory install VENV=build/fresh CONSTRAINTS=build/unpinned.txt
	@{ echo "# The tested versions of everything installed; \`make constraints\` writes this file."; \
	  build/fresh/bin/python -m pip freeze --all --exclude-editable | \
	  awk -F+ '!/^(nvidia-|cuda-|triton)/ || /^nvidia-ml-py/ {print $$1}'; } >constraints.txt
	@rm -rf build/fresh build/unpinned.txt

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
