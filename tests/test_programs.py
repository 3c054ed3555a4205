"""The compiled program gives the bytes that ops give one by one, and both those of the twins."""

import random
from functools import partial

import numpy as np
import pytest

from augcli.image import colour, native, ops
from augcli.image.arrays import Box, Matrix, Picture, Size
from augcli.image.blurs import gaussian_blur
from augcli.image.matrices import about_centre, rotation, scaling
from augcli.image.noise import gaussian_noise
from augcli.image.ops import Erase, Filter, Hue, Mix, Table, Warp
from augcli.image.ops.native_run import pack, run_packed
from augcli.image.transparency import layers
from augcli.settings import Border

SIDES = [(1, 1), (1, 40), (40, 1), (17, 11), (64, 3)]
GREYS, COLOURS = [(0, 0, 0), (9, 9, 9)], [(9, 100, 255)]


def motion(rng, size, out):
    """Turn, mirror, shear, grow or shrink by up to twenty, about any place of the picture, over the horizon too."""
    scale = 10 ** rng.uniform(-0.7, 1.3)
    turned = rotation(rng.uniform(-180, 180)) @ scaling(scale * rng.choice([1, -1]), scale * rng.uniform(0.5, 1.5))
    kind = rng.randrange(6)
    if kind == 0:
        turned = turned @ rotation(rng.uniform(-50, 50))
    elif kind == 1:
        turned = scaling(scale, scale * rng.uniform(0.3, 2))
    elif kind == 2:
        turned = scaling(2, 2) @ rotation(rng.uniform(-20, 20))  # a whole factor, but for what rounding adds
    elif kind == 3:
        return about_centre(rotation(7), size)
    a, b, _, d, e, *_ = turned
    x, y = (side * rng.uniform(0.2, 0.8) for side in size)
    moved = Matrix(a, b, x - (a * out.width + b * out.height) / 2, d, e, y - (d * out.width + e * out.height) / 2)
    if rng.random() < 0.05:
        moved = moved._replace(c=moved.c * 1e6)
    if rng.random() < 0.3:
        slope = 10 ** rng.uniform(-5, -2)
        return moved._replace(g=rng.uniform(-slope, slope), h=rng.uniform(-slope, slope), i=rng.choice([1, 1.1]))
    return moved


def whole_move(rng, size, pitch):
    a, b, _, d, e, *_ = scaling(rng.choice([1, -1]), 1) @ rotation(rng.choice([0, 90, 180, 270]))
    x, y = (rng.randint(-9, side + 9) for side in size)
    return Matrix(a * pitch, b * pitch, x * pitch, d * pitch, e * pitch, y * pitch)


def any_warp(rng, size, pitch):
    out = Size(*rng.choice([(1, 1), (7, 5), (rng.randint(1, 80), rng.randint(1, 80)), (150, 130)]))
    border = Border(mode=rng.choice(native.BORDERS), fill=rng.choice(GREYS + COLOURS))
    whole = Size(size.width * pitch, size.height * pitch)
    if rng.random() < 0.2:
        return Warp(whole_move(rng, size, pitch), out, border, rng.choice(["bilinear", "nearest"]))
    return Warp(motion(rng, whole, out), out, border, antialias=rng.random() < 0.5)


def any_mix(rng):
    reach, share = 10 ** rng.uniform(-1, 2.5), rng.uniform(0.2, 1.8)
    truncate = rng.random() < 0.3
    match rng.randrange(5):
        case 0:
            return Mix(colour.LUMAS)
        case 1:
            return Mix(colour.EYE.times(share), colour.LUMAS.times(1 - share), truncate=truncate)
        case 2:
            return Mix(colour.EYE.times(share).plus(colour.LUMAS.times(1 - share)), truncate=truncate)
        case 3:
            return Mix(colour.EYE.times(share), constant=(rng.uniform(-50, 50),) * 3, truncate=truncate)
    by_pixel, by_mean = (Matrix(*(rng.uniform(-reach, reach) for _ in range(9))) for _ in range(2))
    return Mix(by_pixel, by_mean, (reach, -30 * reach, 50 * reach), truncate)


def any_change(rng, numbers):
    match rng.randrange(7):
        case 0 | 1 | 2:
            return any_mix(rng)
        case 3:
            return Table(numbers.integers(0, 256, (256, rng.choice([1, 1, 3])), dtype=np.uint8))
        case 4:
            return Hue(rng.choice([0, 0.5, -0.5, 1 / 6, rng.uniform(-0.5, 0.5)]))
        case 5:
            side, std = rng.choice([1, 3, 5, 7, 9, 31]), rng.uniform(0, 80)
            blur = partial(gaussian_blur, kernel_size=side, sigma=rng.uniform(0.1, 5))
            mean, seed, per_channel = rng.uniform(-9, 9), rng.randrange(1 << 48), rng.random() < 0.5
            noise = partial(gaussian_noise, mean=mean, std=std, per_channel=per_channel, seed=seed)
            return rng.choice([Filter(blur, "mean"), Filter(noise)])
    boxes = (Box(rng.randint(0, 40), rng.randint(0, 40), rng.randint(0, 60), rng.randint(1, 60)) for _ in range(3))
    return Erase(tuple(boxes), rng.choice(GREYS + COLOURS))


def any_case(seed, longest):
    """Return a picture and ops, which may be at odds with each other as a user's may."""
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    width, height = rng.choice([*SIDES, (rng.randint(1, 90), rng.randint(1, 90)), (rng.randint(1, longest), 200)])
    image = numbers.integers(0, 256, (height, width, rng.choice([1, 3, 3])), dtype=np.uint8)
    pitch = rng.choice([1, 1, 1, 2, 4, 8])
    recipe = [any_warp(rng, Size(width, height), pitch)] if rng.random() < 0.8 else []
    recipe += [any_change(rng, numbers) for _ in range(rng.randint(not recipe, 4))]
    if rng.random() < 0.1:
        recipe += [any_warp(rng, Size(70, 60), 1), any_change(rng, numbers)]
    return Picture(image, None, pitch), recipe


def one_by_one(picture, recipe):
    for op in recipe:
        picture = op.run(picture)
    return picture.image


def programmed(picture, recipe, shared=None):
    packed = [pack(op) for op in recipe]
    assert None not in packed
    made = run_packed(b"".join(packed), len(packed), picture, shared)
    return None if made is None else made.image


def check(seeds, longest, monkeypatch=None):
    ran = 0
    for seed in seeds:
        picture, recipe = any_case(seed, longest)
        before, shared = picture.image.copy(), layers(picture)
        made = programmed(picture, recipe, shared)
        assert (picture.image == before).all()
        if made is None:
            continue
        ran += 1
        if monkeypatch is None:
            expected = one_by_one(picture, recipe)
        else:
            with monkeypatch.context() as patch:
                patch.setattr(native, "library", lambda: None)
                expected = one_by_one(picture, recipe)
        assert made.shape == expected.shape, (seed, recipe)
        assert (made == expected).all(), (seed, recipe)
        assert (programmed(picture, recipe, shared) == made).all(), "levels that are there already"
        assert (ops.run(recipe, picture).image == made).all()
    assert ran > 0.7 * len(seeds)


def test_programs_and_ops_one_by_one_give_the_same_bytes():
    check(range(250), 300)


def test_programs_and_twins_give_the_same_bytes(monkeypatch):
    check(range(1000, 1100), 150, monkeypatch)


@pytest.mark.slow
def test_programs_and_ops_one_by_one_give_the_same_bytes_at_length():
    check(range(10_000, 13_000), 700)


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("pitch", [1, 4])
def test_copies_share_levels_of_a_large_picture(antialias, pitch):
    """Crops at different scales and places, each of which makes some more rows of some levels."""
    image = np.random.default_rng(5).integers(0, 256, (611, 697, 3), dtype=np.uint8)
    picture, shared, rng = Picture(image, None, pitch), None, random.Random(6)
    shared = layers(picture)
    for _ in range(24):
        scale, out = pitch * rng.uniform(1, 9), Size(rng.randint(20, 70), rng.randint(20, 70))
        turned = rotation(rng.uniform(-30, 30)) @ scaling(scale, scale * rng.uniform(0.6, 1.4))
        x, y = 697 * pitch * rng.random() - 30 * scale, 611 * pitch * rng.random() - 30 * scale
        a, b, _, d, e, *_ = turned
        warp = Warp(Matrix(a, b, x, d, e, y), out, Border(mode=rng.choice(native.BORDERS)), antialias=antialias)
        assert (programmed(picture, [warp], shared) == warp.run(picture).image).all(), warp


def test_a_view_is_read_where_it_lies():
    whole = np.random.default_rng(5).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    recipe = [Warp(about_centre(rotation(20), Size(60, 50)), Size(60, 50)), Hue(0.1)]
    for image in (whole[11:80, 20:101], whole[:, ::-1], whole[::-1], np.asfortranarray(whole)):
        expected = one_by_one(Picture(image.copy(order="C")), recipe)
        assert (programmed(Picture(image), recipe) == expected).all()


def test_what_a_program_cannot_do_is_left_to_the_ops():
    grey, size = np.full((20, 30, 1), 9, np.uint8), Size(30, 20)
    coloured = Warp(rotation(3), size, Border(fill=(1, 2, 3)))
    cases = [
        (grey, [coloured]),
        (grey, [Mix(Matrix(1, 0, 0, 0, 0.5, 0, 0, 0, 1)), coloured]),
        (grey, [Erase((Box(0, 0, 5, 5),), (1, 2, 3))]),
        (np.repeat(grey, 3, axis=2), [Warp(scaling(2, 2), Size(15, 10))]),  # Pillow's
        (np.repeat(grey, 3, axis=2), [Warp(rotation(3), size, interpolation="bicubic")]),
    ]
    for image, recipe in cases:
        assert programmed(Picture(image), recipe) is None
        assert (ops.run(recipe, Picture(image)).image == one_by_one(Picture(image), recipe)).all()
    assert pack(Filter(colour.greyscale)) is None
