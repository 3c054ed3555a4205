"""Averages before a warp that shrinks, so that every pixel of the input counts: no aliasing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from augcli.image import matrices, native
from augcli.image.arrays import Layer, Matrix, Size, with_channels
from augcli.image.blurs import blur
from augcli.image.lazy_imports import cv2
from augcli.settings import Border


class Pyramid:
    """A layer of `size` that `whole` gives, and its halves, quarters and so on, each made when it is first asked for.

    A half has the average of each block of 2 x 2 pixels; an odd last row or column stands for a pair, so that
    the pitch is two whatever the size.
    """

    def __init__(self, size: Size, whole: Callable[[], Layer]) -> None:
        self.size, self._whole = size, whole
        self._halves: list[Layer] = []
        self._smooth: dict[int, Layer] = {}
        self.levels: native.Levels | None = None
        """The same for compiled programs, if one has read it."""

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


def reduced(
    pyramid: Pyramid, matrix: Matrix, size: Size, border: Border, interpolation: str, antialias: bool
) -> tuple[Layer, Matrix]:
    """Average whole blocks of pixels when the matrix shrinks by two or more, and adapt the matrix.

    What both sides share of it comes from the pyramid, so that less than 1.5 is left of an even shrink: 1, 2, 3,
    4, 6, 8, 12... are taken. With `antialias` only halvings are, down to what is below three, and a blur follows.
    """
    if interpolation == "nearest":
        return pyramid.level(0), matrix
    shrinks = matrices.shrink_factors(matrix, size)
    if antialias:
        factors = [1 << halvings(shrink) for shrink in shrinks]
    else:
        factors = [max(1, int(shrink + matrices.TINY)) for shrink in shrinks]
    depth = _shared_depth(min(factors))
    image = pyramid.smooth(depth) if antialias else pyramid.level(depth)
    matrix = matrices.scaling(0.5**depth, 0.5**depth) @ matrix if depth else matrix
    wide, high = (factor >> depth for factor in factors)
    kernels = None
    if antialias:
        kernels = _kernels([shrink / (factor << depth) for shrink, factor in zip(shrinks, (wide, high), strict=True)])
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


def halvings(shrink: float) -> int:
    """Return how many halvings come before the blur, where a warp that shrinks by so much is antialiased."""
    return max(0, math.frexp((shrink + matrices.TINY) / _LEFT)[1] - 1)


_LEFT = 1.5
"""Where halvings come before, the blur has at least this to do: it is better than they are."""
_UNSEEN = 0.2
"""Squared pixels, of a blur that costs more than it brings; that before a shrink of 1.34."""


def _kernels(left: Sequence[float]) -> tuple[Sequence[float], Sequence[float]] | None:
    """Return the kernels, along and down, of the blur that belongs before a shrink; None where none is needed.

    Pillow's triangle, as wide as pixels of the output are apart, has a variance of left**2 / 6. Half of what an
    interpolation between pixels blurs by on average, 1/6, counts towards it, but none where nothing shrinks.
    """
    variances = [max(0.0, min((shrink * shrink - 1) / 4, shrink * shrink / 6 - 1 / 12)) for shrink in left]
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


def averages_first(matrix: Matrix, size: Size, antialias: bool) -> bool:
    """Tell whether a warp that is not upright averages or blurs before it reads."""
    shrinks = matrices.shrink_factors(matrix, size)
    return max(shrinks) >= 2 - matrices.TINY or (antialias and _kernels(shrinks) is not None)


def _shared_depth(factor: int) -> int:
    """Return how many halvings of an image that shrinks by a whole factor may be shared with all other copies."""
    depth = factor.bit_length() - 1
    return depth - 1 if depth and factor * 2 >= 3 << depth else depth  # 3 is left where 1.5 or more would be


def _needed(
    image: Layer, matrix: Matrix, size: Size, border: Border, factor_x: int, factor_y: int
) -> tuple[int, int, int, int]:
    """Return the part of the image that a warp reads, on the grid of the factors, with a margin."""
    height, width = image.shape[:2]
    box = matrices.read_box(matrix, size)
    if not matrices.lies_inside(box, Size(width, height)) and border.mode in ("symmetric", "reflect", "wrap"):
        return 0, 0, width, height
    margin_x, margin_y = 3 * factor_x, 3 * factor_y
    left = max(0.0, min(box[0], width) - margin_x) // factor_x * factor_x
    top = max(0.0, min(box[1], height) - margin_y) // factor_y * factor_y
    right = min(width, (max(box[2], 0.0) + margin_x) // factor_x * factor_x + factor_x)
    bottom = min(height, (max(box[3], 0.0) + margin_y) // factor_y * factor_y + factor_y)
    return int(left), int(top), int(right), int(bottom)


def average(image: Layer, wide: int, high: int) -> Layer:
    """Average blocks of wide x high pixels; a last, partial block repeats its last pixels."""
    if image.dtype == np.uint8:
        return native.average(image, wide, high)
    height, width = image.shape[:2]
    whole = cv2.copyMakeBorder(image, 0, -height % high, 0, -width % wide, cv2.BORDER_REPLICATE)
    return with_channels(cv2.resize(whole, (-(-width // wide), -(-height // high)), interpolation=cv2.INTER_AREA))
