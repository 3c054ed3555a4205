from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.ops import Erase
from augcli.image.transform import Transform
from augcli.settings import Fill, Value, setting
from augcli.streams import Stream

TRIES = 10


class Hole(NamedTuple):
    left: int
    top: int
    width: int
    height: int
    seed: int | None


class RandomErasing(Transform[Hole]):
    """Paint over one box of random area and aspect ratio (Zhong et al. 2017).

    Same as torchvision `RandomErasing`, exactly; `random` is noise from 0 to 255 here, where torchvision
    means normalised floats.
    """

    default_p: ClassVar[float] = 0.5

    scale: Value = setting((0.02, 0.33), "Share of the image's area.", within=(1e-4, 1))
    ratio: Value = setting((0.3, 3.3), "Height / width of the box, log-uniform.", within=(0.01, 100))
    fill: Fill = setting(0, "What the box is painted with.")

    def sample(self, stream: Stream, size: Size) -> Hole | None:
        for _ in range(TRIES):
            area = size.width * size.height * stream.uniform(self.scale)
            ratio = stream.log_uniform(self.ratio)
            height, width = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < height < size.height and 0 < width < size.width:
                top, left = stream.integer(0, size.height - height), stream.integer(0, size.width - width)
                return Hole(left, top, width, height, stream.seed() if self.fill == "random" else None)
        return None

    def lower(self, draw: Hole, size: Size) -> Erase:
        box = Box(draw.left, draw.top, draw.width, draw.height)
        return Erase((box,), self.fill, draw.seed or 0)
