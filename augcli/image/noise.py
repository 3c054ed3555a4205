"""Kernels that add noise: image in, image out of the same size.

Noise is grown from an integer seed: the same seed gives the same noise.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from struct import unpack
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image import native
from augcli.image.arrays import Image, with_channels
from augcli.image.lazy_imports import cv2

Floats: TypeAlias = npt.NDArray[np.float32]


def gaussian_noise(image: Image, mean: float, std: float, per_channel: bool, seed: int) -> Image:
    """Add normal noise of `mean` and `std` levels, round to nearest and clip.

    With `per_channel` every channel has noise of its own, otherwise all share one. Each number follows from the seed
    and its place alone: no two seeds, and no two parts of an image, share noise.
    """
    shift = _NOISE_BITS + 9  # as many fractional bits as the product leaves of 32
    while round(std * (1 << (shift - _NOISE_BITS))) > np.iinfo(np.int16).max:
        shift -= 1
    offset = round(mean * (1 << shift)) + (1 << (shift - 1))
    first, second = unpack("<2I", blake2b(seed.to_bytes(8, "little"), digest_size=8).digest())
    repeat = 1 if per_channel else image.shape[2]
    return native.add_noise(
        image, (first, second | 1), repeat, round(std * (1 << (shift - _NOISE_BITS))), offset, shift
    )


_NOISE_BITS = 12


def iso_noise(image: Image, color_shift: float, intensity: float, seed: int) -> Image:
    """Add a sensor's noise: Poisson noise to the lightness, which grows with its spread; normal noise to the hue.

    In HLS with lightness L and its standard deviation S, both 0 to 1: L += P (1 - L) / 255 with P of a Poisson
    law of rate 255 S `intensity`; the hue turns by a normal number of deviation `color_shift * intensity`
    turns. Greyscale has no hue. Albumentations up to 1.3.1 has this formula, 2.0.8 has lost its scales.
    """
    generator = np.random.Generator(np.random.SFC64(seed))
    height, width, channels = image.shape
    specks = poisson(255 * intensity * _spread(image), height * width, generator).reshape(height, width)
    if channels == 1:
        lightness = image[:, :, 0].astype(np.float32)
        lightness += specks * (255 - lightness) * np.float32(1 / 255)
        return with_channels(cv2.convertScaleAbs(lightness))
    noisy = np.empty_like(image)
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        strip = slice(top, top + rows)
        hls: npt.NDArray[Any] = cv2.cvtColor(image[strip] * np.float32(1 / 255), cv2.COLOR_RGB2HLS)
        turns = generator.standard_normal(hls.shape[:2], np.float32)
        hls[:, :, 0] += turns * np.float32(360 * color_shift * intensity)
        hls[:, :, 0] -= 360 * np.floor(hls[:, :, 0] / 360)  # many times as fast as the remainder
        hls[:, :, 1] += specks[strip] * (1 - hls[:, :, 1]) * np.float32(1 / 255)
        rgb = cv2.cvtColor(hls, cv2.COLOR_HLS2RGB)
        noisy[strip] = cv2.convertScaleAbs(np.maximum(rgb, 0), alpha=255)
    return noisy


_STRIP = 1 << 13  # pixels whose floats stay in the cache


def _spread(image: Image) -> float:
    """Return the standard deviation of the lightness in HLS, 0 to 1."""
    if image.shape[2] == 1:
        return float(cv2.meanStdDev(image)[1][0, 0]) / 255
    red, green, blue = cv2.split(image)
    least, most = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return float(cv2.meanStdDev(cv2.add(least, most, dtype=cv2.CV_16U))[1][0, 0]) / (2 * 255)


def poisson(rate: float, count: int, generator: np.random.Generator) -> Floats:
    """Return numbers of a Poisson law by table, ten times as fast as one by one; probabilities are to 1/65536."""
    if rate == 0:
        return np.zeros(count, np.float32)
    numbers = np.arange(math.ceil(rate + 10 * math.sqrt(rate) + 20))
    logarithms = numbers * math.log(rate) - rate - np.cumsum(np.log(np.maximum(numbers, 1)))
    reached = np.rint(65536 * np.minimum(np.cumsum(np.exp(logarithms)), 1)).astype(int)
    reached[-1] = 65536
    table = np.repeat(numbers.astype(np.float32), np.diff(reached, prepend=0))
    return table[generator.integers(0, 65536, count, dtype=np.uint16)]


def salt_and_pepper(image: Image, amount: float, salt: float, seed: int) -> Image:
    """Turn a share `amount` of the pixels white or black: a share `salt` of them white. Both round down."""
    height, width, channels = image.shape
    count = int(height * width * amount)
    places = np.random.Generator(np.random.SFC64(seed)).choice(height * width, count, replace=False)
    white = int(count * salt)
    noisy = image.copy()
    pixels = noisy.reshape(-1, channels)
    pixels[places[:white]] = 255
    pixels[places[white:]] = 0
    return noisy
