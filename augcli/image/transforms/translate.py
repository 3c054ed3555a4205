from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, LimitPerAxis, setting


class Shift(NamedTuple):
    x: float
    y: float


class Translate(Transform[Shift]):
    """Shift the image right and down by a share of its sides, between pixels too.

    Same as Keras `RandomTranslation` to one level; its arguments are the other way round, height first.
    """

    shift: LimitPerAxis = setting(0.1, "Shift right and down.", unit="share of the side", within=(-1, 1))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Shift:
        return Shift(stream.uniform(self.shift.x), stream.uniform(self.shift.y))

    @property
    def keeps_scale(self) -> bool:
        return self.interpolation == "bilinear"

    def lower(self, draw: Shift, size: Size) -> Warp:
        back = translation(-draw.x * size.width, -draw.y * size.height)
        return Warp(back, size, self.border, self.interpolation)
