"""YOLO data sets: pairs and splits as ultralytics sees them, rows by their columns, a data.yaml that fits its place."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from augcli.dataset.layouts import yolo
from augcli.dataset.listing import scan
from augcli.dataset.sources import Hints, Labelled
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown, format_of
from augcli.problems import Refused, Unusable
from augcli.spec.sections import Labels
from tests.test_layouts import lay

SIZE = Size(200, 100)
SHOWN = Shown("images/a.jpg", "labels/a.txt", SIZE)
NAMES = {"names": {"0": "cat", "1": "dog"}, "classes": 2}
DETECT = {**NAMES, "task": "detect"}
OBB = {**NAMES, "task": "obb"}
POSE = {**NAMES, "task": "pose", "keypoints": [3, 3], "pairs": [[1, 2]]}
POSE_2 = {**POSE, "keypoints": [3, 2]}
ROW = "0 0.5 0.4 0.2 0.2"
TWO_CLASSES = "train: images\nval: images\nnames: [cat, dog]\n"
TRIANGLE = "1 0.1 0.1 0.5 0.1 0.1 0.9"


def read(text: str | bytes, about=DETECT, settings: Labels | None = None) -> Annotation:
    data = text.encode() if isinstance(text, str) else text
    return format_of("yolo").read([data], about, SHOWN, settings or Labels())


def written(annotation: Annotation, source: str = ROW, about=DETECT) -> str:
    return format_of("yolo").write(annotation, [source.encode()], about, SHOWN, Labels()).decode()


def moved(annotation: Annotation, **changes) -> Annotation:
    """Return the annotation with its only object changed."""
    (one,) = annotation.objects
    return replace(annotation, objects=(replace(one, untouched=False, **changes),))


ACCEPTED = {
    "CRLF": f"{ROW}\r\n{ROW}\r\n",
    "a byte order mark": f"\ufeff{ROW}\n",
    "blank lines": f"\n\n{ROW}\n   \n{ROW}\n\n",
    "tabs and spaces": f"  {ROW}  \n".replace(" ", "\t"),
    "no last line end": ROW,
    "exponents and bare points": "0.0 5e-1 .4 +0.2 2E-1\n",
    "repeated rows": f"{ROW}\n{ROW}\n",
    "a box that sticks out": "1 0.02 0.5 0.2 0.2\n",
    "a sixth column": f"{ROW} 0.87\n",
    "boxes and outlines": f"{ROW}\n{TRIANGLE}\n",
    "an outline of equal points": "0 0.1 0.1 0.1 0.1 0.5 0.5\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_trainers_accept_is_read_and_stays_as_it_is(text):
    found = read(text)
    assert not found.dropped
    assert len(found.objects) == len([line for line in text.lstrip("\ufeff").splitlines() if line.strip()])
    assert written(found, text) == text


DROPPED = {
    "0,0.5,0.5,0.2,0.2": "not numbers",
    "cat 0.5 0.5 0.2 0.2": "not numbers",
    "# a comment": "not numbers",
    "0 nan 0.5 0.2 0.2": "not numbers",
    "0 0.5 inf 0.2 0.2": "not numbers",
    "0 1_0 0.5 0.2 0.2": "not numbers",
    "0 0.5 ٠.5 0.2 0.2": "not numbers",
    "0 0.5 0.5 0.2": "too few columns",
    "0": "too few columns",
    "0 0.1 0.1 0.5 0.1 0.1 0.9 0.4": "odd columns",
    "2 0.5 0.5 0.2 0.2": "unknown class",
    "-1 0.5 0.5 0.2 0.2": "unknown class",
    "1.5 0.5 0.5 0.2 0.2": "unknown class",
    "0 0.5 0.5 0 0.2": "zero size",
    "0 0.5 0.5 0.2 -0.2": "zero size",
    "0 0.5 0.1 0.5 0.4 0.5 0.9": "zero size",
    "0 1.02 0.5 0.2 0.2": "outside the image",
    "0 -0.02 0.5 0.2 0.2": "outside the image",
    "0 0.5 0.5 1.2 0.2": "outside the image",
    "0 1.008 0.5 0.002 0.2": "outside the image",
    "0 1.5 0.1 1.6 0.1 1.6 0.9": "outside the image",
}


@pytest.mark.parametrize(("row", "reason"), DROPPED.items())
def test_a_row_that_no_trainer_takes_goes_alone_and_is_counted(row, reason):
    found = read(f"{ROW}\n{row}\n")
    assert dict(found.dropped) == {reason: 1}
    assert written(found, f"{ROW}\n{row}\n") == f"{ROW}\n"


def test_latin_1_costs_its_row_and_a_huge_file_its_image():
    assert dict(read(b"caf\xe9 0.5 0.5 0.2 0.2\n" + ROW.encode()).dropped) == {"not numbers": 1}
    with pytest.raises(Unusable, match="more than 16 MB"):
        read(b"0" * (17 << 20))


def test_rows_are_what_their_columns_say_in_pixels():
    box, outline = read(f"{ROW}\n{TRIANGLE}").objects
    assert box.box == pytest.approx((80, 30, 120, 50))
    assert box.name == "cat"
    assert outline.name == "dog"
    assert outline.rings[0].tolist() == [[20, 10], [100, 10], [20, 90]]
    four = "0 0.1 0.1 0.5 0.1 0.5 0.9 0.1 0.9"
    assert read(four).objects[0].rings[0].tolist() == read(four, OBB).objects[0].corners.tolist()
    assert read(f"{ROW} 95 175 1 35 1", {**DETECT, "columns": 10}).objects[0].box == box.box


def test_a_box_that_sticks_out_is_clipped():
    assert read("0 0.02 0.5 0.2 1.002").objects[0].box == pytest.approx((0, 0, 24, 100))


def test_moved_boxes_keep_their_class_and_tail_and_stay_inside_as_written():
    """The sides in double precision from what is written, as whoever reads it computes them."""
    source = read("1.0 0.5 0.4 0.2 0.2 0.87 7")
    assert not source.objects
    source = read("1.0 0.5 0.4 0.2 0.2 0.87")
    random = np.random.default_rng(5)
    for low, high in np.sort(random.uniform(0, 1, (500, 2)), axis=1).tolist():
        for left, right in ((low, high), (0, high), (low, 1)):
            row = written(moved(source, box=(left * 200, left * 100, right * 200, right * 100)))
            name, x, y, w, h, tail = row.split()
            assert (name, tail) == ("1.0", "0.87")
            assert all(len(number) == 8 for number in (x, y, w, h))
            assert float(x) == pytest.approx((left + right) / 2, abs=1.1e-6)
            assert float(w) == pytest.approx(right - left, abs=1.1e-6)
            assert round(1e6 * float(x)) * 2 >= round(1e6 * float(w))
            assert round(1e6 * float(x)) * 2 + round(1e6 * float(w)) <= 2e6


@pytest.mark.parametrize(("row", "about"), [("0 0.479492 0.688771 0.355609 0.595500", DETECT), (TRIANGLE, DETECT)])
def test_two_flips_give_the_numbers_of_the_source(row, about):
    there = row
    for _ in range(2):
        found = read(there, about)
        one = found.objects[0]
        box = one.box and (200 - one.box[2], one.box[1], 200 - one.box[0], one.box[3])
        rings = tuple(np.array([200, 0]) + ring * [-1, 1] for ring in one.rings)
        there = written(moved(found, box=box, rings=rings))
    assert [*map(float, there.split())] == [*map(float, row.split())]


def test_outlines_are_one_ring_inside_the_picture():
    row = written(moved(read(TRIANGLE), rings=(np.array([[-0.0, -0.0001], [200.0001, 0], [100, 50.000049]]),)))
    assert row == "1 0.000000 0.000000 1.000000 0.000000 0.500000 0.500000"


def enclosed(row: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle and the size of what encloses a row's points, in the precision of those who check it."""
    points = np.array(row.split()[1:], np.float32).reshape(-1, 2)
    return (points.min(0) + points.max(0)) / 2, points.max(0) - points.min(0)


def test_oriented_boxes_keep_their_corners_or_are_cut_to_what_is_accepted():
    source = read("0 0.1 0.1 0.5 0.1 0.5 0.9 0.1 0.9", OBB)
    near = np.array([[150.0, 20], [230, 40], [220, 70], [140, 50]])  # sticks out, as dota8's do
    assert written(moved(source, corners=near), about=OBB) == (
        "0 0.750000 0.200000 1.150000 0.400000 1.100000 0.700000 0.700000 0.500000"
    )
    random = np.random.default_rng(3)
    cut = 0
    for _ in range(300):
        centre, half = random.uniform(0, [200, 100]), random.uniform(5, 120, 2)
        angle = random.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners = centre + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn
        row = written(moved(source, corners=corners), about=OBB)
        middle, size = enclosed(row)
        assert (middle >= -0.01).all()
        assert (middle <= 1.01).all()
        assert (size >= 0).all()
        assert (size <= 1.01).all()
        found = np.array(row.split()[1:], float).reshape(4, 2) * [200, 100]
        sides = np.diff(found, axis=0, append=found[:1])
        cut += not np.allclose(found, corners, atol=1e-3)
        assert np.allclose(np.abs(sides[0] @ sides[1]), 0, atol=0.02 * np.abs(sides).max())  # right angles
        assert sides[0][0] * sides[1][1] > sides[0][1] * sides[1][0]  # and the same way round
    assert 100 < cut < 300


PERSON = "0 0.5 0.5 0.4 0.4 0.4 0.4 2.000000 0.5 0.5 1.000000 0.000000 0.000000 0.000000"


def test_poses_keep_their_slots_and_mark_what_is_lost():
    found = read(PERSON, POSE)
    (one,) = found.objects
    assert one.pairs == ((1, 2),)
    assert one.states.tolist() == [2, 1, 0]
    assert one.keypoints.tolist() == [[80, 40], [100, 50], [0, 0]]
    lost = moved(found, states=np.array([0, 2, 1], np.int8), keypoints=np.array([[999.0, 0], [20, 20], [40, 10]]))
    tail = "0.000000 0.000000 0.000000 0.100000 0.200000 2.000000 0.200000 0.100000 1.000000"
    assert written(lost, about=POSE) == f"0 0.500000 0.500000 0.400000 0.400000 {tail}"
    plain = moved(read("0 0.5 0.5 0.4 0.4 0.4 0.4 2 0.5 0.5 1 0 0 0", POSE), states=np.zeros(3, np.int8))
    assert written(plain, about=POSE).endswith(
        "0.400000 0.400000 0.000000 0.000000 0 0.000000 0.000000 0 0.000000 0.000000 0"
    )


def test_poses_without_a_mark_for_what_is_lost_are_dropped_and_counted():
    found = read("0 0.5 0.5 0.4 0.4 0.4 0.4 0.5 0.5 -0.005 -0.005", POSE_2)
    (one,) = found.objects
    assert one.states.tolist() == [2, 2, 0]
    swapped = moved(found, states=one.states[[0, 2, 1]], keypoints=one.keypoints[[0, 2, 1]])
    assert written(swapped, about=POSE_2).endswith(" 0.400000 0.400000 -0.005 -0.005 0.500000 0.500000")
    lost = moved(found, states=np.array([2, 0, 0], np.int8))
    assert written(lost, "x\n", about=POSE_2) == ""
    assert dict(lost.dropped) == {"lost keypoint": 1}


@pytest.mark.parametrize(("row", "reason"), {ROW: "odd columns", f"{ROW} 1.2{' 0.1' * 8}": "outside the image"}.items())
def test_poses_of_another_number_of_columns_or_far_outside_are_dropped(row, reason):
    assert dict(read(row, POSE).dropped) == {reason: 1}


def test_the_pairs_of_the_spec_go_before_those_of_the_set():
    about = {**POSE, "slots": ["nose", "left_eye", "right_eye"]}
    given = read(PERSON, about, Labels(flip_pairs=(("nose", "right_eye"),))).objects[0].pairs
    assert given == ((0, 2),)
    assert read(PERSON, about, Labels(flip_pairs=((0, 1),))).objects[0].pairs == ((0, 1),)
    assert read(PERSON, {**POSE, "pairs": None}).objects[0].pairs == ()
    for unknown in ("tail", 3):
        with pytest.raises(Unusable, match=f"`flip_pairs` has `{unknown}`, which is none of the 3 keypoints"):
            read(PERSON, about, Labels(flip_pairs=((unknown, 1),)))


def test_partners_come_last_and_an_empty_file_is_empty():
    found = read(f"{ROW}\r\n")
    partner = replace(read("1 0.5 0.5 0.5 0.5").objects[0], origin=1, untouched=False)
    assert written(replace(found, objects=(*found.objects, partner)), f"{ROW}\r\n") == (
        f"{ROW}\r\n1 0.500000 0.500000 0.500000 0.500000\r\n"
    )
    assert written(replace(found, objects=(partner,)), "") == "1 0.500000 0.500000 0.500000 0.500000\n"
    dropped = replace(found, objects=())
    dropped.dropped["outside"] += 1
    assert written(dropped, f"{ROW}\n") == ""


# What is in IN.


def found_in(root: Path, hints: Hints = Hints()) -> Labelled:  # noqa: B008  a tuple
    found = yolo.find(Walk(root, follow_links=False, out=None).tree(), hints)
    assert found is not None
    return found


def splits_of(found: Labelled) -> dict[str, tuple[str, str, str]]:
    return {one.path: (one.split, one.role, one.labels[0].path) for one in found.sources}


TREES = {
    "images and labels": (
        ["images/0001.jpg", "labels/0001.txt"],
        {"images/0001.jpg": ("", "train", "labels/0001.txt")},
    ),
    "splits below": (
        ["images/{train2017,val2017}/1.jpg", "labels/{train2017,val2017}/1.txt"],
        {
            "images/train2017/1.jpg": ("train2017", "train", "labels/train2017/1.txt"),
            "images/val2017/1.jpg": ("val2017", "val", "labels/val2017/1.txt"),
        },
    ),
    "splits above": (
        ["{train,valid}/images/1.rf.a.jpg", "{train,valid}/labels/1.rf.a.txt"],
        {
            "train/images/1.rf.a.jpg": ("train", "train", "train/labels/1.rf.a.txt"),
            "valid/images/1.rf.a.jpg": ("valid", "val", "valid/labels/1.rf.a.txt"),
        },
    ),
    "the last of two": (
        ["images/x/images/1.jpg", "images/x/labels/1.txt"],
        {"images/x/images/1.jpg": ("", "train", "images/x/labels/1.txt")},
    ),
    "beside, two of one stem": (
        ["obj/1.{jpg,png,txt}"],
        {"obj/1.jpg": ("", "train", "obj/1.txt"), "obj/1.png": ("", "train", "obj/1.txt")},
    ),
    "of Darknet's Pascal VOC": (
        ["VOC/JPEGImages/1.jpg", "VOC/labels/1.txt"],
        {"VOC/JPEGImages/1.jpg": ("", "train", "VOC/labels/1.txt")},
    ),
}


@pytest.mark.parametrize(("files", "expected"), TREES.values(), ids=TREES)
def test_labels_are_where_trainers_look_for_them(tmp_path, files, expected):
    assert splits_of(found_in(lay(tmp_path, *files, txt=ROW))) == expected


def test_where_labels_are_can_be_told(tmp_path):
    lay(tmp_path, "photos/a/1.jpg", "boxes/a/1.txt", txt=ROW)
    told = splits_of(found_in(tmp_path, Hints("photos", "boxes")))
    assert told == {"photos/a/1.jpg": ("", "train", "boxes/a/1.txt")}


def test_what_has_no_partner_is_told(tmp_path):
    lay(tmp_path, "images/train/{1,2}.jpg", "labels/train/{1,3}.txt", "sheet.png", "labels/train.cache", txt=ROW)
    found = found_in(tmp_path)
    assert [(one.path, one.labels[0].is_missing) for one in found.sources] == [
        ("images/train/1.jpg", False),
        ("images/train/2.jpg", True),
    ]
    assert found.unpaired == {
        "images without a label file, taken for background": ["images/train/2.jpg"],
        "images in no split and without a label file, left out": ["sheet.png"],
        "label files without an image": ["labels/train/3.txt"],
    }
    assert found.used == {"labels/train.cache"}


def test_a_set_whose_labels_are_gone_is_refused(tmp_path):
    lay(tmp_path, "images/1.jpg", "data.yaml", "images/1.txt", yaml="train: images\nnames: [a]", txt=ROW)
    with pytest.raises(Refused, match=r"no image has a label file; that of `images/1.jpg` would be `labels/1.txt`"):
        found_in(tmp_path)
    assert yolo.find(Walk(lay(tmp_path / "b", "1.jpg"), follow_links=False, out=None).tree(), Hints()) is None


@pytest.mark.parametrize(
    ("where", "train", "val"),
    [
        ("path: .\n", "images/one", "images/two"),
        ("path: /gone/away/set\n", "images/one", "./images/two/"),
        ("path: ../datasets/set\n", "images/one", "[images/two]"),
        ("", "../images/one", "/gone/away/set/images/two"),
        ("", "C:\\set\\images\\one", "..\\images\\two"),
    ],
)
def test_splits_are_those_of_the_yaml_wherever_it_was_written(tmp_path, where, train, val):
    text = f"{where}train: {train}\nval: {val}\nnames: [cat, dog]\n"
    lay(tmp_path, "images/{one,two,test}/1.jpg", "labels/{one,two,test}/1.txt", "data.yaml", txt=ROW, yaml=text)
    found = found_in(tmp_path)
    assert {path: told[:2] for path, told in splits_of(found).items()} == {
        "images/one/1.jpg": ("one", "train"),
        "images/two/1.jpg": ("two", "val"),
        "images/test/1.jpg": ("test", "test"),
    }
    assert yaml.safe_load(rewritten(found)) == {
        "train": "images/one",
        "val": "images/two",
        "names": ["cat", "dog"],
    }


def rewritten(found: Labelled) -> str:
    (one,) = (one for one in found.sets if one.format == "yolo_yaml")
    return format_of("yolo_yaml").template(one).head


YAML = """\
# Litter
path: /home/me/litter # root
train: images/train # for training
val:
  - images/val # first
  - images/gone
test: # optional

# Names
names:
  0: cat
  1: dog
nc: 2
channels: 3
roboflow: {url: "https://example.org", version: 2}

download: |
  import os

  os.remove("x")
"""
NEW_YAML = """\
# Litter
train: images/train # for training
val: images/val
test: # optional

# Names
names:
  0: cat
  1: dog
nc: 2
channels: 3
roboflow: {url: "https://example.org", version: 2}

"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_yaml_is_written_anew_but_for_its_places(tmp_path, end):
    lay(tmp_path, "images/{train,val}/1.jpg", "labels/{train,val}/1.txt", txt=ROW)
    (tmp_path / "data.yaml").write_bytes(YAML.replace("\n", end).encode())
    assert rewritten(found_in(tmp_path)) == NEW_YAML.replace("\n", end)


@pytest.mark.parametrize(
    ("files", "text", "expected"),
    [
        (["images/1.jpg", "labels/1.txt", "data.yaml"], "train: images\nnames: [a]",
         "train: images\nnames: [a]\nval: images\n"),
        (["images/1.jpg", "labels/1.txt", "data.yaml"], "train: gone\nval:\nnames: [a]\n",
         "train: images\nval: images\nnames: [a]\n"),
        (
            ["{train,valid}/images/1.jpg", "{train,valid}/labels/1.txt", "c/data.yaml"],
            "names: [a]\ntrain: x\nvalidation: ../valid/images\ntest: ../test\n",
            "names: [a]\ntrain: ../train/images\nvalidation: ../valid/images\n",
        ),
        (
            ["images/1.jpg", "labels/1.txt", "data.yaml"],
            "train: ../images\nval: ../images\nnames: [a]\n",
            "train: images\nval: images\nnames: [a]\n",
        ),
        (["1.jpg", "1.txt", "data.yaml"], "train: .\nnames: [a]\n", 'train: "."\nnames: [a]\nval: "."\n'),
        (
            ["a b/images/1.jpg", "a b/labels/1.txt", "data.yaml"],
            "train: a b/images\nval: [a b/images]\nnames: [a]\n",
            'train: "a b/images"\nval: "a b/images"\nnames: [a]\n',
        ),
    ],
)  # fmt: skip
def test_a_yaml_always_has_train_and_val(tmp_path, files, text, expected):
    """An image of both is for training."""
    found = found_in(lay(tmp_path, *files, txt=ROW, yaml=text))
    assert rewritten(found) == expected
    assert found.sources[0].role == "train"


REFUSED = {
    "names: [a\ntrain: x\n": "no YAML, in line 2",
    "{\nnames: [a],\ntrain: x\n}\n": "not a line for each key",
    "names: [a]\ntrain: x\nx: " + "[" * 5000 + "\n": "no YAML",
    "names: [a]\ntrain: x\nkpt_shape: 17\n": "`kpt_shape` is not",
    "names: [a]\ntrain: x\nkpt_shape: [17, 4]\n": "`kpt_shape` is not",
    "names: [a]\ntrain: x\nkpt_shape: [99999999, 3]\n": "`kpt_shape` is not",
    "names: [a]\ntrain: x\nkpt_shape: [3, 3]\nflip_idx: [1, 2, 0]\n": "`flip_idx` does not pair",
    "names: [a]\ntrain: x\nkpt_shape: [3, 3]\nflip_idx: [0, 1, 3]\n": "`flip_idx` does not pair",
    "names: [a]\ntrain: x\n#" + "x" * (300 << 10): "larger than 256 KB",
}


@pytest.mark.parametrize(("text", "what"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_yaml_that_cannot_be_read_is_refused(tmp_path, text, what):
    lay(tmp_path, "images/1.jpg", "labels/1.txt", "data.yaml", txt=ROW, yaml=text)
    with pytest.raises(Refused) as caught:
        found_in(tmp_path)
    assert f"data.yaml: {what}" in str(caught.value)


def test_nothing_of_a_yaml_leads_outside_or_grows(tmp_path):
    bomb = f"a: &a [{'x, ' * 2000}]\nb: &b [{'*a, ' * 2000}]\nc: &c [{'*b, ' * 2000}]\n"
    text = f"{bomb}names: *c\ntrain: ../../../../etc\nval: /etc\n<<: *c\n"
    lay(tmp_path / "in", "images/1.jpg", "labels/1.txt", "data.yaml", txt=ROW, yaml=text)
    found = found_in(tmp_path / "in")
    (told,) = (one for one in found.sets if one.format == "yolo_yaml")
    assert told.about["splits"] == {"train": ["images"], "val": ["images"]}


TASKS = {
    "detect": ([ROW, ""], "", {"task": "detect"}),
    "segment": ([TRIANGLE, "0 0.1 0.1 0.5 0.1 0.5 0.9 0.1 0.9"], "", {"task": "segment"}),
    "obb": (["0 0.1 0.1 0.5 0.1 0.5 0.9 0.1 0.9"] * 2, "", {"task": "obb"}),
    "mixed": ([ROW, TRIANGLE], "", {"task": "segment", "mixed": True}),
    "further columns": ([f"{ROW} 1 2 3"] * 2, "", {"task": "detect", "columns": 8}),
    "pose": ([PERSON], "kpt_shape: [3, 3]\n", {"task": "pose", "keypoints": [3, 3], "pairs": None}),
    "paired": (
        [PERSON],
        "kpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\nkpt_names: {0: [nose, l, r]}\n",
        {"task": "pose", "keypoints": [3, 3], "pairs": [[1, 2]], "slots": ["nose", "l", "r"]},
    ),
    "boxes of poses": ([ROW], "kpt_shape: [3, 3]\n", {"task": "detect", "keypoints": [3, 3], "pairs": None}),
}


@pytest.mark.parametrize(("rows", "more", "about"), TASKS.values(), ids=TASKS)
def test_all_rows_together_tell_what_they_are(tmp_path, rows, more, about):
    lay(tmp_path, "images/train/#.jpg", "data.yaml", yaml=f"train: images/train\nnames: [cat, dog]\n{more}")
    (tmp_path / "labels/train").mkdir(parents=True)
    for number, row in enumerate(rows, 1):
        (tmp_path / f"labels/train/000{number}.txt").write_text(row)
    assert found_in(tmp_path).sets[0].about == {**about, **NAMES}


@pytest.mark.parametrize(
    ("names", "about"),
    [
        ("[cat, dog]", NAMES),
        ("{0: cat, 1: dog}", NAMES),
        ("\n  1: person\n  3: yes", {"names": {"1": "person", "3": "yes"}, "classes": 4}),
        ("\nnc: 7", {"classes": 7}),
        ("cat", {}),
    ],
)
def test_names_are_a_list_or_a_mapping(tmp_path, names, about):
    lay(tmp_path, "images/1.jpg", "labels/1.txt", "data.yaml", txt=ROW, yaml=f"train: images\nnames: {names}\n")
    assert found_in(tmp_path).sets[0].about == {**about, "task": "detect"}


def test_a_list_of_absolute_paths_is_written_anew(tmp_path):
    lay(tmp_path, "obj/a.jpg", "obj/a.txt", txt=ROW)
    (tmp_path / "train.txt").write_text("/home/me/obj/a.jpg\n")
    assert {one.about["line"] for one in found_in(tmp_path).sets if one.format == "lists"} == {"relative"}


def test_darknet_s_files_go_along_and_its_lists_name_the_splits(tmp_path):
    lay(tmp_path, "obj/{a,b}.jpg", "obj/{a,b}.txt", txt=ROW)
    (tmp_path / "obj.names").write_text("cat\ndog\n")
    (tmp_path / "obj.data").write_text(
        "classes = 2\ntrain = data/train.txt\nvalid = data/test.txt\nnames = data/obj.names\n"
    )
    (tmp_path / "train.txt").write_text("data/obj/a.jpg\ndata/obj/gone.jpg\n")
    (tmp_path / "test.txt").write_text("data/obj/b.jpg\n")
    found = found_in(tmp_path)
    assert {path: told[:2] for path, told in splits_of(found).items()} == {
        "obj/a.jpg": ("train", "train"),
        "obj/b.jpg": ("test", "val"),
    }
    assert found.sets[0].about == {"task": "detect", "names": NAMES["names"]}
    assert sorted((one.format, one.path) for one in found.sets) == [
        ("lists", "obj.data"), ("lists", "obj.names"), ("lists", "test.txt"), ("lists", "train.txt"), ("yolo", ""),
    ]  # fmt: skip
    assert found.unpaired == {"lines of lists that name no image": ["data/obj/gone.jpg"]}
    assert [label.path for label in found.sources[0].labels] == ["obj/a.txt", "train.txt"]


@pytest.mark.parametrize(
    ("line", "kind"), [("./images/a.jpg", "path"), ("images/a.jpg", "relative"), ("/gone/set/images/a.jpg", "relative")]
)
def test_lists_that_a_yaml_names_are_written_so_that_they_hold_anywhere(tmp_path, line, kind):
    lay(
        tmp_path, "images/{a,b}.jpg", "labels/{a,b}.txt", "data.yaml", txt=ROW, yaml="train: t.txt\nval: v.txt\nnc: 2\n"
    )
    (tmp_path / "t.txt").write_text(f"{line}\n")
    (tmp_path / "v.txt").write_text(f"{line.replace('a.jpg', 'b.jpg')}\n")
    found = found_in(tmp_path)
    assert {path: told[:2] for path, told in splits_of(found).items()} == {
        "images/a.jpg": ("t", "train"),
        "images/b.jpg": ("v", "val"),
    }
    assert {one.about["line"] for one in found.sets if one.format == "lists"} == {kind}
    assert yaml.safe_load(rewritten(found)) == {"train": "t.txt", "val": "v.txt", "nc": 2}


def test_data_yamls_of_several_folders_must_name_the_same_classes(tmp_path):
    lay(tmp_path, "{p,q}/images/{a,b}.jpg", "{p,q}/labels/{a,b}.txt", "{p,q}/data.yaml", txt=ROW, yaml=TWO_CLASSES)
    assert len(found_in(tmp_path).sources) == 4
    (tmp_path / "q/data.yaml").write_text(TWO_CLASSES.replace("cat, dog", "dog, cat"))
    with pytest.raises(Refused, match=r"`p/data.yaml` and `q/data.yaml` name different classes") as refused:
        found_in(tmp_path)
    assert "one of them as IN" in refused.value.problems[0].help


def test_label_files_that_are_not_read_are_told_with_their_reason(tmp_path):
    lay(tmp_path / "in", "images/{a,b,c,d,e}.jpg", "labels/a.txt", txt=ROW)
    lay(tmp_path, "b.txt", txt=ROW)
    (tmp_path / "in/labels/b.txt").symlink_to(tmp_path / "b.txt")
    os.mkfifo(tmp_path / "in/labels/c.txt")
    (tmp_path / "in/labels/d.txt").mkdir()
    assert found_in(tmp_path / "in").unpaired == {
        "images without a label file, taken for background": ["images/e.jpg"],
        "images whose label file is behind a link (not followed; add --follow-links), taken for background": [
            "images/b.jpg"
        ],
        "images whose label file is not a regular file, taken for background": ["images/c.jpg", "images/d.jpg"],
    }


@pytest.mark.parametrize("yaml_text", [None, TWO_CLASSES])
@pytest.mark.parametrize("is_folder", [True, False])
def test_labels_that_are_all_links_are_refused_until_they_are_followed(tmp_path, is_folder, yaml_text):
    root = lay(tmp_path / "in", "images/{a,b}.jpg")
    lay(tmp_path, "labels/{a,b}.txt", txt=ROW)
    if is_folder:
        (root / "labels").symlink_to(tmp_path / "labels")
    else:
        (root / "labels").mkdir()
        for name in ("a.txt", "b.txt"):
            (root / "labels" / name).symlink_to(tmp_path / "labels" / name)
    if yaml_text:
        (root / "data.yaml").write_text(yaml_text)
    with pytest.raises(Refused, match="links, which are not followed") as refused:
        scan(root)
    assert "--follow-links" in refused.value.problems[0].help
    assert len(scan(root, follow_links=True).sources) == 2


def test_folders_of_the_spec_may_end_in_a_slash_and_must_be_there(tmp_path):
    lay(tmp_path, "images/{a,b}.jpg", "notes/{a,b}.txt", txt=ROW)
    for given in (Hints("images/", "notes/"), Hints("images", "./notes"), Hints("", "notes")):
        found = scan(tmp_path, "yolo", hints=given)
        assert [source.labels[0].path for source in found.sources] == ["notes/a.txt", "notes/b.txt"]
    for given in (Hints("", "nope"), Hints("nope/", "notes"), Hints("", "/etc"), Hints("", "../x")):
        with pytest.raises(Refused, match="no such file or folder"):
            scan(tmp_path, "yolo", hints=given)
    with pytest.raises(Refused, match="no image has a label file"):
        scan(tmp_path, "yolo", hints=Hints("", "notes/a.txt"))
    (tmp_path / "linked").symlink_to(tmp_path / "images")
    with pytest.raises(Refused, match="behind a link"):
        scan(tmp_path, "yolo", hints=Hints("linked", "notes"))


def test_empty_text_files_in_labels_are_those_of_images_without_objects(tmp_path):
    lay(tmp_path, "{train,val}/images/{a,b}.jpg", "{train,val}/labels/{a,b}.txt")
    assert scan(tmp_path).seen.startswith("a YOLO data set")


def test_images_that_are_all_links_are_to_be_followed(tmp_path):
    root = lay(tmp_path / "in", "labels/{a,b}.txt", "data.yaml", txt=ROW, yaml=TWO_CLASSES)
    lay(tmp_path, "images/{a,b}.jpg")
    (root / "images").symlink_to(tmp_path / "images")
    with pytest.raises(Refused, match="no images in it") as refused:
        scan(root)
    assert "--follow-links" in refused.value.problems[0].help
    assert [source.labels[0].path for source in scan(root, follow_links=True).sources] == [
        "labels/a.txt",
        "labels/b.txt",
    ]
