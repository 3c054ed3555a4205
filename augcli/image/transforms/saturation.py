from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import EYE, LUMAS, scale_saturation
from augcli.image.ops import Filter, Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Factor, setting


class Purity(NamedTuple):
    factor: float


class Saturation(Transform[Purity]):
    """Make colours stronger or paler; greyscale images stay as they are.

    `blend` mixes with the luma (Pillow's `ImageEnhance.Color`, and torchvision `F.adjust_saturation` on floats,
    to one level), `hsv` multiplies HSV saturation and keeps the value (`tf.image`, to one level).
    """

    example: ClassVar[Mapping[str, Any]] = {"factor": 0.8}

    factor: Factor = setting(0.2, "0 is grey, 1 the image itself.", within=(0, 100))
    space: Literal["blend", "hsv"] = setting("blend", "What saturation means.")

    def sample(self, stream: Stream, size: Size) -> Purity:
        return Purity(stream.uniform(self.factor))

    def lower(self, draw: Purity, size: Size) -> Mix | Filter:
        if self.space == "hsv":
            return Filter(partial(scale_saturation, factor=draw.factor))
        return purified(draw.factor)


def purified(factor: float) -> Mix:
    return Mix(EYE.times(factor).plus(LUMAS.times(1 - factor)))
