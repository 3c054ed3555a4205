"""COCO files as pycocotools and torchvision see them: masks, areas and boxes, and whether what is written is whole."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pycocotools import mask as theirs
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from augcli.image.arrays import Size
from augcli.labels import rle
from tests import test_coco as ours
from tests.oracles import libraries
from tests.test_rle import masks

# pycocotools's arrays are of NumPy 1
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]

W, H = 120, 90
_PARTS = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
SLOTS = ["nose", *(f"{side}_{part}" for part in _PARTS for side in ("left", "right"))]


def quietly(call: Any, *given: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return call(*given)


def test_runs_are_those_of_pycocotools():
    for mask in masks():
        code = theirs.encode(np.asfortranarray(mask.astype(np.uint8)))
        text, size = code["counts"].decode(), Size(mask.shape[1], mask.shape[0])
        counts = rle.unpacked(text)
        assert rle.packed(counts) == text
        bitmap = rle.bitmap_of(counts, size)
        if bitmap is None:
            assert theirs.area(code) == 0
            continue
        assert rle.packed(rle.counts_of(bitmap, size)) == text
        height, width = bitmap.pixels.shape
        assert np.count_nonzero(bitmap.pixels) == theirs.area(code)
        assert theirs.toBbox(code).tolist() == [bitmap.left, bitmap.top, width, height]


def annotation(id: int, image_id: int, **more: object) -> dict[str, Any]:
    return {"id": id, "image_id": image_id, "category_id": 1, "iscrowd": 0, **more}


def made(random: np.random.Generator, id: int, image_id: int) -> dict[str, Any]:
    """Make an object of one of six kinds: all have a shape, so that each has a mask."""
    x, y = random.uniform(20, W - 40), random.uniform(20, H - 40)
    w, h = random.uniform(12, 20, 2)
    ring = [x, y, x + w, y + 2, x + w - 3, y + h, x + 2, y + h - 3]
    one = annotation(id, image_id, segmentation=[ring], bbox=[x, y, w, h], area=w * h * 0.8)
    kind = id % 6
    if kind == 1:
        one["segmentation"] = [ring, [side + 3 for side in ring[:6]]]
    if kind in (2, 3, 4):
        code = theirs.encode(np.asfortranarray(theirs.decode(theirs.frPyObjects([ring], H, W)[0])))
        is_text = kind == 2
        counts = code["counts"].decode() if is_text else rle.unpacked(code["counts"].decode()).tolist()
        one |= {
            "segmentation": {"size": [H, W], "counts": counts},
            "area": int(theirs.area(code)),
            "iscrowd": int(kind == 4),
        }
        one["bbox"] = theirs.toBbox(code).tolist()
    if kind == 5:
        points = np.column_stack(
            [random.uniform(x, x + w, 17), random.uniform(y, y + h, 17), random.integers(1, 3, 17)]
        )
        one |= {"keypoints": points.round(1).ravel().tolist(), "num_keypoints": 17, "category_id": 2}
    if kind == 0:
        one |= {"segmentation": ring, "area": None}
        del one["iscrowd"]
    return one


PIPELINES = {
    "a flip": "[horizontal_flip: {p: 1}]",
    "colours": "[brightness: {p: 1}]",
    "geometry": "[vertical_flip: {p: 0.5}, rotate: {degrees: 30, p: 1}, random_crop: {size: [80, 60], p: 1}]",
    "a field": "[elastic: {alpha: 40, p: 1}, resize: {size: [99, 77], p: 1}]",
    "a mosaic": "[mosaic: {p: 1}]",
    "a patch": "[cutmix: {p: 1}]",
}


@pytest.fixture(scope="module", params=PIPELINES.values(), ids=PIPELINES)
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coco")
    random = np.random.default_rng(3)
    (folder / "in/images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(6):
        name = f"{number}.png"
        PIL.Image.fromarray(random.integers(0, 255, (H, W, 3), np.uint8)).save(folder / "in/images" / name)
        images.append({"id": number, "file_name": name, "width": W, "height": H})
        annotations += [made(random, number * 12 + at, number) for at in range(12)]
    text = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "thing"}, {"id": 2, "name": "person", "keypoints": SLOTS}],
    }
    (folder / "in/annotations.json").write_text(json.dumps(text))
    (folder / "spec.yaml").write_text(f"copies: 3\ninclude_originals: true\npipeline: {request.param}\n")
    command = [sys.executable, "-m", "augcli", "run", "spec.yaml", "in", "out"]
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    return folder / "out"


def test_what_is_written_is_loaded_and_equals_itself(out):
    found = quietly(COCO, out / "annotations.json")
    again = quietly(COCO, out / "annotations.json")
    assert len(found.imgs) == 24
    for one in found.anns.values():
        image = found.imgs[one["image_id"]]
        mask = found.annToMask(one)
        assert mask.shape == (image["height"], image["width"])
        assert mask.any()
        with PIL.Image.open(out / "images" / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])
        if isinstance(one["segmentation"], dict) and "_aug" in image["file_name"]:
            code = found.annToRLE(one)
            assert one["area"] == theirs.area(code)
            assert np.allclose(one["bbox"], theirs.toBbox(code))
    for one in again.anns.values():
        one["score"] = 1.0
    for kind in ("bbox", "segm"):
        judge = COCOeval(found, again, kind)
        for step in (judge.evaluate, judge.accumulate, judge.summarize):
            quietly(step)
        assert judge.stats[0] == pytest.approx(1.0)
    people = [one["image_id"] for one in found.anns.values() if one.get("num_keypoints")]
    judge = COCOeval(found, again, "keypoints")
    judge.params.catIds, judge.params.imgIds = [2], sorted(set(people))
    without = [one for known in (found, again) for one in known.anns.values() if not one.get("num_keypoints")]
    for one in without:
        one["ignore"], one["category_id"] = 1, 1
    for step in (judge.evaluate, judge.accumulate, judge.summarize):
        quietly(step)
    assert judge.stats[0] == pytest.approx(1.0)


def test_torchvision_goes_through_all_of_it(out):
    libraries.torchvision()
    from torchvision.datasets import CocoDetection

    images = quietly(CocoDetection, out / "images", out / "annotations.json")
    assert len(images) == 24
    assert sum(len(target) for _, target in images) == len(images.coco.anns)


def is_taken(segmentation: object) -> bool:
    """Tell whether pycocotools makes a mask of it."""
    known = COCO()
    known.dataset = {"images": [ours.image()], "annotations": [ours.box(segmentation=segmentation)], "categories": []}
    quietly(known.createIndex)
    try:
        return known.annToMask(known.anns[5]).any()
    except Exception:
        return False


CRASHES = {"huge counts", "a huge picture", "negative counts", "packed nonsense", "not finite"}
"""What pycocotools takes memory for, or reads past its end."""
READ_MORE = {"a flat list", "one that is too short"}
READ_LESS = {"counts of another picture", "counts that are short", "an odd number"}


@pytest.mark.parametrize("name", sorted(ours.SHAPES.keys() - CRASHES))
def test_shapes_are_read_as_pycocotools_does(name):
    segmentation, rings, bad = ours.SHAPES[name]
    is_read = not bad and (rings > 0 or isinstance(segmentation, dict))
    if name not in READ_MORE | READ_LESS:
        assert is_taken(segmentation) == is_read
    _, again = ours.written(ours.read(ours.box(segmentation=segmentation)))
    assert is_taken(again.get("segmentation")) == is_read
