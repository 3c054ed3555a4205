# Every target sets up what it needs, from nothing but Python 3.11+ and make.
PYTHON ?= python3
ENV := .venv
ORACLES := .venv-oracles
OUT := demo
RUN := $(ENV)/bin/augcli

.PHONY: demo test check oracles clean

demo: $(ENV)/ready
	$(RUN) check configs/medium.yaml sample_data
	$(RUN) preview configs/medium.yaml sample_data $(OUT)-preview.png
	$(RUN) run configs/medium.yaml sample_data $(OUT)
	$(RUN) verify $(OUT)
	@echo "look at $(OUT)-preview.png, then into $(OUT)/train and $(OUT)/manifest.csv"

test: $(ENV)/ready
	$(ENV)/bin/python -m pytest

check: $(ENV)/ready
	$(ENV)/bin/ruff format --check .
	$(ENV)/bin/ruff check .
	$(ENV)/bin/mypy

# torchvision's wheel asks for a CUDA build of torch; the CPU build goes first and torchvision without dependencies.
oracles: $(ORACLES)/ready
	$(ORACLES)/bin/python -m pytest -m oracle tests/oracles

$(ENV)/ready: pyproject.toml $(wildcard augcli/image/native/*.[ch])
	$(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip install --quiet --editable '.[dev]'
	touch $@

$(ORACLES)/ready: pyproject.toml $(wildcard augcli/image/native/*.[ch])
	$(PYTHON) -m venv $(ORACLES)
	$(ORACLES)/bin/python -m pip install --quiet torch==2.13.0
	$(ORACLES)/bin/python -m pip install --quiet --no-deps torchvision==0.28.0
	$(ORACLES)/bin/python -m pip install --quiet keras==3.15.1 --editable '.[dev]'
	touch $@

clean:
	rm -rf $(ENV) $(ORACLES) $(OUT) $(OUT)-preview.png
