"""torchvision opens the Pascal VOC sets that augcli writes, every image of every list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from tests.commands import completed
from tests.oracles import libraries
from tests.test_voc import object_of, xml

pytestmark = pytest.mark.oracle

YEAR = "VOCdevkit/VOC2012"
COLOURS = {"cat": (250, 30, 20), "dog": (20, 40, 240)}
OBJECTS = (("cat", (11, 21, 40, 50)), ("dog", (61, 31, 100, 80)))
SPEC = """
copies: 3
include_originals: true
output: {quality: 100, subsampling: "4:4:4"}
pipeline:
  - horizontal_flip
  - rotate90
  - random_resized_crop: {size: [64, 96], scale: [0.4, 1.0], ratio: 1.5}
"""


def voc_set(root: Path) -> None:
    """Write a set in VOC's folders: two flat objects on each picture, and their masks."""
    folder = root / YEAR
    for name in ("JPEGImages", "Annotations", "SegmentationClass", "ImageSets/Main", "ImageSets/Segmentation"):
        (folder / name).mkdir(parents=True)
    names = [f"2012_00000{number}" for number in range(6)]
    for name in names:
        picture, mask = np.full((80, 100, 3), 128, np.uint8), np.zeros((80, 100), np.uint8)
        for number, (kind, (left, top, right, bottom)) in enumerate(OBJECTS, 1):
            picture[top - 1 : bottom, left - 1 : right] = COLOURS[kind]
            mask[top - 1 : bottom, left - 1 : right] = number
        PIL.Image.fromarray(picture).save(folder / f"JPEGImages/{name}.jpg", quality=100, subsampling=0)
        palette = PIL.Image.fromarray(mask).convert("P")
        palette.putpalette([0, 0, 0, *COLOURS["cat"], *COLOURS["dog"], *[0] * 759])
        palette.save(folder / f"SegmentationClass/{name}.png")
        text = xml(*[object_of(box, kind) for kind, box in OBJECTS]).replace("a.jpg", f"{name}.jpg")
        (folder / f"Annotations/{name}.xml").write_text(text)
    lists = {"train": names[:4], "val": names[4:], "trainval": names}
    for split, listed in lists.items():
        for task in ("Main", "Segmentation"):
            (folder / f"ImageSets/{task}/{split}.txt").write_text("".join(f"{name}\n" for name in listed))
        (folder / f"ImageSets/Main/cat_{split}.txt").write_text("".join(f"{name}  1\n" for name in listed))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voc")
    voc_set(folder / "in")
    (folder / "spec.yaml").write_text(SPEC)
    done = completed("run", folder / "spec.yaml", folder / "in", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def datasets() -> Any:
    libraries.torchvision()
    import torchvision.datasets

    return torchvision.datasets


@pytest.mark.parametrize(("split", "count"), [("train", 16), ("val", 2), ("trainval", 18)])
def test_every_image_of_a_list_has_the_boxes_that_its_pixels_show(written: Path, split: str, count: int) -> None:
    found = datasets().VOCDetection(str(written), year="2012", image_set=split)
    assert len(found) == count
    for picture, target in found:
        said = target["annotation"]
        assert (int(said["size"]["width"]), int(said["size"]["height"])) == picture.size
        pixels = np.asarray(picture.convert("RGB")).astype(int)
        for one in said.get("object", []):
            left, top, right, bottom = (int(one["bndbox"][side]) for side in ("xmin", "ymin", "xmax", "ymax"))
            rows, columns = np.nonzero(np.abs(pixels - COLOURS[one["name"]]).max(axis=2) < 60)
            extents = np.array([columns.min() + 1, rows.min() + 1, columns.max() + 1, rows.max() + 1])
            assert np.abs(extents - (left, top, right, bottom)).max() <= 1  # an edge is mixed with the background


@pytest.mark.parametrize(("split", "count"), [("train", 16), ("val", 2)])
def test_every_image_of_a_list_has_its_mask(written: Path, split: str, count: int) -> None:
    found = datasets().VOCSegmentation(str(written), year="2012", image_set=split)
    assert len(found) == count
    for picture, mask in found:
        assert (mask.mode, mask.size) == ("P", picture.size)
        assert set(np.unique(np.asarray(mask))) <= {0, 1, 2}


def test_class_lists_say_what_the_boxes_say(written: Path) -> None:
    lists = written / YEAR / "ImageSets/Main"
    said = dict(line.split() for line in (lists / "cat_trainval.txt").read_text().splitlines())
    assert [*said] == (lists / "trainval.txt").read_text().split()
    for name, value in said.items():
        text = (written / YEAR / f"Annotations/{name}.xml").read_text()
        assert value == ("1" if "<name>cat</name>" in text else "-1")
