"""Draws follow the laws of their settings: bounds, distributions, probabilities. All seeds are fixed."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from augcli.dataset.sources import Source
from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.transforms._sub_policies import SUB_POLICIES
from augcli.plan.recipes import recipe
from augcli.random_streams import Streams
from augcli.spec.loading import load

SIZE = Size(53, 37)
COUNT = 2000
LEAST_P = 1e-4  # of a test's statistic; with fixed seeds a test that has passed passes again
REQUIRED = {name: {"size": 20} for name in ("resize", "center_crop", "random_crop", "random_resized_crop")}
SET = REQUIRED | {"color_jitter": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1}}
# So that all of them mix: a share of one, or an empty box, is drawn as nothing.
SET |= {"mixup": {"alpha": 10}, "cutmix": {"alpha": 10}, "mosaic": {"alpha": 10}}


def draws(name, count=COUNT, **settings):
    transform = transforms.find(name)(**settings)
    return [transform.sample(Streams(2024, b"a photo.png", copy)(name), SIZE) for copy in range(count)]


def column(drawn, field):
    return np.array([getattr(draw, field) for draw in drawn])


def assert_uniform(values, low, high):
    assert low <= values.min()
    assert values.max() <= high
    assert stats.kstest(values, "uniform", (low, high - low)).pvalue > LEAST_P


def assert_equally_often(values, expected):
    """Chi-square test: `values` are those of `expected`, each equally often; so both ends are reached."""
    assert_shares(values, dict.fromkeys(expected, 1 / len(expected)))


def assert_shares(values, shares):
    counts = Counter(values)
    assert set(counts) <= set(shares)
    observed = [counts[value] for value in shares]
    assert min(observed) > 0
    assert stats.chisquare(observed, [share * len(values) for share in shares.values()]).pvalue > LEAST_P


def assert_same_law(ours, theirs):
    assert stats.ks_2samp(ours, theirs).pvalue > LEAST_P


def assert_independent(one, other):
    assert stats.spearmanr(one, other).pvalue > LEAST_P


@pytest.mark.parametrize(
    ("name", "settings", "field", "low", "high"),
    [
        ("rotate", {"degrees": 25}, "degrees", -25, 25),
        ("rotate", {"degrees": (10, 30)}, "degrees", 10, 30),
        ("affine", {"degrees": 40}, "degrees", -40, 40),
        ("affine", {"scale": 0.3}, "scale", 0.7, 1.3),
        ("affine", {"shear": 12}, "shear_x", -12, 12),
        ("affine", {"shear": {"x": (3, 9), "y": 5}}, "shear_x", 3, 9),
        ("affine", {"shear": {"x": (3, 9), "y": 5}}, "shear_y", -5, 5),
        ("brightness", {"factor": 0.4}, "factor", 0.6, 1.4),
        ("brightness", {"factor": 1.5}, "factor", 0, 2.5),
        ("brightness", {"mode": "add", "delta": 0.1}, "delta", -0.1, 0.1),
        ("contrast", {"factor": 0.3}, "factor", 0.7, 1.3),
        ("saturation", {"factor": (0.5, 3)}, "factor", 0.5, 3),
        ("hue", {"turns": 0.2}, "turns", -0.2, 0.2),
        ("gamma", {"gamma": (0.5, 2)}, "gamma", 0.5, 2),
        ("gaussian_blur", {"sigma": (0.1, 2)}, "sigma", 0.1, 2),
        ("gauss_noise", {"std": (0.01, 0.2)}, "std", 0.01, 0.2),
        ("gauss_noise", {"mean": 0.1}, "mean", -0.1, 0.1),
        ("gauss_noise", {}, "seed", 0, 2**48),
        *(("color_jitter", SET["color_jitter"], part, 0.8, 1.2) for part in ("brightness", "contrast", "saturation")),
        ("color_jitter", SET["color_jitter"], "hue", -0.1, 0.1),
    ],
)
def test_reals_are_uniform_between_both_ends(name, settings, field, low, high):
    assert_uniform(column(draws(name, **settings), field), low, high)


@pytest.mark.parametrize(
    ("name", "settings", "field", "expected"),
    [
        ("rotate90", {}, "times", range(4)),
        ("rotate90", {"times": (1, 3)}, "times", range(1, 4)),
        ("gaussian_blur", {"kernel_size": (3, 11)}, "kernel_size", range(3, 12, 2)),
        ("random_crop", {"size": (20, 30)}, "left", range(24)),
        ("random_crop", {"size": (20, 30)}, "top", range(18)),
        ("random_crop", {"size": 30, "padding": (1, 2, 3, 4)}, "left", range(-1, 27)),
        ("random_crop", {"size": 30, "padding": (1, 2, 3, 4)}, "top", range(-2, 12)),
        ("random_crop", {"size": 60, "pad_if_needed": True}, "left", range(-7, 1)),
        ("random_crop", {"size": 60, "pad_if_needed": True}, "top", range(-23, 1)),
    ],
)
def test_whole_numbers_are_equally_likely_and_reach_both_ends(name, settings, field, expected):
    assert_equally_often(column(draws(name, **settings), field).tolist(), expected)


@pytest.mark.parametrize("name", ["resize", "center_crop", "horizontal_flip", "vertical_flip", "grayscale"])
def test_what_leaves_nothing_to_chance_draws_the_same(name):
    assert len(set(draws(name, **SET.get(name, {})))) == 1


def test_affine_shifts_by_whole_pixels_rounded_from_uniform_shares_of_the_sides():
    drawn = draws("affine", translate={"x": 0.1, "y": (0.05, 0.2)})
    for field, low, high in (("x", -5.3, 5.3), ("y", 0.05 * 37, 0.2 * 37)):
        cells = range(round(low), round(high) + 1)
        shares = {k: (min(k + 0.5, high) - max(k - 0.5, low)) / (high - low) for k in cells}
        assert_shares(column(drawn, field).tolist(), shares)


def test_the_parts_of_a_draw_are_independent():
    drawn = draws("affine", degrees=30, translate=0.3, scale=0.2, shear=10)
    for one, other in permutations(("degrees", "x", "y", "scale", "shear_x", "shear_y"), 2):
        assert_independent(column(drawn, one), column(drawn, other))


def boxes_by_numpy(scale, ratio, fits, tall):
    """(width, height) by rejection, up to ten times, as the papers say; `tall` for a ratio of height to width."""
    generator = np.random.default_rng(99)
    found = []
    for _ in range(COUNT):
        for _ in range(10):
            area = SIZE.width * SIZE.height * generator.uniform(*scale)
            root = math.sqrt(math.exp(generator.uniform(math.log(ratio[0]), math.log(ratio[1]))))
            long, short = round(math.sqrt(area) * root), round(math.sqrt(area) / root)
            width, height = (short, long) if tall else (long, short)
            if fits(width, height):
                found.append((width, height))
                break
    return np.array(found)


@pytest.mark.parametrize(
    ("name", "scale", "ratio"),
    [
        ("random_resized_crop", (0.08, 0.6), (0.75, 4 / 3)),
        ("random_resized_crop", (0.2, 0.4), (0.4, 1.5)),
        ("random_erasing", (0.02, 0.33), (0.3, 3.3)),
        ("random_erasing", (0.1, 0.5), (0.2, 0.9)),
    ],
)
def test_boxes_have_the_areas_and_ratios_of_the_paper_and_lie_anywhere(name, scale, ratio):
    erasing = name == "random_erasing"
    drawn = draws(name, scale=scale, ratio=ratio, **REQUIRED.get(name, {}))
    left, top, width, height = (column(drawn, field) for field in ("left", "top", "width", "height"))
    room_x, room_y = SIZE.width - width, SIZE.height - height
    assert min(width.min(), height.min(), left.min() + 1, top.min() + 1) > 0
    assert min((room_x - left).min(), (room_y - top).min()) >= 0
    spare = 1 if erasing else 0
    theirs = boxes_by_numpy(scale, ratio, lambda w, h: 0 < w <= 53 - spare and 0 < h <= 37 - spare, erasing)
    assert_same_law(width * height, theirs[:, 0] * theirs[:, 1])
    assert_same_law(np.log(width / height), np.log(theirs[:, 0] / theirs[:, 1]))
    # left is uniform on 0..room: smeared over its pixel it is uniform on 0..1
    smear = np.random.default_rng(5).uniform(size=(2, COUNT))
    assert_uniform((left + smear[0]) / (room_x + 1), 0, 1)
    assert_uniform((top + smear[1]) / (room_y + 1), 0, 1)


def test_a_box_that_never_fits_is_the_largest_central_one_or_none():
    assert set(draws("random_resized_crop", size=9, scale=1, ratio=(0.2, 0.25), count=50)) == {(22, 0, 9, 37)}
    assert set(draws("random_resized_crop", size=9, scale=1, ratio=(4, 5), count=50)) == {(0, 12, 53, 13)}
    assert set(draws("random_erasing", scale=1, ratio=(1, 1), count=50)) == {None}


def test_corners_move_inwards_by_equally_likely_whole_pixels():
    reach_x, reach_y = int(0.6 * 26), int(0.6 * 18)
    corners = np.array([draw.corners for draw in draws("perspective", distortion_scale=0.6)])
    for corner, (start_x, start_y) in enumerate([(0, 0), (52, 0), (52, 36), (0, 36)]):
        assert_equally_often(np.abs(corners[:, corner, 0] - start_x).tolist(), range(reach_x + 1))
        assert_equally_often(np.abs(corners[:, corner, 1] - start_y).tolist(), range(reach_y + 1))
        assert ((corners[:, corner] >= 0) & (corners[:, corner] <= (52, 36))).all()
    assert_independent(corners[:, 0, 0], corners[:, 0, 1])
    assert_independent(corners[:, 0, 0], corners[:, 1, 0])


def test_a_crop_can_be_as_high_as_the_image_and_a_hole_cannot():
    assert column(draws("random_resized_crop", size=9, scale=(0.5, 1), ratio=(1, 2)), "height").max() == 37
    assert column(draws("random_erasing", scale=(0.5, 1), ratio=(0.5, 1)), "height").max() == 36


@pytest.mark.parametrize("scale", [0.08, (0.05, 0.3)])
def test_corners_of_zoom_move_inwards_by_half_normal_shares_of_the_sides(scale):
    drawn = np.array([draw.corners for draw in draws("perspective", sampler="zoom", scale=scale)])
    moves = np.abs(drawn - [(0, 0), (53, 0), (53, 37), (0, 37)]) / SIZE
    generator = np.random.default_rng(7)
    std = generator.uniform(*scale, COUNT) if isinstance(scale, tuple) else scale
    for move in moves.reshape(COUNT, 8).T:
        assert move.max() < 0.32
        assert_same_law(move, np.abs(generator.normal(0, 1, COUNT)) * std % 0.32)
    if not isinstance(scale, tuple):
        assert stats.kstest(moves.ravel(), "halfnorm", (0, scale)).pvalue > LEAST_P


def test_color_jitter_takes_every_order_equally_often_and_only_what_is_set():
    drawn = draws("color_jitter", **SET["color_jitter"])
    assert_equally_often([draw.order for draw in drawn], [*permutations(SET["color_jitter"])])
    assert_independent(column(drawn, "brightness"), column(drawn, "contrast"))
    two = draws("color_jitter", hue=0.1, contrast=0.2)
    assert_equally_often([draw.order for draw in two], [*permutations(("contrast", "hue"))])
    assert {(draw.brightness, draw.saturation) for draw in two} == {(None, None)}
    assert set(draws("color_jitter")) == {None}


def noisy(draw, **settings):
    grey = np.full((300, 401, 3), 128, np.uint8)
    transform = transforms.find("gauss_noise")(**settings)
    return ops.run([transform.lower(draw, Size(401, 300))], Picture(grey)).image.astype(int) - 128


def test_noise_is_normal_and_every_channel_has_its_own():
    noise = noisy(draws("gauss_noise", std=0.03, count=1)[0])
    edges = stats.norm.cdf(np.arange(-20.5, 21), 0, 255 * 0.03)
    shares = np.diff([0, *edges, 1])
    counts = np.bincount((np.clip(noise, -21, 21) + 21).ravel(), minlength=43)
    assert stats.chisquare(counts, shares * noise.size).pvalue > LEAST_P
    for one, other in ((0, 1), (1, 2)):
        assert stats.pearsonr(noise[:, :, one].ravel(), noise[:, :, other].ravel()).pvalue > LEAST_P
    shared = noisy(draws("gauss_noise", std=0.03, count=1)[0], per_channel=False)
    assert np.ptp(shared, axis=2).max() == 0


def test_random_fill_is_uniform_over_all_levels():
    transform = transforms.find("random_erasing")(fill="random", scale=0.5, ratio=1)
    size = Size(401, 300)
    draw = transform.sample(Streams(1, b"a", 0)("b"), size)
    erased = ops.run([transform.lower(draw, size)], Picture(np.zeros((300, 401, 3), np.uint8))).image
    box = erased[draw.top : draw.top + draw.height, draw.left : draw.left + draw.width]
    assert erased.sum() == box.sum()
    assert_equally_often(box.ravel().tolist(), range(256))


def recipes(folder: Path, pipeline: str, count=COUNT, output="source"):
    """Return the names of the steps that were applied to each copy."""
    path = folder / "spec.yaml"
    path.write_text(f"seed: 5\noutput: {{format: {output}}}\npipeline:\n{pipeline}\n")
    spec = load(path)
    source = Source("cats/a photo.png", "", "train", "cats")
    return [tuple(applied.step.name for applied in recipe(spec, source, copy, SIZE).applied) for copy in range(count)]


def assert_probability(happened, tried, p):
    low, high = stats.binom.interval(0.999, tried, p)
    assert low <= happened <= high


DEFAULT_P = {
    "grayscale": 0.1,
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "perspective", "random_erasing"), 0.5),
    **dict.fromkeys(("invert", "posterize", "solarize", "autocontrast", "equalize", "sharpness"), 0.5),
    # where neither operation of a pair is applied nothing is
    "auto_augment": 1 - np.mean([(1 - one.p) * (1 - other.p) for one, other in SUB_POLICIES["imagenet"]]),
}


@pytest.mark.parametrize("name", transforms.names())
def test_a_step_is_applied_with_its_default_probability(name, tmp_path):
    settings = ", ".join(f"{k}: {v}" for k, v in SET.get(name, {}).items())
    output = "npy" if transforms.find(name).changes_range else "source"
    made = recipes(tmp_path, f"  - {name}: {{{settings}}}", output=output)
    assert_probability(made.count((name,)), COUNT, DEFAULT_P.get(name, 1))


def test_steps_and_copies_have_coins_of_their_own(tmp_path):
    made = recipes(tmp_path, "  - rotate: {p: 0.3}\n  - hue: {p: 0.3}\n  - hue: {p: 0.3, name: again}")
    for name in ("rotate", "hue", "again"):
        assert_probability(sum(name in one for one in made), COUNT, 0.3)
    for pair in (("rotate", "hue"), ("hue", "again")):
        assert_probability(sum(set(pair) <= set(one) for one in made), COUNT, 0.09)
    again = [("hue" in one, "hue" in other) for one, other in pairwise(made)]
    assert_probability(again.count((True, True)), len(again), 0.09)


def test_one_of_chooses_by_weight(tmp_path):
    steps = "{steps: [{hue: {weight: 1}}, {gamma: {weight: 2.5}}, {rotate: {weight: 0}}, {contrast: {weight: 0.5}}]}"
    made = recipes(tmp_path, f"  - one_of: {steps}")
    assert_shares(made, {("hue",): 0.25, ("gamma",): 0.625, ("contrast",): 0.125})


def test_some_of_chooses_n_without_replacement_in_the_order_of_the_spec(tmp_path):
    made = recipes(tmp_path, "  - some_of: {n: [1, 3], steps: [hue, gamma, rotate, contrast]}")
    assert_equally_often([len(one) for one in made], [1, 2, 3])
    steps = ("hue", "gamma", "rotate", "contrast")
    assert all([*one] == [name for name in steps if name in one] for one in made)
    assert_equally_often([one for one in made if len(one) == 1], [(name,) for name in steps])
    assert_equally_often([set(steps).difference(one).pop() for one in made if len(one) == 3], steps)


def test_some_of_with_shuffle_takes_every_order_by_weight(tmp_path):
    steps = "[{hue: {weight: 1}}, {gamma: {weight: 3}}, {rotate: {weight: 1}}]"
    made = recipes(tmp_path, f"  - some_of: {{n: 2, shuffle: true, steps: {steps}}}")
    weights = {"hue": 1, "gamma": 3, "rotate": 1}
    orders = permutations(weights, 2)
    assert_shares(made, {(a, b): weights[a] / 5 * weights[b] / (5 - weights[a]) for a, b in orders})


def test_random_order_takes_every_order_equally_often(tmp_path):
    made = recipes(tmp_path, "  - random_order: {p: 0.5, steps: [hue, gamma, rotate, contrast]}")
    happened = [one for one in made if one]
    assert_probability(len(happened), COUNT, 0.5)
    assert_equally_often(happened, [*permutations(("hue", "gamma", "rotate", "contrast"))])
