from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np

from augcli.image.extension import Filter, Image, Size, Stream, Transform, Value, setting


class Field(NamedTuple):
    angle: float


class Vignette(Transform[Field]):
    """Darken the corners as a simple lens does.

    Light falls with the fourth power of the cosine of its angle to the axis.
    """

    angle: Value = setting((15, 35), "Angle to the axis at which the corners are seen.", unit="deg", within=(0, 80))

    def sample(self, stream: Stream, size: Size) -> Field:
        return Field(stream.uniform(self.angle))

    def lower(self, draw: Field, size: Size) -> Filter:
        return Filter(partial(darkened, angle=draw.angle))


def darkened(image: Image, angle: float) -> Image:
    """Return an image (H, W, C) as a lens shows it whose corners are `angle` degrees from its axis."""
    height, width, _ = image.shape
    x, y = (np.arange(side, dtype=np.float32) + 0.5 - side / 2 for side in (width, height))
    # tangents of the angles to the axis, squared, as shares of that of the corners
    shares = (x**2 + y[:, np.newaxis] ** 2) / ((width / 2) ** 2 + (height / 2) ** 2)
    light = 1 / (1 + math.tan(math.radians(angle)) ** 2 * shares) ** 2
    darker: Image = (image * light[:, :, np.newaxis] + 0.5).astype(np.uint8)
    return darker
