from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.blending import pasted
from augcli.image.ops import Blend
from augcli.image.transform import Mixing
from augcli.random_streams import Stream, rounded
from augcli.settings import Number, setting


class Patch(NamedTuple):
    lam: float
    left: int
    top: int
    width: int
    height: int


class Cutmix(Mixing[Patch]):
    """Put a box of another image of the training set into the image; the label becomes soft (Yun et al. 2019).

    The image's share follows Beta(alpha, alpha), and with `fold` is at least a half. The box has the rest of the
    area about a uniform centre; `lam` is what is left of the image when the box is clipped to it. Same as torchvision
    `v2.CutMix`, exactly.
    """

    alpha: Number = setting(1.0, "Of the Beta distribution: 1 is uniform, less keeps one of the two.", within=(0, 100))

    def sample(self, stream: Stream, size: Size) -> Patch | None:
        lam = stream.beta(self.alpha) if self.alpha else 1.0
        half = 0.5 * math.sqrt(1 - (max(lam, 1 - lam) if self.fold else lam))
        x, y = stream.integer(0, size.width - 1), stream.integer(0, size.height - 1)
        reach_x, reach_y = int(half * size.width), int(half * size.height)
        left, top = max(0, x - reach_x), max(0, y - reach_y)
        width, height = min(size.width, x + reach_x) - left, min(size.height, y + reach_y) - top
        share = width * height / (size.width * size.height)
        return Patch(rounded(1 - share), left, top, width, height) if share else None

    def shares(self, draw: Patch, size: Size) -> tuple[float, ...]:
        return draw.lam, rounded(1 - draw.lam)

    def lower(self, draw: Patch, size: Size) -> Blend:
        parts = (Box(draw.left, draw.top, draw.width, draw.height),)
        return Blend(partial(pasted, boxes=parts), parts=parts)
