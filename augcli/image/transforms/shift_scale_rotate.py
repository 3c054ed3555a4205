from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, inverse, rotation, scaling, translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Factor, Interpolation, Limit, LimitPerAxis, setting


class Placement(NamedTuple):
    degrees: float
    scale: float
    x: float
    y: float


class ShiftScaleRotate(Transform[Placement]):
    """Turn and scale the image about its middle, then shift it by a share of its sides.

    Same as torchvision `F.affine(-degrees, shift, scale, 0)` to one level. The scale is one for both sides, as
    Albumentations documents it; its versions from 1.4 on draw two.
    """

    shift: LimitPerAxis = setting(0.0625, "Shift right and down.", unit="share of the side", within=(-1, 1))
    scale: Factor = setting(0.1, "Enlargement of both sides.", within=(0.05, 20))
    degrees: Limit = setting(45, "Angle, counter-clockwise.", unit="deg", within=(-360, 360))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Placement:
        return Placement(
            stream.uniform(self.degrees),
            stream.uniform(self.scale),
            stream.uniform(self.shift.x),
            stream.uniform(self.shift.y),
        )

    def lower(self, draw: Placement, size: Size) -> Warp:
        motion = rotation(draw.degrees) @ scaling(draw.scale, draw.scale)
        forward = translation(draw.x * size.width, draw.y * size.height) @ about_centre(motion, size)
        return Warp(inverse(forward), size, self.border, self.interpolation)
