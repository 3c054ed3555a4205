"""Crops that keep objects: they are drawn among the places that hold them, by a law that is written out again."""

from __future__ import annotations

import csv
import shutil
from collections import Counter

import numpy as np
import pytest
from scipy import stats

import augcli as package
from augcli.dataset.sources import Source
from augcli.image import matrices
from augcli.image.arrays import Box, Size
from augcli.image.blending import pasted, weighted
from augcli.image.ops import Blend, Erase, Warp
from augcli.image.transforms import find
from augcli.labels.annotation import Annotation, Object
from augcli.labels.moving import Tracks
from augcli.modality.images.labelled import LabelledObjects
from augcli.plan import recipes
from augcli.random_streams import Streams
from augcli.spec.loading import parse
from augcli.spec.sections import Labels
from tests.labelled_sets import SETS

SIZE = Size(200, 150)
SMALL, OTHER, LARGE = (20.0, 30.0, 44.5, 60.0), (150.5, 100.0, 190.0, 130.25), (10.0, 5.0, 180.0, 140.0)


def draws(name, objects, count=2000, **settings):
    transform = find(name)(**settings)
    streams = (Streams(0, b"a.jpg", copy)(name) for copy in range(count))
    return [transform.sample_around(stream, SIZE, objects) for stream in streams]


def holds(crop, box):
    left, top, width, height = crop
    return left <= box[0] and top <= box[1] and left + width >= box[2] and top + height >= box[3]


@pytest.mark.parametrize("name", ["random_crop", "random_resized_crop"])
def test_without_keep_or_without_objects_nothing_of_a_draw_changes(name):
    plain = find(name)(size=64)
    before = [plain.sample(Streams(0, b"a.jpg", copy)(name), SIZE) for copy in range(50)]
    assert draws(name, [SMALL, OTHER], 50, size=64) == before
    assert draws(name, [], 50, size=64, keep="objects") == before


@pytest.mark.parametrize("name", ["random_crop", "random_resized_crop"])
def test_a_crop_holds_one_object_or_all(name):
    for crop in draws(name, [SMALL, OTHER], 500, size=64, keep="objects"):
        assert holds(crop, SMALL) or holds(crop, OTHER)
    near = (60.0, 40.0, 80.0, 70.0)
    for crop in draws(name, [SMALL, near], 500, size=64, keep="all_objects"):
        assert holds(crop, SMALL)
        assert holds(crop, near)
        assert min(crop) >= 0
        assert crop.left + crop.width <= SIZE.width
        assert crop.top + crop.height <= SIZE.height


def test_all_places_that_hold_an_object_are_equally_likely():
    """A crop of 64 holds 20..44.5 where it begins at 0..20: at 45 - 64 at the least, but not outside the image."""
    found = Counter(crop.left for crop in draws("random_crop", [SMALL], size=64, keep="objects"))
    assert {*found} == {*range(21)}
    assert stats.chisquare([found[left] for left in range(21)]).pvalue > 1e-3
    found = Counter(crop.top for crop in draws("random_crop", [SMALL], size=64, keep="objects"))
    assert {*found} == {*range(31)}


def test_each_object_is_as_likely_as_another_to_be_kept():
    crops = draws("random_crop", [SMALL, OTHER], size=64, keep="objects")
    first = sum(holds(crop, SMALL) for crop in crops)  # no crop of 64 holds both
    assert stats.binomtest(first, len(crops)).pvalue > 1e-3


def test_what_is_too_far_apart_for_one_crop_is_kept_one_by_one():
    crops = draws("random_crop", [SMALL, OTHER, LARGE], 300, size=64, keep="all_objects")
    assert all(holds(crop, SMALL) or holds(crop, OTHER) for crop in crops)
    for crop in draws("random_crop", [LARGE], 300, size=64, keep="objects"):
        assert holds((*LARGE[:2], LARGE[2] - LARGE[0], LARGE[3] - LARGE[1]), (*crop[:2], crop.left + 64, crop.top + 64))


def test_a_box_grows_to_hold_what_it_keeps():
    plain = draws("random_resized_crop", [], 300, size=64, scale=[0.05, 0.1])
    for crop, before in zip(
        draws("random_resized_crop", [LARGE], 300, size=64, scale=[0.05, 0.1], keep="objects"), plain, strict=True
    ):
        assert holds(crop, LARGE)
        assert (crop.width, crop.height) == (max(before.width, 170), max(before.height, 135))


def test_all_places_of_a_box_that_grew_are_equally_likely():
    crops = draws("random_resized_crop", [SMALL], size=64, scale=[0.1, 0.3], keep="objects")
    noise = np.random.default_rng(0).random((len(crops), 2))
    for axis, (near, far) in enumerate(zip(SMALL[:2], SMALL[2:], strict=True)):
        shares = []
        for crop, within in zip(crops, noise[:, axis], strict=True):
            length = crop[2 + axis]
            low, high = max(0, int(np.ceil(far)) - length), min(int(near), SIZE[axis] - length)
            shares.append((crop[axis] - low + within) / (high - low + 1))
        assert stats.kstest(shares, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("seed", range(20))
def test_crops_around_any_objects_hold_them_and_lie_in_the_picture(seed):
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.uniform(0, SIZE, (rng.integers(1, 7), 2, 2)), axis=1)
    objects = [tuple(box) for box in ends.reshape(-1, 4).tolist()]
    resized = {"size": 64, "scale": [0.02, 0.6], "keep": "all_objects"}
    least = find("random_resized_crop")(**resized).least_shrink(SIZE)
    for crop in draws("random_resized_crop", objects, 30, **resized):
        assert all(holds(crop, box) for box in objects)
        assert holds((0, 0, *SIZE), (*crop[:2], crop.left + crop.width, crop.top + crop.height))
        assert min(crop.width, crop.height) / 64 >= least
    wide, high = (np.ceil(ends[:, 1]) - np.floor(ends[:, 0])).T
    for crop in draws("random_crop", objects, 30, size=90, keep="objects"):
        assert any(holds(crop, box) for box in objects) or not ((wide <= 90) & (high <= 90)).any()
        assert holds((0, 0, *SIZE), (*crop[:2], crop.left + 90, crop.top + 90))


def boxes(objects, *ops, **settings):
    return Tracks(Annotation(SIZE, tuple(objects))).boxes(ops, Labels(**settings))


def test_what_is_hardly_seen_before_a_crop_is_no_object_to_keep():
    """A tenth of it or less is left of what is moved out, painted over or pasted over; crowds always count."""
    small, other = Object("small", SMALL), Object("other", OTHER)
    shifted = Warp(matrices.translation(43, 0), SIZE)  # 1.5 of 24.5 px of the small one are left
    assert boxes([small, other], shifted) == [(107.5, 100, 147, 130.25)]
    assert len(boxes([small, other], shifted, min_visible=0.05)) == 2
    assert len(boxes([Object("crowd", SMALL, stays=True), other], shifted)) == 2
    part = Box(18, 28, 27, 40)
    for cover in (Erase((part,)), Blend(lambda given: pasted(given, (part,)), parts=(part,))):
        assert boxes([small, other], cover) == [OTHER]
    assert boxes([small, other], Blend(lambda given: weighted(given, 0.5))) == [SMALL, OTHER]


def test_keypoints_alone_are_an_object_to_keep():
    points, states = np.array([(20.0, 30.0), (0, 0), (44.2, 59.0)]), np.array([2, 0, 1], np.int8)
    assert boxes([Object("face", keypoints=points, states=states)]) == [(20, 30, 45, 60)]


def test_draws_do_not_hang_on_the_last_bit_of_a_side():
    """0.7 is no binary fraction: 100 such pixels end at 69.99999999999999, and fusion adds errors of its own."""
    steps = "[{resize: {size: [105, 140]}}, horizontal_flip, {random_crop: {size: 50, keep: objects}}]"
    tracks = Tracks(Annotation(SIZE, (Object("thing", (30.0, 20.0, 100.0, 90.0)),)))
    assert tracks.boxes([Warp(matrices.scaling(1 / 0.7, 1 / 0.7), Size(140, 105))], Labels()) == [(21, 14, 70, 63)]
    source = Source("a.jpg", "", "train", "")
    made = []
    for fusion in ("off", "exact", "full"):
        spec = parse(f"copies: 200\nfusion: {fusion}\npipeline: {steps}\n".encode(), "spec.yaml")
        around = LabelledObjects(lambda tracks=tracks: [tracks], spec.labels)
        made.append([recipes.recipe(spec, source, copy, SIZE, around).params() for copy in range(200)])
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("layout", ["coco", "yolo"])
def test_runs_keep_objects_for_any_number_of_jobs_and_replays(layout, tmp_path, augcli):
    SETS[layout](tmp_path / "in")
    steps = "[horizontal_flip, {rotate: {degrees: 10}}, {random_crop: {size: 60, keep: objects}}, {cutmix: {p: 0.3}}]"
    (tmp_path / "spec.yaml").write_text(f"copies: 4\npipeline: {steps}\noutput: {{format: png}}\n")
    for out, jobs in (("out", "1"), ("two", "2")):
        ran = augcli("run", "spec.yaml", "in", out, "-j", jobs, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out/manifest.csv").read_bytes() == (tmp_path / "two/manifest.csv").read_bytes()
    with (tmp_path / "out/manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "augmented"]
    mixed = [row for row in rows if "cutmix" in row["params"]]
    shown = [row for row in rows if row not in mixed and (int(row["objects"]) or int(row["dropped"]))]
    assert mixed
    assert all(int(row["objects"]) for row in shown)
    assert augcli("run", "spec.yaml", "in", "out", "--frozen", cwd=tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "out/images/train")
    assert augcli("replay", "out", "--source", "in", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0


def test_the_api_keeps_the_boxes_that_it_is_given():
    augment = package.Augmenter({"pipeline": [{"random_crop": {"size": 40, "keep": "objects"}}]})
    image = np.zeros((150, 200, 3), np.uint8)
    for copy in range(20):
        made = augment(image, key="a.jpg", copy=copy, boxes=np.array([SMALL]))
        assert len(made.boxes) == 1
        left, top, right, bottom = made.boxes[0]
        assert (right - left, bottom - top) == (24.5, 30.0)


def test_the_api_keeps_what_is_still_there():
    """One of two boxes is shifted out but for a twentieth."""
    pipeline = [{"translate": {"shift": {"x": [0.25, 0.25], "y": 0}}}, {"random_crop": {"size": 60, "keep": "objects"}}]
    augment = package.Augmenter({"pipeline": pipeline})
    for copy in range(50):
        given = np.array([[147.0, 30, 200, 60], [20, 20, 40, 40]])
        made = augment(np.zeros((150, 200, 3), np.uint8), key="a.jpg", copy=copy, boxes=given)
        assert len(made.boxes) == 1
