"""What was written is read by the loaders that people train with."""

import subprocess
import sys
from pathlib import Path

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
