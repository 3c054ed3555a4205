"""Draws of shifts, fields, tones, policies and mixes follow their laws, and so do the fields grown from seeds."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

from augcli.image import transforms
from augcli.image.arrays import Size
from augcli.image.displacement_fields import smooth_noise
from augcli.image.transforms._primitives import RANDOM, SIGNED, magnitude, wide_magnitude
from augcli.image.transforms._sub_policies import SUB_POLICIES
from augcli.random_streams import rounded
from tests.test_sampling import (
    COUNT,
    LEAST_P,
    SIZE,
    assert_equally_often,
    assert_independent,
    assert_probability,
    assert_same_law,
    assert_shares,
    assert_uniform,
    column,
    draws,
)

APART = {"factor": {"x": (0.5, 0.9), "y": 0.2}, "keep_ratio": False}


@pytest.mark.parametrize(
    ("name", "settings", "field", "low", "high"),
    [
        ("translate", {}, "x", -0.1, 0.1),
        ("translate", {"shift": {"x": (0.1, 0.3), "y": 0.5}}, "x", 0.1, 0.3),
        ("translate", {"shift": {"x": (0.1, 0.3), "y": 0.5}}, "y", -0.5, 0.5),
        ("zoom", {}, "x", 0.9, 1.1),
        ("zoom", APART, "x", 0.5, 0.9),
        ("zoom", APART, "y", 0.8, 1.2),
        ("shear", {}, "x", -10, 10),
        ("shear", {"degrees": {"x": (3, 9), "y": 5}, "keep": "length"}, "x", 3, 9),
        ("shear", {"degrees": {"x": (3, 9), "y": 5}}, "y", -5, 5),
        ("shift_scale_rotate", {}, "degrees", -45, 45),
        ("shift_scale_rotate", {}, "scale", 0.9, 1.1),
        ("shift_scale_rotate", {}, "x", -0.0625, 0.0625),
        ("shift_scale_rotate", {"shift": {"x": 0, "y": (0.1, 0.2)}}, "y", 0.1, 0.2),
        ("elastic", {"alpha": (30, 90)}, "alpha", 30, 90),
        ("elastic", {"sigma": (4, 9)}, "sigma", 4, 9),
        ("elastic", {}, "seed", 0, 2**48),
        ("optical_distortion", {}, "distortion", -0.3, 0.3),
        ("brightness_contrast", {}, "contrast", 0.8, 1.2),
        ("brightness_contrast", {}, "brightness", -0.2, 0.2),
        ("hue_saturation_value", {}, "hue", -0.111, 0.111),
        ("hue_saturation_value", {}, "saturation", -30, 30),
        ("hue_saturation_value", {"value": (5, 15)}, "value", 5, 15),
        ("rgb_shift", {}, "red", -20, 20),
        ("rgb_shift", {"green": (-5, 15)}, "green", -5, 15),
        ("rgb_shift", {"blue": 255}, "blue", -255, 255),
        ("channel_shift", {}, "shift", -20, 20),
        ("solarize", {"threshold": (64, 192)}, "threshold", 64, 192),
        ("sharpness", {}, "factor", 0.5, 1.5),
    ],
)
def test_reals_are_uniform_between_both_ends(name, settings, field, low, high):
    assert_uniform(column(draws(name, **settings), field), low, high)


@pytest.mark.parametrize(("settings", "bits"), [({}, range(4, 8)), ({"bits": (0, 8)}, range(9)), ({"bits": 3}, [3])])
def test_posterize_keeps_each_number_of_bits_equally_often(settings, bits):
    drawn = column(draws("posterize", **settings), "bits").tolist()
    assert_equally_often(drawn, bits) if len(bits) > 1 else None
    assert set(drawn) == set(bits)


def test_all_orders_of_the_channels_are_equally_likely():
    assert_equally_often(column_of_tuples("channel_shuffle", "channels"), [*permutations(range(3))])


def column_of_tuples(name, field, **settings):
    return [getattr(draw, field) for draw in draws(name, **settings)]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("translate", ("x", "y")),
        ("shear", ("x", "y")),
        ("shift_scale_rotate", ("degrees", "scale", "x", "y")),
        ("brightness_contrast", ("contrast", "brightness")),
        ("hue_saturation_value", ("hue", "saturation", "value")),
        ("rgb_shift", ("red", "green", "blue")),
    ],
)
def test_the_parts_of_a_draw_are_independent(name, fields):
    drawn = draws(name)
    for one, other in permutations(fields, 2):
        assert_independent(column(drawn, one), column(drawn, other))


def test_a_zoom_keeps_the_ratio_unless_told_otherwise():
    assert all(draw.x == draw.y for draw in draws("zoom"))
    drawn = draws("zoom", keep_ratio=False)
    assert_independent(column(drawn, "x"), column(drawn, "y"))


def test_every_column_and_row_of_a_grid_is_drawn_by_itself():
    drawn = draws("grid_distortion", steps=3)
    cells = np.array([(*draw.x, *draw.y) for draw in drawn])
    assert cells.shape == (COUNT, 6)
    for one in range(6):
        assert_uniform(cells[:, one], -0.3, 0.3)
        for other in range(one):
            assert_independent(cells[:, one], cells[:, other])


@pytest.mark.parametrize("name", ["pad", "invert", "autocontrast", "equalize", "rescale", "normalize"])
def test_what_leaves_nothing_to_chance_draws_the_same(name):
    assert len(set(draws(name, count=50))) == 1


@pytest.mark.parametrize("sigma", [3, 6, 20, 50])
def test_a_field_is_smooth_noise_of_the_strength_that_blurring_leaves(sigma):
    """Uniform numbers have a standard deviation of 1/sqrt(3), a Gaussian leaves 1/(2 sigma sqrt(pi)) of it."""
    side, alpha = min(30 * sigma, 600), 7.5 * sigma
    count = min(60, 24 * (30 * sigma) ** 2 // side**2)
    made = np.stack([smooth_noise(Size(side, side - sigma), alpha, sigma, seed) for seed in range(count)])
    expected = alpha / (math.sqrt(3) * 2 * sigma * math.sqrt(math.pi))
    # About 24 fields x (side / 2 sigma sqrt(pi))^2 numbers of their own in each direction: 2 % at most, by chance.
    for direction in (0, 1):
        plane = made[..., direction]
        assert plane.std() == pytest.approx(expected, rel=0.05)
        assert abs(plane.mean()) < 0.08 * expected
        # as strong at the edges as in the middle
        edge = np.concatenate(
            [plane[:, 0].ravel(), plane[:, -1].ravel(), plane[:, :, 0].ravel(), plane[:, :, -1].ravel()]
        )
        assert edge.std() == pytest.approx(expected, rel=0.12)
        # the correlation of a blur by sigma at a distance d is exp(-d^2 / 4 sigma^2)
        for distance in (sigma, 2 * sigma):
            along = (plane[:, :, distance:] * plane[:, :, :-distance]).mean() / expected**2
            down = (plane[:, distance:] * plane[:, :-distance]).mean() / expected**2
            law = math.exp(-((distance / sigma) ** 2) / 4)
            assert (along, down) == pytest.approx((law, law), abs=0.08)
    assert np.abs(np.corrcoef(made[..., 0].ravel(), made[..., 1].ravel())[0, 1]) < 0.08
    assert np.abs(np.corrcoef(made[0, ..., 0].ravel(), made[1, ..., 0].ravel())[0, 1]) < 0.5
    assert (smooth_noise(Size(31, 17), alpha, sigma, 3) == smooth_noise(Size(31, 17), alpha, sigma, 3)).all()


def signs_of(pairs):
    """Return how often a signed operation has which sign; those of no strength have none."""
    return Counter(math.copysign(1, strength) for name, strength in pairs if name in SIGNED and strength)


def assert_fair(pairs):
    signs = signs_of(pairs)
    assert_probability(signs[1.0], signs.total(), 0.5)


def test_rand_augment_takes_every_operation_equally_often_with_one_strength_and_fair_signs():
    drawn = draws("rand_augment", count=2 * COUNT)
    operations = [draw.operations for draw in drawn]
    assert {len(one) for one in operations} == {2}
    for place in (0, 1):
        assert_equally_often([one[place][0] for one in operations], RANDOM)
    # with replacement, and the second by a choice of its own
    assert_probability(sum(one[0][0] == one[1][0] for one in operations), len(operations), 1 / 14)
    table = Counter((one[0][0], one[1][0]) for one in operations)
    assert stats.chi2_contingency([[table[a, b] for b in RANDOM] for a in RANDOM]).pvalue > LEAST_P
    both = [one for pair in operations for one in pair]
    assert_fair(both)
    for name in SIGNED:
        assert_fair([one for one in both if one[0] == name])
    for name in RANDOM:
        strength = magnitude(name, 9, 31, SIZE)
        expected = None if strength is None else strength
        found = {None if at is None else abs(at) for other, at in both if other == name}
        assert len(found) == 1
        if expected is not None:
            assert found.pop() == pytest.approx(int(expected) if name.startswith("Translate") else expected, rel=1e-5)


def test_rand_augment_has_as_many_operations_as_asked_and_a_strength_at_most_of_the_last_bin():
    assert {len(draw.operations) for draw in draws("rand_augment", num_ops=5, count=20)} == {5}
    drawn = draws("rand_augment", magnitude=30, count=500)
    assert {abs(at) for draw in drawn for name, at in draw.operations if name == "Rotate"} == {30.0}
    drawn = draws("rand_augment", magnitude=30, count=500)
    assert {abs(at) for draw in drawn for name, at in draw.operations if name == "Rotate"} == {30.0}


def test_trivial_augment_takes_every_operation_and_every_strength_equally_often():
    drawn = draws("trivial_augment_wide", count=6 * COUNT)
    assert {len(draw.operations) for draw in drawn} == {1}
    operations = [draw.operations[0] for draw in drawn]
    assert_equally_often([name for name, _ in operations], RANDOM)
    assert_fair(operations)
    for name in ("ShearX", "ShearY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Solarize"):
        bins = [float(f"{wide_magnitude(name, bin, 31):.6g}") for bin in range(31)]
        assert_equally_often([abs(at) for other, at in operations if other == name], bins)
    for name in ("TranslateX", "TranslateY", "Posterize"):
        shares = Counter(int(wide_magnitude(name, bin, 31) + 1e-9) for bin in range(31))
        found = [abs(at) for other, at in operations if other == name]
        assert_shares(found, {value: count / 31 for value, count in shares.items()})
    assert {at for name, at in operations if name in ("Identity", "AutoContrast", "Equalize")} == {None}


@pytest.mark.parametrize("policy", SUB_POLICIES)
def test_auto_augment_takes_every_pair_equally_often_and_each_operation_with_its_probability(policy):
    """Every outcome of a pair, which operations with which signs, is as likely as its probabilities say."""
    shares = Counter()
    for pair in SUB_POLICIES[policy]:
        outcomes = {(): 1 / 25}
        for name, p, bin in pair:
            strength = None if bin is None else magnitude(name, bin, 10, SIZE)
            if strength is not None:
                whole = name.startswith("Translate") or name == "Posterize"
                strength = int(strength + 1e-9) if whole else float(f"{strength:.6g}")
            signs = (1, -1) if name in SIGNED else (1,)
            then = Counter()
            for operations, share in outcomes.items():
                then[operations] += share * (1 - p)
                for sign in signs:
                    at = None if strength is None else sign * strength
                    then[*operations, (name, at)] += share * p / len(signs)
            outcomes = then
        shares.update(outcomes)
    assert sum(shares.values()) == pytest.approx(1)
    found = Counter(() if draw is None else draw.operations for draw in draws("auto_augment", 6 * COUNT, policy=policy))
    shares = {outcome: share for outcome, share in shares.items() if share}
    assert set(found) <= set(shares)
    # what is expected less than five times is counted together, as the test wants it
    often = [outcome for outcome, share in shares.items() if share * 6 * COUNT >= 5]
    observed = [found[outcome] for outcome in often]
    expected = [shares[outcome] * 6 * COUNT for outcome in often]
    if len(often) < len(shares):
        observed.append(6 * COUNT - sum(observed))
        expected.append(6 * COUNT - sum(expected))
    assert stats.chisquare(observed, expected).pvalue > LEAST_P


def test_augmix_draws_depth_operations_and_strengths_equally_likely():
    drawn = draws("augmix", chain_depth=(1, 3))
    chains = [chain for draw in drawn for chain in draw.chains]
    assert {len(draw.chains) for draw in drawn} == {3}
    assert_equally_often([len(chain) for chain in chains], [1, 2, 3])
    operations = [one for chain in chains for one in chain]
    assert_equally_often([name for name, _ in operations], [name for name in RANDOM if name != "Identity"])
    assert_fair(operations)
    assert_equally_often([abs(at) for name, at in operations if name == "Rotate"], [0, 3.33333, 6.66667])
    assert_equally_often([at for name, at in operations if name == "Solarize"], [255, 226.667, 198.333])
    assert_shares([at for name, at in operations if name == "Posterize"], {4: 2 / 3, 3: 1 / 3})
    colourless = {
        name for draw in draws("augmix", all_ops=False, count=300) for chain in draw.chains for name, _ in chain
    }
    assert colourless == {*RANDOM} - {"Identity", "Brightness", "Color", "Contrast", "Sharpness"}
    strongest = draws("augmix", severity=10, mixture_width=5, chain_depth=4, count=200)
    assert {(len(draw.chains), len(chain)) for draw in strongest for chain in draw.chains} == {(5, 4)}
    rotations = {abs(at) for draw in strongest for chain in draw.chains for name, at in chain if name == "Rotate"}
    assert len(rotations) == 10
    assert max(rotations) == 30


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_augmix_mixes_by_beta_and_dirichlet_weights(alpha):
    weights = np.array(column_of_tuples("augmix", "weights", alpha=alpha))
    assert weights.shape == (COUNT, 4)
    # each is kept in 6 digits
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-5
    assert stats.kstest(weights[:, 0], "beta", (alpha, alpha)).pvalue > LEAST_P
    kept = weights[:, 0] < 0.99  # of less than a hundredth too few digits are left
    shares = weights[kept, 1:] / (1 - weights[kept, :1])
    for share in shares.T:
        assert stats.kstest(share, "beta", (alpha, 2 * alpha)).pvalue > LEAST_P
        assert_independent(share, weights[kept, 0])
    theirs = np.random.default_rng(5).dirichlet([alpha] * 3, COUNT)
    assert_same_law(shares.max(axis=1), theirs.max(axis=1))
    assert_same_law(shares.min(axis=1), theirs.min(axis=1))


def shares_of_mixup(**settings):
    """A share of 1 to 6 digits is no mix, and is drawn as nothing."""
    return np.array([1.0 if draw is None else draw.lam for draw in draws("mixup", **settings)])


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_share_of_mixup_follows_beta_and_a_folded_one_is_the_greater(alpha):
    lam = shares_of_mixup(alpha=alpha, fold=False)
    assert stats.kstest(lam, "beta", (alpha, alpha)).pvalue > LEAST_P
    folded = shares_of_mixup(alpha=alpha)
    assert folded.min() >= 0.5

    def law(x):
        return stats.beta.cdf(x, alpha, alpha) - stats.beta.cdf(1 - x, alpha, alpha)

    # Of 6 digits too few are left next to 1, where a small alpha has many.
    near = law(0.9999)
    assert_probability((folded >= 0.9999).sum(), COUNT, 1 - near)
    assert stats.kstest(folded[folded < 0.9999], lambda x: law(x) / near).pvalue > LEAST_P
    assert np.maximum(lam, 1 - lam) == pytest.approx(folded, abs=1e-6)


def test_with_an_alpha_of_zero_nothing_is_mixed_in():
    assert {*draws("mixup", alpha=0, count=20), *draws("cutmix", alpha=0, count=20)} == {None}


def boxes_by_numpy(alpha, fold):
    """(left, top, width, height) as the paper and torchvision make them: share, centre, clipped."""
    generator = np.random.default_rng(77)
    lam = generator.beta(alpha, alpha, COUNT)
    lam = np.maximum(lam, 1 - lam) if fold else lam
    x, y = generator.integers(0, SIZE.width, COUNT), generator.integers(0, SIZE.height, COUNT)
    ratio = 0.5 * np.sqrt(1 - lam)
    half_w, half_h = (ratio * SIZE.width).astype(int), (ratio * SIZE.height).astype(int)
    left, top = np.clip(x - half_w, 0, SIZE.width), np.clip(y - half_h, 0, SIZE.height)
    right, bottom = np.clip(x + half_w, 0, SIZE.width), np.clip(y + half_h, 0, SIZE.height)
    return left, top, right - left, bottom - top


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_boxes_of_cutmix_have_the_law_of_the_paper(alpha, fold):
    drawn = [draw for draw in draws("cutmix", alpha=alpha, fold=fold) if draw is not None]
    theirs = np.array(boxes_by_numpy(alpha, fold))
    empty = theirs[2] * theirs[3] == 0  # which is no mix
    assert_probability(COUNT - len(drawn), COUNT, empty.mean())
    theirs = theirs[:, ~empty]
    for field, other in zip(("left", "top", "width", "height"), theirs, strict=True):
        assert_same_law(column(drawn, field), other)
    lam = [rounded(share) for share in 1 - theirs[2] * theirs[3] / (SIZE.width * SIZE.height)]
    assert_same_law(column(drawn, "lam"), lam)
    assert (column(drawn, "left").min(), column(drawn, "top").min()) == (0, 0)
    ends = np.array([(draw.left + draw.width, draw.top + draw.height) for draw in drawn])
    assert tuple(ends.max(axis=0)) == SIZE
    transform = transforms.find("cutmix")()
    for draw in drawn[:200]:
        assert 0 <= draw.left <= draw.left + draw.width <= SIZE.width
        assert 0 <= draw.top <= draw.top + draw.height <= SIZE.height
        share = 1 - draw.width * draw.height / (SIZE.width * SIZE.height)
        assert transform.shares(draw, SIZE) == pytest.approx((share, 1 - share), abs=1e-6)
        if fold:
            assert share >= 0.5


def shares_of_crossings(side, alpha, fold):
    """How often a side of so many pixels is parted at which, from the law of its share.

    A folded share is where |2 x - 1| goes, x being Beta, when 0 to 1 is mapped onto the root of a half to 1: the
    product of two is a half at least, and rounding up keeps that.
    """
    if not fold:
        edges = (np.arange(side + 2) - 0.5).clip(0, side) / side
        return np.diff(stats.beta.cdf(edges, alpha, alpha))
    least = math.sqrt(0.5)
    away = ((np.arange(-1, side + 1) / side - least) / (1 - least)).clip(0, 1)
    return np.diff(2 * stats.beta.cdf((1 + away) / 2, alpha, alpha) - 1)


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_cross_of_mosaic_follows_beta_on_both_sides(alpha, fold):
    whole = transforms.find("mosaic").draw_type()(*SIZE)  # the image alone, drawn as nothing
    drawn = [draw or whole for draw in draws("mosaic", alpha=alpha, fold=fold)]
    for field, side in (("x", SIZE.width), ("y", SIZE.height)):
        expected = shares_of_crossings(side, alpha, fold) * COUNT
        observed = np.bincount(column(drawn, field), minlength=side + 1)
        assert (observed[expected == 0] == 0).all()
        # neighbours that are expected less than ten times are counted together
        cells = (np.cumsum(expected) // 10).astype(int)
        observed, expected = (np.bincount(cells, weights=counts) for counts in (observed, expected))
        kept = expected > 0
        assert stats.chisquare(observed[kept], expected[kept]).pvalue > LEAST_P
    assert_independent(column(drawn, "x"), column(drawn, "y"))


@pytest.mark.parametrize("fold", [False, True])
def test_the_shares_of_mosaic_are_the_areas_and_a_half_at_least_when_folded(fold):
    transform = transforms.find("mosaic")(fold=fold)
    for draw in filter(None, draws("mosaic", fold=fold, count=300)):
        shares = transform.shares(draw, SIZE)
        areas = np.outer([draw.y, SIZE.height - draw.y], [draw.x, SIZE.width - draw.x]).ravel()
        assert shares == pytest.approx(areas / (SIZE.width * SIZE.height), abs=1e-6)
        assert not fold or shares[0] >= 0.5


@pytest.mark.parametrize("fold", [False, True])
def test_the_cross_of_whole_tiles_is_uniform_in_the_middle_half_of_their_canvas(fold):
    side, drawn = max(SIZE), draws("whole_mosaic", fold=fold)
    for field in ("x", "y"):
        low = side if fold else side // 2
        counts = np.bincount(column(drawn, field) - low, minlength=side + side // 2 - low)
        assert stats.chisquare(counts).pvalue > LEAST_P
    assert_independent(column(drawn, "x"), column(drawn, "y"))


def test_copies_have_draws_of_their_own():
    for name in ("mixup", "augmix", "elastic"):
        assert len(set(draws(name, count=200, **({"alpha": 1} if name == "mixup" else {})))) == 200
    lam = column(draws("mixup", alpha=1), "lam")
    assert_independent(*np.array([*pairwise(lam)]).T)
