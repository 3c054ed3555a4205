from __future__ import annotations

import math
from functools import partial
from typing import ClassVar, NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.blending import pasted
from augcli.image.ops import Blend
from augcli.image.transform import Mixing
from augcli.random_streams import Stream, rounded
from augcli.settings import Number, setting

_HALF = math.sqrt(0.5)
"""Of both sides: half of the area."""


class Cross(NamedTuple):
    x: int
    y: int


class Mosaic(Mixing[Cross]):
    """Join parts of four images at a cross: the image at the top left, three others of the training set around it.

    Each part shows the same place of its own image, and the label has the shares of the areas (RICAP, Takahashi et al.
    2018, without its crops). The cross is at Beta(alpha, alpha) of both sides; with `fold` where the image keeps at
    least half of the area.
    """

    partners: ClassVar[int] = 3

    alpha: Number = setting(1.0, "Of the Beta distribution: more draws the cross to the middle.", within=(0.01, 100))

    def sample(self, stream: Stream, size: Size) -> Cross | None:
        x, y = (stream.beta(self.alpha) for _ in range(2))
        if self.fold:
            x, y = (_HALF + (1 - _HALF) * abs(2 * place - 1) for place in (x, y))
        up = math.ceil if self.fold else round
        cross = Cross(up(x * size.width), up(y * size.height))
        return cross if tuple(cross) != tuple(size) else None

    def shares(self, draw: Cross, size: Size) -> tuple[float, ...]:
        x, y = draw.x / size.width, draw.y / size.height
        return tuple(rounded(share) for share in (x * y, (1 - x) * y, x * (1 - y), (1 - x) * (1 - y)))

    def lower(self, draw: Cross, size: Size) -> Blend:
        (x, y), (width, height) = draw, size
        parts = Box(x, 0, width - x, y), Box(0, y, x, height - y), Box(x, y, width - x, height - y)
        return Blend(partial(pasted, boxes=parts), self.partners, parts)
