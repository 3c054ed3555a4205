from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import EYE
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Limit, setting


class Colours(NamedTuple):
    red: float
    green: float
    blue: float


class RgbShift(Transform[Colours]):
    """Add to each channel a number of its own; a greyscale image becomes coloured.

    Same as Albumentations `RGBShift` to one level, which truncates the sum.
    """

    example: ClassVar[Mapping[str, Any]] = {"red": 40, "green": 0, "blue": 0}

    red: Limit = setting(20, "What is added to red.", unit="levels", within=(-255, 255))
    green: Limit = setting(20, "What is added to green.", unit="levels", within=(-255, 255))
    blue: Limit = setting(20, "What is added to blue.", unit="levels", within=(-255, 255))

    def sample(self, stream: Stream, size: Size) -> Colours:
        return Colours(stream.uniform(self.red), stream.uniform(self.green), stream.uniform(self.blue))

    def lower(self, draw: Colours, size: Size) -> Mix:
        return Mix(EYE, constant=draw)
