"""Kernels that move pixels: image in, image out, or planes of one; they know matrices, not transforms.

A matrix maps an output pixel to the place in the input where it reads, in continuous coordinates
(see `arrays`). Interpolation rounds to nearest. Nothing here writes into its input; what comes back
may be a view of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from augcli.image import matrices, native
from augcli.image.arrays import Image, Layer, Matrix, Places, Size, size_of, with_channels
from augcli.image.filters import blur
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
_BY_OPENCV = {"nearest": "INTER_NEAREST", "bilinear": "INTER_LINEAR", "bicubic": "INTER_CUBIC"}
_ANTIALIASED = {"bilinear": "BILINEAR", "bicubic": "BICUBIC"}
_TINY = 1e-6
"""Pixels; what composing a few matrices in float64 can be off by, and no eye or rounding sees."""


def is_affine(matrix: Matrix) -> bool:
    return matrix.g == matrix.h == 0 and matrix.i == 1


# The questions below are asked several times per image: plain floats answer them ten times as fast as arrays.
def moves_whole_pixels(matrix: Matrix) -> bool:
    """Tell whether the matrix only flips, turns by 90 degrees and shifts by whole pixels."""
    if not is_affine(matrix):
        return False
    a, b, c, d, e, f, *_ = matrix
    along, across = (a, e), (b, d)
    if abs(a) < 0.5:
        along, across = across, along
    if max(abs(abs(along[0]) - 1), abs(abs(along[1]) - 1), abs(across[0]), abs(across[1])) > _TINY:
        return False
    x, y = c + (a + b - 1) / 2, f + (d + e - 1) / 2
    return abs(x - round(x)) <= _TINY and abs(y - round(y)) <= _TINY


def is_axis_aligned(matrix: Matrix) -> bool:
    """Tell whether straight edges stay upright: only scaling, flips and shifts."""
    return is_affine(matrix) and abs(matrix.b) < _TINY and abs(matrix.d) < _TINY


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
        if depth <= _TINY:  # part of the output lies behind the horizon
            return (-math.inf, -math.inf, math.inf, math.inf)
        xs.append((a * x + b * y + c) / depth)
        ys.append((d * x + e * y + f) / depth)
    return min(xs), min(ys), max(xs), max(ys)


def lies_inside(box: Bounds, size: Size) -> bool:
    """Tell whether a box lies on an image of `size`."""
    left, top, right, bottom = box
    return left >= -_TINY and top >= -_TINY and right <= size.width + _TINY and bottom <= size.height + _TINY


def grid(size: Size) -> Places:
    """Return the middle (x, y) of every pixel."""
    places = np.empty((size.height, size.width, 2), np.float32)
    places[:, :, 0] = np.arange(size.width, dtype=np.float32) + np.float32(0.5)
    places[:, :, 1] = (np.arange(size.height, dtype=np.float32) + np.float32(0.5))[:, np.newaxis]
    return places


class Pyramid:
    """A layer of `size` that `whole` gives, and its halves, quarters and so on, each made when it is first asked for.

    A half has the average of each block of 2 x 2 pixels; an odd last row or column stands for a pair, so that
    the pitch is two whatever the size.
    """

    def __init__(self, size: Size, whole: Callable[[], Layer]) -> None:
        self.size, self._whole = size, whole
        self._halves: list[Layer] = []
        self._smooth: dict[int, Layer] = {}

    def level(self, depth: int) -> Layer:
        """Return the layer with 2**depth pixels averaged along each side."""
        while len(self._halves) < depth:
            self._halves.append(average(self.level(len(self._halves)), 2, 2))
        return self._halves[depth - 1] if depth else self._whole()

    def smooth(self, depth: int) -> Layer:
        """Return a level whose last halving takes four pixels a side, by 1 3 3 1: less of what is too fine stays.

        The first halving is as it is, since a blur of the whole image takes too long.
        """
        if depth < 2:
            return self.level(depth)
        if depth not in self._smooth:
            self._smooth[depth] = average(blur(self.level(depth - 1), _SOFT, _SOFT), 2, 2)
        return self._smooth[depth]


_SOFT = (0.25, 0.5, 0.25)


def warp(
    source: Layer | Pyramid, matrix: Matrix, size: Size, border: Border, interpolation: str, antialias: bool = False
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
    if moves_whole_pixels(matrix):
        return _moved(pyramid.level(0), matrix, size, border)
    if interpolation in _ANTIALIASED and is_axis_aligned(matrix):
        box = read_box(matrix, size)
        # Growing is Pillow's, too, when bicubic: OpenCV's kernel is another (-0.75 where Pillow has -0.5).
        wanted = interpolation == "bicubic" or max(abs(matrix.a), abs(matrix.e)) > 1
        if wanted and lies_inside(box, pyramid.size):
            return _antialiased(pyramid.level(0), matrix, size, box, interpolation)
    read, matrix = _reduced(pyramid, matrix, size, border, interpolation, antialias)
    index = matrices.to_index(matrix)
    if interpolation == "bilinear" and read.dtype == np.uint8:
        return native.warp(read, index, size, border.mode, border.fill)
    read = _reflectable(read, border)
    flags = getattr(cv2, _BY_OPENCV[interpolation]) | cv2.WARP_INVERSE_MAP
    mode, fill = getattr(cv2, _BORDERS[border.mode]), border.fill
    rows = np.asarray(index)
    if is_affine(matrix):
        warped = cv2.warpAffine(read, rows[:2], size, flags=flags, borderMode=mode, borderValue=fill)
    else:
        warped = cv2.warpPerspective(read, rows, size, flags=flags, borderMode=mode, borderValue=fill)
    return with_channels(warped)


def remap(image: Layer, places: Places, border: Border, interpolation: str) -> Layer:
    """Read every output pixel at its place (H, W, 2), x and y in continuous coordinates of the image.

    Nothing is averaged first. Bilinear equals SciPy's `map_coordinates(order=1)` to one level.
    """
    index = places - np.float32(0.5)
    image = _reflectable(image, border)
    flags = getattr(cv2, _BY_OPENCV[interpolation])
    mode, fill = getattr(cv2, _BORDERS[border.mode]), border.fill
    # OpenCV takes an empty array for a second map, and reads what is not there; its stubs know no None.
    return with_channels(cv2.remap(image, index, None, flags, borderMode=mode, borderValue=fill))  # type: ignore[call-overload]


def _reflectable(image: Layer, border: Border) -> Layer:
    """Double a side of one pixel, which reflects to the same: OpenCV 5.0 never comes back from a bicubic one."""
    if border.mode == "reflect":
        for axis in (0, 1):
            image = np.repeat(image, 2, axis) if image.shape[axis] == 1 else image
    return image


def window(image: Image, left: int, top: int, size: Size, border: Border) -> Image:
    """Cut the window whose top left pixel is (left, top); what lies outside the image is border."""
    height, width, channels = image.shape
    if left >= 0 and left + size.width <= width and top >= 0 and top + size.height <= height:
        return image[top : top + size.height, left : left + size.width]
    if border.mode != "constant":
        rows = native.mirrored(np.arange(top, top + size.height), height, border.mode)
        columns = native.mirrored(np.arange(left, left + size.width), width, border.mode)
        mirrored: Image = image[rows[:, np.newaxis], columns]
        return mirrored
    cut = np.empty((size.height, size.width, channels), np.uint8)
    cut[:] = border.fill[:channels]
    part = image[max(0, top) : max(0, top + size.height), max(0, left) : max(0, left + size.width)]
    cut[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]] = part
    return cut


def _moved(image: Image, matrix: Matrix, size: Size, border: Border) -> Image:
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


def _antialiased(image: Layer, matrix: Matrix, size: Size, box: Bounds, interpolation: str) -> Layer:
    height, width = image.shape[:2]
    # Composed matrices can point a hair outside, which Pillow refuses.
    inside = (max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height)))
    source = pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    shrunk = with_channels(np.asarray(source.resize(size, pillow.Resampling[_ANTIALIASED[interpolation]], inside)))
    if matrix.a < 0 or matrix.e < 0:
        code = -1 if matrix.a < 0 and matrix.e < 0 else (1 if matrix.a < 0 else 0)
        shrunk = with_channels(cv2.flip(shrunk, code))
    return shrunk


def _reduced(
    pyramid: Pyramid, matrix: Matrix, size: Size, border: Border, interpolation: str, antialias: bool
) -> tuple[Layer, Matrix]:
    """Average whole blocks of pixels when the matrix shrinks by two or more, and adapt the matrix.

    What both sides share of it comes from the pyramid, so that less than 1.5 is left of an even shrink: 1, 2, 3,
    4, 6, 8, 12... are taken. With `antialias` only halvings are, down to what is below three, and a blur follows.
    """
    if interpolation == "nearest":
        return pyramid.level(0), matrix
    shrinks = shrinking(matrix, size)
    if antialias:
        factors = [1 << max(0, math.frexp((shrink + _TINY) / _LEFT)[1] - 1) for shrink in shrinks]
    else:
        factors = [max(1, int(shrink + _TINY)) for shrink in shrinks]
    depth = shared_depth(min(factors))
    image = pyramid.smooth(depth) if antialias else pyramid.level(depth)
    matrix = matrices.scaling(0.5**depth, 0.5**depth) @ matrix if depth else matrix
    wide, high = (factor >> depth for factor in factors)
    kernels = None
    if antialias:
        kernels = _filters([shrink / (factor << depth) for shrink, factor in zip(shrinks, (wide, high), strict=True)])
    if wide == high == 1 and kernels is None:
        return image, matrix
    left, top, right, bottom = _needed(image, matrix, size, border, wide, high)
    matrix = matrices.scaling(1 / wide, 1 / high) @ matrices.translation(-left, -top) @ matrix
    image = image[top:bottom, left:right]
    if (wide, high) != (1, 1):
        image = average(image, wide, high)
    if kernels is not None:
        along, down = kernels
        image = blur(image, down, along)
    return image, matrix


def average(image: Layer, wide: int, high: int) -> Layer:
    """Average blocks of wide x high pixels; a last, partial block repeats its last pixels."""
    if image.dtype == np.uint8:
        return native.average(image, wide, high)
    height, width = image.shape[:2]
    whole = cv2.copyMakeBorder(image, 0, -height % high, 0, -width % wide, cv2.BORDER_REPLICATE)
    return with_channels(cv2.resize(whole, (-(-width // wide), -(-height // high)), interpolation=cv2.INTER_AREA))


_LEFT = 1.5
"""Where halvings come before, the blur has at least this to do: it is better than they are."""
_UNSEEN = 0.2
"""Squared pixels, of a blur that costs more than it brings; that before a shrink of 1.34."""


def _filters(left: Sequence[float]) -> tuple[Sequence[float], Sequence[float]] | None:
    """Return the kernels, along and down, of the blur that belongs before a shrink; None where none is needed.

    Pillow's triangle, as wide as pixels of the output are apart, has a variance of left**2 / 6. Half of what an
    interpolation between pixels blurs by on average, 1/6, counts towards it, but none where nothing shrinks.
    """
    variances = [max(0.0, min((shrink**2 - 1) / 4, shrink**2 / 6 - 1 / 12)) for shrink in left]
    if max(variances) < _UNSEEN:
        return None
    along, down = (_taps(variance, short=max(variances) <= 0.5) for variance in variances)
    return along, down


def _taps(variance: float, short: bool) -> list[float]:
    """Return a kernel of that variance: three taps, or five where they are too few, as three after three."""
    if short:
        return [variance / 2, 1 - variance, variance / 2]
    a = min(variance / 2, 0.25)
    b = variance / 2 - a
    return [a * b, a + b - 4 * a * b, 1 - 2 * a - 2 * b + 6 * a * b, a + b - 4 * a * b, a * b]


def shared_depth(factor: int) -> int:
    """Return how many halvings of an image that shrinks by a whole factor may be shared with all other copies."""
    depth = factor.bit_length() - 1
    return depth - 1 if depth and factor * 2 >= 3 << depth else depth  # 3 is left where 1.5 or more would be


def filters(matrix: Matrix, size: Size, antialias: bool) -> bool:
    """Tell whether a warp that is not upright averages or blurs before it reads."""
    shrinks = shrinking(matrix, size)
    return max(shrinks) >= 2 - _TINY or (antialias and _filters(shrinks) is not None)


def shrinking(matrix: Matrix, size: Size) -> tuple[float, float]:
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
        if depth <= _TINY:
            return 1.0, 1.0
        u, v = (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
        # The slope of the map there, and by how much it shrinks the direction that it shrinks least.
        xx, xy, yx, yy = ((n / depth) for n in (a - u * g, b - u * h, d - v * g, e - v * h))
        along_x, along_y = math.hypot(xx, xy), math.hypot(yx, yy)
        squares, area = along_x**2 + along_y**2, xx * yy - xy * yx
        least = math.sqrt(max(0.0, (squares - math.sqrt(max(0.0, squares**2 - 4 * area**2))) / 2))
        if least < 0.95 * min(along_x, along_y):  # sheared or squeezed: blur no side too much
            along_x = along_y = least
        best_x, best_y = min(best_x, along_x), min(best_y, along_y)
    return best_x, best_y


def _needed(
    image: Layer, matrix: Matrix, size: Size, border: Border, factor_x: int, factor_y: int
) -> tuple[int, int, int, int]:
    """Return the part of the image that a warp reads, on the grid of the factors, with a margin."""
    height, width = image.shape[:2]
    box = read_box(matrix, size)
    if not lies_inside(box, Size(width, height)) and border.mode in ("symmetric", "reflect", "wrap"):
        return 0, 0, width, height
    margin_x, margin_y = 3 * factor_x, 3 * factor_y
    left = max(0.0, min(box[0], width) - margin_x) // factor_x * factor_x
    top = max(0.0, min(box[1], height) - margin_y) // factor_y * factor_y
    right = min(width, (max(box[2], 0.0) + margin_x) // factor_x * factor_x + factor_x)
    bottom = min(height, (max(box[3], 0.0) + margin_y) // factor_y * factor_y + factor_y)
    return int(left), int(top), int(right), int(bottom)
