from __future__ import annotations

from typing import Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import EYE, LUMAS, ZERO
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Factor, setting


class Spread(NamedTuple):
    factor: float


class Contrast(Transform[Spread]):
    """Move values away from a pivot, or towards it.

    The pivot is the mean luma (`gray`: torchvision `F.adjust_contrast` to one level), each channel's
    own mean (`channel`: Keras, tf.image) or `zero` (Albumentations).
    """

    factor: Factor = setting(0.2, "Distances from the pivot are multiplied by it.", within=(0, 100))
    pivot: Literal["gray", "channel", "zero"] = setting("gray", "What stays where it is.")

    def sample(self, stream: Stream, size: Size) -> Spread:
        return Spread(stream.uniform(self.factor))

    def lower(self, draw: Spread, size: Size) -> Mix:
        return spread(draw.factor, self.pivot)


_MEANS = {"gray": LUMAS, "channel": EYE, "zero": ZERO}


def spread(factor: float, pivot: Literal["gray", "channel", "zero"] = "gray") -> Mix:
    return Mix(EYE.times(factor), _MEANS[pivot].times(1 - factor))
