"""Fusion: what may merge, that `exact` never changes a byte, and that `full` is the fused definition."""

from copy import deepcopy
from functools import partial

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from augcli.image import blending, blurs, colour, matrices, native, ops, quality
from augcli.image.arrays import Picture, Size, size_of
from augcli.image.fusion import fuse
from augcli.image.geometry import Outside
from augcli.image.ops import Blend, Filter, Mix, Table, Warp, run
from augcli.image.transforms import find
from augcli.random_streams import Streams
from augcli.settings import BLACK, Border

SHAPE_ONLY = ("horizontal_flip", "vertical_flip", "rotate90", "center_crop")
# Sizes past 64 px: OpenCV works in blocks, and mistakes hide in images that fit into one.
sizes = st.builds(Size, st.integers(65, 210), st.integers(65, 210))


def smooth(size: Size, seed: int = 0) -> np.ndarray:
    """A photo-like image: low frequencies, all levels, three different channels."""
    noise = np.random.default_rng(seed).normal(size=(size.height, size.width, 3))
    blurred = ndimage.gaussian_filter(noise, (6, 6, 0))
    low, high = blurred.min(), blurred.max()
    return ((blurred - low) / (high - low) * 255).astype(np.uint8)


def lowered(name: str, at: Size, seed: int, **given: object) -> list[ops.Op]:
    transform = find(name)(**given)
    draw = transform.sample(Streams(seed, b"photo", 0)(name), at)
    if draw is None:
        return []
    made = transform.lower(draw, at)
    return list(made) if isinstance(made, tuple) else [made]


def chain(names: list[str], size: Size, seed: int) -> list[ops.Op]:
    made: list[ops.Op] = []
    for number, name in enumerate(names):
        given = {"size": max(8, min(size) - 9)} if name in ("center_crop", "random_crop") else {}
        given |= {"size": 60} if name in ("resize", "random_resized_crop") else {}
        given |= {"brightness": 0.3, "contrast": 0.3, "saturation": 0.3, "hue": 0.1} if name == "color_jitter" else {}
        for op in lowered(name, size, seed + number, **given):
            made.append(op)
            size = ops.size_after(op, size)
    return made


ANY = st.lists(
    st.sampled_from(
        [*SHAPE_ONLY, "random_crop", "rotate", "affine", "resize", "brightness", "gamma", "contrast", "color_jitter"]
    ),
    max_size=7,
)


@settings(max_examples=120)
@given(names=ANY, size=sizes, seed=st.integers(0, 2**20))
def test_exact_fusion_never_changes_a_byte(names, size, seed):
    made = chain(names, size, seed)
    picture = Picture(smooth(size, seed % 7))
    off, exact = run(fuse(made, size, "off"), picture), run(fuse(made, size, "exact"), picture)
    assert off.image.shape == exact.image.shape
    assert (off.image == exact.image).all()


@settings(max_examples=60)
@given(names=st.lists(st.sampled_from(SHAPE_ONLY), min_size=2, max_size=6), size=sizes)
def test_exact_fusion_joins_all_whole_pixel_motions_that_stay_inside(names, size):
    assert len(fuse(chain(names, size, 3), size, "exact")) <= 1


def reference(image, fused_matrix, size, fill=0.0):
    """Sample an image at float64 positions, bilinear, constant outside."""
    rows, columns = np.indices((size.height, size.width)) + 0.5
    x, y, w = np.tensordot(fused_matrix, np.stack([columns, rows, np.ones_like(rows)]), 1)
    at = [y / w - 0.5, x / w - 0.5]
    planes = [
        ndimage.map_coordinates(image[:, :, c].astype(float), at, order=1, mode="grid-constant", cval=fill)
        for c in range(3)
    ]
    return np.stack(planes, axis=2)


@settings(max_examples=60)
@given(size=sizes, seed=st.integers(0, 2**20))
def test_full_fusion_of_warps_equals_one_sampling_through_the_composed_matrix(size, seed):
    made = chain(["horizontal_flip", "rotate", "affine", "perspective"], size, seed)
    image = smooth(size)
    (fused,) = fuse(made, size, "full")
    assert isinstance(fused, Warp)
    composed = np.eye(3)
    for op in made:
        composed = composed @ op.matrix
    got = run([fused], Picture(image)).image
    # OpenCV 5 warps in floating point and rounds once; 4.x quantises positions to 1/32 pixel.
    assert np.abs(got - reference(image, composed, size)).max() <= 2


@settings(max_examples=60)
@given(size=sizes, seed=st.integers(0, 2**20))
def test_full_fusion_of_colours_equals_their_float_composition(size, seed):
    made = chain(["brightness", "contrast", "saturation", "contrast", "grayscale"], size, seed)
    image = smooth(size)
    values = image.astype(float)
    for op in made:
        values = values @ np.asarray(op.by_pixel).T + np.asarray(op.by_mean) @ values.mean(axis=(0, 1)) + op.constant
    (fused,) = fuse(made, size, "full")
    got = run([fused], Picture(image)).image
    # Half a level of rounding, and weights of 16 bits.
    assert np.abs(got - np.clip(values, 0, 255)).max() <= 0.55


def test_full_fusion_equals_off_where_nothing_clips_or_leaves_the_canvas():
    size = Size(160, 120)
    image = (smooth(size) // 3 + 80).astype(np.uint8)
    made = chain(["brightness", "contrast", "saturation"], size, 5)
    off, full = (run(fuse(made, size, fusion), Picture(image)).image.astype(int) for fusion in ("off", "full"))
    # One rounding each of three steps against one of all.
    assert np.abs(off - full).max() <= 2


def test_full_fusion_skips_the_clipping_in_between():
    up, down = Mix(colour.EYE.times(1.9), truncate=True), Mix(colour.EYE.times(0.5), truncate=True)
    image = np.full((70, 70, 3), 200, np.uint8)
    assert run(fuse([up, down], Size(70, 70), "full"), Picture(image)).image[0, 0, 0] == 190
    assert run(fuse([up, down], Size(70, 70), "off"), Picture(image)).image[0, 0, 0] == 127


def test_mixes_too_strong_for_their_numbers_stay_apart(monkeypatch):
    strong = Mix(colour.EYE.times(100).plus(colour.LUMAS.times(-99)))
    made = fuse([strong] * 5, Size(70, 70), "full")
    assert 1 < len(made) < 5
    compiled = run(made, Picture(smooth(Size(70, 70)))).image
    monkeypatch.setattr(native, "library", lambda: None)
    assert (run(made, Picture(smooth(Size(70, 70)))).image == compiled).all()


def test_warps_with_different_borders_do_not_merge():
    size = Size(100, 80)
    turn = matrices.about_centre(matrices.rotation(20), size)
    pair = [Warp(turn, size, BLACK), Warp(turn, size, Border(mode="reflect"))]
    assert len(fuse(pair, size, "full")) == 2
    assert len(fuse([pair[0], pair[0]], size, "full")) == 1


def test_a_warp_that_stays_inside_takes_the_border_of_the_other():
    size = Size(100, 80)
    flip = lowered("horizontal_flip", size, 0)
    turn = Warp(matrices.about_centre(matrices.rotation(20), size), size, Border(mode="wrap"))
    for pair in ([*flip, turn], [turn, *flip]):
        (fused,) = fuse(pair, size, "full")
        assert fused.border.mode == "wrap"


def test_a_resize_keeps_its_edge_when_fused_with_a_flip():
    size = Size(100, 80)
    made = [*lowered("resize", size, 0, size=200), *lowered("horizontal_flip", Size(250, 200), 0)]
    (fused,) = fuse(made, size, "full")
    white = np.full((80, 100, 3), 255, np.uint8)
    assert run([fused], Picture(white)).image.min() == 255


@settings(max_examples=80)
@given(first=st.binary(min_size=256, max_size=256), second=st.binary(min_size=256, max_size=256))
def test_tables_compose(first, second):
    a, b = (Table(np.frombuffer(data, np.uint8).reshape(256, 1)) for data in (first, second))
    picture = Picture(smooth(Size(70, 66)))
    (both,) = fuse([a, b], Size(70, 66), "exact") or [None]
    one = run([both] if both else [], picture).image
    assert (one == run([a, b], picture).image).all()


def test_a_table_for_each_channel_composes_with_one_for_all():
    rng = np.random.default_rng(0)
    one = Table(rng.integers(0, 256, (256, 1), dtype=np.uint8))
    three = Table(rng.integers(0, 256, (256, 3), dtype=np.uint8))
    picture = Picture(smooth(Size(70, 66)))
    for pair in ([one, three], [three, one]):
        (both,) = fuse(pair, Size(70, 66), "exact")
        assert (run([both], picture).image == run(pair, picture).image).all()


def test_what_changes_nothing_is_left_out():
    size = Size(90, 70)
    flip = lowered("vertical_flip", size, 0)
    neutral = [Mix(colour.EYE, truncate=True), Table(np.arange(256, dtype=np.uint8)[:, np.newaxis])]
    assert fuse([*flip, *flip, *neutral], size, "full") == []
    assert fuse([*flip, *flip, *neutral], size, "exact") == []


@pytest.mark.parametrize("scale", [2, 3, 4, 7.3, 13])
def test_a_turned_image_shrinks_without_aliasing(scale):
    """A fine checkerboard averages to grey; sampled without averaging it would stay black and white."""
    size = Size(640, 480)
    checks = np.repeat(((np.indices((480, 640)).sum(axis=0) % 2) * 255).astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
    target = Size(int(640 / scale), int(480 / scale))
    matrix = matrices.about_centre(matrices.rotation(10), size) @ matrices.box_to((0, 0, 640, 480), target)
    middle = (
        run([Warp(matrix, target)], Picture(checks))
        .image[target.height // 3 : -target.height // 3, target.width // 3 : -target.width // 3]
        .astype(int)
    )
    # Whole blocks of 2 x 2 and 4 x 4 average exactly; blocks of odd sides are off by one square in nine.
    assert np.abs(middle - 127).max() <= 20


@pytest.mark.parametrize("size", [Size(641, 479), Size(640, 480), Size(501, 377)])
@pytest.mark.parametrize(("scale", "blocks"), [(2.2, [2]), (3.3, [3]), (5, [2, 2]), (7, [2, 3]), (9.5, [2, 2, 2])])
def test_block_averages_keep_their_place_on_odd_sizes(size, scale, blocks):
    image = smooth(size)
    target = Size(int(size.width / scale), int(size.height / scale))
    turn = matrices.about_centre(matrices.rotation(3), size) @ matrices.box_to((0, 0, *size), target)
    shrunk = run([Warp(turn, target)], Picture(image)).image.astype(float)
    half, pitch = image.astype(float), 1
    for side in blocks:
        odd = ((0, -half.shape[0] % side), (0, -half.shape[1] % side), (0, 0))
        half = np.pad(half, odd, mode="edge")
        half = half.reshape(half.shape[0] // side, side, half.shape[1] // side, side, 3).mean(axis=(1, 3))
        pitch *= side
    plain = reference(half, matrices.scaling(1 / pitch, 1 / pitch) @ turn, target)
    # Half a level for each time that blocks are rounded to bytes, and half where the result is.
    assert np.abs(shrunk - plain).max() <= 0.5 * (len(blocks) + 1)


def test_geometry_moves_points_as_it_moves_pixels():
    size = Size(120, 90)
    image = np.zeros((90, 120, 1), np.uint8)
    image[20, 70] = 255
    warp = Warp(matrices.about_centre(matrices.rotation(90), size), size)
    found = np.argwhere(run([warp], Picture(image)).image[:, :, 0] == 255)
    assert (found[0][::-1] + 0.5 == matrices.apply(matrices.inverse(warp.matrix), np.array([[70.5, 20.5]]))[0]).all()


def test_masks_are_never_mixed():
    size = Size(120, 90)
    mask = (np.indices((90, 120)).sum(axis=0) // 20 % 3)[:, :, np.newaxis].astype(np.uint8) * 100
    warp = Warp(matrices.about_centre(matrices.rotation(33), size), size)
    assert set(np.unique(warp.labels(mask, Outside("constant", (0,))))) <= {0, 100, 200}


def test_alpha_is_warped_with_the_image_and_transparent_outside():
    size = Size(100, 100)
    picture = Picture(smooth(size), np.full((100, 100, 1), 255, np.uint8))
    turned = run([Warp(matrices.about_centre(matrices.rotation(45), size), size)], picture)
    assert turned.alpha is not None
    assert turned.alpha[0, 0, 0] == 0
    assert turned.alpha[50, 50, 0] == 255


def test_a_coloured_border_makes_a_grey_image_coloured():
    size = Size(80, 70)
    grey = smooth(size)[:, :, :1]
    turn = matrices.about_centre(matrices.rotation(45), size)
    assert run([Warp(turn, size, BLACK)], Picture(grey)).image.shape[2] == 1
    red = run([Warp(turn, size, Border(fill=(255, 0, 0)))], Picture(grey)).image
    assert tuple(red[0, 0]) == (255, 0, 0)


def test_whole_pixel_motions_are_told_from_others():
    size = Size(7, 4)
    assert matrices.moves_whole_pixels(matrices.about_centre(matrices.scaling(-1, 1), size))
    assert matrices.moves_whole_pixels(matrices.translation(3, -2))
    assert not matrices.moves_whole_pixels(matrices.translation(3.5, 0))
    assert not matrices.moves_whole_pixels(matrices.scaling(2, 1))


def test_luma_weights_are_those_of_pillow():
    assert sum(colour.LUMA) == 1
    assert size_of(np.zeros((3, 5, 3), np.uint8)) == (5, 3)


def test_shifts_that_round_alike_keep_grey_grey_however_they_are_fused():
    size = Size(70, 66)
    grey = Picture(smooth(size)[:, :, :1])
    shift = Mix(colour.EYE, constant=(11.35, 10.89, 10.93))
    for fusion in ("off", "exact", "full"):
        made = run(fuse([shift], size, fusion), grey).image
        assert made.shape[2] == 1
        assert (made == np.minimum(grey.image.astype(int) + 11, 255)).all()


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_downscale_is_pillow_s_box_and_bilinear_where_the_sides_divide(factor):
    image = smooth(Size(90, 60), 3) // 2 + np.random.default_rng(1).integers(0, 120, (60, 90, 3), dtype=np.uint8)
    small = PIL.Image.fromarray(image).resize((90 // factor, 60 // factor), PIL.Image.Resampling.BOX)
    expected = np.asarray(small.resize((90, 60), PIL.Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(quality.downscale(image, 1 / factor, smooth=True) - expected).max() <= 2  # each way rounds


@pytest.mark.parametrize(
    "move", [matrices.translation(0.008, 0), matrices.scaling(1.00005, 1), matrices.rotation(0.01)]
)
def test_a_warp_is_left_out_only_where_it_moves_nothing(move):
    size = Size(90, 70)
    assert len(fuse([Warp(move, size)], size, "full")) == 1
    assert fuse([Warp(move, size), Warp(matrices.inverse(move), size)], size, "full") == []


def test_a_mix_that_turns_out_to_be_a_table_merges_with_the_tables_beside_it():
    size = Size(90, 70)
    brighter = Mix(matrices.scaling(1.2, 1.2)._replace(i=1.2), truncate=True)
    gamma = Table((255 * (np.arange(256) / 255) ** 1.3).astype(np.uint8)[:, np.newaxis])
    for made in ([brighter, gamma], [gamma, brighter], [gamma, brighter, gamma]):
        (fused,) = fuse(made, size, "exact")
        assert isinstance(fused, Table)


def test_a_flip_merges_with_a_warp_that_takes_the_nearest_pixel_and_stays_such_a_warp():
    size = Size(90, 70)
    flip = lowered("horizontal_flip", size, 0)
    turn = Warp(matrices.about_centre(matrices.rotation(17), size), size, BLACK, "nearest")
    image = np.random.default_rng(0).integers(0, 2, (70, 90, 3), dtype=np.uint8) * 255
    for made in ([*flip, turn], [turn, *flip]):
        (fused,) = fuse(made, size, "full")
        assert fused.interpolation == "nearest"
        assert set(np.unique(run([fused], Picture(image)).image)) == {0, 255}


def test_ops_are_told_apart_by_any_of_their_values():
    """Also by arrays, by what functions are called with, and by pictures."""
    flat = Picture(np.zeros((2, 2, 1), np.uint8))
    values = [
        Table(np.arange(256, dtype=np.uint8)[:, np.newaxis]),
        Table(np.arange(256, dtype=np.uint8)[::-1, np.newaxis]),
        Table(np.tile(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3)),
        Filter(blurs.box_blur),
        Filter(partial(blurs.box_blur, kernel_size=3)),
        Filter(partial(blurs.box_blur, kernel_size=5)),
        Filter(partial(blurs.median_blur, kernel_size=5)),
        Filter(partial(blurs.median_blur, kernel_size=5), alpha=partial(blurs.median_blur, kernel_size=5)),
        Mix(colour.EYE),
        Mix(colour.EYE, truncate=True),
        Warp(colour.EYE, Size(2, 2)),
        Warp(colour.EYE, Size(2, 2), Border(mode="edge")),
        Blend(blending.pasted),
        Blend(blending.pasted, others=(flat,)),
        Blend(blending.pasted, others=(flat._replace(image=flat.image + 1),)),
    ]
    for at, one in enumerate(values):
        assert [one == deepcopy(other) for other in values] == [at == other for other in range(len(values))]
