from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Hue as TurnHue
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Limit, setting


class Turn(NamedTuple):
    turns: float


class Hue(Transform[Turn]):
    """Turn all hues round the colour circle; greyscale images stay as they are.

    HSV hue in floating point: same as torchvision `F.adjust_hue` on a tensor to one level.
    """

    turns: Limit = setting(0.1, "Part of the full circle; red, green, blue are 1/3 apart.", within=(-0.5, 0.5))

    def sample(self, stream: Stream, size: Size) -> Turn:
        return Turn(stream.uniform(self.turns))

    def lower(self, draw: Turn, size: Size) -> TurnHue:
        return TurnHue(draw.turns)
