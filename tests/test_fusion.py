"""Fusion over all transforms: `exact` changes no byte, `full` is its definition in doubles, and often equals `off`."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from augcli.image import matrices, ops, shrinking, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.fusion import fuse
from augcli.image.ops import Blend, Erase, Filter, Hue, Mix, Parallel, Remap, Table, Warp, run
from augcli.random_streams import Streams
from augcli.settings import BLACK, Border
from tests.test_ops import sizes, smooth

NAMES = [name for name in transforms.names() if not transforms.find(name).changes_range]
SHAPES = (
    "affine",
    "horizontal_flip",
    "pad",
    "perspective",
    "resize",
    "rotate",
    "rotate90",
    "shear",
    "translate",
    "zoom",
)
FIELDS = ("elastic", "grid_distortion", "optical_distortion")
COLOURS = ("brightness", "brightness_contrast", "channel_shuffle", "contrast", "grayscale", "rgb_shift", "saturation")
COPIES = ("center_crop", "horizontal_flip", "pad", "random_crop", "rotate90", "vertical_flip")
TABLES = ("gamma", "invert", "posterize", "solarize")
# Any of all, as often those that merge with their neighbours, and some lists of those that `exact` merges alone.
PIPELINES = st.lists(
    st.one_of(st.sampled_from(NAMES), st.sampled_from(SHAPES + FIELDS), st.sampled_from(COLOURS + TABLES)),
    min_size=1,
    max_size=6,
) | st.lists(st.sampled_from(COPIES), min_size=2, max_size=4)
SEEDS = st.integers(0, 2**20)
SCIPY = {
    "constant": "grid-constant",
    "edge": "nearest",
    "symmetric": "grid-mirror",
    "reflect": "mirror",
    "wrap": "grid-wrap",
}

# Half a level of rounding. Places and weights of 14 bits: 2^-15 px on both axes, of at most 255 levels each.
SAMPLED = 0.55
# OpenCV 5 remaps in floats; 4 rounds places to 1/32 px: half of that on both axes.
REMAPPED = 0.55 if cv2.__version__.startswith("5") else 0.5 + 255 / 32
# Pillow rounds after each of two passes.
ANTIALIASED = 1.05


def some_image(size: Size, seed: int) -> np.ndarray:
    """Noise, where any wrong pixel shows, or something like a photo."""
    if seed % 2:
        return smooth(size, seed % 7)
    return np.random.default_rng(seed).integers(0, 256, (size.height, size.width, 3), dtype=np.uint8)


def pipeline(names: list[str], size: Size, seed: int, **all_given: object) -> list[ops.Op]:
    """Draw a step for each name, with what all are `given` where they have such a setting; a partner is noise."""
    made: list[ops.Op] = []
    for number, name in enumerate(names):
        found = transforms.find(name)
        given = {key: value for key, value in all_given.items() if key in found.fields}
        given |= {"size": max(8, min(size) - 9)} if name in ("center_crop", "random_crop") else {}
        given |= {"size": 60 + seed % 90} if name in ("resize", "random_resized_crop") else {}
        given |= {"brightness": 0.3, "contrast": 0.3, "saturation": 0.3, "hue": 0.1} if name == "color_jitter" else {}
        given |= {"padding": (3, 5, 0, 7)} if name == "pad" else {}
        given |= {"interpolation": "bilinear"} if name == "downscale" else {}
        transform = found(**given)
        draw = transform.sample(Streams(seed + number, b"photo", 0)(name), size)
        lowered = () if draw is None else transform.lower(draw, size)
        for op in lowered if isinstance(lowered, tuple) else (lowered,):
            if isinstance(op, Blend):
                op = replace(op, others=tuple(Picture(some_image(size, 2 * k)) for k in range(op.count)))
            made.append(op)
            size = ops.size_after(op, size)
    return made


@settings(max_examples=150)
@given(
    names=PIPELINES,
    size=sizes,
    seed=SEEDS,
    interpolation=st.sampled_from(["nearest", "bilinear", "bicubic"]),
    mode=st.sampled_from([*SCIPY]),
)
def test_exact_fusion_of_any_transforms_never_changes_a_byte(names, size, seed, interpolation, mode):
    made = pipeline(names, size, seed, interpolation=interpolation, border=Border(mode=mode))
    picture = Picture(some_image(size, seed))
    off, exact = (run(fuse(made, size, fusion), picture).image for fusion in ("off", "exact"))
    assert off.shape == exact.shape
    assert (off == exact).all()


def groups(made: list[ops.Op], size: Size) -> list[list[ops.Op]]:
    """Part a list into what becomes one op each."""
    parts: list[list[ops.Op]] = []
    start = size
    for op in made:
        last = parts[-1] if parts else []
        kinds = (Warp, Remap) if last and isinstance(last[-1], Warp) else type(last[-1]) if last else ()
        if last and isinstance(op, kinds) and len(fuse([*last, op], start, "full")) <= 1:
            last.append(op)
        else:
            for earlier in last:
                start = ops.size_after(earlier, start)
            parts.append([op])
    return parts


def through(group: list[ops.Op]) -> np.ndarray:
    """Return the matrix of all Warps of a group, which reads through the last one first."""
    matrix = np.eye(3)
    for op in group:
        matrix = matrix @ np.asarray(op.matrix)
    return matrix


def sampled(image: np.ndarray, x: np.ndarray, y: np.ndarray, border: Border) -> np.ndarray:
    """Read bilinearly in doubles at places (H, W)."""
    return np.stack(
        [
            ndimage.map_coordinates(
                image[:, :, c].astype(float), [y - 0.5, x - 0.5], order=1, mode=SCIPY[border.mode], cval=border.fill[c]
            )
            for c in range(3)
        ],
        axis=2,
    )


def averaged(image: np.ndarray, matrix: np.ndarray, size: Size) -> np.ndarray:
    """Shrink with Pillow's triangles, as wide as the pixels are apart."""

    def weights(side: int, scale: float, offset: float, length: int) -> np.ndarray:
        middles = scale * (np.arange(side) + 0.5) + offset
        away = np.abs(np.arange(length) + 0.5 - middles[:, np.newaxis]) / max(1.0, abs(scale))
        parts = np.clip(1 - away, 0, None)
        return parts / parts.sum(axis=1, keepdims=True)

    across = weights(size.width, matrix[0, 0], matrix[0, 2], image.shape[1])
    down = weights(size.height, matrix[1, 1], matrix[1, 2], image.shape[0])
    return np.einsum("iy,jx,yxc->ijc", down, across, image.astype(float), optimize=True)


def turned(image: np.ndarray, turns: float) -> np.ndarray:
    """Turn the hue in doubles: the formula of HSV, there and back."""
    x = image / 255
    value = x.max(axis=2)
    spread = value - x.min(axis=2)
    red, green, blue = np.moveaxis(x, 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sixths = np.select(
            [spread == 0, value == red, value == green],
            [0, (green - blue) / spread, 2 + (blue - red) / spread],
            4 + (red - green) / spread,
        )
    planes = []
    for start in (5, 3, 1):
        at = (start + sixths + 6 * turns) % 6
        planes.append(value - spread * np.clip(np.minimum(at, 4 - at), 0, 1))
    return 255 * np.stack(planes, axis=2)


def near(values: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Leave out what is read far outside, near a horizon: a Remap's places are floats, there 1/4000 px apart."""
    return np.where((np.maximum(abs(x), abs(y)) < 4_000)[:, :, np.newaxis], values, np.nan)


def defined(group: list[ops.Op], image: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Return what a group of fused ops is by its definition, in doubles, and how far its bytes may be from that.

    None where a Warp that is not upright averages or blurs before it shrinks, which has tests of its own.
    """
    size = Size(image.shape[1], image.shape[0])
    last = group[-1]
    if isinstance(last, (Warp, Remap)):
        (fused,) = fuse(group, size, "full") or (replace(last, matrix=matrices.IDENTITY),)
        assert fused.size == last.size
        assert fused.border in [op.border for op in group]
        rows, columns = np.indices((last.size.height, last.size.width)) + 0.5
        places = np.stack([columns, rows, np.ones_like(rows)])
        if isinstance(last, Remap):
            places[:2] += np.moveaxis(last.field(), 2, 0)
            x, y, depth = np.tensordot(through(group[:-1]), places, 1)
            return near(sampled(image, x / depth, y / depth, fused.border), x / depth, y / depth), REMAPPED
        matrix = through(group)
        a, e = abs(matrix[0, 0]), abs(matrix[1, 1])
        if matrices.is_axis_aligned(fused.matrix) and max(a, e) > 1 + 1e-9 and fused.reads_inside(size):
            return averaged(image, matrix, last.size), ANTIALIASED
        if shrinking.averages_first(fused.matrix, last.size, fused.antialias):
            return None
        x, y, depth = np.tensordot(matrix, places, 1)
        return sampled(image, x / depth, y / depth, fused.border), SAMPLED
    values = image.astype(float)
    if isinstance(last, Mix):
        largest = 1.0
        for op in group:
            by_pixel, by_mean = np.asarray(op.by_pixel), np.asarray(op.by_mean)
            values = values @ by_pixel.T + by_mean @ values.mean(axis=(0, 1)) + op.constant
            largest = max(largest, np.abs(by_pixel).sum(axis=1).max() * largest)
        values = np.clip(values, 0, 255)
        if len(group) == 1 and last.truncate:
            values -= 0.5  # what is truncated is between a level less and the value itself
        # Half a level of rounding, and three weights each of 14 bits, or fewer where one is above 2.
        return values, 0.5 + 3 * 255 * largest * 2.0**-15 + 1e-3
    if isinstance(last, Hue):
        return turned(image, last.turns), SAMPLED
    if isinstance(last, Table):
        made = image
        for op in group:
            columns = np.broadcast_to(op.lut, (256, 3))
            made = np.stack([columns[made[:, :, c], c] for c in range(3)], axis=2)
        return made.astype(float), 0
    assert isinstance(last, (Filter, Erase, Parallel, Blend))  # none of them is fused
    return last.run(Picture(image)).image.astype(float), 0


@settings(max_examples=200)
@given(names=PIPELINES, size=sizes, seed=SEEDS, mode=st.sampled_from([*SCIPY]))
def test_full_fusion_of_any_transforms_equals_its_definition_in_doubles(names, size, seed, mode):
    """Each fused op by itself, on the bytes that the one before gave; then all of them in one run give the same."""
    made = pipeline(names, size, seed, border=Border(mode=mode, fill=(9, 77, 203)))
    picture = Picture(some_image(size, seed))
    image = picture.image
    for group in groups(made, size):
        fused = run(fuse(group, Size(image.shape[1], image.shape[0]), "full"), Picture(image)).image
        if (known := defined(group, image)) is not None:
            values, tolerance = known
            assert fused.shape == values.shape
            assert np.nanmax(np.abs(fused - values), initial=0) <= tolerance, group
        image = fused
    assert (run(fuse(made, size, "full"), picture).image == image).all()


def test_what_merges_becomes_one_and_what_does_not_stays_apart():
    size = Size(150, 110)
    for names, count in (
        (["rotate", "translate", "zoom", "shear", "shift_scale_rotate", "perspective"], 1),
        (["rotate", "zoom", "elastic"], 1),
        (["elastic", "rotate", "zoom"], 2),
        (["elastic", "grid_distortion"], 2),
        (["brightness", "contrast", "saturation", "rgb_shift", "channel_shuffle"], 1),
        (["posterize", "invert", "solarize", "gamma"], 1),
        (["rotate", "equalize", "rotate"], 3),
        (["brightness", "hue", "contrast"], 3),
    ):
        made = pipeline(names, size, 11)
        assert len(fuse(made, size, "full")) == count, names
        assert len(groups(made, size)) == count, names


# Scaled so that no warp before them shrinks by two.
WARPS = st.lists(
    st.sampled_from(["rotate", "shear", "translate", "zoom", "affine", "perspective"]), min_size=1, max_size=3
)


@settings(max_examples=100)
@given(warps=WARPS, field=st.sampled_from(FIELDS), size=sizes, seed=SEEDS, mode=st.sampled_from([*SCIPY]))
def test_a_displacement_merges_with_the_warp_before_it(warps, field, size, seed, mode):
    border = Border(mode=mode)
    made = pipeline([*warps, field], size, seed, border=border)
    assume(not shrinking.averages_first(matrices.Matrix(*through(made[:-1]).ravel()), size, antialias=False))
    (fused,) = fuse(made, size, "full")
    image = some_image(size, seed)
    rows, columns = np.indices((size.height, size.width)) + 0.5
    places = np.stack([columns, rows, np.ones_like(rows)])
    places[:2] += np.moveaxis(made[-1].field(), 2, 0)
    x, y, depth = np.tensordot(through(made[:-1]), places, 1)
    expected = near(sampled(image, x / depth, y / depth, border), x / depth, y / depth)
    assert np.nanmax(np.abs(run([fused], Picture(image)).image - expected), initial=0) <= REMAPPED


def test_a_displacement_stays_apart_where_the_warp_shrinks_or_another_border_is_read():
    size = Size(160, 120)
    (waves,) = pipeline(["elastic"], size, 3)
    turn = matrices.about_centre(matrices.rotation(20), size)
    small = matrices.about_centre(matrices.scaling(2.2, 2.2), size)
    assert len(fuse([Warp(turn, size), waves], size, "full")) == 1
    assert len(fuse([Warp(small, size), waves], size, "full")) == 2
    assert len(fuse([Warp(turn, size, Border(mode="reflect")), waves], size, "full")) == 2
    assert len(fuse([Warp(turn, size, BLACK, "nearest"), waves], size, "full")) == 2
    for fusion in ("off", "exact"):
        assert len(fuse([Warp(turn, size), waves], size, fusion)) == 2


def plane(size: Size) -> np.ndarray:
    """An image whose levels grow evenly: bilinear sampling of it, again and again, makes no difference but rounding."""
    rows, columns = np.indices((size.height, size.width))
    return np.stack([columns + 20, rows + 30, 240 - columns], axis=2).astype(np.uint8)


AFFINE = ("affine", "horizontal_flip", "rotate", "rotate90", "shear", "shift_scale_rotate", "translate", "zoom")


@settings(max_examples=100)
@given(
    names=st.lists(st.sampled_from(AFFINE), min_size=2, max_size=4),
    field=st.sampled_from([None, *FIELDS]),
    size=sizes,
    seed=SEEDS,
)
def test_full_fusion_of_shapes_equals_off_where_nothing_leaves_the_canvas(names, field, size, seed):
    made = pipeline([*names, *([field] if field else [])], size, seed)
    assume(not any(shrinking.averages_first(op.matrix, op.size, antialias=False) for op in made))
    white = Picture(np.full((size.height, size.width, 3), 255, np.uint8))
    inside = np.logical_and(*(run(fuse(made, size, f), white).image.min(axis=2) == 255 for f in ("off", "full")))
    inside = ndimage.binary_erosion(inside, iterations=2)  # bytes round what is read of the black to white
    assume(inside.mean() > 0.2)
    off, full = (run(fuse(made, size, fusion), Picture(plane(size))).image.astype(int) for fusion in ("off", "full"))
    # Half a level for each time that either rounds, weights of 14 bits included.
    assert np.abs(off - full)[inside].max() <= SAMPLED * (len(made) + len(fuse(made, size, "full")))


@settings(max_examples=100)
@given(names=st.lists(st.sampled_from(COLOURS), min_size=2, max_size=4), size=sizes, seed=SEEDS)
def test_full_fusion_of_colours_equals_off_where_nothing_clips(names, size, seed):
    made = pipeline(names, size, seed)
    image = (smooth(size, seed % 7) // 4 + 96).astype(np.uint8)
    values, error = image.astype(float), 0.0
    for op in made:
        by_pixel, by_mean = np.asarray(op.by_pixel), np.asarray(op.by_mean)
        values = values @ by_pixel.T + by_mean @ values.mean(axis=(0, 1)) + op.constant
        assume(values.min() > 2)
        assume(values.max() < 253)
        # What earlier steps lost grows with this one, which rounds or truncates itself.
        error = (np.abs(by_pixel).sum(axis=1) + np.abs(by_mean).sum(axis=1)).max() * error + (
            1 if op.truncate else 0.55
        )
    off, full = (run(fuse(made, size, fusion), Picture(image)).image.astype(int) for fusion in ("off", "full"))
    assert np.abs(off - full).max() <= error + 0.55


@pytest.mark.parametrize("name", sorted({*transforms.names()} - {*NAMES}))
def test_numbers_come_last_and_no_fusion_changes_them(name):
    size = Size(90, 70)
    transform = transforms.find(name)()
    scale = transform.lower(transform.draw_type()(), size)
    made = [*pipeline(["horizontal_flip", "rotate90"], size, 4), scale]
    picture = Picture(some_image(size, 4))
    off = run(fuse(made, size, "off"), picture).image
    assert off.dtype == np.float32
    for fusion in ("exact", "full"):
        assert fuse(made, size, fusion)[-1] is scale
        assert (run(fuse(made, size, fusion), picture).image == off).all()
