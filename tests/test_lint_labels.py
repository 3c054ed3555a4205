"""Warnings about sets whose labels stand in files, and what check and plan tell of their objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from augcli import api, lint
from augcli.dataset.listing import Listing, scan
from augcli.dataset.sources import LabelFile, LabelSet, Source
from augcli.lint.labels import LABEL_RULES, LABEL_SET_RULES, border_class
from augcli.lint.naming import name_of
from augcli.problems import Refused
from augcli.spec.loading import parse
from augcli.spec.spec import Spec
from tests.labelled_sets import SETS

BOX = "0 0.5 0.5 0.4 0.4"
SHAPE = "0 0.3 0.3 0.7 0.3 0.7 0.7 0.3 0.7"
POSE = "0 0.5 0.5 0.4 0.4 0.4 0.4 2 0.6 0.4 2"


def spec_of(pipeline: str, more: str = "") -> Spec:
    return parse(f"copies: 2\npipeline: {pipeline}\n{more}\n".encode(), "spec.yaml")


@pytest.fixture
def yolo(tmp_path, photo) -> Callable[..., Path]:
    """Make a YOLO set of images of 200x100, each with these rows."""

    def make(rows: Mapping[str, str], names: str = "[cat]", more: str = "") -> Path:
        root = tmp_path / "set"
        for folder in ("images/train", "labels/train"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "data.yaml").write_text(f"train: images/train\nval: images/train\nnames: {names}\n{more}")
        for number, (name, text) in enumerate(rows.items()):
            PIL.Image.fromarray(photo((200, 100), seed=number)).save(root / f"images/train/{name}.png")
            (root / f"labels/train/{name}.txt").write_text(text + "\n")
        return root

    return make


def found(spec: Spec, root: Path) -> dict[str, Any]:
    """Return what is warned of a set and its labels, by rule."""
    rules = {name_of(rule) for rule in (*LABEL_RULES, *LABEL_SET_RULES)}
    return {one.rule: one for one in lint.warnings(spec, root, scan(root)) if one.rule in rules}


def test_numbers_that_nothing_names_are_no_characters(yolo):
    """Of class folders that are called 1 and 2 they are, as far as anybody knows."""
    root = yolo({"x": BOX, "y": BOX.replace("0", "1", 1)}, names="['1', '2']")

    def is_told() -> bool:
        spec = spec_of("[horizontal_flip]")
        return any(one.rule == "mirrored-text" for one in lint.warnings(spec, root, scan(root)))

    assert is_told()
    (root / "data.yaml").unlink()
    assert not is_told()


def test_a_plain_set_and_a_mild_spec_are_not_warned_of(yolo):
    root = yolo({f"x{n}": BOX for n in range(4)})
    told = lint.warnings(spec_of("[horizontal_flip, {color_jitter: {brightness: 0.2}}]"), root, scan(root))
    assert [one.rule for one in told] == []


@pytest.mark.parametrize(
    ("step", "help"),
    [
        ("{rotate: {degrees: 15}}", "write degrees: 4, or labels: {boxes: ellipse}"),
        ("{shear: {degrees: {x: 10}}}", "write degrees: 4, or labels: {boxes: ellipse}"),
        ("{affine: {shear: 12}}", "write shear: 4, or labels: {boxes: ellipse}"),
        ("rand_augment", "write labels: {boxes: ellipse}"),
    ],
)
def test_turned_boxes_without_shapes_are_loose(yolo, step, help):
    root = yolo({"a": BOX, "b": f"{BOX}\n{BOX}"})
    told = found(spec_of(f"[{step}]"), root)["loose-boxes"]
    assert "3 of 3 objects are boxes alone" in told.what
    assert told.help == help


def test_a_single_box_is_told_as_one(yolo):
    told = found(spec_of("[rotate]"), yolo({"a": BOX}))["loose-boxes"]
    assert "1 of 1 object is a box alone" in told.what
    assert ": it comes out " in told.what


@pytest.mark.parametrize(
    ("pipeline", "more"),
    [
        ("[{rotate: {degrees: 4}}]", ""),
        ("[{rotate: {degrees: [90, 90]}}]", ""),
        ("[rotate90]", ""),
        ("[{rotate: {degrees: 30, p: 0}}, horizontal_flip]", ""),
        ("[{rotate: {degrees: 30}}]", "labels: {boxes: ellipse}"),
        ("[horizontal_flip]", "splits: {val: [{rotate: {degrees: [30, 30]}}]}"),
    ],
)
def test_boxes_are_not_loose_where_they_are_hardly_turned(yolo, pipeline, more):
    assert "loose-boxes" not in found(spec_of(pipeline, more), yolo({"a": BOX, "b": BOX}))


def test_shapes_give_tight_boxes(yolo):
    assert "loose-boxes" not in found(spec_of("[rotate]"), yolo({"a": SHAPE, "b": SHAPE}))


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "wrap", "edge"])
def test_a_border_that_repeats_the_picture_shows_objects_without_labels(yolo, mode):
    root = yolo({"a": SHAPE, "b": SHAPE})
    told = found(spec_of("[rotate]", f"border: {{mode: {mode}}}"), root)["mirrored-objects"]
    assert f"the border of `rotate` (`{mode}`) shows objects again" in told.what
    assert told.help == "write border: {mode: constant}"
    spec_of("[rotate]", told.help.removeprefix("write "))  # it can be typed


def test_a_constant_border_shows_nothing_twice(yolo):
    root = yolo({"a": SHAPE, "b": SHAPE})
    assert "mirrored-objects" not in found(spec_of("[rotate]"), root)
    assert "mirrored-objects" not in found(spec_of("[{random_crop: {size: 64}}]", "border: {mode: wrap}"), root)


def test_rows_of_two_kinds_are_told(yolo):
    assert (
        "Ultralytics leaves out" in found(spec_of("[hue]"), yolo({"a": f"{BOX}\n{SHAPE}", "b": BOX}))["mixed-rows"].what
    )


def test_what_has_no_partner_is_told(yolo):
    root = yolo({"a": BOX, "b": BOX})
    (root / "labels/train/lost.txt").write_text(BOX + "\n")
    told = found(spec_of("[hue]"), root)["unpaired-labels"]
    assert "labels/train/lost.txt" in told.what
    assert told.help == "name both alike, or move them away"


def test_objects_that_a_resize_makes_too_small_are_told(yolo):
    small = "0 0.5 0.5 0.1 0.1"  # 20x10 px
    told = found(spec_of("[{resize: {size: 32}}]"), yolo({"a": small, "b": BOX}))["small-objects"]
    assert "50% of objects have a side under 4 px in copies (in the sources 0%)" in told.what
    assert told.help == "write size: 64 for `resize`, or labels: {min_pixels: 4}, which drops them"
    assert "small-objects" not in found(spec_of("[{resize: {size: 64}}]"), yolo({"a": small, "b": BOX}))


def test_objects_that_were_small_before_are_not_blamed_on_the_spec(yolo):
    tiny = "0 0.5 0.5 0.01 0.02"
    assert "small-objects" not in found(spec_of("[horizontal_flip]"), yolo({"a": tiny, "b": tiny}))


def test_crops_that_lose_objects_are_told(yolo):
    corner = "0 0.05 0.1 0.08 0.16"
    root = yolo({f"x{n}": corner for n in range(20)})
    told = found(spec_of("[{random_resized_crop: {size: 64, scale: [0.1, 0.2]}}]"), root)["crop-loses-objects"]
    assert "of objects are lost in copies" in told.what
    assert told.help == "write keep: objects for `random_resized_crop`"
    assert "crop-loses-objects" not in found(spec_of("[horizontal_flip]"), root)


def test_crops_that_keep_one_object_and_lose_others_are_told_to_keep_all(yolo):
    root = yolo({f"x{n}": "0 0.05 0.1 0.08 0.16\n0 0.95 0.1 0.08 0.16" for n in range(10)})
    told = found(spec_of("[{random_crop: {size: 40, keep: objects}}]"), root)["crop-loses-objects"]
    assert told.help == "write keep: all_objects for `random_crop`"
    told = found(spec_of("[{random_crop: {size: 40, keep: all_objects}}]"), root)["crop-loses-objects"]
    assert told.help == "write labels: {min_visible: 0.05}"


def test_keep_has_no_effect_on_label_images(tmp_path, yolo):
    spec = spec_of("[{random_crop: {size: 40, keep: objects}}]")
    told = found(spec, SETS["masks"](tmp_path / "masks"))["kept-without-objects"]
    assert told.help == "leave `keep` out of `random_crop`"
    assert "kept-without-objects" not in found(spec, yolo({"a": BOX}))


def test_labels_that_cannot_be_used_are_told_with_their_reasons(yolo):
    words = "not numbers at all"
    root = yolo({"c": f"{BOX}\n{words}", "b": words, "a": BOX, "d": "0 0.5 0.5 0 0.1"})
    told = found(spec_of("[hue]"), root)["unusable-labels"]
    reasons = "not numbers (2, the first in `images/train/b.png`), zero size (1, in `images/train/d.png`)"
    assert told.what.endswith(f": 3 objects cannot be used: {reasons}")


def test_labels_of_another_size_than_the_image_are_told(tmp_path, photo):
    for name, width in (("a", 200), ("b", 400), ("c", 0)):
        PIL.Image.fromarray(photo((200, 100))).save(tmp_path / f"{name}.png")
        size = f"<size><width>{width}</width><height>{width // 2}</height></size>"
        (tmp_path / f"{name}.xml").write_text(f"<annotation><filename>{name}.png</filename>{size}</annotation>")
    told = found(spec_of("[hue]"), tmp_path)["doubtful-labels"]
    assert told.what.endswith(": the labels of 1 image, namely `b.png`: another size is stated than the image has")
    (tmp_path / "a.xml").write_text((tmp_path / "b.xml").read_text().replace("b.png", "a.png"))
    told = found(spec_of("[hue]"), tmp_path)["doubtful-labels"]
    assert told.what.endswith(": the labels of 2 images, such as `a.png`: another size is stated than the image has")


def test_photos_that_are_stored_mirrored_are_told(yolo, photo):
    root = yolo({"a": BOX, "b": BOX})
    exif = PIL.Image.Exif()
    exif[274] = 2
    PIL.Image.fromarray(photo((200, 100))).save(root / "images/train/c.jpg", exif=exif)
    (root / "labels/train/c.txt").write_text(BOX + "\n")
    told = found(spec_of("[hue]"), root)["orientation"]
    assert (
        "an image has an EXIF orientation that mirrors or turns upside down, namely `images/train/c.jpg`" in told.what
    )
    exif[274] = 6
    PIL.Image.fromarray(photo((200, 100))).save(root / "images/train/c.jpg", exif=exif)
    assert "orientation" not in found(spec_of("[hue]"), root)


def masks(is_sure: bool) -> Listing:
    about = {"kinds": {"masks": {"outside": [0], "why": "", "is_sure": is_sure}}}
    sources = [Source("images/a.png", "", "train", "", (LabelFile("masks", "masks/a.png"),))]
    return Listing(sources, sets=[LabelSet("masks", "", about, "")], seen="a data set with masks")


def test_a_border_that_may_be_a_class_is_told_until_the_spec_says_what_it_is():
    rotating = spec_of("[rotate]")
    (told,) = border_class(rotating, Path("in"), masks(is_sure=False))
    assert name_of(border_class) == "border-class"
    assert told.what == "in: `rotate` brings 0 into the label images of `masks`, where it may be a class"
    assert told.help == "write labels: {outside: 255}, or the value that stands for no class"
    assert not [*border_class(rotating, Path("in"), masks(is_sure=True))]
    assert not [*border_class(spec_of("[rotate]", "labels: {outside: 0}"), Path("in"), masks(is_sure=False))]
    assert not [*border_class(spec_of("[rotate]", "border: {mode: reflect}"), Path("in"), masks(is_sure=False))]
    assert not [*border_class(spec_of("[horizontal_flip]"), Path("in"), masks(is_sure=False))]


def test_a_flip_of_keypoints_whose_sides_are_unknown_is_refused(yolo, spec_file):
    shape = "kpt_shape: [2, 3]\n"
    root = yolo({"a": POSE, "b": POSE}, names="[person]", more=shape)
    with pytest.raises(Refused) as refused:
        api.check(spec_file("pipeline: [horizontal_flip]\n"), root)
    (problem,) = refused.value.problems
    assert "`horizontal_flip` exchanges left and right keypoints of `person`, which nothing tells apart" in problem.what
    assert problem.help.startswith("write labels: {flip_pairs: [[1, 2], ...]}")
    api.check(spec_file("pipeline: [hue]\n"), root)
    api.check(spec_file("pipeline: [horizontal_flip]\nlabels: {flip_pairs: [[0, 1]]}\n"), root)
    api.check(spec_file("pipeline: [horizontal_flip]\nlabels: {flip_pairs: []}\n"), root)
    api.check(spec_file("pipeline: [{horizontal_flip: {p: 0}}, hue]\n"), root)
    told = yolo({"a": POSE, "b": POSE}, names="[person]", more=shape + "flip_idx: [1, 0]\n")
    api.check(spec_file("pipeline: [horizontal_flip]\n"), told)


@pytest.mark.parametrize(
    ("keypoints", "is_refused"),
    [
        (["left_eye", "right_eye"], False),
        (["head", "tail"], False),
        (["kp1", "kp2"], True),
        (["1", "2"], True),
        (None, True),
    ],
)
def test_names_of_keypoints_tell_sides_or_are_refused(tmp_path, photo, spec_file, keypoints, is_refused):
    root = tmp_path / "set"
    (root / "images").mkdir(parents=True)
    PIL.Image.fromarray(photo((60, 40))).save(root / "images/a.png")
    person = {"id": 1, "name": "person"} | ({} if keypoints is None else {"keypoints": keypoints})
    one = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 30, 30], "area": 900, "iscrowd": 0}
    said = {
        "images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 40}],
        "annotations": [{**one, "keypoints": [10, 10, 2, 20, 10, 2], "num_keypoints": 2}],
        "categories": [person, {"id": 2, "name": "stone"}],
    }
    (root / "annotations.json").write_text(json.dumps(said))
    spec = spec_file("pipeline: [horizontal_flip]\n")
    if is_refused:
        with pytest.raises(Refused, match="`person`"):
            api.check(spec, root)
    else:
        api.check(spec, root)


def test_a_run_and_a_preview_refuse_unknown_sides_too(yolo, spec_file, augcli, tmp_path):
    root = yolo({"a": POSE, "b": POSE}, names="[person]", more="kpt_shape: [2, 3]\n")
    spec = spec_file("pipeline: [horizontal_flip]\n")
    for command in (
        ("run", spec, root, tmp_path / "out"),
        ("preview", spec, root, tmp_path / "p.png"),
        ("check", spec, root),
    ):
        done = augcli(*command)
        assert done.returncode == 2
        assert "exchanges left and right keypoints of `person`" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_few_backgrounds_are_no_warning(yolo, photo):
    root = yolo({f"x{n}": BOX for n in range(8)})
    for number in range(3):
        PIL.Image.fromarray(photo((200, 100), seed=90 + number)).save(root / f"images/train/bare{number}.png")
        told = found(spec_of("[hue]"), root)
        assert ("unpaired-labels" in told) == (number > 0), number  # of 9, 10 and 11 images


def test_the_classes_of_objects_are_looked_at_as_those_of_folders_are(yolo):
    root = yolo({"a": BOX, "b": "1 0.5 0.5 0.4 0.4"}, names="[left_hand, right_hand]")
    told = [one for one in lint.warnings(spec_of("[horizontal_flip]"), root, scan(root)) if one.rule == "swapped-sides"]
    assert len(told) == 1
    assert "`left_hand`, `right_hand`" in told[0].what or "`left_hand` and `right_hand`" in told[0].what


def test_rules_about_class_folders_and_batches_say_nothing_of_sets_with_labels(yolo, photo):
    root = yolo({f"x{n}": BOX for n in range(3)})
    PIL.Image.fromarray(photo((90, 70))).save(root / "images/train/y.jfif", format="JPEG")
    (root / "labels/train/y.txt").write_text(BOX + "\n")
    told = {one.rule for one in lint.warnings(spec_of("[hue]", "include_originals: true"), root, scan(root))}
    assert not told & {
        "single-class",
        "class-sets",
        "different-sizes",
        "unlike-training",
        "copied-formats",
        "two-labels",
    }


def test_check_counts_objects_before_and_after(yolo, spec_file, augcli):
    rows = {f"x{n}": f"{BOX}\n1 0.05 0.1 0.08 0.16" for n in range(5)}
    root = yolo(rows, names="[cat, dog]")
    spec = spec_file("copies: 3\ninclude_originals: true\npipeline:\n  - center_crop: {size: [60, 120]}\n")
    done = augcli("check", spec, root)
    assert "train (augment): 5 -> 20\n  cat: 5 -> 20 objects\n  dog: 5 -> 5 objects\n" in done.stdout
    assert "read as a YOLO data set" in done.stdout
    assert "\n5 images, 5 label files\n" in done.stdout


def test_plan_counts_objects_of_a_sample(yolo, spec_file, augcli, monkeypatch):
    root = yolo({f"x{n}": BOX for n in range(6)})
    spec = spec_file("copies: 2\npipeline: [horizontal_flip]\n")
    assert "train (augment): 6 -> 12\n  cat: 6 -> 12 objects\n" in augcli("plan", spec, root).stdout
    from augcli.commands import plan

    monkeypatch.setattr(plan, "LOOKED_AT", 3)
    lines = told_by_plan(spec, root)
    assert lines[0] == "objects: from a sample of 3 images"
    assert "  cat: about 6 -> about 12 objects" in lines


def told_by_plan(spec: Path, root: Path) -> list[str]:
    from augcli.commands import plan
    from augcli.plan.request import Options, request_of
    from augcli.spec.loading import load

    loaded = load(spec)
    return plan._table(loaded, root, request_of(loaded, root, None, Options())).splitlines()


def test_counts_add_up_over_sources():
    from augcli.modality.objects import Objects

    one, other = Objects(), Objects()
    one.before[("train", "cat")] = 2
    one.tried[("train", "cat")], one.left[("train", "cat")] = 4, 1
    one.small_left = 1
    other.before[("train", "cat")] = 3
    other.failed["b.png"] = "no such file"
    other.small_left = 2
    one.examples |= {"bad box": "b.png", "odd": "b.png"}
    other.examples |= {"bad box": "a.png", "odd": "c.png", "zero size": "d.png"}
    one.add(other)
    assert one.before == {("train", "cat"): 5}
    assert one.share_left("train", "cat") == 0.25
    assert one.share_left("train", "dog") == 1.0
    assert (one.small_left, one.failed) == (3, {"b.png": "no such file"})
    assert one.examples == {"bad box": "a.png", "odd": "b.png", "zero size": "d.png"}
    assert np.isclose(one.left.total(), 1)


def test_keep_without_labels_is_told(tmp_path, tree, photo, spec_file, augcli):
    root = tree(tmp_path / "in", {f"{label}/a.png": photo() for label in ("cat", "dog")})
    said = augcli("check", spec_file("pipeline: [{random_crop: {size: 30, keep: objects}}]\n"), root).stderr
    assert "warning[kept-without-labels]" in said
    assert "leave `keep` out of `random_crop`" in said
