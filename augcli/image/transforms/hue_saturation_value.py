from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import change_hsv
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import FactorOrNone, Limit, setting


class Shifts(NamedTuple):
    hue: float
    saturation: float
    value: float
    saturation_factor: float | None = None
    value_factor: float | None = None


class HueSaturationValue(Transform[Shifts]):
    """Add to hue, saturation and value, or multiply them; grey pixels stay grey.

    Same as Albumentations `HueSaturationValue` (its `shift_hsv` on bytes) to two levels; its hue is in half
    degrees, 20 of them are 0.111. With factors, and nothing added but to the hue, same as Ultralytics `RandomHSV`,
    exactly.
    """

    hue: Limit = setting(0.111, "Part of the full circle.", within=(-0.5, 0.5))
    saturation: Limit = setting(30, "What is added to the saturation.", unit="levels", within=(-255, 255))
    value: Limit = setting(20, "What is added to the value.", unit="levels", within=(-255, 255))
    saturation_factor: FactorOrNone = setting(None, "What the saturation is multiplied by first.", within=(0, 100))
    value_factor: FactorOrNone = setting(None, "What the value is multiplied by first.", within=(0, 100))

    def sample(self, stream: Stream, size: Size) -> Shifts:
        return Shifts(
            stream.uniform(self.hue),
            stream.uniform(self.saturation),
            stream.uniform(self.value),
            None if self.saturation_factor is None else stream.uniform(self.saturation_factor),
            None if self.value_factor is None else stream.uniform(self.value_factor),
        )

    def lower(self, draw: Shifts, size: Size) -> Filter:
        saturation = (1.0 if draw.saturation_factor is None else draw.saturation_factor, draw.saturation)
        value = (1.0 if draw.value_factor is None else draw.value_factor, draw.value)
        return Filter(partial(change_hsv, turns=draw.hue, saturation=saturation, value=value))
