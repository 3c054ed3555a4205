from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, scaling
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, FactorPerAxis, Interpolation, setting
from augcli.settings.value_types import Wrong


class Distance(NamedTuple):
    x: float
    y: float


class Zoom(Transform[Distance]):
    """Zoom about the middle: above 1 shows more than the image, smaller; below 1 a part of it, larger.

    Same as Keras `RandomZoom` to one level; the enlargement is 1 / factor.
    """

    factor: FactorPerAxis = setting(0.1, "How much of the image each side shows.", within=(0.05, 20))
    keep_ratio: bool = setting(True, "Draw one factor for both sides.")
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def _refuse_mismatches(self) -> None:
        if self.keep_ratio and self.factor.x != self.factor.y:
            raise Wrong("`factor` has an entry for each side, and `keep_ratio` draws one", "set keep_ratio: false")

    def sample(self, stream: Stream, size: Size) -> Distance:
        x = stream.uniform(self.factor.x)
        return Distance(x, x if self.keep_ratio else stream.uniform(self.factor.y))

    def lower(self, draw: Distance, size: Size) -> Warp:
        return Warp(about_centre(scaling(draw.x, draw.y), size), size, self.border, self.interpolation)
