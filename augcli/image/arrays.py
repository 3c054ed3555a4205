"""The shapes and dtypes of everything that is passed around below here, said once.

Images are (H, W, C) uint8, C = 3 in RGB order or C = 1 for greyscale. Coordinates are continuous:
pixel (row i, column j) has its centre at (x, y) = (j + 1/2, i + 1/2), x points right, y down, and the
image covers [0, W] x [0, H].
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
Matrix: TypeAlias = npt.NDArray[np.float64]
Points: TypeAlias = npt.NDArray[np.float64]


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
    """What a file holds: colour (H, W, 1 or 3), and (H, W, 1) alpha if it has any transparency."""

    image: Image
    alpha: Image | None = None

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
