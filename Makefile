# Every target sets up what it needs, from nothing but Python 3.11+ and make.
PYTHON ?= python3
ENV := .venv
ORACLES := .venv-oracles
MODELS := .venv-models
PEERS := .venv-peers
OLDEST := .venv-oldest
DOCS := .venv-docs
ALBUMENTATIONS := .venv-albumentations
OUT := demo
RUN := $(ENV)/bin/augcli

.PHONY: demo cluster-demo test slow check oldest fuzz trials oracles bench bench-loader gallery docs package clean

demo: $(ENV)/ready
	@echo "--- print a spec, read it, and count what it would make of sample_data"
	$(RUN) init --preset medium --size 224 > $(OUT).yaml
	$(RUN) check $(OUT).yaml sample_data
	@echo "--- draw some photos beside their copies"
	$(RUN) preview $(OUT).yaml sample_data $(OUT)-preview.png
	@echo "--- write the data set"
	$(RUN) run $(OUT).yaml sample_data $(OUT)
	@echo "--- compare its files with its manifest"
	$(RUN) verify $(OUT)
	@echo "look at $(OUT)-preview.png, then into $(OUT)/train and $(OUT)/manifest.csv"

# From a bucket into tar shards in a bucket, by two Dask workers, all on 127.0.0.1; then the digest of a plain run.
cluster-demo: $(ENV)/dev-ready
	$(ENV)/bin/python examples/cluster/demo.py

test: $(ENV)/dev-ready
	$(ENV)/bin/python -m tests.in_two

# What is too slow for `make test`: more of the kinds that it has an example of.
slow: $(ENV)/dev-ready
	$(ENV)/bin/python -m tests.in_two -m slow

check: $(ENV)/dev-ready
	$(ENV)/bin/ruff format --check .
	$(ENV)/bin/ruff check .
	$(ENV)/bin/mypy

# The oldest versions of everything that pyproject.toml allows.
oldest: $(OLDEST)/ready
	$(OLDEST)/bin/python -m pytest

# Specs and pictures that nobody would write; what fails is kept in tests/fuzz/corpus, which `make test` tries again.
# Options: FUZZ="--examples 20000 --seed 3".
fuzz: $(ENV)/dev-ready
	$(ENV)/bin/python -m tests.fuzz $(FUZZ)

# Runs that are killed at random instants, so many of each kind, and runs of every kind that must leave one tree.
trials: TRIALS ?= 50
trials: $(ENV)/dev-ready
	$(ENV)/bin/python -m tests.kill_trials $(TRIALS)
	$(ENV)/bin/python -m tests.test_one_tree 3
	$(ENV)/bin/python -m tests.one_digest

# docs/transforms.md and its pictures, from the transforms themselves; the pictures of docs/labels.md.
gallery: $(ENV)/dev-ready
	$(ENV)/bin/python docs/gallery.py
	$(ENV)/bin/python docs/label_pictures.py

# The pages of docs/ as a site in site/; a link or an anchor that leads nowhere is an error.
docs: $(DOCS)/ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict --quiet
	@echo "look at site/index.html"

# The wheel and the sdist in dist/, tried in bare environments; the sdist without a compiler.
package: $(ENV)/dev-ready
	rm -rf dist
	$(ENV)/bin/python -m build --outdir dist .
	.ci/try_package dist $(PYTHON)

# torchvision's wheel asks for a CUDA build of torch; the CPU build goes first and torchvision without dependencies.
oracles: $(ORACLES)/ready $(MODELS)/ready
	$(ORACLES)/bin/python -m pytest -m oracle tests/oracles
	$(MODELS)/bin/python -m pytest -m oracle tests/oracles/test_text_models.py

# augcli beside its peers and the bare codec; half an hour on two cores. Options: BENCH="--rounds 3 --sets 500x375", and
# with another checkout of augcli, whose kernels are built, beside this one: BENCH="--before ../before".
bench: $(ENV)/dev-ready $(PEERS)/ready $(ALBUMENTATIONS)-cv4/ready $(ALBUMENTATIONS)-cv5/ready
	$(ENV)/bin/python benchmarks/compare.py $(BENCH) \
		--peer "codec alone:floor:$(ENV)/bin/python" \
		--peer "Albumentations 2.0.8, OpenCV 4.14:albumentations:$(ALBUMENTATIONS)-cv4/bin/python" \
		--peer "Albumentations 2.0.8, OpenCV 5.0:albumentations:$(ALBUMENTATIONS)-cv5/bin/python" \
		--peer "Albumentations, decoding for each copy:albumentations-per-copy:$(ALBUMENTATIONS)-cv4/bin/python" \
		--peer "torchvision 0.28 v2 on Pillow:torchvision:$(PEERS)/bin/python" \
		--peer "Augmentor 0.2.12 (no hue, blur, scale, shift, gamma, noise):augmentor:$(PEERS)/bin/python"

# The API in a DataLoader of PyTorch, beside Albumentations and torchvision. Options: LOADER="--rounds 3 --photos 256".
bench-loader: $(ORACLES)/ready
	NO_ALBUMENTATIONS_UPDATE=1 $(ORACLES)/bin/python benchmarks/data_loader.py $(LOADER)

SOURCES := pyproject.toml $(wildcard augcli/image/native/*.[ch])

# What augcli needs; then what its tests and checks need, too.
$(ENV)/ready: $(SOURCES)
	@echo "--- install augcli, NumPy, OpenCV and a few more into $(ENV): half a minute, or what the network takes"
	$(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip --disable-pip-version-check install --quiet --editable .
	touch $@

$(ENV)/dev-ready: $(SOURCES)
	@echo "--- install augcli and what its tests need into $(ENV): a minute, or what the network takes"
	$(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[dev]'
	touch $(ENV)/ready $@

$(OLDEST)/ready: $(SOURCES)
	$(PYTHON) -m venv $(OLDEST)
	sed -n '/^dependencies/,/^]/s/^    "\([a-z-]*\)>=\([0-9.]*\).*/\1==\2/p' pyproject.toml > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip --disable-pip-version-check install --quiet --constraint $(OLDEST)/oldest.txt --editable '.[dev]'
	touch $@

$(ORACLES)/ready: $(SOURCES)
	$(PYTHON) -m venv $(ORACLES)
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet torch==2.13.0
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps torchvision==0.28.0
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet keras==3.15.1 --editable '.[dev]'
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet albumentations==2.0.8 pycocotools==2.0.11
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps ultralytics==8.4.190 nlpaug==1.1.11
	$(ORACLES)/bin/python -m pip --disable-pip-version-check install --quiet datasets matplotlib nltk polars psutil pyarrow requests webdataset
	touch $@

$(DOCS)/ready: $(SOURCES)
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[docs]'
	touch $@

# transformers imports the torchvision that it finds, which does not load beside this build of torch.
$(MODELS)/ready: $(SOURCES)
	$(PYTHON) -m venv $(MODELS)
	$(MODELS)/bin/python -m pip --disable-pip-version-check install --quiet torch==2.13.0
	$(MODELS)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[dev,text-models,text-ct2]'
	touch $@

# Albumentations imports torch where there is one, so it gets environments without.
$(ALBUMENTATIONS)-cv4/ready: OPENCV := 4.14.0.94
$(ALBUMENTATIONS)-cv5/ready: OPENCV := 5.0.0.93
$(ALBUMENTATIONS)-%/ready:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet albumentations==2.0.8 opencv-python-headless==$(OPENCV) joblib
	touch $@

$(PEERS)/ready:
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet torch==2.13.0
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps torchvision==0.28.0
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet Augmentor==0.2.12 joblib
	touch $@

clean:
	rm -rf site dist $(ENV) $(DOCS) $(ORACLES) $(MODELS) $(PEERS) $(OLDEST) $(ALBUMENTATIONS)-cv4 $(ALBUMENTATIONS)-cv5 $(OUT) $(OUT).yaml $(OUT)-preview.png
