from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, inverse, rotation, scaling, shearing, translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Factor, FactorOrNone, Interpolation, Limit, LimitPerAxis, setting


class Motion(NamedTuple):
    degrees: float
    x: int
    y: int
    scale: float
    shear_x: float
    shear_y: float
    scale_y: float | None = None  # where there is one, `scale` is along x


class Affine(Transform[Motion]):
    """Shear, scale and turn the image about its centre, then shift it by whole pixels.

    Same as torchvision `F.affine(bilinear, fill=None)` to one level, but for the sign of the angle,
    which is counter-clockwise here as everywhere. With `shear_last` the same as Albumentations 2.0.8 `Affine`.
    """

    example: ClassVar[Mapping[str, Any]] = {"translate": 0.1, "scale": 0.1}

    degrees: Limit = setting(0, "Angle, counter-clockwise.", unit="deg", within=(-360, 360))
    translate: LimitPerAxis = setting(0, "Shift right and down.", unit="share of the side", within=(-1, 1))
    scale: Factor = setting(0, "Enlargement of both sides.", within=(0.05, 20))
    scale_y: FactorOrNone = setting(
        None, "Enlargement of the height, if `scale` is that of the width alone.", within=(0.05, 20)
    )
    shear: LimitPerAxis = setting(0, "Shear along x, and along y.", unit="deg", within=(-80, 80))
    shear_last: bool = setting(False, "Scale and turn before it shears.")
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
            None if self.scale_y is None else stream.uniform(self.scale_y),
        )

    def lower(self, draw: Motion, size: Size) -> Warp:
        scaled = scaling(draw.scale, draw.scale if draw.scale_y is None else draw.scale_y)
        turn, slant = rotation(draw.degrees), shearing(draw.shear_x, draw.shear_y)
        motion = slant @ turn @ scaled if self.shear_last else turn @ scaled @ slant
        forward = translation(draw.x, draw.y) @ about_centre(motion, size)
        return Warp(inverse(forward), size, self.border, self.interpolation)
