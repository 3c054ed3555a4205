"""Boxes, masks, keypoints and classes in Python: they move with the pixels, and stay in step."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import augcli
from augcli.image.arrays import Size
from augcli.labels.filling import filled
from tests import labelled_sets

WIDTH, HEIGHT = 64, 48
BOXES = np.array([[4, 5, 20, 25], [30, 8, 62, 40], [50, 30, 60, 46]], np.float64)
POINTS = np.array([[[6, 7, 2], [18, 24, 1], [0, 0, 0]]] * 3, np.float64)


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def masks_of(boxes) -> np.ndarray:
    masks = np.zeros((len(boxes), HEIGHT, WIDTH), bool)
    for mask, (left, top, right, bottom) in zip(masks, np.round(boxes).astype(int), strict=True):
        mask[top:bottom, left:right] = True
    return masks


def augmenter(*steps, **others) -> augcli.Augmenter:
    return augcli.Augmenter({"pipeline": list(steps), **others})


def test_a_mirror_moves_all_that_is_known_and_swaps_left_and_right(image):
    augment = augmenter({"horizontal_flip": {"p": 1}}, labels={"flip_pairs": [[0, 1]]})
    masks, mask = masks_of(BOXES), np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH)
    made = augment(image, "a", boxes=BOXES, masks=masks, keypoints=POINTS, labels=["a", 7, None], mask=mask)
    assert np.array_equal(made.image, image[:, ::-1])
    left, top, right, bottom = BOXES.T
    assert np.allclose(made.boxes, np.stack([WIDTH - right, top, WIDTH - left, bottom], axis=1))
    assert np.array_equal(made.masks, masks[:, :, ::-1])
    assert np.array_equal(made.mask, mask[:, ::-1])
    assert made.mask.dtype == np.uint16
    assert np.allclose(made.keypoints, [[[WIDTH - 18, 24, 1], [WIDTH - 6, 7, 2], [0, 0, 0]]] * 3)
    assert made.labels == ["a", 7, None]
    assert made.kept.tolist() == [0, 1, 2]
    assert made.dropped == {}


def test_what_is_cut_away_leaves_with_all_its_parts(image):
    augment = augmenter({"center_crop": {"size": [20, 32]}}, labels={"min_visible": 0})  # x 16 to 48, y 14 to 34
    made = augment(image, "a", boxes=BOXES, masks=masks_of(BOXES), keypoints=POINTS[:, :, :2], labels=np.arange(3))
    assert made.kept.tolist() == made.labels == [0, 1]
    assert np.allclose(made.boxes, [[0, 0, 4, 11], [14, 0, 32, 20]])
    assert made.masks.shape == (2, 20, 32)
    assert np.array_equal(made.masks, masks_of(BOXES)[:2, 14:34, 16:48])
    assert np.array_equal(made.keypoints[0], [[np.nan, np.nan], [2, 10], [np.nan, np.nan]], equal_nan=True)
    assert made.dropped == {"outside the image": 1}


@pytest.mark.parametrize(("least", "kept"), [(0.5, [0]), (0.501, [])])
def test_a_share_that_is_just_reached_is_enough(image, least, kept):
    augment = augmenter({"center_crop": {"size": [HEIGHT, 32]}}, labels={"min_visible": least})
    made = augment(image, "a", boxes=[[8, 10, 24, 20]])
    assert made.kept.tolist() == kept
    assert made.boxes.shape == (len(kept), 4)


def test_boxes_of_masks_alone_are_tight_ones(image):
    made = augmenter({"rotate90": {"times": 1}})(image, "a", masks=masks_of(BOXES))
    left, top, right, bottom = np.round(BOXES).T
    assert np.allclose(made.boxes, np.stack([top, WIDTH - right, bottom, WIDTH - left], axis=1))
    assert made.labels is None
    assert made.keypoints is None


def test_no_object_is_no_trouble(image):
    made = augmenter("rotate")(image, "a", boxes=[], masks=np.zeros((0, HEIGHT, WIDTH)), labels=[])
    assert (made.boxes.shape, made.masks.shape, made.labels) == ((0, 4), (0, HEIGHT, WIDTH), [])


def test_without_labels_there_are_none(image):
    made = augmenter("rotate")(image, "a")
    assert (made.boxes, made.labels, made.masks, made.keypoints, made.kept, made.mask) == (None,) * 6


def test_a_box_without_a_side_is_dropped_and_counted(image):
    made = augmenter("hue")(image, "a", boxes=[[3, 3, 3, 9], [1, 2, 9, 9], [9, 9, 1, 1]], labels="abc")
    assert (made.labels, made.kept.tolist(), made.dropped) == (["b"], [1], {"zero size": 2})


def test_what_is_given_is_not_written_to_and_pickles_make_the_same(image):
    given = {"boxes": BOXES.copy(), "masks": masks_of(BOXES), "mask": image[:, :, 0].copy()}
    for array in given.values():
        array.flags.writeable = False
    augment = augmenter({"rotate": {"degrees": 40}}, "elastic")
    made, again = augment(image, "a", 3, **given), pickle.loads(pickle.dumps(augment))(image, "a", 3, **given)
    for part in ("boxes", "masks", "mask", "kept"):
        assert np.array_equal(getattr(made, part), getattr(again, part))
    assert made.boxes.flags.writeable
    assert set(np.unique(made.mask)) <= {0, *np.unique(given["mask"])}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"boxes": [[1, 2, 3]]}, "boxes are N x 4, not 1 x 3 of float64"),
        ({"boxes": "x"}, "boxes are numbers, N x 4"),
        ({"boxes": [[0, 0, 1, float("nan")]]}, "boxes are finite numbers"),
        ({"boxes": BOXES, "labels": [1, 2]}, "there are 3 boxes and 2 labels"),
        ({"labels": [1, 2]}, "labels are of boxes, masks or keypoints, and there are none"),
        ({"masks": np.zeros((HEIGHT, WIDTH))}, "a single label image is `mask`"),
        ({"masks": np.zeros((2, 3, 4))}, "masks are N x 48 x 64, one for each object, not 2 x 3 x 4 of float64"),
        ({"mask": np.zeros((3, 4), bool)}, "a mask is H x W as the image, 48 x 64, not 3 x 4 of bool"),
        ({"keypoints": [[1, 2]]}, "keypoints are N x K x 2 or 3, not 1 x 2 of float64"),
    ],
)
def test_what_does_not_fit_is_said(image, given, said):
    with pytest.raises((ValueError, TypeError)) as error:
        augmenter("hue")(image, "a", **given)
    assert said in str(error.value)


def test_left_and_right_are_not_guessed(image):
    with pytest.raises(augcli.Refused, match=r"`horizontal_flip` exchanges left and right keypoints"):
        augmenter("horizontal_flip")(image, "a", keypoints=POINTS)
    made = augmenter("horizontal_flip", labels={"flip_pairs": []})(image, "a", keypoints=POINTS)
    assert made.keypoints.shape == (3, 3, 3)
    with pytest.raises(ValueError, match=r"`flip_pairs` of the spec has 3; keypoints of an array are numbered 0 to 2"):
        augmenter("hue", labels={"flip_pairs": [[0, 3]]})(image, "a", keypoints=POINTS)


STEPS = [{"horizontal_flip": {}}, {"rotate": {"degrees": 15}}, {"random_crop": {"size": [90, 130]}}]


@pytest.mark.parametrize("mix", [[], ["mosaic"]])
def test_read_gives_the_labels_that_a_run_writes(tmp_path, mix):
    root = labelled_sets.yolo(tmp_path / "in")
    spec = {"copies": 2, "pipeline": [*STEPS, *mix]}
    augcli.run(spec, root, tmp_path / "out")
    augment = augcli.Augmenter(spec, root)
    found = 0
    for path in sorted((tmp_path / "out/labels/train").glob("*_aug*.txt")):
        stem, _, number = path.stem.rpartition("_aug")
        made = augment.read(f"images/train/{stem}.jpg", int(number))
        written = np.array(path.read_text().split(), float).reshape(-1, 5)
        assert made.labels == [labelled_sets.CLASSES[int(kind)] for kind in written[:, 0]]
        height, width = made.image.shape[:2]
        middles, sides = written[:, 1:3] * (width, height), written[:, 3:] * (width, height)
        assert np.allclose(made.boxes, np.concatenate([middles - sides / 2, middles + sides / 2], axis=1), atol=1e-3)
        found += len(written)
    assert found > 10


def test_objects_that_are_mixed_in_have_no_number(tmp_path):
    root = labelled_sets.yolo(tmp_path / "in")
    augment = augcli.Augmenter({"pipeline": [{"mosaic": {"alpha": 10, "fold": False}}]}, root)
    array = np.zeros((120, 160, 3), np.uint8)
    counts = []
    for copy in range(6):
        made = augment(array, "images/train/p00.jpg", copy, boxes=[[1, 2, 60, 50]], labels=[0])
        assert all((label == 0) == (number == 0) for label, number in zip(made.labels, made.kept, strict=True))
        assert {label for label in made.labels if label != 0} <= {*labelled_sets.CLASSES}
        counts.append(len(made.kept))
    assert max(counts) > 2


def test_masks_of_files_are_read_too(tmp_path):
    augment = augcli.Augmenter({"pipeline": ["vertical_flip"]}, labelled_sets.masks(tmp_path / "in"))
    flipped = augcli.Augmenter({"pipeline": [{"vertical_flip": {"p": 1}}]}, tmp_path / "in")
    plain = augcli.Augmenter({"pipeline": [{"vertical_flip": {"p": 0}}, "hue"]}, tmp_path / "in")
    key = "images/train/p00.jpg"
    assert augment.read(key).mask.shape == (120, 160)
    assert np.array_equal(flipped.read(key).mask, plain.read(key).mask[::-1])


def test_polygons_of_files_are_returned_as_masks(tmp_path):
    augment = augcli.Augmenter({"pipeline": ["hue"]}, labelled_sets.coco(tmp_path / "in"))
    made = augment.read("images/train/p02.jpg")
    things = next(things for _, name, _, things in labelled_sets.pictures(12) if name == "p02")
    assert made.masks.shape == (len(things), 120, 160)
    for mask, thing, number in zip(made.masks, things, range(9), strict=False):
        expected = np.zeros((120, 160), bool)
        if number % 2:  # the others are boxes alone
            expected[thing.top : thing.bottom, thing.left : thing.right] = True
        assert np.array_equal(mask, expected)


def test_threads_read_the_same_labels(tmp_path):
    root = labelled_sets.coco(tmp_path / "in")
    augment = augcli.Augmenter({"pipeline": STEPS}, root)
    keys = [f"images/train/p{number:02d}.jpg" for number in (0, 1, 2, 3, 5, 6, 7, 8)] * 4
    alone = [augment.read(key).boxes for key in keys]
    with ThreadPoolExecutor(8) as pool:
        together = [made.boxes for made in pool.map(augment.read, keys)]
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_outlines_are_filled_where_the_middles_of_pixels_lie_inside():
    draw = np.random.default_rng(3)
    for count in (3, 4, 7):
        ring = draw.uniform(-5, 40, (count, 2))
        made = filled([ring], Size(30, 20))
        ends = np.roll(ring, -1, axis=0)
        for row, column in np.ndindex(20, 30):
            x, y = column + 0.5, row + 0.5
            crossings = 0
            for (ax, ay), (bx, by) in zip(ring, ends, strict=True):
                if (ay <= y) != (by <= y) and x > ax + (y - ay) * (bx - ax) / (by - ay):
                    crossings += 1
            assert made[row, column] == bool(crossings % 2)
