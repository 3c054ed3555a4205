"""Kernels that look at neighbours, positions or noise: image in, image out of the same size.

Convolutions use the border `reflect` (BORDER_REFLECT_101) and round to nearest, as torchvision does.
Noise is grown from an integer seed, so that the same seed gives the same noise.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from augcli.image import native
from augcli.image.arrays import Image, with_channels
from augcli.image.lazily import cv2


def gaussian_blur(image: Image, kernel_size: int, sigma: float) -> Image:
    """Blur with a normalised Gaussian of `kernel_size` taps a side and `sigma` pixels.

    Equals torchvision's `F.gaussian_blur` to one level.
    """
    radius = kernel_size // 2
    shares = [math.exp(-0.5 * (at / sigma) ** 2) for at in range(-radius, radius + 1)]
    kernel = [share / sum(shares) for share in shares]
    if image.dtype == np.uint8:
        return native.blur(image, kernel)
    taps = np.array(kernel)
    return with_channels(cv2.sepFilter2D(image, -1, taps, taps, borderType=cv2.BORDER_REFLECT_101))


def sharpen_or_blur(image: Image, factor: float) -> Image:
    """Mix the image with a softened one: `factor` of the image, 1 - factor of the other, which keeps the edge pixels.

    The softening kernel is 3 x 3 ones with 5 in the middle. Equals torchvision's `F.adjust_sharpness` to one level.
    """
    if min(image.shape[:2]) < 3:
        return image
    kernel = np.ones((3, 3), np.float32)
    kernel[1, 1] = 5
    soft = with_channels(cv2.filter2D(image, -1, kernel / 13))
    mixed = with_channels(cv2.addWeighted(image, factor, soft, 1 - factor, 0))
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        mixed[edge] = image[edge]
    return mixed


def add_noise(image: Image, mean: float, std: float, per_channel: bool, seed: int) -> Image:
    """Add normal noise of `mean` and `std` levels, round to nearest and clip.

    With `per_channel` every channel has noise of its own, otherwise all share one field. The numbers are
    cut from a bank of normal numbers at places that follow from the seed.
    """
    channels = image.shape[2]
    needed = image.size if per_channel else image.size // channels
    noise = _normal_numbers(needed, seed)
    if not per_channel:
        noise = np.repeat(noise, channels)
    shift = _NOISE_BITS + 9  # as many fractional bits as the product leaves of 32
    while round(std * (1 << (shift - _NOISE_BITS))) > np.iinfo(np.int16).max:
        shift -= 1
    offset = round(mean * (1 << shift)) + (1 << (shift - 1))
    return native.add_noise(image, noise, round(std * (1 << (shift - _NOISE_BITS))), offset, shift)


def _normal_numbers(count: int, seed: int) -> npt.NDArray[np.int16]:
    bank = _bank()
    longest = _BANK // 2
    places = np.random.SeedSequence(seed).generate_state(-(-count // longest), np.uint32) % longest
    if count <= longest:
        return bank[places[0] : places[0] + count]
    blocks = [bank[place : place + longest] for place in places]
    return np.concatenate(blocks)[:count]


_BANK = 1 << 21
_NOISE_BITS = 12


@cache
def _bank() -> npt.NDArray[np.int16]:
    """Two million normal numbers in units of 1/4096, made once per process; an image is far smaller."""
    numbers = np.random.Generator(np.random.Philox(key=_BANK)).standard_normal(_BANK, np.float32)
    fixed: npt.NDArray[np.int16] = np.rint(numbers.clip(-7.9, 7.9) * (1 << _NOISE_BITS)).astype(np.int16)
    return fixed
