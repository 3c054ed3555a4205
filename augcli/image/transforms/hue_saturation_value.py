from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import shift_hsv
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Limit, setting


class Shifts(NamedTuple):
    hue: float
    saturation: float
    value: float


class HueSaturationValue(Transform[Shifts]):
    """Add to hue, saturation and value; grey pixels stay grey.

    Same as Albumentations `HueSaturationValue` (its `shift_hsv` on bytes) to two levels; its hue is in half
    degrees, 20 of them are 0.111.
    """

    hue: Limit = setting(0.111, "Part of the full circle.", within=(-0.5, 0.5))
    saturation: Limit = setting(30, "What is added to the saturation.", unit="levels", within=(-255, 255))
    value: Limit = setting(20, "What is added to the value.", unit="levels", within=(-255, 255))

    def sample(self, stream: Stream, size: Size) -> Shifts:
        return Shifts(stream.uniform(self.hue), stream.uniform(self.saturation), stream.uniform(self.value))

    def lower(self, draw: Shifts, size: Size) -> Filter:
        return Filter(partial(shift_hsv, turns=draw.hue, saturation=draw.saturation, value=draw.value))
