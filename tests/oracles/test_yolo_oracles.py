"""YOLO labels as ultralytics sees them: what it refuses is dropped, and nothing that is written is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from augcli.labels.annotation import Annotation, Object
from tests import test_yolo as ours
from tests.oracles import libraries
from tests.test_layouts import lay

pytestmark = pytest.mark.oracle


@cache
def ultralytics() -> Any:
    """Return ultralytics.data.utils, which keeps its settings away from those of the user."""
    import tempfile

    os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp()
    libraries.torchvision()
    import ultralytics.data.utils as module

    return module


class Verdict:
    """What ultralytics says of the label file of a picture of 200 x 100."""

    def __init__(self, folder: Path, text: str, about: dict[str, Any]) -> None:
        image, label = folder / "images/a.png", folder / "labels/a.txt"
        for path in (image, label):
            path.parent.mkdir(exist_ok=True)
        if not image.exists():
            PIL.Image.new("RGB", ours.SIZE).save(image)
        label.write_text(text)
        slots, dimensions = about.get("keypoints", (0, 0)) if about["task"] == "pose" else (0, 0)
        given = (str(image), str(label), "", about["task"] == "pose", 2, slots, dimensions, False)
        _, self.labels, _, self.segments, self.keypoints, *_, corrupt, self.message = ultralytics().verify_image_label(
            given
        )
        self.is_refused = bool(corrupt)


WE_READ_MORE = {"a sixth column", "boxes and outlines"}
WE_READ_LESS = {
    "0 0.5 0.5 0 0.2",  # nothing to see
    "0 0.5 0.1 0.5 0.4 0.5 0.9",
    "0 1.008 0.5 0.002 0.2",
    "0 0.5 ٠.5 0.2 0.2",
}


@pytest.mark.parametrize("name", ours.ACCEPTED)
def test_what_is_read_is_accepted(tmp_path, name):
    assert Verdict(tmp_path, ours.ACCEPTED[name], ours.DETECT).is_refused == (name in WE_READ_MORE)


@pytest.mark.parametrize("row", ours.DROPPED)
def test_what_is_dropped_would_cost_the_image(tmp_path, row):
    """But for a few. An outline that is wrong is tried alone: beside a box any is refused."""
    is_outline = len(row.split()) > 6
    text = f"{row}\n{ours.TRIANGLE if is_outline else ours.ROW}\n"
    assert Verdict(tmp_path, text, ours.DETECT).is_refused != (row in WE_READ_LESS)
    kept = ours.written(ours.read(text), text)
    assert not Verdict(tmp_path, kept, ours.DETECT).is_refused


@pytest.mark.parametrize(
    "row",
    [
        ours.ROW,
        f"{ours.PERSON} 2",
        ours.PERSON.replace("0.4 0.4 2.0", "0.4 1.02 2.0"),
        ours.PERSON.replace("0.4", "-0.02"),
    ],
)
def test_poses_that_are_dropped_would_cost_the_image(tmp_path, row):
    text = f"{ours.PERSON}\n{row}\n"
    assert Verdict(tmp_path, text, ours.POSE).is_refused
    kept = ours.written(ours.read(text, ours.POSE), text, ours.POSE)
    assert kept == f"{ours.PERSON}\n"
    assert not Verdict(tmp_path, kept, ours.POSE).is_refused


def anywhere(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Return points in the picture and a little around it."""
    return random.uniform(-3, 1.0 * np.array([203, 103]), (*shape, 2))


def box(random: np.random.Generator, one: Object) -> Object:
    low, high = np.sort(anywhere(random, 2).clip(0, ours.SIZE), axis=0)
    high = np.maximum(high, low + 0.01)
    return replace(one, box=(*(high - np.maximum(high - low, 1)).tolist(), *high.tolist()))


def pose(random: np.random.Generator, one: Object) -> Object:
    return replace(box(random, one), keypoints=anywhere(random, 3), states=random.integers(0, 3, 3).astype(np.int8))


def outline(random: np.random.Generator, one: Object) -> Object:
    return replace(one, rings=(anywhere(random, int(random.integers(3, 30))),))


KINDS = {
    "boxes": (ours.ROW, ours.DETECT, box),
    "poses": (ours.PERSON, ours.POSE, pose),
    "outlines": (ours.TRIANGLE, ours.DETECT, outline),
}


@pytest.mark.parametrize(("source", "about", "change"), KINDS.values(), ids=KINDS)
def test_whatever_is_written_is_accepted(tmp_path, source, about, change):
    random = np.random.default_rng(7)
    (one,) = ours.read(source, about).objects
    for _ in range(30):
        objects = tuple(replace(change(random, one), untouched=False) for _ in range(20))
        text = ours.written(Annotation(ours.SIZE, objects), source, about)
        verdict = Verdict(tmp_path, text, about)
        assert not verdict.is_refused, verdict.message
        assert not verdict.message
        assert len(verdict.labels) == 20


SPEC = """\
copies: 3
include_originals: true
pipeline:
  - horizontal_flip
  - affine: {degrees: 30, translate: 0.3, scale: [0.5, 2], shear: 10}
  - elastic: {p: 0.3}
  - random_resized_crop: {size: [90, 120], scale: [0.2, 1]}
  - one_of: {p: 0.5, steps: [mosaic, mixup, cutmix]}
"""
SETS = {
    "detect": "0 {x} {y} 0.3 0.3",
    "segment": "1 {x} {y} 0.9 0.4 0.5 0.95",
    "obb": "1 {x} {y} 0.9 0.4 0.8 0.9 0.3 0.7",
    "pose": "0 {x} {y} 0.4 0.4 {x} 0.4 2 0.5 {y} 1 0 0 0",
}


@pytest.fixture(scope="module", params=SETS)
def written(request, tmp_path_factory):
    """Write a set for each task: pictures of noise, so that no two are alike, with two objects each."""
    task, folder = request.param, tmp_path_factory.mktemp(request.param)
    random = np.random.default_rng(4)
    for number in range(10):
        name = f"{'train' if number < 8 else 'val'}/{number}"
        rows = [SETS[task].format(x=x, y=y) for x, y in random.uniform(0.2, 0.8, (2, 2)).round(6).tolist()]
        lay(folder / "in", f"labels/{name}.txt", f"images/{name}.png", txt="".join(f"{row}\n" for row in rows))
        PIL.Image.fromarray(random.integers(0, 256, (100, 200, 3), np.uint8)).save(folder / f"in/images/{name}.png")
    keypoints = "kpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\n" if task == "pose" else ""
    (folder / "in/data.yaml").write_text(
        f"path: /gone\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n{keypoints}"
    )
    (folder / "spec.yaml").write_text(SPEC)
    command = [sys.executable, "-m", "augcli", "run", folder / "spec.yaml", folder / "in", folder / "out", "-q"]
    subprocess.run(command, check=True)
    return task, folder / "out"


def test_a_whole_set_is_accepted_from_another_folder(written, monkeypatch):
    task, out = written
    monkeypatch.chdir("/")
    found = ultralytics().check_det_dataset(str(out / "data.yaml"), autodownload=False)
    slots, dimensions = found.get("kpt_shape", (0, 0))
    objects = []
    for split, number in (("train", 32), ("val", 2)):
        images = sorted(map(str, Path(found[split]).rglob("*.png")))
        assert len(images) == number
        for image, label in zip(images, ultralytics().img2label_paths(images), strict=True):
            given = (image, label, "", task == "pose", found["nc"], slots, dimensions, False)
            _, labels, _, _, _, missing, _, _, corrupt, message = ultralytics().verify_image_label(given)
            assert not missing
            assert not corrupt, message
            assert not message or "duplicate" in message  # two that both fill a picture are alike
            objects.append(len(labels))
    assert sum(objects) > 50


def test_a_model_is_trained_for_an_epoch_without_a_word_about_labels(written):
    task, out = written
    kind = {"detect": "", "segment": "-seg"}.get(task, f"-{task}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.oracles.one_epoch", out / "data.yaml", f"yolo11n{kind}.yaml"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = (done.stdout + done.stderr).lower()
    assert "32 images, " in said
    assert "0 corrupt" in said
    assert "1 corrupt" not in said
    assert "warning" not in said


def test_whatever_oriented_box_is_written_is_accepted(tmp_path):
    random = np.random.default_rng(8)
    source = "0 0.1 0.1 0.5 0.1 0.5 0.9 0.1 0.9"
    (one,) = ours.read(source, ours.OBB).objects
    for _ in range(30):
        objects = []
        for _ in range(20):
            centre, half, angle = random.uniform(0, [200, 100]), random.uniform(3, 150, 2), random.uniform(0, 7)
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            corners = centre + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn
            objects.append(replace(one, corners=corners, untouched=False))
        text = ours.written(Annotation(ours.SIZE, tuple(objects)), source, ours.OBB)
        verdict = Verdict(tmp_path, text, ours.OBB)
        assert not verdict.is_refused, verdict.message


@pytest.mark.parametrize(
    ("folders", "text"),
    [
        (("images/train", "images/val"), "path: /gone\ntrain: images/train\nval: images/val\ntest: images/gone\n"),
        (("train/images", "valid/images"), "train: ../train/images\nval: ../valid/images\n"),
        (("images", "images"), "path: .\ntrain: images\ndownload: https://example.org/x.zip\n"),
        (("train/images", "valid/images"), "train: a.txt\nvalidation: b.txt\n"),
    ],
)
def test_a_yaml_holds_from_any_folder(tmp_path, monkeypatch, folders, text):
    for name in {*folders}:
        lay(tmp_path / "in", f"{name}/1.jpg", f"{name.replace('images', 'labels')}/1.txt", txt=ours.ROW)
    for name, folder in zip("ab", folders, strict=True):
        (tmp_path / f"in/{name}.txt").write_text(f"./{folder}/1.jpg\n")
    (tmp_path / "in/data.yaml").write_text(f"{text}nc: 2\nnames: [cat, dog]\nchannels: 3\n")
    (tmp_path / "in/data.yaml").write_text(ours.rewritten(ours.found_in(tmp_path / "in")))
    monkeypatch.chdir("/")
    found = ultralytics().check_det_dataset(str(tmp_path / "in/data.yaml"), autodownload=False)
    places = [tmp_path / "in" / place for place in (folders if "a.txt" not in text else ("a.txt", "b.txt"))]
    assert [found["train"], found["val"]] == [str(place.resolve()) for place in places]
    assert found["names"] == {0: "cat", 1: "dog"}
