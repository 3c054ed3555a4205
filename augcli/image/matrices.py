"""Builders of 3x3 matrices, and the one place where the pixel-centre convention stands.

Builders act on column vectors (x, y, 1) in continuous coordinates (see `arrays`) and move points:
`rotation(30)` turns a point counter-clockwise as seen. A Warp wants the opposite direction, from an
output pixel to the place where it reads, so transforms hand it the inverse motion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from augcli.image.arrays import Matrix, Points, Size

_TO_CENTRE = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]], dtype=np.float64)
_FROM_CENTRE = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]], dtype=np.float64)


def inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def translation(x: float, y: float) -> Matrix:
    """Move right by x and down by y pixels."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def scaling(x: float, y: float) -> Matrix:
    """Stretch away from the origin."""
    return np.array([[x, 0, 0], [0, y, 0], [0, 0, 1]], dtype=np.float64)


def rotation(degrees: float) -> Matrix:
    """Turn about the origin, counter-clockwise as seen; multiples of 90 degrees are exact."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], dtype=np.float64)


def shearing(x_degrees: float, y_degrees: float) -> Matrix:
    """Shear along x first, then along y (torchvision's RandomAffine).

    x' = x - y tan(x_degrees): +45 moves the top right; y' = y - x tan(y_degrees): +45 moves the left down.
    """
    x = np.array([[1, -math.tan(math.radians(x_degrees)), 0], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    y = np.array([[1, 0, 0], [-math.tan(math.radians(y_degrees)), 1, 0], [0, 0, 1]], dtype=np.float64)
    return y @ x


def about_centre(motion: Matrix, size: Size) -> Matrix:
    """Let a motion about the origin happen about the middle of an image."""
    x, y = size.width / 2, size.height / 2
    return translation(x, y) @ motion @ translation(-x, -y)


def box_to(box: tuple[float, float, float, float], size: Size) -> Matrix:
    """Map an image of `size` onto the box (left, top, width, height): where a crop and resize reads."""
    left, top, width, height = box
    return translation(left, top) @ scaling(width / size.width, height / size.height)


def quad_to_quad(source: Sequence[tuple[float, float]], target: Sequence[tuple[float, float]]) -> Matrix:
    """Return the homography that maps four points onto four others (Hartley and Zisserman, 2.2)."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        right += [u, v]
    solved = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))
    return np.append(solved, 1.0).reshape(3, 3)


def is_convex(quad: Sequence[tuple[float, float]]) -> bool:
    """Tell whether four corners run clockwise as seen round an area, as those of a picture do."""
    a, b, c, d = quad
    around = ((a, b, c), (b, c, d), (c, d, a), (d, a, b))
    return all((q[0] - p[0]) * (r[1] - q[1]) > (q[1] - p[1]) * (r[0] - q[0]) for p, q, r in around)


def to_index(matrix: Matrix) -> Matrix:
    """Rewrite a matrix from continuous coordinates to array indices, as OpenCV takes it."""
    return _FROM_CENTRE @ matrix @ _TO_CENTRE


def apply(matrix: Matrix, points: Points) -> Points:
    """Map points (N, 2) through a matrix, dividing by the homogeneous coordinate."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


def corners(size: Size) -> Points:
    """Return the four outer corners of an image, (4, 2), clockwise from the top left."""
    width, height = size
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
