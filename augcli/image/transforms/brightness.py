from __future__ import annotations

from typing import Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.colour import EYE
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Factor, Limit, setting


class Light(NamedTuple):
    factor: float | None
    delta: float | None


class Brightness(Transform[Light]):
    """Make the image brighter or darker, by a factor or (`mode: add`) by a constant.

    Same as torchvision `F.adjust_brightness`, exactly, or as `tf.image.adjust_brightness` to one level.
    """

    mode: Literal["multiply", "add"] = setting("multiply", "Which of the two is drawn.")
    factor: Factor = setting(0.2, "For `multiply`: what values are multiplied by.", within=(0, 100))
    delta: Limit = setting(0.2, "For `add`: what is added, of the full range.", within=(-1, 1))

    def sample(self, stream: Stream, size: Size) -> Light:
        if self.mode == "multiply":
            return Light(stream.uniform(self.factor), None)
        return Light(None, stream.uniform(self.delta))

    def lower(self, draw: Light, size: Size) -> Mix:
        if draw.delta is not None:
            return Mix(EYE, constant=(255 * draw.delta,) * 3)
        assert draw.factor is not None
        return scaled(draw.factor)


def scaled(factor: float) -> Mix:
    """Multiply by a factor and truncate, as torchvision and Pillow do."""
    return Mix(EYE.times(factor), truncate=True)
