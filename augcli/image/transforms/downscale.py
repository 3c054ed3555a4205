from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.quality import downscale
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Shrink(NamedTuple):
    scale: float


class Downscale(Transform[Shrink]):
    """Shrink and grow back, which loses detail.

    Same as OpenCV's `resize` by `INTER_AREA`, then by `INTER_LINEAR`, to a level; Pillow's `BOX` takes whole pixels
    instead of their parts, so that it is the same only where the sides divide. `nearest` is as by Pillow's `NEAREST`
    twice, exactly but for ties. From the `corner` all is as in Albumentations 2.0.8 `Downscale`.
    """

    scale: Value = setting((0.25, 0.5), "Sides of the small image, of those of the image.", within=(0.01, 1))
    interpolation: Literal["nearest", "bilinear"] = setting(
        "bilinear", "How it grows back; shrinking averages areas unless `nearest`."
    )
    grid: Literal["even", "corner"] = setting(
        "even", "Whether small pixels share the image, or are 1 / scale wide from the upper left corner on."
    )

    def sample(self, stream: Stream, size: Size) -> Shrink:
        return Shrink(stream.uniform(self.scale))

    def lower(self, draw: Shrink, size: Size) -> Filter:
        smooth, from_corner = self.interpolation == "bilinear", self.grid == "corner"
        return Filter(partial(downscale, scale=draw.scale, smooth=smooth, from_corner=from_corner), "mean")
