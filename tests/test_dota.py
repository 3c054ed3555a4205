"""DOTA data sets: four corners in pixels a row, text files in folders of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from augcli.dataset.layouts import dota, recognise
from augcli.dataset.sources import Hints, Labelled
from augcli.dataset.walk import Walk
from augcli.image.arrays import Matrix, Size
from augcli.image.ops import Warp
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown, file_format_of, format_of
from augcli.labels.moving import Tracks
from augcli.problems import Unusable
from augcli.spec.sections import Labels
from tests.test_layouts import lay

HEAD = "imagesource:GoogleEarth\ngsd:0.146\n"
ROW = "10.0 20.0 50.0 20.0 50.0 40.0 10.0 40.0 small-vehicle 0"
SHOWN = Shown("images/P0001.png", "labelTxt/P0001.txt", Size(200, 100))


def read(text: str | bytes) -> Annotation:
    data = text.encode() if isinstance(text, str) else text
    return format_of("dota").read([data], {}, SHOWN, Labels())


def written(annotation: Annotation, source: str = ROW) -> str:
    return format_of("dota").write(annotation, [source.encode()], {}, SHOWN, Labels()).decode()


def moved(annotation: Annotation, change) -> Annotation:
    objects = [replace(one, corners=change(one.corners), untouched=False) for one in annotation.objects]
    return replace(annotation, objects=tuple(objects))


@pytest.mark.parametrize(
    "text",
    [f"{HEAD}{ROW}\n", f"{HEAD}{ROW}\r\n".replace("\n", "\r\n"), ROW, f"\n{ROW}\n\n", HEAD, "", f"\ufeff{HEAD}{ROW}\n"],
)
def test_files_as_they_are_found_stay_as_they_are(text):
    found = read(text)
    assert len(found.objects) == text.count("vehicle")
    assert not found.dropped
    assert written(found, text) == text


def test_rows_are_corners_with_a_class_and_a_difficulty():
    easy, hard, bare = read(f"{HEAD}{ROW}\n1 2 3 2 3 4 1 4 plane 1\n-5 2 3e1 2 3 .5 1 4 ship\n").objects
    assert easy.corners.tolist() == [[10, 20], [50, 20], [50, 40], [10, 40]]
    assert (easy.name, easy.stays) == ("small-vehicle", False)
    assert (hard.name, hard.stays) == ("plane", True)
    assert bare.corners.tolist() == [[-5, 2], [30, 2], [3, 0.5], [1, 4]]


@pytest.mark.parametrize(
    ("row", "reason"),
    {
        "10 20 50 20 50 40 plane 0": "too few columns",
        "10 20 50 20 50 40 10 x plane 0": "not numbers",
        "10 20 50 20 50 40 10 nan plane 0": "not numbers",
        "10 20 50 20 50 40 10 1e300 plane 0": "not numbers",
        "10 20 50 20 50 20 10 20 plane 0": "zero size",
        "gsd:0.1": "too few columns",
    }.items(),
)
def test_a_row_that_cannot_be_read_goes_alone_and_is_counted(row, reason):
    text = f"{HEAD}{ROW}\n{row}\n"
    found = read(text)
    assert dict(found.dropped) == {reason: 1}
    assert written(found, text) == f"{HEAD}{ROW}\n"


def test_a_huge_file_costs_its_image():
    with pytest.raises(Unusable, match="more than 16 MB"):
        read(b"0" * (17 << 20))


@pytest.mark.parametrize(
    ("row", "by", "expected"),
    [
        (ROW, 0.0, "190.0 20.0 150.0 20.0 150.0 40.0 190.0 40.0 small-vehicle 0"),
        (ROW, 0.25, "189.75 20.00 149.75 20.00 149.75 40.00 189.75 40.00 small-vehicle 0"),
        ("10 20 50 20 50 40 10 40 ship 1", 0.0, "190 20 150 20 150 40 190 40 ship 1"),
        ("1 2 5 2 5 4 1 4.125 ship 1", 1 / 3, "198.667 2.000 194.667 2.000 194.667 4.000 198.667 4.125 ship 1"),
    ],
)  # fmt: skip
def test_moved_corners_keep_their_order_and_the_decimals_of_their_row(row, by, expected):
    source = f"{HEAD}{row}\n"
    flipped = moved(read(source), lambda corners: np.array([200 - by, 0]) + corners * [-1, 1])
    assert written(flipped, source) == f"{HEAD}{expected}\n"


def test_an_image_that_has_lost_all_keeps_its_head():
    source = f"{HEAD}{ROW}\n"
    assert written(replace(read(source), objects=(), dropped=read("x").dropped), source) == HEAD


def found_in(root: Path, hints: Hints = Hints()) -> Labelled:  # noqa: B008  a tuple
    tree = Walk(root, follow_links=False, out=None).tree()
    assert recognise(tree).layout == "dota"
    return dota.find(tree, hints)


TEXT = f"{HEAD}{ROW}\n"


def test_splits_have_images_and_texts_of_their_own(tmp_path):
    lay(tmp_path, "{train,val}/images/P{1,2}.png", "{train,val}/labelTxt/P{1,3}.txt", "test/images/P9.png", txt=TEXT)
    found = found_in(tmp_path)
    assert sorted((one.path, one.role, [label.path for label in one.labels]) for one in found.sources) == [
        ("test/images/P9.png", "test", []),
        ("train/images/P1.png", "train", ["train/labelTxt/P1.txt"]),
        ("val/images/P1.png", "val", ["val/labelTxt/P1.txt"]),
    ]
    assert found.unpaired == {
        "images without a label file, left out": ["train/images/P2.png", "val/images/P2.png"],
        "label files without an image": ["train/labelTxt/P3.txt", "val/labelTxt/P3.txt"],
    }


def test_texts_of_two_versions_go_along_with_one_image(tmp_path):
    lay(tmp_path, "images/P{1,2}.png", "labelTxt-v1.{0,5}/P{1,2}.txt", txt=TEXT)
    first, _ = sorted(found_in(tmp_path).sources)
    assert [(label.path, label.slot) for label in first.labels] == [
        ("labelTxt-v1.0/P1.txt", "labelTxt-v1.0"),
        ("labelTxt-v1.5/P1.txt", "labelTxt-v1.5"),
    ]


def test_ten_numbers_are_no_row_of_dota(tmp_path):
    lay(tmp_path, "images/{1,2}.jpg", "labels/{1,2}.txt", txt="0 0.32 0.58 0.57 0.83 95 175 1 35 1\n")
    tree = Walk(tmp_path, follow_links=False, out=None).tree()
    assert recognise(tree).layout == "yolo"
    assert dota.find(tree, Hints()) is None


def test_the_head_of_a_file_stays_where_objects_move():
    said = [b"imagesource:GoogleEarth\ngsd:0.1\n10 10 20 10 20 20 10 20 plane 0\n"]
    shown = Shown("a.png", "a.txt", Size(60, 40))
    format = file_format_of("dota")
    read = format.read(said, {}, shown, Labels())
    turned = Tracks(read).through([Warp(Matrix(-1, 0, 60, 0, 1, 0), Size(60, 40))]).kept(Labels())
    assert format.write(turned, said, {}, shown, Labels()).startswith(b"imagesource:GoogleEarth\ngsd:0.1\n")
