"""COCO: which image a file means, annotations of any size and order, and text that stays as it is written."""

from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from augcli.dataset import large_json
from augcli.dataset.layouts import coco
from augcli.dataset.listing import scan
from augcli.dataset.sources import Hints, Source, unpacked
from augcli.dataset.walk import Walk
from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown
from augcli.labels.formats.coco import FORMAT
from augcli.labels.sides import pairs_of
from augcli.output.joining import Addition, join, number
from augcli.problems import Refused, Unusable
from augcli.spec.sections import Labels

SIZE = Size(20, 10)
MARK = number(0)[0]
"""What stands around a number that the join finds."""
CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 3, "name": "person", "keypoints": ["nose", "left_eye", "right_eye"]}]


def image(id: object = 7, name: str = "a.jpg", **more: object) -> dict:
    return {"id": id, "file_name": name, "width": SIZE.width, "height": SIZE.height, **more}


def box(image_id: object = 7, x: float = 1, y: float = 2, w: float = 3, h: float = 4, **more: object) -> dict:
    return {"id": 5, "image_id": image_id, "category_id": 1, "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0, **more}


def lay(root: Path, **files: object) -> Path:
    """Make files: `__` in a name stands for `/`, `_dot_` for a dot; lists are names of empty images in a folder."""
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        for inside in content if isinstance(content, list) else ():
            (path / inside).parent.mkdir(parents=True, exist_ok=True)
            (path / inside).write_bytes(b"")
        if not isinstance(content, list):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return root


def found_in(root: Path, **hints: str):
    return coco.find(Walk(root, False, None).tree(), Hints(**hints))


def set_of(*images: dict, annotations: list | None = None, **more: object) -> dict:
    return {"images": [*images], "annotations": annotations or [], "categories": CATEGORIES, **more}


def said(root: Path, source: Source, number: int = 0) -> list[bytes]:
    label = source.labels[number]
    data = (root / label.path).read_bytes()
    return [data[at : at + length] for at, length in unpacked(label.spans)]


def read(*annotations: object, settings: Labels = Labels(), **more: object) -> Annotation:  # noqa: B008
    about = {"categories": coco._categories(json.dumps(CATEGORIES))}
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in annotations]
    record = json.dumps(image(**more)).encode()
    return FORMAT.read([record, *texts], about, Shown("a.jpg", "a.json", SIZE), settings)


def written(found: Annotation, shown: str = "a_aug000.jpg", size: Size = SIZE, name: str = "a.jpg") -> list[dict]:
    """Return the image and the annotations as they are written, with text for numbers that the join finds."""
    record = json.dumps(image(name=name)).encode()
    lines = FORMAT.records(found, [record], {}, Shown(shown, "a.json", size), Labels())
    (first,), rest = lines
    return [json.loads(re.sub(f"{MARK}(.*?){MARK}", r'"#\1"', line)) for line in (first, *rest)]


def moved(found: Annotation) -> Annotation:
    return replace(found, objects=tuple(replace(one, untouched=False) for one in found.objects))


# Which image a file means


LAYOUTS = {
    "COCO": ("annotations__instances_val2017_dot_json", {"val2017": ["a.jpg"]}, "a.jpg", "val2017/a.jpg", "val2017"),
    "images/split": (
        "annotations__instances_val_dot_json",
        {"images__val": ["a.jpg"]},
        "a.jpg",
        "images/val/a.jpg",
        "val",
    ),
    "split and year": ("annotations__instances_val_dot_json", {"val2017": ["a.jpg"]}, "a.jpg", "val2017/a.jpg", "val"),
    "Roboflow": ("valid___annotations_dot_coco_dot_json", {"valid": ["a.jpg"]}, "a.jpg", "valid/a.jpg", "valid"),
    "beside": ("x_dot_json", {"": ["a.jpg"]}, "a.jpg", "a.jpg", ""),
    "sub-folders": ("data__x_dot_json", {"data__batch_1": ["a.jpg"]}, "batch_1/a.jpg", "data/batch_1/a.jpg", ""),
    "another folder": ("x_dot_json", {"photos__2020": ["a.jpg"]}, "a.jpg", "photos/2020/a.jpg", ""),
    "backslashes": ("x_dot_json", {"b": ["a.jpg"]}, "b\\a.jpg", "b/a.jpg", ""),
    "a dot in front": ("x_dot_json", {"b": ["a.jpg"]}, "./b//a.jpg", "b/a.jpg", ""),
    "absolute": ("x_dot_json", {"b": ["a.jpg"]}, "/home/me/b/a.jpg", "b/a.jpg", ""),
    "a drive": ("x_dot_json", {"b": ["a.jpg"]}, "C:\\data\\b\\a.jpg", "b/a.jpg", ""),
    "one up": ("labels__x_dot_json", {"b": ["a.jpg"]}, "../b/a.jpg", "b/a.jpg", ""),
    "minival": ("annotations__minival_dot_json", {"val2014": ["a.jpg"]}, "a.jpg", "val2014/a.jpg", "val2014"),
    "letters": ("x_dot_json", {"b": ["größe 1.jpg"]}, "größe 1.jpg", "b/größe 1.jpg", ""),
}


@pytest.mark.parametrize(("file", "images", "name", "path", "split"), LAYOUTS.values(), ids=LAYOUTS)
def test_an_image_is_found_from_where_the_file_is(tmp_path, file, images, name, path, split):
    root = lay(tmp_path, **images, **{file: set_of(image(name=name), annotations=[box()])})
    (source,) = found_in(root).sources
    assert (source.path, source.split, source.role) == (path, split, "val" if split else "train")
    assert [json.loads(text) for text in said(root, source)] == [image(name=name), box()]
    assert scan(root).sources[0].path == path


@pytest.mark.parametrize("name", ["../a.jpg", "x/../../a.jpg", "/../a.jpg", "..\\a.jpg"])
def test_no_path_leads_out_of_in(tmp_path, name):
    lay(tmp_path, **{"": ["a.jpg"]})
    root = lay(tmp_path / "in", **{"": ["b.jpg"], "x_dot_json": set_of(image(name=name), image(8, "b.jpg"))})
    found = found_in(root)
    assert [source.path for source in found.sources] == ["b.jpg"]
    assert found.unpaired == {"images whose path leads out of IN": [name]}


def test_names_that_several_files_have_are_told_unless_the_spec_names_the_folder(tmp_path):
    root = lay(tmp_path, p=["a.jpg"], q=["a.jpg"], r=["b.jpg"], x_dot_json=set_of(image(), image(8, "b.jpg")))
    found = found_in(root)
    assert found.unpaired["images that are listed by a name that several files have"] == ["a.jpg"]
    assert found.unpaired["images that no annotation file lists"] == ["p/a.jpg", "q/a.jpg"]
    assert {source.path for source in found_in(root, images="q").sources} == {"q/a.jpg", "r/b.jpg"}


def test_a_spec_names_the_files_and_what_it_names_is_there(tmp_path):
    root = lay(tmp_path, **{"": ["a.jpg"]}, x_dot_json=set_of(image()), y_dot_json=set_of(image()))
    assert [one.path for one in found_in(root, annotations="y.json").sets] == ["y.json"]
    for hints in ({"annotations": "z.json"}, {"images": "photos"}):
        with pytest.raises(Refused, match="no such"):
            found_in(root, **hints)
    (root / "y.json").write_text("{}")
    with pytest.raises(Refused, match="no COCO: it has no lists `images` and `annotations`"):
        found_in(root, annotations="y.json")


def test_a_file_is_seen_whose_classes_take_more_than_its_start(tmp_path):
    classes = [{"id": n, "name": "x" * 90} for n in range(1000)]
    text = {"categories": classes, **{key: value for key, value in set_of(image()).items() if key != "categories"}}
    root = lay(tmp_path, **{"": ["a.jpg", "b.jpg"], "x_dot_json": text})
    assert scan(root).seen == "a COCO data set: `x.json` with 1 image"


def test_an_image_of_another_split_is_not_taken_for_one_that_is_gone(tmp_path):
    root = lay(tmp_path, images__val=["a.jpg"], instances_train_dot_json=set_of(image()))
    with pytest.raises(Refused, match=r"lists images such as `a.jpg`, and none of them is there"):
        found_in(root)


def test_splits_whose_images_are_not_there_are_told(tmp_path):
    both = {
        f"annotations__instances_{split}2017_dot_json": set_of(image(name=f"{split}.jpg")) for split in ("train", "val")
    }
    found = found_in(lay(tmp_path, val2017=["val.jpg", "c.jpg"], **both))
    assert [one.path for one in found.sets] == ["annotations/instances_val2017.json"]
    assert found.unpaired == {
        "images that are listed but not there": ["train.jpg"],
        "annotation files none of whose images are there": ["annotations/instances_train2017.json"],
        "images that no annotation file lists": ["val2017/c.jpg"],
    }


def test_an_image_of_several_files_has_a_label_file_for_each(tmp_path):
    kinds = {f"annotations__{kind}_val_dot_json": set_of(image()) for kind in ("captions", "instances")}
    (source,) = found_in(lay(tmp_path, val=["a.jpg"], **kinds)).sources
    assert [(label.path, label.slot) for label in source.labels] == [
        (f"annotations/{kind}_val.json", f"annotations/{kind}_val.json") for kind in ("captions", "instances")
    ]


@pytest.mark.parametrize(
    ("names", "role"), [(("train", "trainval"), "train"), (("val", "trainval"), "val"), (("trainval",), "train")]
)
def test_lists_that_overlap_give_the_narrower_split(tmp_path, names, role):
    root = lay(tmp_path, images=["a.jpg"], **{f"{name}_dot_json": set_of(image()) for name in names})
    (source,) = found_in(root).sources
    assert source.role == role


def test_a_file_under_two_ids_keeps_both_entries(tmp_path):
    root = lay(tmp_path, **{"": ["a.jpg"]}, x_dot_json=set_of(image(1), image(2), annotations=[box(2), box(1), box(2)]))
    (source,) = found_in(root).sources
    assert [label.slot for label in source.labels] == ["x.json", "x.json#2"]
    assert [json.loads(said(root, source, at)[0])["id"] for at in range(2)] == [1, 2]
    assert [len(said(root, source, at)) for at in range(2)] == [2, 3]


@pytest.mark.parametrize("order", [("images", "annotations"), ("annotations", "images")])
@pytest.mark.parametrize("indent", [None, 1])
def test_places_are_those_of_the_bytes_in_any_order_and_layout(tmp_path, order, indent):
    names = ["é.jpg", "b.jpg", "日本.jpg"]
    lists = {
        "images": [image(number, name, note='ü \\ " { ] ,') for number, name in enumerate(names)],
        "annotations": [box(at % 3, at + 1, note={"é": [{"image_id": 9}], "}": '"image_id": 9'}) for at in range(9)],
    }
    text = {"info": {"é": "日本"}, **{key: lists[key] for key in order}, "categories": CATEGORIES}
    data = json.dumps(text, ensure_ascii=False, indent=indent)
    root = lay(tmp_path, **{"": names, "x_dot_json": data})
    by_path = {source.path: source for source in found_in(root).sources}
    for at, name in enumerate(names):
        first, *rest = [json.loads(one) for one in said(root, by_path[name])]
        assert first == lists["images"][at]
        assert rest == [one for one in lists["annotations"] if one["image_id"] == at]


def test_a_file_is_read_in_blocks_of_any_size(tmp_path, monkeypatch):
    text = json.dumps(
        set_of(*[image(n, f"{n}é.jpg") for n in range(20)], annotations=[box(n % 20) for n in range(90)]),
        ensure_ascii=False,
    )
    root = lay(tmp_path, **{"": [f"{n}é.jpg" for n in range(20)], "x_dot_json": text})
    whole = found_in(root)
    for size in (1, 7, 64, 333):
        monkeypatch.setattr(large_json, "_BLOCK", size)
        assert found_in(root) == whole


def test_ids_are_told_apart_as_they_are_meant(tmp_path):
    ids = [0, 2**70, "a b", 3.0, "5"]
    refer = [0, 2**70, "a b", 3, 5]
    images = [image(id, f"{at}.jpg") for at, id in enumerate(ids)]
    root = lay(
        tmp_path,
        **{"": [f"{at}.jpg" for at in range(5)]},
        x_dot_json=set_of(*images, annotations=[box(id) for id in refer]),
    )
    assert [len(said(root, source)) for source in found_in(root).sources] == [2] * 5


def test_what_belongs_to_no_image_is_counted(tmp_path):
    lost = [box(99), box(None), {"id": 3}, 5, "x"]
    records = [image(None, "b.jpg"), {"id": 4}, 5, {"id": 6, "file_name": ""}]
    root = lay(tmp_path, **{"": ["a.jpg"]}, x_dot_json=set_of(image(), *records, annotations=[box(), *lost]))
    found = found_in(root)
    assert {reason: len(paths) for reason, paths in found.unpaired.items()} == {
        "image records without an id or a file name": 4,
        "annotations of images that are not listed": 5,
    }
    text = (root / "x.json").read_bytes()
    told = found.unpaired["annotations of images that are not listed"]
    assert told[-1] == "x.json: image_id 99"
    assert [text[int(place.rpartition(" ")[2]) :][:4] for place in told[:-1]] == [b'{"id', b'{"id', b'5, "', b'"x"]']
    assert len(said(root, found.sources[0])) == 2


# Files that are none, or hostile

BROKEN = {
    "cut off": ('{"images": [{"id": 1, "file_', r"1:13: the file ends in the middle", "cut off"),
    "cut off in a string": ('{"images": [], "annotations": [], "info": "abc', r"1:43: the file ends", "cut off"),
    "nothing behind": ('{"images": [], "annotations": [', r"1:32: the file ends", "cut off"),
    "images no list": ('{"images": {}, "annotations": []}', r"1:12: `images` is not a list", "one"),
    "on another line": ('{"images": [],\n\n "annotations": 5}', r"3:17: `annotations` is not a list", "one"),
    "twice": ('{"images": [], "images": []}', r"`images` stands twice", "one of them"),
    "a comma too many": ('{"images": [], "annotations": [], }', r"1:35: `}` where a key is expected", "valid JSON"),
    "two objects": ('{"images": [], "annotations": []}{}', r"1:34: more text behind", "take it out"),
    "brackets": ('{"images": [], "annotations": [[1}]}', r"1:34: `}` where another bracket is expected", "valid"),
    "an id twice": (json.dumps(set_of(image(), image(name="b.jpg"))), r"two images have the id 7", "id of its own"),
    "deep": ('{"images": [], "info": ' + "[" * 100_000, r"nested more than 100 deep", "take it out"),
}


@pytest.mark.parametrize(("text", "what", "help"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(tmp_path, text, what, help):
    root = lay(tmp_path, **{"": ["a.jpg"], "x_dot_json": text})
    with pytest.raises(Refused) as refused:
        found_in(root)
    (problem,) = refused.value.problems
    assert re.search(f"{re.escape(str(root))}/x.json:{what}" if what[0].isdigit() else what, problem.what)
    assert help in problem.help


@pytest.mark.parametrize("data", [b"[1, 2]", b"", b"nonsense", b'\xff\xfe{\x00"\x00', b'{"images": "\xff"'])
def test_a_name_that_nothing_else_has_must_hold_coco(tmp_path, data):
    root = lay(tmp_path, **{"": ["a.jpg"]})
    (root / "x.json").write_bytes(data)
    assert found_in(root) is None
    (root / "x.json").rename(root / "instances_x.json")
    with pytest.raises(Refused):
        found_in(root)


@pytest.mark.parametrize("text", ['{"shapes": [], "images": []}', '{"images": {"a": 1}}', "[]", '{"a": ' + "[" * 9999])
def test_another_json_is_none_of_coco(tmp_path, text):
    assert found_in(lay(tmp_path, **{"": ["a.jpg"], "x_dot_json": text})) is None


def test_hostile_sizes_stay_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(large_json, "LARGEST", 1 << 20)
    monkeypatch.setattr(coco, "LARGEST", 1 << 20)
    monkeypatch.setattr(large_json, "_BLOCK", 1 << 18)
    long = "x" * (30 << 20)
    for text in (
        f'{{"images": [], "annotations": [], "info": "{long}"}}',
        f'{{"images": [{{"id": 1, "file_name": "{long}"}}], "annotations": []}}',
        f'{{"images": [], "annotations": [{{"image_id": 1, "x": [{"[1]," * (5 << 20)}1]}}]}}',
        f'{{"images": [], "annotations": [], "info": {"9" * (30 << 20)}}}',
    ):
        root = lay(tmp_path, **{"": ["a.jpg"], "x_dot_json": text})
        tracemalloc.start()
        with pytest.raises(Refused, match="more than 1 MB"):
            found_in(root)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        tracemalloc.stop()


def test_panoptic_files_are_told_and_left(tmp_path):
    panoptic = set_of(image(), annotations=[{"image_id": 7, "file_name": "a.png", "segments_info": [{"id": 1}]}])
    root = lay(tmp_path, **{"": ["a.jpg"], "panoptic_val_dot_json": panoptic})
    with pytest.raises(Refused, match="panoptic annotations, which are not read yet"):
        found_in(root)
    lay(tmp_path, instances_val_dot_json=set_of(image()))
    assert found_in(root).unpaired == {"panoptic annotation files, which are not read yet": ["panoptic_val.json"]}


def test_keys_that_cannot_be_moved_are_told(tmp_path):
    root = lay(tmp_path, **{"": ["a.jpg"]}, x_dot_json=set_of(image(), annotations=[box(face_box=[1, 2, 3, 4])]))
    (reason,) = found_in(root).unpaired
    assert "keys that are left out where objects move" in reason
    (_, same), (_, after) = (written(change(read(box(face_box=[1, 2, 3, 4])))) for change in (lambda one: one, moved))
    assert ("face_box" in same, "face_box" in after) == (True, False)


# What annotations say

OUTLINE = [1, 1, 9, 1, 9, 5]
RLE = {"counts": [12, 3, 185], "size": [10, 20]}
SHAPES = {
    "polygons": ([OUTLINE, [1, 6, 3, 6, 3, 8]], 2, 0),
    "a flat list": (OUTLINE, 1, 0),
    "none": ([], 0, 0),
    "null": (None, 0, 0),
    "an empty polygon": ([[]], 0, 0),
    "four numbers": ([[1, 1, 9, 1]], 0, 1),
    "an odd number": ([[1, 1, 9, 1, 9, 5, 4]], 0, 1),
    "pairs": ([[1, 1], [9, 1], [9, 5]], 0, 1),
    "one that is too short": ([OUTLINE, [1, 1, 2, 2]], 1, 0),
    "words": ([["a"] * 6], 0, 1),
    "text": ("abc", 0, 1),
    "not finite": ([[1, 1, 9, 1, 9, 1e999]], 0, 1),
    "counts": (RLE, 0, 0),
    "packed": ({"counts": "<3i5", "size": [10, 20]}, 0, 0),
    "counts that are short": ({"counts": [12, 3], "size": [10, 20]}, 0, 1),
    "counts of another picture": ({"counts": [12, 3, 185], "size": [20, 10]}, 0, 1),
    "negative counts": ({"counts": [12, -3, 191], "size": [10, 20]}, 0, 1),
    "huge counts": ({"counts": [2**64, 3], "size": [10, 20]}, 0, 1),
    "a huge picture": ({"counts": [10**12], "size": [10**6, 10**6]}, 0, 1),
    "no counts": ({"size": [10, 20]}, 0, 1),
    "packed nonsense": ({"counts": "\x7f~é", "size": [10, 20]}, 0, 1),
}


@pytest.mark.parametrize(("segmentation", "rings", "bad"), SHAPES.values(), ids=SHAPES)
def test_shapes_are_read_where_there_is_no_doubt(segmentation, rings, bad):
    found = read(box(segmentation=segmentation))
    (one,) = found.objects
    assert one.box == (1, 2, 4, 6)
    assert len(one.rings) == rings
    assert (one.bitmap is not None) == (isinstance(segmentation, dict) and not bad)
    assert not found.dropped
    assert dict(found.doubts) == ({"bad shape, box kept": 1} if bad else {})
    _, again = written(found)
    said = again.get("segmentation")
    assert said == segmentation if not bad and rings != 1 else all(len(part) >= 6 for part in said)


BOXES = {
    "inside": ([1, 2, 3, 4], (1, 2, 4, 6), None),
    "beyond": ([-1.5, 2, 30, 8.001], (0, 2, 20, 10), None),
    "outside": ([20, 2, 3, 4], None, "outside the image"),
    "no width": ([1, 2, 0, 4], None, "zero size"),
    "negative": ([1, 2, 3, -4], None, "zero size"),
    "text": ("1 2 3 4", None, "bad box"),
    "numbers as text": (["1", "2", "3", "4"], None, "bad box"),
    "three": ([1, 2, 3], None, "bad box"),
    "not finite": ([1, 2, 1e999, 4], None, "bad box"),
    "a truth": ([True, 2, 3, 4], None, "bad box"),
}


@pytest.mark.parametrize(("bbox", "sides", "reason"), BOXES.values(), ids=BOXES)
def test_boxes_are_clipped_or_dropped_with_a_reason(bbox, sides, reason):
    found = read(box() | {"bbox": bbox}, box())
    assert [one.box for one in found.objects] == [*([sides] if sides else []), (1, 2, 4, 6)]
    assert dict(found.dropped) == ({reason: 1} if reason else {})


@pytest.mark.parametrize("bbox", [None, [0, 0, 0, 0], "x", [30, 30, 2, 2]])
def test_a_shape_without_a_box_has_the_box_of_its_shape(bbox):
    (one,) = read(box(segmentation=[OUTLINE]) | {"bbox": bbox}).objects
    assert one.box == (1, 1, 9, 5)
    (one,) = read(box(segmentation=RLE) | {"bbox": bbox}).objects
    assert one.box == (1, 2, 2, 5)  # pixels 12 to 14 of columns of ten


CATEGORY_IDS = {
    "known": (1, "cat"),
    "as text": ("1", "cat"),
    "as a fraction": (1.0, "cat"),
    "of none": (999, None),
    "negative": (-1, None),
    "null": (None, None),
    "a name": ("cat", None),
}


@pytest.mark.parametrize(("category_id", "name"), CATEGORY_IDS.values(), ids=CATEGORY_IDS)
def test_an_annotation_of_a_category_that_is_not_listed_is_dropped(category_id, name):
    found = read(box(category_id=category_id), box(category_id=3))
    assert [one.name for one in found.objects] == [*([name] if name else []), "person"]
    assert dict(found.dropped) == ({} if name else {"unknown class": 1})


def test_an_annotation_without_a_category_is_kept_where_it_is_a_caption_or_none_is_listed():
    bare = {"id": 5, "image_id": 7, "bbox": [1, 2, 3, 4]}
    assert dict(read(bare, {"id": 6, "image_id": 7, "caption": "a cat"}).dropped) == {"unknown class": 1}
    record = json.dumps(image()).encode()
    texts = [json.dumps(one).encode() for one in (bare, box(category_id=999))]
    found = FORMAT.read([record, *texts], {"categories": {}}, Shown("a.jpg", "a.json", SIZE), Labels())
    assert [one.name for one in found.objects] == ["null", "999"]
    assert not found.dropped


def test_ids_of_categories_may_be_text_that_is_escaped():
    about = {"categories": coco._categories('[{"id": "caf\\u00e9", "name": "coffee"}]')}
    texts = [json.dumps(one).encode() for one in (image(), box(category_id="café"))]
    (one,) = FORMAT.read(texts, about, Shown("a.jpg", "a.json", SIZE), Labels()).objects
    assert one.name == "coffee"


def test_keypoints_of_another_number_than_the_category_names_are_told():
    found = read(box(category_id=3, keypoints=[4, 5, 2] * 2), box(category_id=3, keypoints=[4, 5, 2] * 3))
    assert [len(one.states) for one in found.objects] == [2, 3]
    assert dict(found.doubts) == {"another number of keypoints than its category names": 1}
    assert not read(box(category_id=1, keypoints=[4, 5, 2] * 2)).doubts  # `cat` names none


@pytest.mark.parametrize(
    "text", [b'{"bbox": [1,}', b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", b"[1]", b'{"id": 1} x']
)
def test_an_annotation_that_is_no_json_goes_alone(text):
    found = read(text, box())
    assert (len(found.objects), dict(found.dropped)) == (1, {"no valid JSON": 1})


def test_an_image_whose_record_is_no_json_fails_alone():
    with pytest.raises(Unusable):
        FORMAT.read([b'{"file_name": "a.jpg", }'], {"categories": {}}, Shown("a.jpg", "a.json", SIZE), Labels())


def test_numbers_of_any_length_are_read_and_kept():
    long = "9" * 6000
    text = json.dumps(box()).replace('"area"', f'"x": {long}, "y": 1e999, "z": 1.50, "area"').encode()
    found = read(text)
    ((line,),) = FORMAT.records(found, [json.dumps(image()).encode()], {}, Shown("a.jpg", "", SIZE), Labels())[1:]
    assert f'"x": {long}, "y": 1e999, "z": 1.50, "area": 12' in line


@pytest.mark.parametrize(
    ("iscrowd", "stays"), [(0, False), (1, True), (True, True), (False, False), (None, False), ("1", True)]
)
def test_crowds_stay(iscrowd, stays):
    found = read(box() | {"iscrowd": iscrowd})
    assert found.objects[0].stays is stays
    assert written(found)[1]["iscrowd"] == int(stays)


def test_keypoints_are_centres_of_pixels_with_slots_and_pairs():
    points = [4, 5, 2, 6, 5, 1, 0, 0, 0]
    (one,) = read(box(keypoints=points, num_keypoints=2) | {"category_id": 3}).objects
    assert one.name == "person"
    assert one.keypoints.tolist() == [[4.5, 5.5], [6.5, 5.5], [0.5, 0.5]]
    assert one.states.tolist() == [2, 1, 0]
    assert one.pairs == ((1, 2),)
    (other,) = read(box(keypoints=points) | {"category_id": 3}, settings=Labels(flip_pairs=((0, 2),))).objects
    assert other.pairs == ((0, 2),)
    gone = replace(one, keypoints=one.keypoints + 0.125, states=np.array([2, 0, 0], np.int8), untouched=False)
    _, said = written(Annotation(SIZE, (gone,)))
    assert said["keypoints"] == [4.12, 5.12, 2, 0, 0, 0, 0, 0, 0]
    assert said["num_keypoints"] == 1


@pytest.mark.parametrize(
    "names",
    [
        ("left_eye", "right_eye"),
        ("L_Eye", "R_Eye"),
        ("eye_l", "eye_r"),
        ("leftEye", "rightEye"),
        ("lefteye", "righteye"),
        ("Left Eye", "Right Eye"),
        ("l-eye", "r-eye"),
        ("LEye", "REye"),
        ("eyeLeft", "eyeRight"),
        ("left", "right"),
    ],
)
def test_sides_are_read_from_names(names):
    assert pairs_of(("nose", *names, "tail"), 4, None) == ((1, 2),)
    assert pairs_of(("nose", *names), 4, None) == ()
    assert pairs_of(("bright", "light", "leftover"), 3, None) == ()
    assert pairs_of(names, 2, (names,)) == ((0, 1),)


def test_labels_of_the_stored_picture_are_turned_with_it():
    """Sideways: what was at the left is at the top of the upright picture, which is 10 by 20."""
    about = {"categories": {}}
    texts = [json.dumps(one).encode() for one in (image(), box())]
    found = FORMAT.read(texts, about, Shown("a.jpg", "a.json", Size(10, 20), orientation=6), Labels())
    assert found.size == (10, 20)
    assert found.objects[0].box == pytest.approx((4, 1, 8, 4))  # 10 - (2 + 4) .. 10 - 2
    assert written(found, size=Size(10, 20))[1]["bbox"] == [4, 1, 4, 3]
    upright = FORMAT.read(texts, about, Shown("a.jpg", "a.json", SIZE, orientation=6), Labels())
    assert upright.objects[0].box == (1, 2, 4, 6)


# What is written


def test_what_nobody_moved_keeps_every_token():
    text = (
        '{"id" : 17, "score":1.50e0,"bbox":[ 1,2.0 ,3e0, 4 ], "attributes": {"é": [null, -0.0, "\\u00e9\\n"]},'
        ' "category_id": 1, "image_id": 7, "segmentation": [], "iscrowd": 0, "area": 11.99999999999999999}'
    )
    found = read(text.encode())
    record = b'{"license": 3, "file_name": "a.jpg", "date": null, "height": 10, "width": 20, "x": 1.0, "id": 7}'
    (first,), (line,) = FORMAT.records(found, [record], {}, Shown("b/a_aug000.jpg", "", SIZE), Labels())
    assert first == record.decode().replace('"a.jpg"', '"a_aug000.jpg"').replace('"id": 7', f'"id": {number(0)}')
    tokens = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
    same = text.replace(": 17", f": {number(1)}").replace('"image_id": 7', f'"image_id": {number(0)}')
    assert tokens.findall(line) == tokens.findall(same)


def test_what_is_laid_out_on_lines_comes_on_one_token_for_token():
    one = box(attributes={"a": [1, "x\n y"]}, segmentation=[OUTLINE])
    found = read(json.dumps(one, indent=4).encode())
    record = json.dumps(image(), indent=2).encode()
    (first,), (line,) = FORMAT.records(found, [record], {}, Shown("a.jpg", "", SIZE), Labels())
    assert "\n" not in first + line
    assert json.loads(re.sub(f"{MARK}.*?{MARK}", "5", line)) == {**one, "id": 5, "image_id": 5}


def test_what_moved_is_written_with_two_decimals():
    found = read(box(segmentation=[OUTLINE], area=99, score=0.12345, face_box=[1, 2, 3, 4]))
    shift = np.array([1 / 3, 0.5])
    one = found.objects[0]
    one = replace(one, box=(4 / 3, 2.5, 13 / 3, 6.5), rings=(one.rings[0] + shift,), untouched=False)
    _, said = written(Annotation(SIZE, (one,)))
    assert said == {
        **box(area=16, score=0.12345),
        "id": "#1-0",
        "image_id": "#0-0",
        "bbox": [1.33, 2.5, 3.0, 4.0],
        "segmentation": [[1.33, 1.5, 9.33, 1.5, 9.33, 5.5]],
    }


@pytest.mark.parametrize("counts", [[12, 3, 185], "<3i5", "\\13i4"])
def test_runs_stay_runs_of_the_same_kind(counts):
    found = read(box(segmentation={"counts": counts, "size": [10, 20]}, area=0))
    _, said = written(moved(found))
    assert said["segmentation"] == {"counts": counts, "size": [10, 20]}
    assert said["area"] == 3
    _, wider = written(moved(found), size=Size(30, 10))
    assert wider["segmentation"]["size"] == [10, 30]


def test_what_no_loader_reads_is_mended():
    one = box(segmentation=OUTLINE)
    del one["iscrowd"]
    one["area"] = None
    _, said = written(read(one))
    assert (said["segmentation"], said["iscrowd"], said["area"]) == ([OUTLINE], 0, 16)


def test_annotations_without_a_place_are_carried():
    caption = {"image_id": 7, "id": 3, "caption": "a cat"}
    found = read(caption, {"image_id": 7, "id": 4, "category_id": 1}, box(bbox=None, segmentation=[]))
    assert [one.name for one in found.objects] == ["caption", "cat"]  # of the whole image
    assert dict(found.dropped) == {"no box": 1}
    _, *said = written(found)
    assert said[0] == {**caption, "id": "#1-0", "image_id": "#0-0"}
    assert said[1] == {"image_id": "#0-0", "id": "#1-0", "category_id": 1}


def test_a_copy_keeps_the_source_s_account_word_for_word():
    odd = [box(x=100), box(w=0, area=None), {"id": 4, "image_id": 7}, box(segmentation=[[1, 2, 3, 4]], face_kpts=[1])]
    own = image(width=640, height=480)
    record, *texts = (json.dumps(one).encode() for one in (own, *odd))
    (first,), rest = FORMAT.copied([record, *texts], {"categories": {}}, Shown("b.jpg", "a.json", SIZE), "a.jpg")
    lines = [json.loads(re.sub(f"{MARK}(.*?){MARK}", r'"#\1"', line)) for line in (first, *rest)]
    assert lines[0] == {**own, "id": "#0-0", "file_name": "b.jpg"}
    assert lines[1:] == [{**one, "id": "#1-0", "image_id": "#0-0"} for one in odd]


def test_a_file_that_has_changed_since_is_told():
    read(box("7"), box(7.0))
    for one, name in (box(8), "a.jpg"), (box(), "b.jpg"):
        with pytest.raises(Unusable, match="has changed since it was listed"):
            read(one, name=name)
        said = [json.dumps(each).encode() for each in (image(name=name), one)]
        with pytest.raises(Unusable, match="has changed since it was listed"):
            FORMAT.copied(said, {"categories": {}}, Shown("a.jpg", "a.json", SIZE), "a.jpg")


def test_a_size_that_is_not_the_image_s_is_doubtful():
    assert dict(read(box(), width=640).doubts) == {"another size is stated than the image has": 1}
    assert not read(box()).doubts
    assert not read(box(), width=None).doubts


def test_pairs_of_the_spec_name_keypoints():
    points = box(category_id=3, keypoints=[1, 2, 2] * 3)
    for pair, name in (("left_eey", "nose"), "left_eey"), ((0, 9), "9"):
        with pytest.raises(Unusable, match=f"`flip_pairs` has `{name}`"):
            read(points, settings=Labels(flip_pairs=(pair,)))
    assert pairs_of(("a", "b"), 2, (("a", "b"), ("c", "d")), (("c", "d"),)) == ((0, 1),)


@pytest.mark.parametrize(
    ("name", "path", "written_name"),
    [
        ("a.jpg", "val/a_aug000.jpg", "a_aug000.jpg"),
        ("b/a.jpg", "x/b/a_aug000.png", "b/a_aug000.png"),
        ("b\\a.jpg", "b/a_aug000.jpg", "b/a_aug000.jpg"),
        ("../b/a.jpg", "b/a_aug000.jpg", "../b/a_aug000.jpg"),
        ("/home/me/b/a.jpg", "b/a_aug000.jpg", "b/a_aug000.jpg"),
        ("C:\\b\\a.jpg", "x/b/a_aug000.jpg", "b/a_aug000.jpg"),
        ("/home/a.jpg", "b/a_aug000.jpg", "a_aug000.jpg"),
    ],
)
def test_file_names_are_given_as_the_source_s_is(name, path, written_name):
    assert written(read(), path, name=name)[0]["file_name"] == written_name


def test_width_and_height_are_those_of_the_file():
    first, *_ = written(read(), size=Size(33, 44))
    assert (first["width"], first["height"]) == (33, 44)
    lines = FORMAT.records(read(), [b'{"id": 1, "file_name": "a"}'], {}, Shown("a", "", SIZE), Labels())
    assert '"width": 20, "height": 10' in lines[0][0]


def test_a_file_is_joined_with_all_else_that_it_says(tmp_path):
    text = (
        '{"info": {"year": 2017.0, "é": "日本"},\n "annotations": [],\n "licenses": [1.50],'
        ' "images": [{"id": 9, "file_name": "a.jpg"}], "scene_annotations": [{"image_id": 9}],\n  "categories": []}'
    )
    root = lay(tmp_path / "in", **{"": ["a.jpg"], "x_dot_json": text})
    (given,) = found_in(root).sets
    out = tmp_path / "out"
    out.mkdir()
    record = ((f'{{"id": {number(0)}}}',), (f'{{"id": {number(1)}, "image_id": {number(0)}}}',) * 2)
    template = FORMAT.template(given)
    join(out, tmp_path, [template], iter([Addition("a.jpg", "x.json", record)] * 2))
    said = json.loads((out / "x.json").read_text(encoding="utf-8"))
    assert [*said] == ["info", "images", "licenses", "annotations", "scene_annotations", "categories"]
    assert said["info"] == {"year": 2017.0, "é": "日本"}
    assert [one["id"] for one in said["images"]] == [1, 2]
    assert [(one["id"], one["image_id"]) for one in said["annotations"]] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert '"licenses": [1.50]' in (out / "x.json").read_text(encoding="utf-8")
    join(out, tmp_path, [template], iter(()))
    assert json.loads((out / "x.json").read_text(encoding="utf-8"))["images"] == []


def test_a_digest_is_of_all_but_images_and_annotations(tmp_path):
    digests = []
    for at, (records, info) in enumerate([([image()], 1), ([image(id=8)], 1), ([image()], 2)]):
        root = lay(tmp_path / str(at), **{"": ["a.jpg"]}, x_dot_json=set_of(*records, info=info))
        digests.append(found_in(root).sets[0].digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_run_mirrors_a_set_and_copies_what_is_to_be_tested_on(tmp_path, tree, photo, spec_file, augcli):
    """W - x - w for boxes, W - x for outlines, W - 1 - x for keypoints, and reversed columns of masks."""
    annotations = [
        box(1, 2, 3, 5, 6, segmentation=[[2, 3, 7, 3, 7, 9]]),
        box(1, 0, 0, 10, 10, keypoints=[4, 5, 2, 6, 5, 1, 0, 0, 0], num_keypoints=2) | {"category_id": 3},
        box(2, 1, 2, 1, 3, segmentation={"counts": [38, 3, 36 * 48 - 41], "size": [36, 48]}, iscrowd=1),
    ]
    size = {"width": 48, "height": 36}
    records = [image(n, f"{n}.png") | size for n in (1, 2, 3)]
    train = json.dumps({"images": records, "annotations": annotations, "categories": CATEGORIES})
    val = json.dumps(
        {"images": [image(1, "9.png") | size], "annotations": [box(1)], "categories": CATEGORIES}, indent=3
    )
    root = tree(
        tmp_path / "in",
        {f"train2017/{n}.png": photo(seed=n) for n in (1, 2, 3)}
        | {"val2017/9.png": photo(seed=9)}
        | {"annotations/instances_train2017.json": train.encode(), "annotations/instances_val2017.json": val.encode()},
    )
    spec = spec_file("copies: 2\ninclude_originals: true\npipeline: [horizontal_flip: {p: 1}]\n")
    done = augcli("run", spec, root, "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out/annotations"
    assert (out / "instances_val2017.json").read_text() == val
    said = json.loads((out / "instances_train2017.json").read_text())
    names = {one["file_name"]: one["id"] for one in said["images"]}
    assert sorted(names) == sorted(f"{n}{tag}.png" for n in (1, 2, 3) for tag in ("", "_aug000", "_aug001"))
    assert [one["id"] for one in said["annotations"]] == [*range(1, 10)]
    of = {name: [one for one in said["annotations"] if one["image_id"] == id] for name, id in names.items()}
    one, person = of["1_aug000.png"]
    assert one["bbox"] == [48 - 2 - 5, 3, 5, 6]
    assert sorted(zip(*[iter(one["segmentation"][0])] * 2, strict=True)) == sorted([(46, 3), (41, 3), (41, 9)])
    assert person["keypoints"] == [47 - 4, 5, 2, 0, 0, 0, 47 - 6, 5, 1]
    (crowd,) = of["2_aug001.png"]
    assert crowd["segmentation"]["counts"] == [46 * 36 + 2, 3, 36 * 48 - 46 * 36 - 5]
    assert [one | {"id": 0, "image_id": 0} for one in of["1.png"]] == [
        one | {"id": 0, "image_id": 0} for one in annotations[:2]
    ]
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    assert augcli("run", spec, root, "out", "--frozen", cwd=tmp_path).returncode == 0
