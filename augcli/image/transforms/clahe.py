from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.histograms import clahe
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Count, Value, setting


class Limited(NamedTuple):
    clip_limit: float


class Clahe(Transform[Limited]):
    """Equalize the lightness tile by tile, with limited contrast (Zuiderveld 1994).

    Same as Albumentations 2.0.8 `CLAHE`, exactly.
    """

    clip_limit: Value = setting(
        (1, 4), "Greatest height of a histogram's bin, of its mean; 0 is no limit.", within=(0, 100)
    )
    tiles: Count = setting(8, "How many tiles there are along each side.", within=(1, 64))

    def sample(self, stream: Stream, size: Size) -> Limited:
        return Limited(stream.uniform(self.clip_limit))

    def lower(self, draw: Limited, size: Size) -> Filter:
        return Filter(partial(clahe, clip_limit=draw.clip_limit, tiles=self.tiles), "around")
