"""`ultralytics.augment` against Ultralytics itself: the same arguments, defaults, colours, motions and mosaics."""

from __future__ import annotations

import inspect
from typing import Any

import cv2
import numpy as np
import pytest
from scipy import stats

from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.matrices import apply, inverse
from augcli.random_streams import Streams
from augcli.spec import dialects
from tests.oracles.photos import photo

pytestmark = pytest.mark.oracle

augment = pytest.importorskip("ultralytics.data.augment")


def test_arguments_and_defaults_are_those_of_a_training():
    from ultralytics.cfg import DEFAULT_CFG_DICT

    for name in ("augment", "classify"):
        for key, parameter in dialects.find(f"ultralytics.{name}").parameters.items():
            if name == "augment" or parameter.words.split(";")[0] != "anything":
                assert parameter.default == DEFAULT_CFG_DICT[key], (name, key)
    known = dialects.find("ultralytics.augment").parameters
    colours = ("hsv_h", "hsv_s", "hsv_v", "flipud", "fliplr", "bgr", "mixup", "cutmix", "copy_paste")
    assert {*inspect.signature(augment.RandomPerspective).parameters} - {"size", "preserve_obb"} <= {*known}
    assert {*colours} <= {*known}


def drawn(monkeypatch: pytest.MonkeyPatch, shares: list[float]) -> None:
    """Let Python's `uniform` give these shares of its ranges, one after the other."""
    left = iter(shares)
    monkeypatch.setattr("random.uniform", lambda low, high: low + next(left) * (high - low))


@pytest.mark.parametrize("name", ["portrait", "landscape", "odd", "large"])
@pytest.mark.parametrize("uniform", [(0.3, -0.7, 0.9), (-1.0, 1.0, -0.2), (0.01, -0.4, 0.6)])
def test_colours_are_the_same(name, uniform, monkeypatch):
    monkeypatch.setattr("numpy.random.uniform", lambda low, high, count: np.array(uniform))
    theirs = photo(name)[:, :, ::-1].copy()
    augment.RandomHSV(0.015, 0.7, 0.4).apply_image({"img": theirs})
    hue, saturation, value = np.array(uniform) * (0.015, 0.7, 0.4)
    transform = transforms.find("hue_saturation_value")()
    draw = transform.draw_type()(hue, 0.0, 0.0, 1 + saturation, 1 + value)
    made = ops.run([transform.lower(draw, Picture(photo(name)).size)], Picture(photo(name))).image
    assert np.array_equal(made, theirs[:, :, ::-1])


@pytest.mark.parametrize("shear", [0.0, 4.0])
def test_points_move_as_there_but_for_the_order_of_two_shears(shear, monkeypatch):
    size = Size(640, 480)
    points = np.random.default_rng(4).uniform(0, 1, (50, 2)) * size
    for seed in range(20):
        share = np.random.default_rng(seed).uniform(size=8)
        drawn(monkeypatch, [0.5, 0.5, *share[:6]])
        theirs = augment.RandomPerspective(degrees=20, translate=0.1, scale=0.5, shear=shear, perspective=0.0)
        matrix, _ = theirs._compute_affine_matrix(np.zeros((480, 640, 3), np.uint8), size)
        degrees, scale, shear_x, shear_y, x, y = -1 + 2 * share[:6]
        transform = transforms.find("affine")(shear_last=True)
        draw = transform.draw_type()(
            20 * degrees, 0.1 * x * 640, 0.1 * y * 480, 1 + 0.5 * scale, -shear * shear_x, -shear * shear_y
        )
        moved = apply(inverse(transform.lower(draw, size).matrix), points)
        expected = cv2.perspectiveTransform(points[np.newaxis], matrix.astype(float))[0]
        # one of the axes is scaled by 1 + tan(x) tan(y) more than there
        assert np.abs(moved - expected).max() < 1e-3 + 1.5 * np.tan(np.radians(shear)) ** 2 * max(size)


class Known:
    """A data set of images that are read already, drawn in their order."""

    cache = "ram"

    def __init__(self, images: list[np.ndarray]) -> None:
        self.images = images

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        return {"img": self.images[index]}


def test_a_mosaic_is_the_same(monkeypatch):
    images = [photo(name)[:, :, ::-1] for name in ("landscape", "odd", "portrait", "large")]
    images = [cv2.resize(image, None, fx=(f := 64 / max(image.shape)), fy=f) for image in images]
    side = max(images[0].shape)
    for seed in range(10):
        shares = np.random.default_rng(seed).uniform(size=2)
        drawn(monkeypatch, [*shares])
        mosaic = augment.Mosaic(Known(images), imgsz=side)
        mosaic.get_indexes = lambda: [1, 2, 3]
        labels: dict[str, Any] = {"img": images[0]}
        params = mosaic.get_params(labels)
        theirs = mosaic.apply_image(labels, params)["img"]
        transform = transforms.find("whole_mosaic")(border={"fill": 114})
        y, x = (int(side / 2 + share * side) for share in shares)
        own, blend = transform.lower(transform.draw_type()(x, y), Picture(images[0]).size)
        mixed = blend.with_others([Picture(image) for image in images[1:]])
        ours = mixed.run(own.run(Picture(images[0]))).image
        assert np.array_equal(ours, theirs)


def test_a_box_of_cutmix_has_the_same_law():
    theirs = augment.CutMix(None)
    np.random.seed(1)
    boxes = np.array([theirs._rand_bbox(640, 480) for _ in range(4000)])
    transform = transforms.find("cutmix")(fold=False)
    ours = [transform.sample(Streams(3, b"a", copy)("cutmix"), Size(640, 480)) for copy in range(4000)]
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    other = [0 if draw is None else draw.width * draw.height for draw in ours]
    assert stats.ks_2samp(area, other).pvalue > 1e-3
