"""What stands under names of Albumentations 2.0.8 has its formulas, which are written out again here."""

from __future__ import annotations

import json
import math
from typing import Any

import cv2
import numpy as np
import pytest
from scipy import stats

from augcli.dataset.sources import Source
from augcli.image.arrays import Picture, Size
from augcli.image.ops import Warp, run
from augcli.plan.recipes import Recipe, recipe
from augcli.spec.loading import load

SIZE = Size(61, 43)


@pytest.fixture
def recipes(spec_file):
    """Return the recipes of copies of an image under one call, which fusion leaves as they are."""

    def make(call: str, count: int, size: Size = SIZE, **given: Any) -> list[Recipe]:
        step = json.dumps({f"albumentations.{call}": {"p": 1, **given}})
        spec = load(spec_file(f"fusion: off\noutput: {{format: npy}}\npipeline: [{step}]"))
        return [recipe(spec, Source("a.png", "train", "train", ""), copy, size) for copy in range(count)]

    return make


def draws(made: list[Recipe]) -> list[Any]:
    return [one.applied[0].draw for one in made if one.applied]


def erased(size: Size, scale: tuple[float, float], ratio: tuple[float, float], count: int) -> np.ndarray:
    """Draw (left, top, width, height) as `Erasing` does; ratios are width / height."""
    generator, found = np.random.default_rng(4), []
    width, height = size
    fits = min(scale[1] * width * height, *(r * height**2 for r in ratio), *(width**2 / r for r in ratio))
    for _ in range(count if fits >= scale[0] * width * height else 0):
        area = generator.uniform(scale[0] * width * height, fits)
        r = generator.uniform(max(ratio[0], area / height**2), min(ratio[1], width**2 / area))
        w, h = round(math.sqrt(area * r)), round(math.sqrt(area / r))
        found.append((generator.integers(0, width - w + 1), generator.integers(0, height - h + 1), w, h))
    return np.array(found)


@pytest.mark.parametrize(
    ("size", "scale", "ratio"),
    [
        (SIZE, (0.02, 0.33), (0.3, 3.3)),
        (Size(200, 30), (0.05, 0.5), (0.5, 4)),
        (Size(40, 90), (0.2, 0.3), (0.1, 0.4)),
        (Size(100, 20), (0.3, 0.5), (0.3, 3.3)),
    ],
)
def test_erasing_draws_its_boxes_from_the_library_s_law(size, scale, ratio, recipes):
    given = {} if (scale, ratio) == ((0.02, 0.33), (0.3, 3.3)) else {"scale": scale, "ratio": ratio}
    ours = np.array([draw[:4] for draw in draws(recipes("Erasing", 1500, size, **given))])
    theirs = erased(size, scale, ratio, 6000)
    assert len(ours) == (1500 if len(theirs) else 0)
    if len(ours):
        for mine, other in ((ours, theirs), (ours[:, 2:3] * ours[:, 3:], theirs[:, 2:3] * theirs[:, 3:])):
            for one, another in zip(mine.T, other.T, strict=True):
                assert stats.ks_2samp(one, another).pvalue > 1e-4


@pytest.mark.parametrize("shape", [(43, 61, 3), (64, 48, 1), (7, 5, 3), (200, 131, 3)])
@pytest.mark.parametrize("scale", [0.2, 0.25, 0.3337, 0.5, 0.61, 0.9, 1.0])
@pytest.mark.parametrize("nearest", [True, False])
def test_downscale_keeps_the_pixels_that_the_library_keeps(shape, scale, nearest, recipes):
    given = {} if nearest else {"interpolation_pair": {"downscale": 3, "upscale": 1}}
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    (made,) = recipes("Downscale", 1, Size(shape[1], shape[0]), scale_range=[scale, scale], **given)
    if nearest and not cv2.__version__.startswith("5"):
        pytest.skip("OpenCV 4 is a pixel off here and there")
    ways = (cv2.INTER_NEAREST, cv2.INTER_NEAREST) if nearest else (cv2.INTER_AREA, cv2.INTER_LINEAR)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=ways[0])
    expected = cv2.resize(small, shape[1::-1], interpolation=ways[1]).reshape(shape)
    assert (run(made.ops, Picture(image)).image == expected).all()


def test_downscale_by_nearest_keeps_the_upper_left_pixel_of_each_block(recipes):
    image = np.random.default_rng(2).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    (made,) = recipes("Downscale", 1, Size(20, 12), scale_range=[0.25, 0.25])
    assert (run(made.ops, Picture(image)).image == image[::4, ::4].repeat(4, 0).repeat(4, 1)).all()


def moved(size: Size, degrees: float, scale: tuple[float, float], shear: tuple[float, float], shift: Any) -> np.ndarray:
    """Write the library's matrix for indices: shift, shear, turn and scale about the middle, the last one first."""
    turn, (x, y) = math.radians(degrees), (math.tan(math.radians(-angle)) for angle in shear)
    middle = np.array([[1, 0, (size.width - 1) / 2], [0, 1, (size.height - 1) / 2], [0, 0, 1]])
    return (
        middle
        @ [[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]
        @ [[1, x, 0], [y, 1, 0], [0, 0, 1]]
        @ [[math.cos(turn), math.sin(turn), 0], [-math.sin(turn), math.cos(turn), 0], [0, 0, 1]]
        @ np.diag([*scale, 1])
        @ np.linalg.inv(middle)
    )


@pytest.mark.parametrize(
    ("degrees", "scale", "shear", "shift"),
    [
        (25.3, (1.0, 1.0), (12.5, 0), (0, 0)),
        (-40, (1.2, 1.2), (0, -9.5), (0.25, -0.125)),
        (0, (1.3, 0.8), (7.5, 0), (0, 0)),
        (12, (1.3, 0.8), (0, 0), (0.125, 0)),
        (75, (0.7, 1.4), (0, 20), (0, 0.25)),
    ],
)
def test_affine_is_one_warp_by_the_library_s_matrix(degrees, scale, shear, shift, recipes):
    size = Size(64, 40)
    x, y = ({"x": [a, a], "y": [b, b]} for a, b in (scale, shear))
    given = {"rotate": [degrees] * 2, "scale": x, "shear": y}
    given["translate_percent"] = {"x": [shift[0]] * 2, "y": [shift[1]] * 2}
    (made,) = recipes("Affine", 1, size, **given)
    (warp,) = made.ops
    assert isinstance(warp, Warp)
    forward = moved(size, degrees, scale, shear, (shift[0] * size.width, shift[1] * size.height))
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # from the middle of pixels to their corners
    assert np.allclose(np.asarray(warp.matrix), half @ np.linalg.inv(forward) @ np.linalg.inv(half), atol=1e-9)


def test_affine_scales_the_sides_apart_unless_the_ratio_is_kept(recipes):
    apart = draws(recipes("Affine", 800, scale=[0.8, 1.2]))
    sides = np.array([(draw.scale, draw.scale_y) for draw in apart])
    for side in sides.T:
        assert stats.kstest(side, "uniform", (0.8, 0.4)).pvalue > 1e-4
    assert stats.spearmanr(*sides.T).pvalue > 1e-4
    assert {draw.scale_y for draw in draws(recipes("Affine", 5, scale=[0.8, 1.2], keep_ratio=True))} == {None}
