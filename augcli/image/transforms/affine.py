from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, inverse, rotation, scaling, shearing, translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.settings import Border, Factor, Interpolation, Limit, LimitPerAxis, setting
from augcli.streams import Stream


class Motion(NamedTuple):
    degrees: float
    x: int
    y: int
    scale: float
    shear_x: float
    shear_y: float


class Affine(Transform[Motion]):
    """Shear, scale and turn the image about its centre, then shift it by whole pixels.

    Same as torchvision `F.affine(bilinear, fill=None)` to one level, but for the sign of the angle,
    which is counter-clockwise here as everywhere.
    """

    example: ClassVar[Mapping[str, Any]] = {"translate": 0.1, "scale": 0.1}

    degrees: Limit = setting(0, "Angle, counter-clockwise.", unit="deg", within=(-360, 360))
    translate: LimitPerAxis = setting(0, "Shift right and down.", unit="share of the side", within=(-1, 1))
    scale: Factor = setting(0, "Enlargement of both sides.", within=(0.05, 20))
    shear: LimitPerAxis = setting(0, "Shear along x, and along y.", unit="deg", within=(-80, 80))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Motion:
        return Motion(
            stream.uniform(self.degrees),
            round(stream.uniform(self.translate.x) * size.width),
            round(stream.uniform(self.translate.y) * size.height),
            stream.uniform(self.scale),
            stream.uniform(self.shear.x),
            stream.uniform(self.shear.y),
        )

    def lower(self, draw: Motion, size: Size) -> Warp:
        motion = rotation(draw.degrees) @ scaling(draw.scale, draw.scale) @ shearing(draw.shear_x, draw.shear_y)
        forward = translation(draw.x, draw.y) @ about_centre(motion, size)
        return Warp(inverse(forward), size, self.border, self.interpolation)
