from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Matrix, Size
from augcli.image.colour import EYE
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Factor, Limit, setting


class Levels(NamedTuple):
    contrast: float
    brightness: float


class BrightnessContrast(Transform[Levels]):
    """Multiply values by the contrast and add the brightness.

    The contrast spreads from black: above 1 brightens too. Same as Albumentations `RandomBrightnessContrast`, and as
    albucore `multiply_add`, to one level.
    """

    brightness: Limit = setting(0.2, "What is added, of the full range or of the mean.", within=(-1, 1))
    contrast: Factor = setting(0.2, "What values are multiplied by.", within=(0, 100))
    by_max: bool = setting(True, "Measure the brightness by the full range, not by the image's mean.")

    def sample(self, stream: Stream, size: Size) -> Levels:
        return Levels(stream.uniform(self.contrast), stream.uniform(self.brightness))

    def lower(self, draw: Levels, size: Size) -> Mix:
        if self.by_max:
            return Mix(EYE.times(draw.contrast), constant=(255 * draw.brightness,) * 3)
        return Mix(EYE.times(draw.contrast), _MEANS.times(draw.brightness))


_MEANS = Matrix(*[1 / 3] * 9)
"""The mean over all channels, for each of them."""
