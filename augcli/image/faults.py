"""What is wrong with a picture as a training example, told by its pixels alone."""

from __future__ import annotations

import numpy as np

from augcli.image.arrays import Picture
from augcli.image.lazy_imports import cv2

BLANK = 2.0
"""Levels: a picture whose every channel varies less, as a standard deviation, shows nothing."""
NEAR = 1
"""Levels from black or white within which a pixel counts as clipped: JPEG moves them by as much."""


def is_blank(picture: Picture) -> bool:
    """Tell whether a picture (H, W, C) uint8 is of one colour, or wholly transparent."""
    if picture.alpha is not None and not picture.alpha.any():
        return True
    return bool(cv2.meanStdDev(picture.image)[1].max() < BLANK)


def clipped_share(picture: Picture) -> float:
    """Return the share of the pixels of a picture (H, W, C) uint8 that are black or white."""
    image = picture.image
    channels = image.shape[2]
    number = sum(
        cv2.countNonZero(cv2.inRange(image, (low,) * channels, (high,) * channels))
        for low, high in ((0, NEAR), (255 - NEAR, 255))
    )
    return float(number / (image.shape[0] * image.shape[1]))


def newly_clipped(share: float, before: float) -> float:
    """Return how much of what was neither black nor white in a source has become so, from the shares of both."""
    return max(0.0, share - before) / (1 - before) if before < 1 else 0.0


def same_pixels(one: Picture, other: Picture) -> bool:
    """Tell whether two pictures have the same size and pixels."""
    if not np.array_equal(one.image, other.image):
        return False
    if one.alpha is None or other.alpha is None:
        return one.alpha is other.alpha
    return np.array_equal(one.alpha, other.alpha)
