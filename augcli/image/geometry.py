"""Kernels that move pixels: an image in and out, or one of its planes. They know matrices, not transforms.

A matrix maps an output pixel to the place in the input where it reads, in continuous coordinates
(see `arrays`). Interpolation rounds to nearest. Nothing here writes into its input; what comes back
may be a view of it.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from augcli.image import matrices, native
from augcli.image.arrays import Layer, Matrix, Places, Size, size_of, with_channels
from augcli.image.lazy_imports import cv2, pillow
from augcli.image.shrinking import Pyramid, reduced
from augcli.settings import BLACK, Border


class Outside(NamedTuple):
    """A border of values that are no colours: the mode of a `Border`, and what a constant one has in each channel."""

    mode: str
    fill: tuple[float, ...]


_BORDERS = {
    "constant": "BORDER_CONSTANT",
    "edge": "BORDER_REPLICATE",
    "symmetric": "BORDER_REFLECT",
    "reflect": "BORDER_REFLECT_101",
    "wrap": "BORDER_WRAP",
}
_BY_OPENCV = {"nearest": "INTER_NEAREST", "bilinear": "INTER_LINEAR", "bicubic": "INTER_CUBIC"}
_ANTIALIASED = {"bilinear": "BILINEAR", "bicubic": "BICUBIC"}


def pixel_centres(size: Size) -> Places:
    """Return the middle (x, y) of every pixel."""
    places = np.empty((size.height, size.width, 2), np.float32)
    places[:, :, 0] = np.arange(size.width, dtype=np.float32) + np.float32(0.5)
    places[:, :, 1] = (np.arange(size.height, dtype=np.float32) + np.float32(0.5))[:, np.newaxis]
    return places


def without_fill(border: Border) -> Border:
    """Return the border for what has no colour, as alpha and masks: 0 where the colour is constant."""
    return BLACK if border.mode == "constant" else border


def warp(
    source: Layer | Pyramid,
    matrix: Matrix,
    size: Size,
    border: Border | Outside,
    interpolation: str,
    antialias: bool = False,
) -> Layer:
    """Read every output pixel where the matrix points; `source` may be a pyramid that others share.

    Whole-pixel motions copy. Upright shrinking inside the image is antialiased and equals Pillow's
    `resize(box=...)`, and so does upright bicubic growing. Everything else is one interpolation after
    shrinking by whole factors, which leaves a scale below two; bilinear equals SciPy's
    `map_coordinates(order=1)` to one level. OpenCV interpolates planes of floats: its version 5 as closely, 4 from
    places that it rounds to 1/32 of a pixel. With `antialias` what is left of the scale from 1.34 on is filtered first:
    on photos that is within a level, on average, of turning first and Pillow's `resize` after it, where without it
    shrinks of 1.2, 1.5 and 1.9 are 1.5, 1.9 and 2.6 levels off.
    """
    pyramid = source if isinstance(source, Pyramid) else Pyramid(size_of(source), lambda: source)
    if matrices.moves_whole_pixels(matrix):
        return _moved(pyramid.level(0), matrix, size, border)
    if interpolation in _ANTIALIASED and matrices.is_axis_aligned(matrix):
        box = matrices.read_box(matrix, size)
        # Growing is Pillow's, too, when bicubic: OpenCV's kernel is another (-0.75 where Pillow has -0.5).
        wanted = interpolation == "bicubic" or max(abs(matrix.a), abs(matrix.e)) > 1
        if wanted and matrices.lies_inside(box, pyramid.size):
            return _antialiased(pyramid.level(0), matrix, size, box, interpolation)
    border_of_colours = cast("Border", border)  # what is nearest is read as it is
    read, matrix = reduced(pyramid, matrix, size, border_of_colours, interpolation, antialias)
    index = matrices.to_index(matrix)
    if interpolation == "bilinear" and read.dtype == np.uint8:
        return native.warp(read, index, size, border.mode, border_of_colours.fill)
    read = _reflectable(read, border)
    flags = getattr(cv2, _BY_OPENCV[interpolation]) | cv2.WARP_INVERSE_MAP
    mode, fill = getattr(cv2, _BORDERS[border.mode]), border.fill
    rows = np.asarray(index)
    if matrices.is_affine(matrix):
        warped = cv2.warpAffine(read, rows[:2], size, flags=flags, borderMode=mode, borderValue=fill)
    else:
        warped = cv2.warpPerspective(read, rows, size, flags=flags, borderMode=mode, borderValue=fill)
    return with_channels(warped)


def remap(source: Layer | Pyramid, places: Places, border: Border | Outside, interpolation: str) -> Layer:
    """Read every output pixel at its place (H, W, 2), x and y in continuous coordinates of the image.

    Nothing is averaged first. Bilinear equals SciPy's `map_coordinates(order=1)` to one level.
    """
    index = places - np.float32(0.5)
    image = _reflectable(source.level(0) if isinstance(source, Pyramid) else source, border)
    flags = getattr(cv2, _BY_OPENCV[interpolation])
    mode, fill = getattr(cv2, _BORDERS[border.mode]), border.fill
    # OpenCV takes an empty array for a second map, and reads what is not there; its stubs know no None.
    return with_channels(cv2.remap(image, index, None, flags, borderMode=mode, borderValue=fill))  # type: ignore[call-overload]


def _reflectable(image: Layer, border: Border | Outside) -> Layer:
    """Double a side of one pixel, which reflects to the same: OpenCV 5.0 never comes back from a bicubic one."""
    if border.mode == "reflect":
        for axis in (0, 1):
            image = np.repeat(image, 2, axis) if image.shape[axis] == 1 else image
    return image


def window(image: Layer, left: int, top: int, size: Size, border: Border | Outside) -> Layer:
    """Cut the window whose top left pixel is (left, top); what lies outside the image is border."""
    height, width, channels = image.shape
    if left >= 0 and left + size.width <= width and top >= 0 and top + size.height <= height:
        return image[top : top + size.height, left : left + size.width]
    if border.mode != "constant":
        rows = native.mirrored(np.arange(top, top + size.height), height, border.mode)
        columns = native.mirrored(np.arange(left, left + size.width), width, border.mode)
        mirrored: Layer = image[rows[:, np.newaxis], columns]
        return mirrored
    cut = np.empty((size.height, size.width, channels), image.dtype)
    cut[:] = border.fill[:channels]
    part = image[max(0, top) : max(0, top + size.height), max(0, left) : max(0, left + size.width)]
    cut[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]] = part
    return cut


def _moved(image: Layer, matrix: Matrix, size: Size, border: Border | Outside) -> Layer:
    index = np.rint(np.asarray(matrices.to_index(matrix))).astype(int)
    if index[0, 0] == 0:
        image, index = with_channels(cv2.transpose(image)), index[[1, 0, 2]]
    left, top = int(index[0, 2]), int(index[1, 2])
    if index[0, 0] < 0 or index[1, 1] < 0:
        code = -1 if index[0, 0] == index[1, 1] else (1 if index[0, 0] < 0 else 0)
        image = with_channels(cv2.flip(image, code))
        left = image.shape[1] - 1 - left if index[0, 0] < 0 else left
        top = image.shape[0] - 1 - top if index[1, 1] < 0 else top
    return window(image, left, top, size, border)


def _antialiased(image: Layer, matrix: Matrix, size: Size, box: matrices.Bounds, interpolation: str) -> Layer:
    height, width = image.shape[:2]
    # Composed matrices can point a hair outside, which Pillow refuses.
    inside = (max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height)))
    source = pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    shrunk = with_channels(np.asarray(source.resize(size, pillow.Resampling[_ANTIALIASED[interpolation]], inside)))
    if matrix.a < 0 or matrix.e < 0:
        code = -1 if matrix.a < 0 and matrix.e < 0 else (1 if matrix.a < 0 else 0)
        shrunk = with_channels(cv2.flip(shrunk, code))
    return shrunk
