"""No two fields of noise have anything in common, nor two parts of one; normal noise is normal."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from augcli.image import native, noise, ops, transforms, weather
from augcli.image.arrays import Image, Picture, Size, size_of
from augcli.random_streams import Streams

SIZE = Size(300, 200)
STRIPES = np.tile(np.array([[90, 140, 110], [160, 120, 130]], np.uint8), (200, 150, 1))
FLAT = np.full((200, 300, 3), 128, np.uint8)


def lowered(name: str, copy: int, source: bytes, size: Size, **settings: object) -> ops.Op:
    """Return what a step does to a copy of a source."""
    transform = transforms.find(name)(**settings)
    return transform.lower(transform.sample(Streams(7, source, copy)(name), size), size)


def on(image: Image, name: str, **settings: object):
    """Return the maker of what a step adds to an image."""

    def made(copy: int, source: bytes = b"a.jpg") -> np.ndarray:
        op = lowered(name, copy, source, size_of(image), **settings)
        added = ops.run([op], Picture(image)).image.astype(float) - image
        return added - added.mean(axis=0)  # what it is on average depends on the colour, which is that of a column

    return made


def waves(copy: int, source: bytes = b"a.jpg") -> np.ndarray:
    return lowered("elastic", copy, source, SIZE).field()


def drops(copy: int, source: bytes = b"a.jpg") -> np.ndarray:
    places = weather.raindrops(
        SIZE, 3000, 25, transforms.find("rain")().sample(Streams(7, source, copy)("rain"), SIZE).seed
    )
    field = np.zeros((SIZE.height - 25, SIZE.width, 1))
    np.add.at(field, (places[:, 1], places[:, 0], 0), 1)
    return field


# All of the image is erased, so that the fields lie upon each other.
HOLES = {"holes": 1, "height": (200, 200), "width": (300, 300), "fill": "random"}
GROWN = {
    "gauss_noise": on(FLAT, "gauss_noise", std=(0.004, 0.09)),
    "gauss_noise of one field": on(FLAT, "gauss_noise", per_channel=False),
    "gauss_noise on grey": on(FLAT[:, :, :1], "gauss_noise", std=0.2),
    "iso_noise": on(STRIPES, "iso_noise"),
    "iso_noise on grey": on(STRIPES[:, :, :1], "iso_noise"),
    "salt_and_pepper": on(FLAT, "salt_and_pepper"),
    "coarse_dropout": on(FLAT, "coarse_dropout", **HOLES),
    "elastic": waves,
    "rain": drops,
}


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the correlation of two fields for every way to move one over the other, round the edges."""
    one, other = (field - field.mean(axis=(0, 1)) for field in (one, other))
    spectra = np.fft.fft2(one, axes=(0, 1)) * np.fft.fft2(other, axes=(0, 1)).conj()
    return np.fft.ifft2(spectra.sum(axis=2)).real / math.sqrt((one**2).sum() * (other**2).sum())


def chance(places: int) -> float:
    """Return how many standard deviations the largest of so many correlations stays below, but once in a million."""
    return math.sqrt(2 * math.log(2e6 * places))


@pytest.mark.parametrize("name", GROWN)
def test_copies_and_pictures_have_no_noise_in_common_wherever_one_is_moved(name):
    grow = GROWN[name]
    fields = [*(grow(copy) for copy in range(6)), grow(0, b"b.jpg"), grow(1, b"b.jpg")]
    for one, other in itertools.combinations(fields, 2):
        moved = likeness(one, other)
        # How far they stray by chance is seen on all the other ways to move them.
        assert np.abs(moved).max() < chance(moved.size) * moved.std()


@pytest.mark.parametrize("name", [name for name in GROWN if name != "elastic"])
def test_a_picture_has_no_noise_twice(name):
    field = GROWN[name](3)
    moved = likeness(field, field)
    moved[0, 0] = 0
    assert np.abs(moved).max() < chance(moved.size) * moved.std()


@pytest.mark.parametrize("per_channel", [True, False])
def test_noise_of_a_large_picture_is_normal_and_nowhere_like_another_part_of_it(per_channel):
    """Three megapixels; the tails, too."""
    flat = np.full((1500, 2000, 3), 128, np.uint8)
    noisy = noise.gaussian_noise(flat, 0, 25.5, per_channel, 5)
    assert per_channel != (noisy == noisy[:, :, :1]).all()
    levels = noisy[:, :, 1].astype(float) - 128
    moved = likeness(levels[:, :, np.newaxis], levels[:, :, np.newaxis])
    moved[0, 0] = 0
    assert np.abs(moved).max() < chance(moved.size) / math.sqrt(moved.size) < 0.02
    count, law = levels.size, stats.norm(0, 25.5)
    assert abs(levels.mean()) < 5 * 25.5 / math.sqrt(count)
    # Sheppard: rounding adds the variance of half a level to either side.
    assert abs(levels.std() / math.sqrt(25.5**2 + 1 / 12) - 1) < 5 / math.sqrt(2 * count)
    assert abs(stats.kurtosis(levels.ravel())) < 5 * math.sqrt(24 / count)
    reached = np.cumsum(np.bincount(noisy[:, :, 1].ravel(), minlength=256)) / count
    assert np.abs(reached - law.cdf(np.arange(256) - 127.5))[:-1].max() < 2.5 / math.sqrt(count)
    for deviations, off in ((3, 0.03), (4, 0.25), (4.5, 0.6)):
        farther = (np.abs(levels) > deviations * 25.5).mean()
        assert abs(farther / (2 * law.sf(math.floor(deviations * 25.5) + 0.5)) - 1) < off


@pytest.mark.parametrize("std", [0.004, 0.02, 0.09, 0.3, 1.0])
@pytest.mark.parametrize("level", [1, 128, 250])
def test_noise_of_any_strength_has_the_mean_and_deviation_of_the_law_that_clipping_leaves(std, level):
    levels = 255 * std
    noisy = noise.gaussian_noise(np.full((300, 400, 3), level, np.uint8), 0.7, levels, True, 8)
    cells = np.diff(stats.norm.cdf(np.arange(0.5, 255), level + 0.7, levels), prepend=0, append=1)
    mean = (cells * np.arange(256)).sum()
    deviation = math.sqrt((cells * (np.arange(256) - mean) ** 2).sum())
    assert abs(noisy.mean() - mean) < 5 * deviation / 600
    assert abs(noisy.std() / deviation - 1) < 0.01


def test_the_first_numbers_of_a_seed_are_for_ever_these():
    """The definition written out again, in whole numbers of any length."""

    def product(a: int, b: int) -> int:
        return (a * b + (1 << 14)) >> 15

    key, step = 0x1234567, 0x9E3779B1
    found = []
    for counter in range(40):
        x = (key + counter * step) % 2**32
        x = (x ^ x >> 16) * 0x21F0AAAD % 2**32
        x = (x ^ x >> 15) * 0x735A2D97 % 2**32
        parts = (x ^ x >> 15).to_bytes(4, "little")
        bell = sum(part * weight for part, weight in zip(parts, (57, 71, 53, 75), strict=True)) - 32640
        bend = 0
        for number in (13109, -12059, 5458, 1432, 13470):
            bend = product(bend, product(bell, bell)) + number
        found.append(max(0, min(255, 100 + (product(bell, bend) * 20 + 2048 >> 12))))
    noisy = native.add_noise(np.full((5, 8, 1), 100, np.uint8), (key, step), 1, 20, 2048, 12)
    assert noisy.ravel().tolist() == found
