"""Sets with masks as their loaders read them: each copy is paired with its own mask, which fits it pixel by pixel.

The red of each image is the value of its mask, and all steps move whole pixels.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tests.oracles import libraries

pytestmark = pytest.mark.oracle

STEPS = "[horizontal_flip, rotate90, random_crop: {size: [40, 30]}, pad: {padding: 3}]"
SPEC = f"copies: 3\ninclude_originals: true\npipeline: {STEPS}\n"
COLOURS = np.array([(0, 0, 0), *((n, 255 - n, n // 2) for n in range(1, 256))], np.uint8)


def ids(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.kron(generator.choice([7, 11, 23, 26], (10, 14)), np.ones((6, 6))).astype(np.uint8)


def save(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(values).save(path)


def red(values: np.ndarray) -> np.ndarray:
    other = np.random.default_rng(0).integers(0, 256, values.shape, np.uint8)
    return np.stack([values, other, other], axis=2)


def augmented(root: Path) -> Path:
    (root.parent / "spec.yaml").write_text(SPEC)
    command = [sys.executable, "-m", "augcli", "run", root.parent / "spec.yaml", root, root.parent / "out", "-j", "1"]
    subprocess.run(command, check=True)
    return root.parent / "out"


def test_torchvision_pairs_each_copy_of_cityscapes_with_its_own_masks(tmp_path):
    libraries.torchvision()
    from torchvision.datasets import Cityscapes

    root = tmp_path / "in"
    for number, split in enumerate(["train"] * 3 + ["val", "test"]):
        values, name = ids(number), f"{split}/ulm/ulm_{number:06}_000019"
        save(root / f"leftImg8bit/{name}_leftImg8bit.png", red(values))
        save(root / f"gtFine/{name}_gtFine_labelIds.png", values)
        save(root / f"gtFine/{name}_gtFine_instanceIds.png", values.astype(np.uint16) * 1000)
        save(root / f"gtFine/{name}_gtFine_color.png", COLOURS[values])
    out = augmented(root)
    for split, count in (("train", 12), ("val", 1), ("test", 1)):
        pairs = Cityscapes(str(out), split=split, mode="fine", target_type=["semantic", "instance", "color"])
        assert len(pairs) == count
        for image, (semantic, instance, colour) in pairs:
            values = np.asarray(image)[:, :, 0]
            assert np.array_equal(np.asarray(semantic), values)
            assert np.array_equal(np.asarray(instance), values.astype(np.int32) * 1000)
            assert np.array_equal(np.asarray(colour), COLOURS[values])


def test_camvid_s_list_and_its_folders_pair_each_copy_with_its_own_mask(tmp_path):
    root = tmp_path / "in"
    for number in range(4):
        save(root / f"train/0001TP_{number:06}.png", red(ids(number)))
        save(root / f"trainannot/0001TP_{number:06}.png", ids(number))
    names = [f"0001TP_{number:06}.png" for number in range(4)]
    (root / "train.txt").write_text("".join(f"/SegNet/CamVid/train/{n} /SegNet/CamVid/trainannot/{n}\n" for n in names))
    out = augmented(root)
    listed = [line.replace("/SegNet/CamVid", str(out)).split() for line in (out / "train.txt").read_text().splitlines()]
    found = [
        list(map(str, pair))
        for pair in zip(*(sorted((out / f).iterdir()) for f in ("train", "trainannot")), strict=True)
    ]
    assert sorted(listed) == found
    assert len(listed) == 16
    for image, mask in listed:
        with PIL.Image.open(image) as pixels, PIL.Image.open(mask) as values:
            assert np.array_equal(np.asarray(pixels)[:, :, 0], np.asarray(values))
