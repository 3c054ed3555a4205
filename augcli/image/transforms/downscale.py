from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.quality import downscale
from augcli.image.transform import Transform
from augcli.settings import Value, setting
from augcli.streams import Stream


class Shrink(NamedTuple):
    scale: float


class Downscale(Transform[Shrink]):
    """Shrink and grow back, which loses detail.

    Same as Pillow's `resize` by `BOX`, then by `BILINEAR`, to two levels, one for each rounding; `nearest` as
    by `NEAREST` twice, exactly but for ties.
    """

    scale: Value = setting((0.25, 0.5), "Sides of the small image, of those of the image.", within=(0.01, 1))
    interpolation: Literal["nearest", "bilinear"] = setting(
        "bilinear", "How it grows back; shrinking averages areas unless `nearest`."
    )

    def sample(self, stream: Stream, size: Size) -> Shrink:
        return Shrink(stream.uniform(self.scale))

    def lower(self, draw: Shrink, size: Size) -> Filter:
        return Filter(partial(downscale, scale=draw.scale, smooth=self.interpolation == "bilinear"), "mean")
