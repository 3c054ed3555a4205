"""`augcli.torch.AugmentedFolder` in PyTorch's own loader: ImageFolder's classes, and the pixels and shares of a run."""

from __future__ import annotations

import csv
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import augcli
from tests import labelled_sets
from tests.oracles import libraries

pytestmark = pytest.mark.oracle

torch = pytest.importorskip("torch")

ROOT = Path(__file__).parents[2]
SPEC = {
    "copies": 3,
    "pipeline": [{"resize": {"size": [60, 80]}}, "horizontal_flip", {"rotate": {"degrees": 20}}],
    "output": {"format": "png"},
    "splits": {"val": [{"resize": {"size": [60, 80]}}]},
}
MIXED = {**SPEC, "pipeline": [*SPEC["pipeline"], {"cutmix": {"p": 0.7, "fold": False}}]}


def rows_of(out: Path) -> dict[tuple[str, int], dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {(row["source"], int(row["copy"] or 0)): row for row in csv.DictReader(file)}


def rgb(path: Path) -> np.ndarray:
    """Read what a run wrote, over the spec's background of black."""
    with PIL.Image.open(path) as file:
        image = np.asarray(file.convert("RGBA")).transpose(2, 0, 1)
    return np.rint(image[:3] * (image[3:] / np.float32(255))).astype(np.uint8)


def loader(dataset, workers, method=None, **more):
    return torch.utils.data.DataLoader(
        dataset, batch_size=4, num_workers=workers, multiprocessing_context=method, **more
    )


def epoch_of(batches) -> list:
    return [
        [image.numpy().tobytes(), target.tolist()]
        for images, targets in batches
        for image, target in zip(images, targets, strict=True)
    ]


def test_classes_and_samples_are_those_of_image_folder(tmp_path):
    libraries.torchvision()
    from torchvision.datasets import ImageFolder

    root = tmp_path / "in/train"
    for name in ("b/z", "b/a b/1", "b/a/2", "b/a.d/3", "B/x", "c d/1", "c/9", "c/10"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / "sample_data/train/texture/gravel.png", root / f"{name}.png")
    ours, theirs = augcli.torch.AugmentedFolder(root, SPEC), ImageFolder(root)
    for name in ("classes", "class_to_idx", "samples", "imgs", "targets"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert len(ours) == len(theirs)
    assert isinstance(ours, torch.utils.data.Dataset)
    assert repr(ours) == f"<AugmentedFolder: 8 images, {len(theirs.classes)} classes, split train, epoch 0>"
    assert dir(augcli.torch) == augcli.torch.__all__ == ["AugmentedFolder"]


@pytest.mark.parametrize("spec", [SPEC, MIXED], ids=["plain", "mixed"])
def test_epochs_are_the_copies_of_a_run(tmp_path, spec):
    augcli.run(spec, ROOT / "sample_data", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    dataset = augcli.torch.AugmentedFolder(ROOT / "sample_data/train", spec)
    for epoch in range(3):
        dataset.set_epoch(epoch)
        for (path, own), (image, target) in zip(dataset.samples, dataset, strict=True):
            row = rows[Path(path).relative_to(ROOT / "sample_data").as_posix(), epoch]
            np.testing.assert_array_equal(image.numpy(), rgb(tmp_path / "out" / row["file_name"]))
            shares = json.loads(row["soft_label"] or "{}") or {dataset.classes[own]: 1.0}
            assert (image.dtype, image.is_contiguous()) == (torch.uint8, True)
            if spec is SPEC:
                assert target == own
            else:
                assert torch.allclose(target, torch.tensor([shares.get(name, 0.0) for name in dataset.classes]))
    if spec is MIXED:
        assert torch.nn.functional.cross_entropy(torch.rand(1, 3), target[None]).item() > 0


def test_a_loader_with_any_workers_gives_the_same(tmp_path):
    dataset = augcli.torch.AugmentedFolder(ROOT / "sample_data/train", MIXED)
    wanted = []
    for epoch in range(2):
        dataset.set_epoch(epoch)
        wanted.append(epoch_of(loader(dataset, 0)))  # threads of OpenCV and PyTorch are at work before a fork
    assert wanted[0] != wanted[1]
    assert epoch_of(loader(dataset, 2, "fork")) == wanted[1]
    for method in ("fork", "spawn"):
        staying = loader(dataset, 2, method, persistent_workers=True)
        for epoch in (1, 0):
            dataset.set_epoch(epoch)
            assert epoch_of(staying) == wanted[epoch]
    copied = pickle.loads(pickle.dumps(dataset))
    copied.set_epoch(0)
    staying = loader(copied, 1, "fork", persistent_workers=True)
    assert epoch_of(staying) == wanted[0]
    copied.set_epoch(1)
    assert epoch_of(staying) == wanted[1]
    assert dataset.epoch == 0


def test_a_split_has_its_own_steps_and_numbers_are_numbers():
    val = augcli.torch.AugmentedFolder(ROOT / "sample_data/val", MIXED, lambda image: image.float() / 255)
    image, target = val[0]
    assert (image.shape, image.dtype, target) == ((3, 60, 80), torch.float32, 0)
    assert val.classes == ["everyday", "space", "texture"]
    val.set_epoch(5)
    assert torch.equal(val[0][0], image)
    steps = [*SPEC["pipeline"], {"normalize": {}}]
    numbers = augcli.torch.AugmentedFolder(ROOT / "sample_data/train", {"pipeline": steps, "output": {"format": "npy"}})
    assert numbers[0][0].dtype == torch.float32
    assert numbers[0][0].min() < 0


def test_what_cannot_be_used_is_said(tmp_path):
    root = shutil.copytree(ROOT / "sample_data/val", tmp_path / "val")
    (root / "space/bad.jpg").write_bytes(b"")
    dataset = augcli.torch.AugmentedFolder(root, SPEC)
    for workers in (0, 1):
        with pytest.raises(augcli.Unusable, match=r"val/space/bad.jpg: the file is empty"):
            list(loader(dataset, workers))
    with pytest.raises(
        augcli.Refused, match="holds `train` or `val`, and a dataset is one split\n  = help: give its name"
    ):
        augcli.torch.AugmentedFolder(ROOT / "sample_data", SPEC)
    with pytest.raises(ValueError, match="epoch is -1; it is at least 0"):
        dataset.set_epoch(-1)
    with pytest.raises(TypeError, match=r"epoch is a whole number, not 1\.5"):
        dataset.set_epoch(1.5)


@pytest.mark.parametrize("name", ["yolo", "coco", "voc"])
def test_targets_of_a_set_with_labels_are_those_of_a_detector(name, tmp_path):
    libraries.torchvision()
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    root = labelled_sets.SETS[name](tmp_path / "in")
    dataset = augcli.torch.AugmentedFolder(root, {"pipeline": ["horizontal_flip", "rotate"]}, split="train")
    assert dataset.classes == ["__background__", *labelled_sets.CLASSES]
    augment, seen = augcli.Augmenter({"pipeline": ["horizontal_flip", "rotate"]}, root), 0
    for (path, _), (_, target) in zip(dataset.samples, dataset, strict=True):
        made = augment.read(Path(path).relative_to(root).as_posix())
        assert [dataset.classes[number] for number in target["labels"].tolist()] == made.labels
        np.testing.assert_allclose(target["boxes"].numpy(), made.boxes, atol=1e-4)
        assert target["labels"].dtype == torch.int64
        if "masks" in target:  # of what has shapes, and of what shows nothing
            assert target["masks"].shape == (len(made.labels), 120, 160)
            assert name == "coco" or not made.labels
        seen += len(made.labels)
    assert seen > 8
    first = torch.utils.data.DataLoader(dataset, 3, collate_fn=lambda batch: tuple(zip(*batch, strict=True)))
    images, targets = next(iter(first))
    resize = GeneralizedRCNNTransform(60, 80, [0.5] * 3, [0.5] * 3)  # what its detectors begin with
    _, halved = resize([image / 255 for image in images], list(targets))
    for target, half in zip(targets, halved, strict=True):
        assert torch.allclose(half["boxes"], target["boxes"] / 2, atol=1e-3)


def test_transparent_pixels_lie_over_the_background(tmp_path):
    (tmp_path / "a").mkdir()
    PIL.Image.new("RGBA", (8, 8), (9, 9, 9, 0)).save(tmp_path / "a/1.png")
    spec = {"pipeline": [{"horizontal_flip": {"p": 1}}], "output": {"background": [7, 8, 9]}}
    image, _ = augcli.torch.AugmentedFolder(tmp_path, spec)[0]
    assert image[:, 3, 3].tolist() == [7, 8, 9]


def test_the_page_s_training_loop_runs(tmp_path):
    """In a process of its own, as a script: its workers are started afresh where that is how a system does it."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "photos")
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    (code,) = (text for text in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) if "AugmentedFolder" in text)
    code += "print(model.current_epoch, train.epoch, len(right), loss.item() > 0)\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
    assert done.stdout == "2 2 4 True\n"


def test_splits_that_the_spec_makes_number_the_classes_of_all_of_in(tmp_path):
    """A class of which `val` has nothing is a class all the same."""
    for label, number in (("ant", 6), ("bee", 1), ("cow", 6)):
        for at in range(number):
            path = tmp_path / label / f"{at}.png"
            path.parent.mkdir(exist_ok=True)
            PIL.Image.effect_noise((32, 24), 50).convert("RGB").save(path)
    spec = {"pipeline": ["rotate"], "split": {"val": 0.2, "test": 0.2, "stratify": True}}
    folders = [augcli.torch.AugmentedFolder(tmp_path, spec, split=role) for role in ("train", "val", "test")]
    assert [folder.classes for folder in folders] == [["ant", "bee", "cow"]] * 3
    assert [len(folder) for folder in folders] == [9, 2, 2]
