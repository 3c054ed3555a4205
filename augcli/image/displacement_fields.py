"""Displacement fields: how far to the right and down of itself each pixel reads, (H, W, 2) float32, in pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Places, Points, Size
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


_CLOSE = 1e-3
"""Pixels by which a place may be off that is found by steps."""


def shown_at(field: Places, points: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Return where an image read by a field shows points (N, 2), and tell of each whether the field folds there.

    Between pixels and beyond the edges the field is interpolated as OpenCV does it. Newton's steps find most places;
    where they do not, the pixel that reads nearest is taken.
    """
    found = points.copy()
    for _ in range(8):
        displacement, slopes = _sampled(field, found)
        error = found + displacement - points
        if np.abs(error).max(initial=0) < _CLOSE:
            break
        found -= np.clip(_solved(slopes, error), -_LONGEST_STEP, _LONGEST_STEP)
    displacement, slopes = _sampled(field, found)
    lost = np.abs(found + displacement - points).max(axis=1) >= _CLOSE
    if lost.any():
        reach = float(np.abs(field).max()) + 2
        for at in np.flatnonzero(lost)[:_MOST_SEARCHED]:
            found[at] = _nearest(field, points[at], reach)
    return found, lost | (_areas(slopes) < _FLAT)


_LONGEST_STEP = 8.0
_MOST_SEARCHED = 1000
_FLAT = 0.05
"""Of what is read here: less is next to a fold."""


def rings_shown(field: Places, ring: Points) -> list[Points]:
    """Return outlines of the pixels that show what is inside a ring (N, 2), however often the field folds there."""
    height, width = field.shape[:2]
    reach = float(np.abs(field).max()) + 1
    low, high = ring.min(axis=0) - reach, ring.max(axis=0) + reach
    left, top = np.clip(low, 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(high), 0, (width, height)).astype(int)
    if left >= right or top >= bottom:
        return []
    scale = min(4.0, _FINE / max(*(high - low), 1.0))
    filled = np.zeros((*np.ceil((high - low) * scale).astype(int)[::-1],), np.uint8)
    cv2.fillPoly(filled, [np.rint(((ring - low) * scale - 0.5) * 256).astype(np.int32)], 1, shift=8)
    part = field[top:bottom, left:right]
    x = part[:, :, 0] + np.arange(left + 0.5 - low[0], right - low[0], dtype=np.float32)
    y = part[:, :, 1] + np.arange(top + 0.5 - low[1], bottom - low[1], dtype=np.float32)[:, np.newaxis]
    columns, rows = (
        np.clip((place * np.float32(scale)).astype(np.int32), 0, side - 1)
        for place, side in ((x, filled.shape[1]), (y, filled.shape[0]))
    )
    shown = np.repeat(np.repeat(filled[rows, columns], 2, axis=0), 2, axis=1)  # quarters: their middles are the outline
    outlines, _ = cv2.findContours(shown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [outline[:, 0] / 2 + (left + 0.25, top + 0.25) for outline in outlines if len(outline) > 2]


_FINE = 4096.0
"""Pixels of a side that a filled shape has at most."""


def _areas(slopes: Points) -> npt.NDArray[np.float64]:
    """Return how much larger what is read is than what it becomes."""
    areas: npt.NDArray[np.float64] = (1 + slopes[:, 0]) * (1 + slopes[:, 3]) - slopes[:, 1] * slopes[:, 2]
    return areas


def _solved(slopes: Points, error: Points) -> Points:
    xx, xy, yx, yy = slopes.T
    areas = _areas(slopes)
    areas = np.where(np.abs(areas) < _FLAT, _FLAT, areas)
    x, y = error.T
    return np.stack([(1 + yy) * x - xy * y, (1 + xx) * y - yx * x], axis=1) / areas[:, np.newaxis]


def _sampled(field: Places, places: Points) -> tuple[Points, Points]:
    """Return the displacement (N, 2) at places, bilinear, and its slopes (N, 4): of x along x and y, then of y."""
    height, width = field.shape[:2]
    index = np.clip(places - 0.5, 0, (width - 1, height - 1))
    corner = np.minimum(index.astype(np.intp), (max(0, width - 2), max(0, height - 2)))
    part_x, part_y = (index - corner).T[:, :, np.newaxis]
    columns, rows = corner.T
    right, below = columns + min(1, width - 1), rows + min(1, height - 1)
    a, b, c, d = field[rows, columns], field[rows, right], field[below, columns], field[below, right]
    along_x = (b - a) * (1 - part_y) + (d - c) * part_y
    along_y = (c - a) * (1 - part_x) + (d - b) * part_x
    displacement = a + along_x * part_x + (c - a) * part_y
    beyond = (index != places - 0.5).T[:, :, np.newaxis]  # where the field goes on as it ends
    along_x, along_y = np.where(beyond[0], 0, along_x), np.where(beyond[1], 0, along_y)
    slopes = np.stack([along_x[:, 0], along_y[:, 0], along_x[:, 1], along_y[:, 1]], axis=1)
    return displacement, slopes


def _nearest(field: Places, point: Points, reach: float) -> Points:
    """Return the middle of the pixel that reads nearest to a point, among those not farther away than `reach`."""
    height, width = field.shape[:2]
    left, right = np.clip([point[0] - reach, point[0] + reach + 1], 0, (width - 1, width)).astype(int)
    top, bottom = np.clip([point[1] - reach, point[1] + reach + 1], 0, (height - 1, height)).astype(int)
    part = field[top : max(bottom, top + 1), left : max(right, left + 1)]
    x = part[:, :, 0] + np.arange(part.shape[1]) + (left + 0.5 - point[0])
    y = part[:, :, 1] + np.arange(part.shape[0])[:, np.newaxis] + (top + 0.5 - point[1])
    row, column = divmod(int((x * x + y * y).argmin()), part.shape[1])
    return np.array([left + column + 0.5, top + row + 0.5])
