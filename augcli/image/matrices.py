"""3x3 matrices: how they are built, what can be told from one, and the one place of the pixel-centre convention.

Builders act on column vectors (x, y, 1) in continuous coordinates (see `arrays`) and move points:
`rotation(30)` turns a point counter-clockwise as seen. A Warp wants the opposite direction, from an
output pixel to the place where it reads, so transforms hand it the inverse motion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Matrix, Points, Size

IDENTITY = Matrix(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

TINY = 1e-6
"""Pixels; what composing a few matrices in float64 can be off by, and no eye or rounding sees."""

Bounds: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom"""


def inverse(matrix: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = matrix
    p, q, r = e * i - f * h, f * g - d * i, d * h - e * g
    part = 1 / (a * p + b * q + c * r)
    if g == h == 0 and i == 1:
        return Matrix(p * part, -b * part, (b * f - c * e) * part, q * part, a * part, (c * d - a * f) * part)
    return Matrix(
        p * part,
        (c * h - b * i) * part,
        (b * f - c * e) * part,
        q * part,
        (a * i - c * g) * part,
        (c * d - a * f) * part,
        r * part,
        (b * g - a * h) * part,
        (a * e - b * d) * part,
    )


def translation(x: float, y: float) -> Matrix:
    """Move right by x and down by y pixels."""
    return Matrix(1.0, 0.0, x, 0.0, 1.0, y)


def scaling(x: float, y: float) -> Matrix:
    """Stretch away from the origin."""
    return Matrix(x, 0.0, 0.0, 0.0, y, 0.0)


def rotation(degrees: float) -> Matrix:
    """Turn about the origin, counter-clockwise as seen; multiples of 90 degrees are exact."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return Matrix(cos, sin, 0.0, -sin, cos, 0.0)


def shearing(x_degrees: float, y_degrees: float) -> Matrix:
    """Shear along x first, then along y (torchvision's RandomAffine).

    x' = x - y tan(x_degrees): +45 moves the top right; y' = y - x tan(y_degrees): +45 moves the left down.
    """
    along, across = -math.tan(math.radians(x_degrees)), -math.tan(math.radians(y_degrees))
    return Matrix(1.0, 0.0, 0.0, across, 1.0, 0.0) @ Matrix(1.0, along, 0.0, 0.0, 1.0, 0.0)


def about_centre(motion: Matrix, size: Size) -> Matrix:
    """Let an affine motion about the origin happen about the middle of an image."""
    a, b, c, d, e, f, *_ = motion
    x, y = size.width / 2, size.height / 2
    return Matrix(a, b, c + x - (a * x + b * y), d, e, f + y - (d * x + e * y))


def box_to(box: tuple[float, float, float, float], size: Size) -> Matrix:
    """Map an image of `size` onto the box (left, top, width, height): where a crop and resize reads."""
    left, top, width, height = box
    return Matrix(width / size.width, 0.0, left, 0.0, height / size.height, top)


def quad_to_quad(source: Sequence[tuple[float, float]], target: Sequence[tuple[float, float]]) -> Matrix:
    """Return the homography that maps four points onto four others; both run round an area."""
    matrix = _square_to(target) @ inverse(_square_to(source))
    a, b, c, d, e, f, g, h, i = matrix.times(1 / matrix.i)
    if max(abs(g), abs(h)) < 1e-12:  # two parallelograms
        g, h, i = 0.0, 0.0, 1.0
    return Matrix(a, b, c, d, e, f, g, h, i)


def _square_to(quad: Sequence[tuple[float, float]]) -> Matrix:
    """Return the homography from the unit square (Heckbert 1989, Fundamentals of Texture Mapping, 2.2.3)."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    right_x, right_y, left_x, left_y = bx - cx, by - cy, dx - cx, dy - cy
    x, y = ax - bx + cx - dx, ay - by + cy - dy
    area = right_x * left_y - left_x * right_y
    g, h = (x * left_y - left_x * y) / area, (right_x * y - x * right_y) / area
    return Matrix(bx - ax + g * bx, dx - ax + h * dx, ax, by - ay + g * by, dy - ay + h * dy, ay, g, h, 1.0)


def is_convex(quad: Sequence[tuple[float, float]]) -> bool:
    """Tell whether four corners run clockwise as seen round an area, as those of a picture do."""
    a, b, c, d = quad
    around = ((a, b, c), (b, c, d), (c, d, a), (d, a, b))
    return all((q[0] - p[0]) * (r[1] - q[1]) > (q[1] - p[1]) * (r[0] - q[0]) for p, q, r in around)


def to_index(matrix: Matrix) -> Matrix:
    """Rewrite a matrix from continuous coordinates to array indices, as kernels take it.

    An affine one comes out with a last row of exactly 0, 0, 1.
    """
    a, b, c, d, e, f, g, h, i = matrix
    if g == h == 0 and i == 1:
        return Matrix(a, b, (a + b - 1) / 2 + c, d, e, (d + e - 1) / 2 + f)
    return translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)


def apply(matrix: Matrix, points: Points) -> Points:
    """Map points (N, 2) through a matrix, dividing by the homogeneous coordinate."""
    rows = np.asarray(matrix)
    mapped = points @ rows[:, :2].T + rows[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


NEAREST = 1e-4
"""Of the depth of the picture's middle: what is nearer to the horizon is cut off."""


def in_front(matrix: Matrix, points: Points, size: Size) -> Points:
    """Map points (N, 2) of an image of `size` to (N, 3): divided by the third, which is above 0 before the horizon.

    It is 1 in the middle of the image.
    """
    rows = np.asarray(matrix)
    rows = rows / (_depth(matrix, size) or 1.0)
    places: Points = points @ rows[:, :2].T + rows[:, 2]
    return places


def lies_before(places: Points) -> npt.NDArray[np.bool_]:
    """Tell which places of `in_front` lie before the horizon, and not as good as on it."""
    before: npt.NDArray[np.bool_] = places[:, 2] >= NEAREST
    return before


def mirrors(matrix: Matrix, size: Size) -> bool:
    """Tell whether a matrix turns over an image of `size`."""
    a, b, c, d, e, f, g, h, i = matrix
    turned = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0
    return turned != (not is_affine(matrix) and _depth(matrix, size) < 0)


def _depth(matrix: Matrix, size: Size) -> float:
    return matrix.g * size.width / 2 + matrix.h * size.height / 2 + matrix.i


def affine(matrix: Matrix, points: Points) -> Points:
    """Map points (N, 2) through an affine matrix, in half the time that `apply` takes."""
    a, b, c, d, e, f, *_ = matrix
    moved: Points = points @ np.array(((a, d), (b, e)))
    moved += (c, f)
    return moved


def corners(size: Size) -> Points:
    """Return the four outer corners of an image, (4, 2), clockwise from the top left."""
    width, height = size
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)


# The questions below are asked several times per image: plain floats answer them ten times as fast as arrays.


def is_affine(matrix: Matrix) -> bool:
    return matrix.g == matrix.h == 0 and matrix.i == 1


def moves_whole_pixels(matrix: Matrix) -> bool:
    """Tell whether the matrix only flips, turns by 90 degrees and shifts by whole pixels."""
    if not is_affine(matrix):
        return False
    a, b, c, d, e, f, *_ = matrix
    along, across = (a, e), (b, d)
    if abs(a) < 0.5:
        along, across = across, along
    if max(abs(abs(along[0]) - 1), abs(abs(along[1]) - 1), abs(across[0]), abs(across[1])) > TINY:
        return False
    x, y = c + (a + b - 1) / 2, f + (d + e - 1) / 2
    return abs(x - round(x)) <= TINY and abs(y - round(y)) <= TINY


def is_axis_aligned(matrix: Matrix) -> bool:
    """Tell whether straight edges stay upright: only scaling, flips and shifts."""
    return is_affine(matrix) and abs(matrix.b) < TINY and abs(matrix.d) < TINY


def read_box(matrix: Matrix, size: Size) -> Bounds:
    """Return the box of the input around everything that an output of `size` reads."""
    a, b, c, d, e, f, g, h, i = matrix
    width, height = size
    if is_affine(matrix):
        right, down, across, below = a * width, b * height, d * width, e * height
        left, top = c + min(right, 0.0) + min(down, 0.0), f + min(across, 0.0) + min(below, 0.0)
        return left, top, left + abs(right) + abs(down), top + abs(across) + abs(below)
    xs, ys = [], []
    for x, y in ((0, 0), (width, 0), (0, height), size):
        depth = g * x + h * y + i
        if depth <= TINY:  # part of the output lies behind the horizon
            return (-math.inf, -math.inf, math.inf, math.inf)
        xs.append((a * x + b * y + c) / depth)
        ys.append((d * x + e * y + f) / depth)
    return min(xs), min(ys), max(xs), max(ys)


def lies_inside(box: Bounds, size: Size) -> bool:
    """Tell whether a box lies on an image of `size`."""
    left, top, right, bottom = box
    return left >= -TINY and top >= -TINY and right <= size.width + TINY and bottom <= size.height + TINY


def shrink_factors(matrix: Matrix, size: Size) -> tuple[float, float]:
    """Return by how much a warp shrinks its input along x and y; below 1 where it grows, or where nobody can tell.

    The least over the output's corners and middle counts: no part of the picture is blurred by more
    than it shrinks.
    """
    a, b, c, d, e, f, g, h, i = matrix
    width, height = size
    points = [(width / 2, height / 2)]
    if not is_affine(matrix):
        points += [(0, 0), (width, 0), (width, height), (0, height)]
    best_x = best_y = math.inf
    for x, y in points:
        depth = g * x + h * y + i
        if depth <= TINY:
            return 1.0, 1.0
        u, v = (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
        # The slope of the map there, and by how much it shrinks the direction that it shrinks least.
        xx, xy, yx, yy = ((n / depth) for n in (a - u * g, b - u * h, d - v * g, e - v * h))
        # Square roots alone, which are the same on every machine: the compiled loops take these steps, too.
        along_x, along_y = math.sqrt(xx * xx + xy * xy), math.sqrt(yx * yx + yy * yy)
        squares, area = along_x * along_x + along_y * along_y, xx * yy - xy * yx
        least = math.sqrt(max(0.0, (squares - math.sqrt(max(0.0, squares * squares - 4 * (area * area)))) / 2))
        if least < 0.95 * min(along_x, along_y):  # sheared or squeezed: blur no side too much
            along_x = along_y = least
        best_x, best_y = min(best_x, along_x), min(best_y, along_y)
    return best_x, best_y
