"""Displacement fields: how far to the right and down of itself each pixel reads, (H, W, 2) float32, in pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Places, Size
from augcli.image.lazy_imports import cv2

_FINEST = 2
"""Pixels of its grid that noise is blurred by at least; what is smoother is made on a coarser grid."""


def smooth_noise(size: Size, alpha: float, sigma: float, seed: int) -> Places:
    """Return `alpha` times noise, uniform between -1 and 1 and blurred by `sigma` pixels; same seed, same field.

    The noise goes on beyond the edges: the field is as strong there as in the middle. From a sigma of 4 it is
    made for blocks of pixels, with the standard deviation of their mean.
    """
    pitch = max(1, int(sigma // _FINEST))
    blur = sigma / pitch
    radius = int(np.ceil(4 * blur))
    high, wide = (-(-side // pitch) + 2 * radius + 2 for side in (size.height, size.width))
    noise = np.random.Generator(np.random.SFC64(seed)).random((high, wide, 2), dtype=np.float32)
    noise -= np.float32(0.5)
    noise *= np.float32(2 * alpha / pitch)
    field: Places = np.asarray(cv2.GaussianBlur(noise, (2 * radius + 1, 2 * radius + 1), blur), np.float32)
    field = field[radius:-radius, radius:-radius]
    if pitch > 1:
        grown = (field.shape[1] * pitch, field.shape[0] * pitch)
        field = np.asarray(cv2.resize(field, grown, interpolation=cv2.INTER_CUBIC), np.float32)[pitch:, pitch:]
    return field[: size.height, : size.width]


def lens(size: Size, strength: float) -> Places:
    """Return a lens: at radius r from the middle, in half diagonals, a pixel reads `strength` r^3 farther out."""
    x = np.arange(size.width, dtype=np.float32) + np.float32(0.5 - size.width / 2)
    y = (np.arange(size.height, dtype=np.float32) + np.float32(0.5 - size.height / 2))[:, np.newaxis]
    farther = (x * x + y * y) * np.float32(4 * strength / (size.width**2 + size.height**2))
    return np.stack([x * farther, y * farther], axis=2)


def stretched_grid(size: Size, x: tuple[float, ...], y: tuple[float, ...]) -> Places:
    """Return the field of a stretched grid: column i reads 1 + x[i] times its even share of the image, rows by y."""
    field = np.empty((size.height, size.width, 2), np.float32)
    field[:, :, 0] = _along(size.width, x)
    field[:, :, 1] = _along(size.height, y)[:, np.newaxis]
    return field


def _along(side: int, shares: tuple[float, ...]) -> npt.NDArray[np.float64]:
    edges = np.linspace(0, side, len(shares) + 1)
    read = np.concatenate([[0], np.cumsum(np.array(shares) + 1)])
    middles = np.arange(side) + 0.5
    moved: npt.NDArray[np.float64] = np.interp(middles, edges, read * (side / read[-1])) - middles
    return moved
