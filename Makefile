# Two commands matter: `make run` and `make test`. Everything they need is set up by them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# cpe and geoip2fast are pure Python without a wheel; they are built with the pinned tools of build.lock.
WHEELS := --no-build-isolation --only-binary :all: --no-binary cpe,geoip2fast
export PIP_NO_INPUT := 1

.PHONY: setup run test check docs bench lock clean

run: $(VENV)/.runtime
	$(BIN)/hinomi run $(if $(CAPTURE),--capture "$(CAPTURE)",--exercise exercise-day)

setup: $(VENV)/.test

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/house

test: $(VENV)/.test
	sh tests/system.sh
	$(MAKE) --no-print-directory spark
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup --ignore tests/house

# The reference and the indexes; a test compares them with the code.
docs: $(VENV)/.test
	$(BIN)/python docs/generate.py

bench: $(VENV)/.test
	sh tests/system.sh bench
	$(BIN)/python -m bench

# The locks hold hashes of wheels for every platform; no address of any registry is kept in them.
lock: $(VENV)/.test
	for name in build runtime test spark bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header requirements/$$name.in -o requirements/$$name.lock || exit 1; done

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hinomi needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=python3.11."; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh tests/system.sh venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.built: requirements/build.lock | $(BIN)/python
	$(PIP) --only-binary :all: -r requirements/build.lock
	@touch $@

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml hatch_build.py $(shell find src -name '*.po' 2>/dev/null) | $(VENV)/.built
	$(PIP) $(WHEELS) -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m hinomi.observe.warming
	@touch $@

$(VENV)/.test: requirements/test.lock | $(VENV)/.runtime
	$(PIP) $(WHEELS) -r requirements/test.lock
	@touch $@

# The second engine is exercised where there is Java; without it its tests skip, and the skips are counted.
.PHONY: spark
spark: $(VENV)/.test
	@if command -v java >/dev/null 2>&1; then $(MAKE) --no-print-directory $(VENV)/.spark; \
	else echo "no java: tests of the Spark engine will be skipped (install default-jre-headless to run them)"; fi

$(VENV)/.spark: requirements/spark.lock | $(VENV)/.test
	$(PIP) --no-build-isolation --no-deps -r requirements/spark.lock
	@touch $@
