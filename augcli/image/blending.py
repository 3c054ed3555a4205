"""Kernels that make one image of several: each gets a list of images of one shape, the image itself first."""

from __future__ import annotations

import numpy as np

from augcli.image.arrays import Box, Image


def weighted(images: list[Image], lam: float) -> Image:
    """Return `lam` of the first image and 1 - lam of the second, rounded to nearest."""
    one, other = images
    mixed = one * np.float32(lam)
    mixed += other * np.float32(1 - lam)
    blended: Image = np.rint(mixed, mixed).astype(np.uint8)
    return blended


def pasted(images: list[Image], boxes: tuple[Box, ...]) -> Image:
    """Return the first image with a box of each other one in it, at the same place."""
    made = images[0].copy()
    for other, (left, top, width, height) in zip(images[1:], boxes, strict=True):
        where = np.s_[top : top + height, left : left + width]
        made[where] = other[where]
    return made
