from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.colour import LUMAS
from augcli.image.ops import Mix
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream


class Grayscale(Transform[Nothing]):
    """Take the colour away; the number of channels stays.

    All channels become the luma of Pillow's `convert("L")`, exactly: 0.299 red + 0.587 green + 0.114 blue in whole
    numbers (ITU-R BT.601).
    """

    default_p: ClassVar[float] = 0.1

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Mix:
        return Mix(LUMAS)
