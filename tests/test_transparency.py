"""Alpha: pixels count as much as they are seen wherever they are mixed, and what is hidden is never seen.

The references are of float64, premultiplied, by SciPy, Pillow and NumPy.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from scipy import ndimage

from augcli.image import blurs, matrices, ops, quality, transforms
from augcli.image.arrays import Matrix, Picture, Size
from augcli.image.ops import Filter, Parallel, Warp
from augcli.image.pictures import encode, flatten
from augcli.image.transforms import _primitives
from augcli.image.transparency import layers
from augcli.settings import BLACK, Border
from tests.test_contract import NAMES, lowered, made, run, stream

SIZE = Size(120, 90)
ROUGHLY = 0 if cv2.__version__ >= "5" else 4
"""OpenCV 4 warps floats from places that it rounds to 1/32 of a pixel, which is as many levels in this noise."""
Floats = npt.NDArray[np.float64]


def cutout(size: Size = SIZE, hidden: Any = 0, channels: int = 3, flat: bool = False) -> Picture:
    """Return a ring with soft edges, of coarse noise or of one colour; `hidden` lies under what is transparent."""
    noise = np.random.default_rng(5).integers(0, 256, (size.height // 2 + 1, size.width // 2 + 1, channels))
    image = np.repeat(np.repeat(noise, 2, 0), 2, 1)[: size.height, : size.width].astype(np.uint8)
    if flat:
        image[:] = (40, 180, 60)[:channels]
    y, x = np.mgrid[: size.height, : size.width]
    outer = np.clip((0.4 * min(size) - np.hypot(x - size.width / 2, y - size.height / 2)) / 3 + 0.5, 0, 1)
    inner = np.clip((np.hypot(x - size.width / 2 - 8, y - size.height / 2 - 3) - 6) / 2, 0, 1)
    alpha = np.rint(255 * outer * inner).astype(np.uint8)[:, :, np.newaxis]
    image[alpha[:, :, 0] == 0] = hidden
    return Picture(image, alpha)


def laid(picture: Picture, background: float) -> Floats:
    assert picture.alpha is not None
    share = picture.alpha / 255
    return np.asarray(picture.image * share + background * (1 - share), np.float64)


def example(name: str, background: int = 0) -> Any:
    found = transforms.find(name)
    bordered = {"border": {"mode": "constant", "fill": [background] * 3}} if "border" in found.fields else {}
    return made(name, **{**found.example, **bordered})


MEANS = ("box_blur", "downscale", "gaussian_blur", "motion_blur", "sharpness")
GEOMETRY = tuple(name for name in NAMES if "border" in transforms.find(name).fields and "_aug" not in name)
MOVES = ("center_crop", "horizontal_flip", "random_crop", "random_resized_crop", "resize", "rotate90", "vertical_flip")


@pytest.mark.parametrize("name", sorted({*GEOMETRY, *MOVES, *MEANS} - {"augmix", "whole_mosaic"}))
def test_a_background_may_be_laid_under_before_or_after(name):
    """Means commute with it. Either way bytes are rounded twice, and an edge's alpha and colour once more."""
    for background in (0, 128, 255):
        transform = example(name, background)
        for copy in range(4):
            draw = transform.sample(stream(copy), SIZE)
            if draw is None or (name == "sharpness" and draw.factor > 1):  # which clips
                continue
            for hidden in (0, 255):
                picture = cutout(hidden=hidden)
                steps = lowered(transform, draw, SIZE)
                before = ops.run(steps, flatten(picture, (background,) * 3)).image
                assert abs(laid(ops.run(steps, picture), background) - before).max() <= 2 + ROUGHLY


def planes(picture: Picture) -> list[Floats]:
    assert picture.alpha is not None
    seen = picture.alpha[:, :, 0].astype(np.float64)
    return [seen, *(seen * picture.image[:, :, channel] for channel in range(picture.image.shape[2]))]


def read(plane: Floats, matrix: Matrix) -> Floats:
    """Interpolate linearly where the matrix points; outside is nothing."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width] + 0.5
    places = np.einsum("ij,jhw->ihw", np.asarray(matrix), np.stack([x, y, np.ones_like(x)]))
    at = [places[1] / places[2] - 0.5, places[0] / places[2] - 0.5]
    return np.asarray(ndimage.map_coordinates(plane, at, order=1, mode="grid-constant"), np.float64)


def resized(plane: Floats, size: Size, resample: PIL.Image.Resampling) -> Floats:
    return np.asarray(PIL.Image.fromarray(plane.astype(np.float32)).resize(size, resample), np.float64)


def halved(plane: Floats) -> Floats:
    return plane.reshape(SIZE.height // 2, 2, SIZE.width // 2, 2).mean(axis=(1, 3))


def gaussian(plane: Floats, taps: int, sigma: float) -> Floats:
    kernel = np.exp(-0.5 * ((np.arange(taps) - taps // 2) / sigma) ** 2)
    for axis in (0, 1):
        plane = ndimage.correlate1d(plane, kernel / kernel.sum(), axis, mode="mirror")
    return plane


def softened(plane: Floats, factor: float) -> Floats:
    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
    mixed = factor * plane + (1 - factor) * ndimage.correlate(plane, kernel, mode="mirror")
    kept = np.pad(np.zeros((SIZE.height - 2, SIZE.width - 2), bool), 1, constant_values=True)
    return np.asarray(np.where(kept, plane, mixed), np.float64)


def streaked(plane: Floats, taps: int) -> Floats:
    kernel = blurs.streak(taps, 33, 0.2, 0, 0).astype(np.float64)
    return np.asarray(ndimage.correlate(plane, kernel / kernel.sum(), mode="mirror"), np.float64)


TURN = matrices.about_centre(matrices.rotation(-31), SIZE)
TILT = Matrix(1.05, 0.1, -5, 0.02, 1.1, -3, 0.0006, 0.0002, 1)
AWAY = matrices.about_centre(matrices.rotation(20) @ matrices.scaling(2.5, 2.5), SIZE)
SMALL, LARGE = Size(40, 33), Size(150, 97)
BILINEAR, BICUBIC = PIL.Image.Resampling.BILINEAR, PIL.Image.Resampling.BICUBIC


def resize(size: Size, interpolation: str) -> Warp:
    return Warp(matrices.box_to((0, 0, *SIZE), size), size, BLACK, interpolation)


def mean(function: Callable[..., Any], **given: Any) -> Filter:
    return Filter(partial(function, **given), "mean")


FLOATS: dict[str, tuple[ops.Op, Callable[[Floats], Floats]]] = {
    "turned": (Warp(TURN, SIZE), lambda plane: read(plane, TURN)),
    "tilted": (Warp(TILT, SIZE), lambda plane: read(plane, TILT)),
    "turned and far away": (Warp(AWAY, SIZE), lambda plane: read(halved(plane), matrices.scaling(0.5, 0.5) @ AWAY)),
    "small": (resize(SMALL, "bilinear"), lambda plane: resized(plane, SMALL, BILINEAR)),
    "small, bicubic": (resize(SMALL, "bicubic"), lambda plane: resized(plane, SMALL, BICUBIC)),
    "large, bicubic": (resize(LARGE, "bicubic"), lambda plane: resized(plane, LARGE, BICUBIC)),
    "gaussian": (mean(blurs.gaussian_blur, kernel_size=9, sigma=2.1), lambda plane: gaussian(plane, 9, 2.1)),
    "box": (mean(blurs.box_blur, kernel_size=5), lambda plane: ndimage.uniform_filter(plane, 5, mode="mirror")),
    **{
        f"motion {taps}": (
            mean(blurs.motion_blur, kernel_size=taps, degrees=33, direction=0.2, shift_x=0, shift_y=0),
            partial(streaked, taps=taps),
        )
        for taps in (9, 25)
    },
    "soft": (mean(blurs.sharpen_or_blur, factor=0.2), partial(softened, factor=0.2)),
    "sharp": (mean(blurs.sharpen_or_blur, factor=3), partial(softened, factor=3)),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("case", FLOATS)
def test_edges_equal_a_premultiplied_reference_of_floats(case, channels):
    op, reference = FLOATS[case]
    picture = cutout(hidden=255, channels=channels)
    found = ops.run([op], picture)
    assert found.alpha is not None
    assert found.image.shape[2] == channels
    seen, *shown = (reference(plane) for plane in planes(picture))
    expected = np.stack([np.clip(plane / np.where(seen > 0.1, seen, 1), 0, 255) for plane in shown], axis=2)
    seen = np.clip(seen, 0, 255)[:, :, np.newaxis]
    rough = ROUGHLY if isinstance(op, Warp) else 0
    assert abs(found.alpha - seen).max() < 0.6 + rough
    clear = (seen > 8)[:, :, 0]
    assert (
        abs(found.image - expected)[clear].max() < 0.6 + 16 * rough
    )  # not multiplied: one rounding, and floats of 32 bits
    for background in (0, 128, 255):
        over = expected * (seen / 255) + background * (1 - seen / 255)
        assert abs(laid(found, background) - over).max() < 1.1 + rough
    assert (found.image[found.alpha[:, :, 0] == 0] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_hidden_is_never_seen(name):
    transform = example(name)
    if transform.changes_range:
        return
    one = cutout(hidden=np.random.default_rng(2).integers(0, 256, 3))
    covered = one.alpha[:, :, 0] == 0
    for copy in range(4):
        draw = transform.sample(stream(copy), SIZE)
        if draw is None:
            continue
        steps = lowered(transform, draw, SIZE)
        expected = run(steps, one)
        for hidden in (0, 255, np.random.default_rng(3).integers(0, 256, (int(covered.sum()), 3))):
            found = run(steps, cutout(hidden=hidden))
            assert (found.alpha == expected.alpha).all()
            assert (found.image == expected.image)[found.alpha[:, :, 0] > 0].all()


def filters_made() -> Iterator[tuple[str, Filter]]:
    for name in NAMES:
        transform = example(name)
        draw = transform.sample(stream(2), SIZE) or transform.sample(stream(3), SIZE)
        yield from ((name, op) for op in lowered(transform, draw, SIZE) if isinstance(op, Filter))
    for name in _primitives.RANDOM:
        op = _primitives.lowered((name, 4), SIZE, BLACK, "bilinear")
        if isinstance(op, Filter):
            yield name, op


@pytest.mark.parametrize("op", [pytest.param(op, id=name) for name, op in filters_made()])
def test_a_filter_that_looks_around_says_so(op):
    """Two pixels far apart are exchanged, which changes nothing else where each pixel is changed by itself."""
    image = cutout().image
    image[:] = np.random.default_rng(8).integers(60, 200, image.shape)  # nothing is clipped
    image[20, 20], image[70, 100] = (60, 199, 60), (199, 60, 199)
    other = image.copy()
    other[20, 20], other[70, 100] = image[70, 100], image[20, 20]
    changed = (op.function(image) != op.function(other)).any(axis=2)
    changed[20, 20] = changed[70, 100] = False
    assert changed.any() == (op.reads in ("mean", "around"))


def test_moves_of_whole_pixels_keep_every_byte():
    picture = cutout(hidden=np.random.default_rng(4).integers(0, 256, 3))
    both = np.concatenate([picture.image, picture.alpha], axis=2)
    moves = {"horizontal_flip": both[:, ::-1], "vertical_flip": both[::-1]}
    for name, expected in moves.items():
        found = run(lowered(made(name), made(name).sample(stream(), SIZE), SIZE), picture)
        assert (np.concatenate([found.image, found.alpha], axis=2) == expected).all()
    shifted = ops.run([Warp(matrices.translation(5, -3), SIZE, Border(mode="wrap"))], picture)
    assert (np.concatenate([shifted.image, shifted.alpha], axis=2) == np.roll(both, (3, -5), (0, 1))).all()
    turned = ops.run([Warp(matrices.about_centre(matrices.rotation(180), SIZE), SIZE)], picture)
    assert (np.concatenate([turned.image, turned.alpha], axis=2) == both[::-1, ::-1]).all()
    nearest = ops.run([Warp(TURN, SIZE, BLACK, "nearest")], picture)
    pixels = {tuple(pixel) for pixel in both.reshape(-1, 4)} | {(0, 0, 0, 0)}
    assert {tuple(pixel) for pixel in np.concatenate([nearest.image, nearest.alpha], axis=2).reshape(-1, 4)} <= pixels


def test_alpha_moves_with_the_chains_of_augmix():
    picture = cutout()
    moved = Warp(matrices.translation(-30, 0), SIZE)
    found = Parallel([[moved], []], (0.5, 0.25, 0.25)).run(picture)
    seen, *shown = planes(picture)
    shifted = [np.pad(plane, ((0, 0), (30, 0)))[:, : SIZE.width] for plane in (seen, *shown)]
    alpha = 0.75 * seen + 0.25 * shifted[0]  # an empty chain is the picture itself
    assert found.alpha is not None
    assert abs(found.alpha[:, :, 0] - alpha).max() < 0.6
    for channel in range(3):
        colour = (0.75 * shown[channel] + 0.25 * shifted[channel + 1]) / np.maximum(alpha, 1)
        assert abs(found.image[:, :, channel] - colour)[alpha > 8].max() < 1.1  # truncated


AROUND = {
    "jpeg": Filter(partial(quality.jpeg_compression, quality=60), "around"),
    "median": Filter(partial(blurs.median_blur, kernel_size=5), "around"),
    "sharpen": Filter(partial(blurs.sharpen, alpha=0.5, lightness=1), "around"),
}


@pytest.mark.parametrize("case", AROUND)
@pytest.mark.parametrize("hidden", [0, 255])
def test_a_flat_object_stays_flat(case, hidden):
    picture = cutout(hidden=hidden, flat=True)
    found = ops.run([AROUND[case]], picture)
    level = 2 if case == "jpeg" else 0  # of a flat JPEG
    assert abs(found.image.astype(int) - (40, 180, 60))[found.alpha[:, :, 0] > 0].max() <= level
    assert (found.alpha == picture.alpha).all()


def test_a_median_rounds_outlines_as_it_does_over_a_background():
    picture, median = cutout(flat=True), example("median_blur")
    steps = lowered(median, median.sample(stream(), SIZE), SIZE)
    for background in (0, 255):
        over = ops.run(steps, flatten(picture, (background,) * 3)).image
        assert abs(laid(ops.run(steps, picture), background) - over).max() <= 1


def test_pictures_of_several_copies_share_what_they_shrink():
    picture = cutout(Size(640, 480))
    shared = layers(picture)
    for scale in (2, 4, 8.5):
        size = Size(round(640 / scale), round(480 / scale))
        warp = Warp(matrices.scaling(scale, scale) @ matrices.about_centre(matrices.rotation(12), size), size)
        apart, together = ops.run([warp], picture), ops.run([warp], picture, shared)
        assert (apart.image == together.image).all()
        assert (apart.alpha == together.alpha).all()


def test_a_picture_that_is_opaque_all_over_is_changed_like_one_without_alpha():
    image = cutout().image
    opaque = Picture(image, np.full((*image.shape[:2], 1), 255, np.uint8))
    for op in (*(op for op, _ in FLOATS.values()), *AROUND.values()):
        edged = dataclasses.replace(op, border=ops.EDGE) if isinstance(op, Warp) else op
        found = ops.run([edged], opaque)
        assert (found.image == ops.run([edged], Picture(image)).image).all()
        assert (found.alpha == 255).all()


def test_what_an_image_is_measured_by_is_what_is_seen():
    """A picture's mean and histogram are those of the strip that is seen, which is worked on alone."""
    picture = cutout()
    strip = Picture(picture.image[30:60].copy())
    alone = np.zeros((*picture.image.shape[:2], 1), np.uint8)
    alone[30:60] = 255
    for name in ("autocontrast", "channel_shift", "contrast", "equalize"):
        transform = example(name)
        steps = lowered(transform, transform.sample(stream(1), SIZE), SIZE)
        found = ops.run(steps, Picture(picture.image, alone))
        assert (found.image[30:60] == ops.run(steps, strip).image).all()


@pytest.mark.parametrize("hidden", [0, 255])
def test_a_webp_file_lets_nothing_hidden_into_its_edges(hidden):
    picture = cutout(hidden=hidden, flat=True)
    with PIL.Image.open(io.BytesIO(encode(picture, "webp", 95, "4:2:0", optimize=False))) as file:
        stored = np.asarray(file.convert("RGBA")).astype(int)
    assert (stored[:, :, 3:] == picture.alpha).all()
    assert abs(stored[:, :, :3] - (40, 180, 60))[stored[:, :, 3] > 0].max() <= 2  # of YUV in bytes


@pytest.mark.parametrize("lightness", [0, 0.5, 1])
def test_sharpening_makes_outlines_sharp_and_no_object_transparent(lightness):
    picture = cutout(flat=True)
    transform = made("sharpen", alpha=[0.4, 0.4], lightness=[lightness, lightness])
    found = ops.run(lowered(transform, transform.sample(stream(), SIZE), SIZE), picture)
    seen = picture.alpha[:, :, 0].astype(np.float64)
    kernel = np.full((3, 3), -0.4)
    kernel[1, 1] = 1 + 8 * 0.4
    assert abs(found.alpha[:, :, 0] - np.clip(ndimage.correlate(seen, kernel, mode="mirror"), 0, 255)).max() < 0.6
    total = 0.6 + 0.4 * lightness
    assert abs(found.image - np.array([40, 180, 60]) * total)[found.alpha[:, :, 0] > 0].max() < 0.6
