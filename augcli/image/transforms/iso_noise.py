from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.noise import iso_noise
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Grain(NamedTuple):
    color_shift: float
    intensity: float
    seed: int


class IsoNoise(Transform[Grain]):
    """Add the noise of a sensor at high sensitivity: specks of light, and of colour.

    The formula is that of Albumentations 1.3.1 `ISONoise`; 2.0.8 has lost its scales, and makes a few bright
    dots. Greyscale has the specks of light alone.
    """

    color_shift: Value = setting((0.01, 0.05), "Deviation of the hue at full intensity.", unit="turns", within=(0, 1))
    intensity: Value = setting((0.1, 0.5), "Strength of both, of the image's own spread of lightness.", within=(0, 2))

    def sample(self, stream: Stream, size: Size) -> Grain:
        return Grain(stream.uniform(self.color_shift), stream.uniform(self.intensity), stream.seed())

    def lower(self, draw: Grain, size: Size) -> Filter:
        return Filter(partial(iso_noise, **draw._asdict()), "all")
