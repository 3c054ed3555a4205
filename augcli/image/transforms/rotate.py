from __future__ import annotations

import math
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, apply, corners, rotation, translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, Limit, setting


class Angle(NamedTuple):
    degrees: float


class Rotate(Transform[Angle]):
    """Turn the image about its centre.

    Corners that leave the canvas are lost, unless `expand` enlarges it; what enters is the border.
    Same as torchvision `F.rotate(bilinear, fill=None)` to one level; `expand` sizes are Pillow's.
    """

    degrees: Limit = setting(15, "Angle, counter-clockwise.", unit="deg", within=(-360, 360))
    expand: bool = setting(False, "Enlarge the canvas so that every corner stays on it.")
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Angle:
        return Angle(stream.uniform(self.degrees))

    @property
    def keeps_scale(self) -> bool:
        return self.interpolation == "bilinear" and not self.expand

    def lower(self, draw: Angle, size: Size) -> Warp:
        back = about_centre(rotation(-draw.degrees), size)
        if not self.expand:
            return Warp(back, size, self.border, self.interpolation)
        turned = apply(about_centre(rotation(draw.degrees), size), corners(size)).round(9)
        (left, top), (right, bottom) = turned.min(axis=0), turned.max(axis=0)
        canvas = Size(math.ceil(right) - math.floor(left), math.ceil(bottom) - math.floor(top))
        centred = translation((size.width - canvas.width) / 2, (size.height - canvas.height) / 2)
        return Warp(back @ centred, canvas, self.border, self.interpolation)
