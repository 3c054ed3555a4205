"""What was written is read by the loaders that people train with."""

import re
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

from tests.oracles import libraries

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loaders") / "out"
    spec = folder.parent / "spec.yaml"
    spec.write_text("copies: 2\npipeline: [horizontal_flip, resize: {size: [40, 50]}]\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "augcli", "run", spec, "sample_data", folder], check=True, cwd=ROOT)
    return folder


def test_torchvision_reads_the_classes(out):
    libraries.torchvision()
    from torchvision.datasets import ImageFolder

    train = ImageFolder(out / "train")
    assert train.classes == ["everyday", "space", "texture"]
    assert len(train) == 26
    assert all(image.size == (50, 40) for image, _ in train)


def test_keras_reads_the_classes(out):
    keras = libraries.keras()
    # Keras counts WebP out: its loader reads JPEG, PNG, BMP and GIF.
    names = sorted(path.parent.name for path in (out / "train").rglob("*.*") if path.suffix != ".webp")
    paths, labels, classes = keras.src.utils.dataset_utils.index_directory(
        str(out / "train"), "inferred", formats=(".bmp", ".gif", ".jpeg", ".jpg", ".png"), shuffle=False, verbose=False
    )
    assert classes == ["everyday", "space", "texture"]
    assert [classes[label] for label in labels] == names
    assert len(paths) == 24


def test_the_page_s_lines_train_with_soft_labels(tmp_path, monkeypatch):
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "copies: 3\ninclude_originals: true\npipeline: [resize: {size: [40, 50]}, mixup, grayscale: {p: 1}]\n"
    )
    command = [sys.executable, "-m", "augcli", "run", spec, "sample_data", tmp_path / "out"]
    subprocess.run(command, check=True, cwd=ROOT)
    for path in (tmp_path / "out/train").rglob("*"):  # the originals, of many sizes, stand for labels without shares
        if path.is_file() and "_aug" not in path.name:
            with PIL.Image.open(path) as image:
                small = image.convert("RGB").resize((50, 40))
            small.save(path)
    page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    (block,) = (text for text in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) if "StackDataset" in text)
    libraries.torchvision()
    import torch

    monkeypatch.chdir(tmp_path)
    known: dict = {"model": torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(3))}
    exec(block, known)
    assert known["loss"].item() > 0
    assert torch.allclose(known["targets"].sum(dim=1), torch.ones(52))
    assert 0 < ((known["targets"] > 0).sum(dim=1) == 2).sum() < 39


def test_the_page_s_line_reads_arrays(tmp_path, monkeypatch):
    spec = tmp_path / "spec.yaml"
    spec.write_text("output: {format: npy}\npipeline: [resize: {size: [40, 50]}, rescale]\n", encoding="utf-8")
    command = [sys.executable, "-m", "augcli", "run", spec, "sample_data", tmp_path / "out"]
    subprocess.run(command, check=True, cwd=ROOT)
    page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    (block,) = (text for text in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) if "DatasetFolder" in text)
    libraries.torchvision()
    monkeypatch.chdir(tmp_path)
    known: dict = {}
    exec(block, known)
    image, _ = known["train"][0]
    assert len(known["train"]) == 13
    assert image.shape == (3, 40, 50)
    assert 0 <= image.min() < image.max() <= 1


def test_hugging_face_reads_out_as_the_page_says(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    spec = "pipeline: [horizontal_flip]\n"
    (tmp_path / "spec.yaml").write_text(spec, encoding="utf-8")
    command = [sys.executable, "-m", "augcli", "run", "-q", tmp_path / "spec.yaml", "sample_data", tmp_path / "out"]
    subprocess.run(command, check=True, cwd=ROOT)
    page = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
    (block,) = (text for text in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) if "imagefolder" in text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    known: dict = {}
    exec(block, known)
    assert {name: len(part) for name, part in known["photos"].items()} == {"train": 13, "validation": 4}
