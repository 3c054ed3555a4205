from __future__ import annotations

import math
from typing import Literal, NamedTuple

from augcli.image.arrays import Matrix, Size
from augcli.image.matrices import about_centre, inverse, shearing
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, LimitPerAxis, setting


class Slant(NamedTuple):
    x: float
    y: float


class Shear(Transform[Slant]):
    """Slant the image about its middle, along x and along y.

    With `keep: height` same as torchvision `F.affine(shear=...)` to one level. With `keep: length` upright lines keep
    their length, as in Keras `ImageDataGenerator`, to one level on square images.
    """

    degrees: LimitPerAxis = setting(10, "Angle along x, and along y.", unit="deg", within=(-80, 80))
    keep: Literal["height", "length"] = setting("height", "What a slanted line keeps.")
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Slant:
        return Slant(stream.uniform(self.degrees.x), stream.uniform(self.degrees.y))

    def lower(self, draw: Slant, size: Size) -> Warp:
        if self.keep == "height":
            back = inverse(shearing(draw.x, draw.y))
        else:  # reads where Keras does: x - sin(s) y, cos(s) y; then the same along y
            x, y = math.radians(draw.x), math.radians(draw.y)
            along = Matrix(1.0, -math.sin(x), 0.0, 0.0, math.cos(x), 0.0)
            back = along @ Matrix(math.cos(y), 0.0, 0.0, -math.sin(y), 1.0, 0.0)
        return Warp(about_centre(back, size), size, self.border, self.interpolation)
