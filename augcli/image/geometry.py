"""Kernels that move pixels: image in, image out; they know matrices, not transforms.

A matrix maps an output pixel to the place in the input where it reads, in continuous coordinates
(see `arrays`). Interpolation rounds to nearest. Nothing here writes into its input; what comes back
may be a view of it.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from augcli.image import matrices
from augcli.image.arrays import Image, Matrix, Size, size_of, with_channels
from augcli.image.lazily import cv2, pillow
from augcli.settings import Border

Bounds: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom"""

_BORDERS = {
    "constant": "BORDER_CONSTANT",
    "edge": "BORDER_REPLICATE",
    "symmetric": "BORDER_REFLECT",
    "reflect": "BORDER_REFLECT_101",
    "wrap": "BORDER_WRAP",
}
_INTERPOLATIONS = {"nearest": "INTER_NEAREST", "bilinear": "INTER_LINEAR", "bicubic": "INTER_CUBIC"}
_ANTIALIASED = {"bilinear": "BILINEAR", "bicubic": "BICUBIC"}
_TINY = 1e-6
"""Pixels; what composing a few matrices in float64 can be off by, and no eye or rounding sees."""


def is_affine(matrix: Matrix) -> bool:
    return bool(abs(matrix[2, 0]) < 1e-12 and abs(matrix[2, 1]) < 1e-12)


def moves_whole_pixels(matrix: Matrix) -> bool:
    """Tell whether the matrix only flips, turns by 90 degrees and shifts by whole pixels."""
    index = matrices.to_index(matrix)
    whole = np.rint(index)
    if not is_affine(matrix) or np.abs(index - whole).max() > _TINY:
        return False
    linear = np.abs(whole[:2, :2])
    return bool((linear.sum(axis=0) == 1).all() and (linear.sum(axis=1) == 1).all())


def is_axis_aligned(matrix: Matrix) -> bool:
    """Tell whether straight edges stay upright: only scaling, flips and shifts."""
    return is_affine(matrix) and abs(matrix[0, 1]) < _TINY and abs(matrix[1, 0]) < _TINY


def read_box(matrix: Matrix, size: Size) -> Bounds:
    """Return the box of the input around everything that an output of `size` reads."""
    points = matrices.corners(size)
    depths = points @ matrix[2, :2] + matrix[2, 2]
    if depths.min() <= _TINY:  # part of the output lies behind the horizon
        return (-math.inf, -math.inf, math.inf, math.inf)
    mapped = matrices.apply(matrix, points)
    (left, top), (right, bottom) = mapped.min(axis=0), mapped.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def lies_inside(box: Bounds, size: Size) -> bool:
    """Tell whether a box lies on an image of `size`."""
    left, top, right, bottom = box
    return left >= -_TINY and top >= -_TINY and right <= size.width + _TINY and bottom <= size.height + _TINY


def warp(image: Image, matrix: Matrix, size: Size, border: Border, interpolation: str) -> Image:
    """Read every output pixel where the matrix points.

    Whole-pixel motions copy. Upright shrinking inside the image is antialiased and equals Pillow's
    `resize(box=...)`. Everything else is one interpolation after shrinking by whole factors, which
    leaves a scale below two; it equals SciPy's `map_coordinates(order=1)` to one level with OpenCV 5.
    """
    if moves_whole_pixels(matrix):
        return _moved(image, matrix, size, border)
    if interpolation in _ANTIALIASED and is_axis_aligned(matrix):
        box = read_box(matrix, size)
        if lies_inside(box, size_of(image)) and max(abs(matrix[0, 0]), abs(matrix[1, 1])) > 1:
            return _antialiased(image, matrix, size, box, interpolation)
    image, matrix = _reduced(image, matrix, size, border, interpolation)
    index = matrices.to_index(matrix)
    flags = getattr(cv2, _INTERPOLATIONS[interpolation]) | cv2.WARP_INVERSE_MAP
    mode, fill = getattr(cv2, _BORDERS[border.mode]), border.fill
    if is_affine(matrix):
        warped = cv2.warpAffine(image, index[:2], size, flags=flags, borderMode=mode, borderValue=fill)
    else:
        warped = cv2.warpPerspective(image, index, size, flags=flags, borderMode=mode, borderValue=fill)
    return with_channels(warped)


def window(image: Image, left: int, top: int, size: Size, border: Border) -> Image:
    """Cut the window whose top left pixel is (left, top); what lies outside the image is border."""
    height, width = image.shape[:2]
    right, bottom = left + size.width, top + size.height
    before_x, before_y = max(0, -left), max(0, -top)
    after_x, after_y = max(0, right - width), max(0, bottom - height)
    if not (before_x or before_y or after_x or after_y):
        return image[top:bottom, left:right]
    padded = cv2.copyMakeBorder(
        image, before_y, after_y, before_x, after_x, getattr(cv2, _BORDERS[border.mode]), value=border.fill
    )
    left, top = left + before_x, top + before_y
    return with_channels(padded)[top : top + size.height, left : left + size.width]


def _moved(image: Image, matrix: Matrix, size: Size, border: Border) -> Image:
    index = np.rint(matrices.to_index(matrix)).astype(int)
    if index[0, 0] == 0:
        image, index = with_channels(cv2.transpose(image)), index[[1, 0, 2]]
    left, top = int(index[0, 2]), int(index[1, 2])
    if index[0, 0] < 0 or index[1, 1] < 0:
        code = -1 if index[0, 0] == index[1, 1] else (1 if index[0, 0] < 0 else 0)
        image = with_channels(cv2.flip(image, code))
        left = image.shape[1] - 1 - left if index[0, 0] < 0 else left
        top = image.shape[0] - 1 - top if index[1, 1] < 0 else top
    return window(image, left, top, size, border)


def _antialiased(image: Image, matrix: Matrix, size: Size, box: Bounds, interpolation: str) -> Image:
    height, width = image.shape[:2]
    # Composed matrices can point a hair outside, which Pillow refuses.
    inside = (max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height)))
    source = pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    shrunk = with_channels(np.asarray(source.resize(size, pillow.Resampling[_ANTIALIASED[interpolation]], inside)))
    if matrix[0, 0] < 0 or matrix[1, 1] < 0:
        code = -1 if matrix[0, 0] < 0 and matrix[1, 1] < 0 else (1 if matrix[0, 0] < 0 else 0)
        shrunk = with_channels(cv2.flip(shrunk, code))
    return shrunk


def _reduced(image: Image, matrix: Matrix, size: Size, border: Border, interpolation: str) -> tuple[Image, Matrix]:
    """Average whole blocks of pixels when the matrix shrinks by two or more, and adapt the matrix."""
    if interpolation == "nearest":
        return image, matrix
    factor_x, factor_y = shrink_factors(matrix, size)
    if factor_x == factor_y == 1:
        return image, matrix
    left, top, right, bottom = _needed(image, matrix, size, border, factor_x, factor_y)
    part = image[top:bottom, left:right]
    pad_x, pad_y = -part.shape[1] % factor_x, -part.shape[0] % factor_y
    if pad_x or pad_y:  # a last, partial block: the pitch stays the factor, whatever the size
        part = with_channels(cv2.copyMakeBorder(part, 0, pad_y, 0, pad_x, cv2.BORDER_REPLICATE))
    small = (part.shape[1] // factor_x, part.shape[0] // factor_y)
    reduced = with_channels(cv2.resize(part, small, interpolation=cv2.INTER_AREA))
    pitch = matrices.scaling(1 / factor_x, 1 / factor_y) @ matrices.translation(-left, -top)
    return reduced, pitch @ matrix


def shrink_factors(matrix: Matrix, size: Size) -> tuple[int, int]:
    """Return the whole factors by which a warp shrinks its input along x and y, at least 1 each.

    The least over the output's corners and middle counts: no part of the picture is blurred by more
    than it shrinks.
    """
    points = np.vstack([matrices.corners(size), [[size.width / 2, size.height / 2]]])
    best = (1 << 20, 1 << 20)
    for x, y in points[-1:] if is_affine(matrix) else points:
        u, v, w = matrix @ (x, y, 1.0)
        if w <= _TINY:
            return 1, 1
        slope = (matrix[:2, :2] - np.outer((u / w, v / w), matrix[2, :2])) / w
        along_x, along_y = np.hypot(slope[:, 0], slope[:, 1])
        least = float(np.linalg.svd(slope, compute_uv=False)[-1])
        if least / max(min(along_x, along_y), _TINY) < 0.95:  # sheared or squeezed: blur no side too much
            along_x = along_y = least
        best = min(best[0], int(along_x + _TINY)), min(best[1], int(along_y + _TINY))
    return max(1, best[0]), max(1, best[1])


def _needed(
    image: Image, matrix: Matrix, size: Size, border: Border, factor_x: int, factor_y: int
) -> tuple[int, int, int, int]:
    """Return the part of the image that a warp reads, on the grid of the factors, with a margin."""
    height, width = image.shape[:2]
    box = read_box(matrix, size)
    if not lies_inside(box, Size(width, height)) and border.mode in ("symmetric", "reflect", "wrap"):
        return 0, 0, width, height
    clipped = np.clip(box, 0, [width, height, width, height])
    left = max(0, int(clipped[0] // factor_x - 3) * factor_x)
    top = max(0, int(clipped[1] // factor_y - 3) * factor_y)
    right = min(width, int(clipped[2] // factor_x + 4) * factor_x)
    bottom = min(height, int(clipped[3] // factor_y + 4) * factor_y)
    return left, top, right, bottom
