from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.ops import Erase
from augcli.image.random_sizes import random_length
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Fill, Value, Whole, setting
from augcli.settings.values import Range


class Holes(NamedTuple):
    holes: tuple[tuple[int, int, int, int], ...]  # left, top, width, height
    seed: int | None


class CoarseDropout(Transform[Holes]):
    """Paint over a few boxes (DeVries and Taylor 2017).

    Same as Albumentations 2.0.8 `CoarseDropout` with the same boxes, exactly. They may overlap; those that
    come to less than a pixel are left out.
    """

    holes: Whole = setting((1, 2), "How many boxes there are.", within=(1, 1000))
    height: Value = setting((0.1, 0.2), "Share of the height with an upper end below 1, else px.", within=(0, 10000))
    width: Value = setting((0.1, 0.2), "Share of the width with an upper end below 1, else px.", within=(0, 10000))
    fill: Fill = setting(0, "What the boxes are painted with.")

    def sample(self, stream: Stream, size: Size) -> Holes | None:
        holes = []
        for _ in range(stream.integer(self.holes)):
            high, wide = (
                random_length(stream, Range(min(bounds.low, side), min(bounds.high, side)), side)
                for bounds, side in ((self.height, size.height), (self.width, size.width))
            )
            left, top = stream.integer(0, size.width - wide), stream.integer(0, size.height - high)
            if high and wide:
                holes.append((left, top, wide, high))
        seed = stream.seed() if self.fill == "random" else None
        return Holes(tuple(holes), seed) if holes else None

    def lower(self, draw: Holes, size: Size) -> Erase:
        return Erase(tuple(Box(*hole) for hole in draw.holes), self.fill, draw.seed or 0)
