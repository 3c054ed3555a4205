"""Kernels that look at neighbours, positions or noise: image in, image out of the same size.

Convolutions use the border `reflect` (BORDER_REFLECT_101) and round to nearest, as torchvision does.
Noise is grown from an integer seed, so that the same seed gives the same noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from struct import unpack

import numpy as np

from augcli.image import native
from augcli.image.arrays import Image, Layer, with_channels
from augcli.image.lazily import cv2


def gaussian_blur(image: Image, kernel_size: int, sigma: float) -> Image:
    """Blur with a normalised Gaussian of `kernel_size` taps a side and `sigma` pixels.

    Equals torchvision's `F.gaussian_blur` to one level.
    """
    radius = kernel_size // 2
    shares = [math.exp(-0.5 * (at / sigma) ** 2) for at in range(-radius, radius + 1)]
    kernel = [share / sum(shares) for share in shares]
    return blur(image, kernel, kernel)


def blur(image: Layer, down: Sequence[float], along: Sequence[float]) -> Layer:
    """Convolve columns with a kernel and rows with another; bytes are rounded to nearest, planes of floats are not."""
    if image.dtype == np.uint8:
        return native.blur(image, down, along)
    taps = np.array(along), np.array(down)
    return with_channels(cv2.sepFilter2D(image, -1, *taps, borderType=cv2.BORDER_REFLECT_101))


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
