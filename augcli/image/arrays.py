"""The shapes and dtypes of all that modules of `image/` pass to each other, said once.

Images are (H, W, C) uint8, C = 3 in RGB order or C = 1 for greyscale. Coordinates are continuous:
pixel (row i, column j) has its centre at (x, y) = (j + 1/2, i + 1/2), x points right, y down, and the
image covers [0, W] x [0, H].
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
Points: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 2): x and y for each pixel."""
Numbers: TypeAlias = npt.NDArray[np.float32]
"""Of any shape and range; (H, W, 3) is what an image becomes that is not for a file of bytes."""

Layer: TypeAlias = npt.NDArray[Any]
"""An Image, or a plane of it as (H, W, 1) float32 where pixels count as much as they are seen (see `transparency`)."""

Vector: TypeAlias = tuple[float, float, float]


class Matrix(NamedTuple):
    """Three rows of three numbers. Plain ones: NumPy takes longer to be called than these take to compute."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    g: float = 0.0
    h: float = 0.0
    i: float = 1.0

    def __matmul__(self, other: Matrix) -> Matrix:
        """Return the matrix that does what `other` does, then what this one does."""
        a, b, c, d, e, f, g, h, i = self
        p, q, r, s, t, u, v, w, x = other
        if g == h == v == w == 0 and i == x == 1:  # both affine: half the work
            return Matrix(
                a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f
            )
        return Matrix(
            a * p + b * s + c * v,
            a * q + b * t + c * w,
            a * r + b * u + c * x,
            d * p + e * s + f * v,
            d * q + e * t + f * w,
            d * r + e * u + f * x,
            g * p + h * s + i * v,
            g * q + h * t + i * w,
            g * r + h * u + i * x,
        )

    def times(self, factor: float) -> Matrix:
        return Matrix(*[factor * number for number in self])

    def plus(self, other: Matrix) -> Matrix:
        return Matrix(*[one + two for one, two in zip(self, other, strict=True)])

    def on(self, vector: Vector) -> Vector:
        """Multiply a column vector."""
        a, b, c, d, e, f, g, h, i = self
        x, y, z = vector
        return a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z

    def __array__(self, dtype: Any = None, copy: Any = None) -> npt.NDArray[np.float64]:
        return np.array(tuple(self), dtype=np.float64).reshape(3, 3)


class Size(NamedTuple):
    """Width and height in pixels, in this order; the shape of an array is the other way round."""

    width: int
    height: int


class Box(NamedTuple):
    """A rectangle of whole pixels; `left` and `top` can be negative, outside the image."""

    left: int
    top: int
    width: int
    height: int


class Picture(NamedTuple):
    """What a file holds: colour (H, W, 1 or 3), and (H, W, 1) alpha if it has any transparency.

    `pitch` is how many pixels of the file, along each side, a pixel stands for: more than one if it was decoded
    smaller because the first op is sure to shrink it by more.
    """

    image: Image
    alpha: Image | None = None
    pitch: int = 1

    @property
    def size(self) -> Size:
        return size_of(self.image)


def size_of(image: Image) -> Size:
    return Size(image.shape[1], image.shape[0])


def with_channels(image: npt.NDArray[Any]) -> Image:
    """Give back the channel axis that OpenCV and Pillow drop from greyscale arrays of bytes."""
    return image if image.ndim == 3 else image[:, :, np.newaxis]


def as_colour(image: Image) -> Image:
    """Repeat a greyscale image into three equal channels; colour passes through."""
    return image if image.shape[2] == 3 else np.repeat(image, 3, axis=2)
