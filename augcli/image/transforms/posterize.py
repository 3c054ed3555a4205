from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from augcli.image.arrays import Size
from augcli.image.ops import Table
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Whole, setting


class Depth(NamedTuple):
    bits: int


class Posterize(Transform[Depth]):
    """Keep only the first bits of every value, which leaves few colours.

    Same as Pillow's `ImageOps.posterize` and torchvision `F.posterize`, exactly; no bits at all are black.
    """

    default_p: ClassVar[float] = 0.5
    example: ClassVar[Mapping[str, Any]] = {"bits": [2, 6]}

    bits: Whole = setting((4, 7), "How many are kept.", within=(0, 8))

    def sample(self, stream: Stream, size: Size) -> Depth:
        return Depth(stream.integer(self.bits))

    def lower(self, draw: Depth, size: Size) -> Table:
        kept = 256 - (1 << (8 - draw.bits))
        return Table((np.arange(256) & kept).astype(np.uint8)[:, np.newaxis])
