"""Draws of blurs, noises, weather, holes and quality follow their laws, and so does what grows from their seeds."""

from __future__ import annotations

import colorsys
import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from augcli.image import erasing, noise, ops, transforms, weather
from augcli.image.arrays import Picture, Size
from augcli.image.sun_and_shadow import reflections
from tests.test_sampling import (
    COUNT,
    LEAST_P,
    SIZE,
    assert_equally_often,
    assert_independent,
    assert_shares,
    assert_uniform,
    column,
    draws,
)

SEEDED = ("iso_noise", "salt_and_pepper", "rain", "fog", "sun_flare", "grid_dropout")


def shares_of_floor(low, high):
    """How often the whole part of a number uniform in [low, high] is which."""
    cells = range(math.floor(low), math.ceil(high))
    return {k: (min(k + 1, high) - max(k, low)) / (high - low) for k in cells}


@pytest.mark.parametrize(
    ("name", "settings", "field", "low", "high"),
    [
        ("motion_blur", {}, "degrees", 0, 360),
        ("motion_blur", {"degrees": 30}, "degrees", -30, 30),
        ("motion_blur", {}, "direction", -1, 1),
        ("motion_blur", {"direction": (0.25, 0.75)}, "direction", 0.25, 0.75),
        ("motion_blur", {"kernel_size": 7}, "shift_x", -1.5, 1.5),
        ("motion_blur", {"kernel_size": 7}, "shift_y", -1.5, 1.5),
        ("sharpen", {}, "alpha", 0.2, 0.5),
        ("sharpen", {}, "lightness", 0.5, 1),
        ("iso_noise", {}, "color_shift", 0.01, 0.05),
        ("iso_noise", {}, "intensity", 0.1, 0.5),
        ("salt_and_pepper", {}, "amount", 0.01, 0.06),
        ("salt_and_pepper", {}, "salt", 0.4, 0.6),
        ("rain", {}, "slant", -10, 10),
        ("rain", {"brightness": (0.5, 0.9)}, "brightness", 0.5, 0.9),
        ("fog", {}, "density", 0.3, 1),
        ("fog", {"alpha": (0.05, 0.2)}, "alpha", 0.05, 0.2),
        ("sun_flare", {}, "angle", 0, 1),
        ("snow", {}, "point", 0.1, 0.3),
        ("snow", {"brightness": (1.5, 3)}, "brightness", 1.5, 3),
        ("grid_dropout", {"ratio": (0.3, 0.6)}, "ratio", 0.3, 0.6),
        ("downscale", {}, "scale", 0.25, 0.5),
        ("clahe", {}, "clip_limit", 1, 4),
        *((name, {}, "seed", 0, 2**48) for name in SEEDED),
        ("coarse_dropout", {"fill": "random"}, "seed", 0, 2**48),
    ],
)
def test_reals_are_uniform_between_both_ends(name, settings, field, low, high):
    assert_uniform(column(draws(name, **settings), field), low, high)


@pytest.mark.parametrize(
    ("name", "settings", "field", "expected"),
    [
        *((name, {}, "kernel_size", (3, 5, 7)) for name in ("motion_blur", "median_blur", "box_blur")),
        ("box_blur", {"kernel_size": (1, 9)}, "kernel_size", range(1, 10, 2)),
        ("rain", {"drop_width": (1, 3)}, "drop_width", range(1, 4)),
        ("rain", {"drop_length": (4, 9)}, "drop_length", range(4, 10)),
        ("rain", {"blur": (3, 7)}, "blur", (3, 5, 7)),
        ("sun_flare", {}, "circles", range(6, 11)),
        ("sun_flare", {"radius": (90, 99)}, "radius", range(90, 100)),
        ("sun_flare", {"roi": (0, 0, 1, 1)}, "x", range(53)),
        ("sun_flare", {"roi": (0, 0, 1, 1)}, "y", range(37)),
        ("grid_dropout", {"unit": (4, 9)}, "cell_width", range(4, 10)),
        ("jpeg_compression", {}, "quality", range(50, 96)),
    ],
)
def test_whole_numbers_are_equally_likely_and_reach_both_ends(name, settings, field, expected):
    assert_equally_often(column(draws(name, **settings), field).tolist(), expected)


@pytest.mark.parametrize(
    ("name", "settings", "field", "low", "high"),
    [
        ("rain", {"drop_length": (0.1, 0.5)}, "drop_length", 3.7, 18.5),
        ("sun_flare", {"radius": (0.2, 0.4)}, "radius", 10.6, 21.2),
        ("sun_flare", {}, "y", 0, 18.5),
        ("sun_flare", {"roi": (0.3, 0, 0.7, 1)}, "x", 15.9, 37.1),
    ],
)
def test_shares_of_a_side_are_rounded_down_to_pixels(name, settings, field, low, high):
    assert_shares(column(draws(name, **settings), field).tolist(), shares_of_floor(low, high))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("motion_blur", ("degrees", "direction", "shift_x", "shift_y")),
        ("sharpen", ("alpha", "lightness")),
        ("iso_noise", ("color_shift", "intensity", "seed")),
        ("salt_and_pepper", ("amount", "salt", "seed")),
        ("rain", ("slant", "seed")),
        ("fog", ("density", "seed")),
        ("sun_flare", ("x", "y", "angle", "circles", "seed")),
    ],
)
def test_the_parts_of_a_draw_are_independent(name, fields):
    drawn = draws(name)
    for at, one in enumerate(fields):
        for other in fields[at + 1 :]:
            assert_independent(column(drawn, one), column(drawn, other))


def test_what_is_set_to_one_value_is_that_value():
    assert {(draw.shift_x, draw.shift_y) for draw in draws("motion_blur", shifted=False, count=20)} == {(0, 0)}
    assert {draw[0] for draw in draws("rain", kind="torrential", count=5)} == {74}
    kinds = {kind: draws("rain", kind=kind, count=1)[0].drops for kind in ("drizzle", "default", "heavy")}
    assert kinds == {"drizzle": 9, "default": 12, "heavy": 37}
    assert {draw.drop_length for draw in draws("rain", count=5)} == {37 // 8}
    assert {(draw.cell_width, draw.cell_height) for draw in draws("grid_dropout", count=5)} == {(5, 3)}
    assert {(draw.drop_width, draw.blur, draw.brightness) for draw in draws("rain", count=5)} == {(1, 7, 0.7)}


def test_shadows_have_corners_anywhere_in_their_region_and_intensities_of_their_own():
    drawn = draws("shadow", intensity=(0.2, 0.6), corners=4)
    assert_equally_often([len(draw.polygons) for draw in drawn], [1, 2])
    assert {len(polygon) for draw in drawn for polygon in draw.polygons} == {4}
    assert {len(draw.polygons) - len(draw.intensities) for draw in drawn} == {0}
    corners = np.array([polygon for draw in drawn for polygon in draw.polygons])
    for corner in range(4):
        assert_equally_often(corners[:, corner, 0].tolist(), range(53))
        assert_equally_often(corners[:, corner, 1].tolist(), range(18, 36 + 1))
    assert_independent(corners[:, 0, 0], corners[:, 0, 1])
    assert_independent(corners[:, 0, 0], corners[:, 1, 0])
    pairs = np.array([draw.intensities for draw in drawn if len(draw.intensities) == 2])
    assert_uniform(pairs[:, 0], 0.2, 0.6)
    assert_independent(pairs[:, 0], pairs[:, 1])


@pytest.mark.parametrize(
    ("settings", "widths", "heights"),
    [
        ({"width": (0.1, 0.4), "height": (0.2, 0.6)}, shares_of_floor(5.3, 21.2), shares_of_floor(7.4, 22.2)),
        ({"width": (4, 7), "height": (2, 6)}, dict.fromkeys(range(4, 8), 1 / 4), dict.fromkeys(range(2, 7), 1 / 5)),
        ({"width": 12, "height": (30, 99)}, {12: 1.0}, dict.fromkeys(range(30, 38), 1 / 8)),
    ],
)
def test_holes_have_their_sizes_and_lie_anywhere_inside(settings, widths, heights):
    drawn = draws("coarse_dropout", holes=(1, 3), **settings)
    assert_equally_often([len(draw.holes) for draw in drawn], [1, 2, 3])
    left, top, width, height = np.array([hole for draw in drawn for hole in draw.holes]).T
    if len(widths) > 1:
        assert_shares(width.tolist(), widths)
        assert_independent(width, height)
    else:
        assert set(width) == set(widths)
    assert_shares(height.tolist(), heights)
    assert ((left + width).max(), (top + height).max()) == SIZE
    smear = np.random.default_rng(5).uniform(size=(2, len(left)))
    assert_uniform((left + smear[0]) / (SIZE.width - width + 1), 0, 1)
    assert_uniform((top + smear[1]) / (SIZE.height - height + 1), 0, 1)
    assert_independent(left, top)


def test_holes_of_less_than_a_pixel_are_none():
    assert set(draws("coarse_dropout", height=0.02, count=20)) == {None}
    assert {draw.seed for draw in draws("coarse_dropout", count=20)} == {None}


@pytest.mark.parametrize("offset", [True, False])
def test_a_grid_has_a_hole_in_each_cell_and_leftover_pixels_anywhere(offset):
    grids = [erasing.boxes_on_grid(SIZE, Size(10, 9), 0.5, offset, seed) for seed in range(COUNT)]
    assert {len(grid) for grid in grids} == {5 * 4}
    boxes = np.array(grids).reshape(COUNT, 4, 5, 4)  # rows, columns; left, top, width, height
    assert set(np.unique(boxes[..., 2])) == {5}
    assert set(np.unique(boxes[..., 3])) == {4, 5}  # half of nine, or of ten
    assert (boxes[..., :2] >= 0).all()
    assert (boxes[..., :2] + boxes[..., 2:] <= SIZE).all()
    if offset:
        first = boxes[:, 0, 0, 0]  # three of the five columns have eleven pixels: 53 = 5 * 10 + 3
        assert_shares(first.tolist(), dict.fromkeys(range(6), 0.4 / 6 + 0.6 / 7) | {6: 0.6 / 7})
        top = boxes[:, 0, 0, 1]  # one of the four rows has ten
        assert_shares(top.tolist(), dict.fromkeys(range(6), 1 / 6))
        assert_independent(first, top)
        assert_independent(boxes[:, 0, 0, 0], boxes[:, 1, 0, 0])
    else:
        assert set(boxes[:, :, 0, 0].ravel()) == {0}
        assert_shares(boxes[:, 0, 1, 0].tolist(), {10: 0.4, 11: 0.6})
        assert_shares(boxes[:, 1, 0, 1].tolist(), {9: 0.75, 10: 0.25})


def test_raindrops_start_anywhere_that_leaves_them_room():
    starts = np.concatenate([weather.raindrops(SIZE, 40, 10, seed) for seed in range(100)])
    assert_equally_often(starts[:, 0].tolist(), range(53))
    assert_equally_often(starts[:, 1].tolist(), range(27))
    assert_independent(starts[:, 0], starts[:, 1])


def test_wisps_lie_anywhere_in_regions_that_shrink_and_have_any_radius():
    size, density = Size(530, 370), 0.6
    grown = [weather.wisps(size, density, seed) for seed in range(400)]
    x, y, radius = (np.concatenate(parts) for parts in zip(*grown, strict=True))
    assert_equally_often(radius.tolist(), range(11, 22))  # from a half of 0.06 * 370, without it
    wide, high, counts = *size, []
    while wide > 105 and high > 105 and len(counts) < 10:
        counts.append(int(wide * high / 105**2 * density * 10))
        wide, high = int(wide * 0.9), int(high * 0.9)
    assert {len(one.x) for one in grown} == {sum(counts)}
    at = 0
    for round_, count in enumerate(counts):
        for axis, middle, side in ((0, 264, 530), (1, 184, 370)):
            side = int(side * 0.9**round_)
            here = np.concatenate([one[axis][at : at + count] for one in grown])
            smeared = here + np.random.default_rng(1).uniform(size=len(here))
            assert stats.kstest(smeared, uniform(middle, side)).pvalue > LEAST_P
        at += count
    assert_independent(x, y)
    assert_independent(x, radius)


def uniform(middle, side):
    """The distribution function of places within `side // 2` of the middle, smeared over their pixels."""
    return lambda place: np.clip((place - (middle - side // 2)) / (2 * (side // 2) + 1), 0, 1)


def test_reflections_lie_on_the_line_with_any_strength_size_and_shade():
    size, sun, angle = Size(530, 370), (200, 90), 0.1
    found = [one for seed in range(400) for one in reflections(size, sun, angle, 6, (250, 200, 10), seed)]
    assert_uniform(np.array([one.alpha for one in found]), 0.05, 0.2)
    assert_equally_often([one.radius for one in found], [1, 8, 27])
    for channel, most in enumerate((250, 200, 10)):
        assert_equally_often([one.color[channel] for one in found], range(max(0, most - 50), most + 1))
    along = [round((one.x - 200) / math.cos(0.2 * math.pi)) for one in found]
    aside = [one.y - 90 - math.tan(0.2 * math.pi) * (one.x - 200) for one in found]
    assert max(map(abs, aside)) < 2
    places = Counter(along)
    assert len(places) == len(range(-200, 330, 6))  # a hundredth of the diagonal apart
    assert stats.chisquare([*places.values()]).pvalue > LEAST_P


def test_grains_are_as_many_as_drawn_and_lie_anywhere():
    image = np.full((15, 20, 3), 128, np.uint8)
    white, black = np.zeros(300), np.zeros(300)
    for seed in range(COUNT):
        noisy = noise.salt_and_pepper(image, 0.1, 0.4, seed)
        assert (noisy == noisy[:, :, :1]).all()
        white += (noisy[:, :, 0] == 255).ravel()
        black += (noisy[:, :, 0] == 0).ravel()
        assert ((noisy == 255).sum(), (noisy == 0).sum()) == (3 * 12, 3 * 18)
    for counts in (white, black):
        assert stats.chisquare(counts).pvalue > LEAST_P


@pytest.mark.parametrize("rate", [0.3, 4.0, 37.5, 250.0])
def test_specks_follow_the_law_of_poisson(rate):
    numbers = noise.poisson(rate, 100_000, np.random.Generator(np.random.SFC64(3)))
    low, high = (int(end) for end in stats.poisson.interval(0.999, rate))
    cells = np.arange(low, high + 1)
    shares = stats.poisson.pmf(cells, rate)
    shares[0], shares[-1] = stats.poisson.cdf(low, rate), stats.poisson.sf(high - 1, rate)
    observed = [(np.clip(numbers, low, high) == cell).sum() for cell in cells]
    assert stats.chisquare(observed, shares * len(numbers)).pvalue > LEAST_P


def test_noise_turns_the_hue_by_normal_numbers_and_leaves_what_is_grey():
    transform = transforms.find("iso_noise")()
    size = Size(101, 60)
    draw = transform.draw_type()(0.1, 0.5, 7)
    red = np.broadcast_to(np.uint8([200, 0, 0]), (60, 101, 3)).copy()  # all of one lightness: no specks
    noisy = ops.run([transform.lower(draw, size)], Picture(red)).image.reshape(-1, 3) / 255
    turns = np.array([(colorsys.rgb_to_hls(*pixel)[0] + 0.5) % 1 - 0.5 for pixel in noisy])
    turns += np.random.default_rng(1).uniform(-0.5, 0.5, len(turns)) / 1200  # smeared over a level of 200, 1/6 turn
    assert stats.kstest(turns / 0.05, "norm").pvalue > LEAST_P
    grey = np.full((60, 101, 3), 77, np.uint8)
    assert (ops.run([transform.lower(draw, size)], Picture(grey)).image == grey).all()
