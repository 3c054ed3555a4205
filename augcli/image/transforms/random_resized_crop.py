from __future__ import annotations

import math
from collections.abc import Sequence

from augcli.image.arrays import Box, Size
from augcli.image.crop_places import KeepsObjects, Kept, chosen, grown
from augcli.image.matrices import Bounds, box_to, translation
from augcli.image.ops import EDGE, Warp
from augcli.image.transform import INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Interpolation, SideOrSize, Value, setting


class RandomResizedCrop(KeepsObjects, Transform[Box]):
    """Cut out a box of random area and aspect ratio and scale it to `size` (Szegedy et al. 2014).

    After ten boxes that did not fit the largest central box within `ratio` is taken. Same as torchvision
    `RandomResizedCrop` to one level. With `keep` the box grows to hold the objects, whatever its ratio becomes.
    """

    size: SideOrSize = setting(..., "Side of a square, or [height, width].", unit="px", within=(1, 32766))
    scale: Value = setting((0.08, 1.0), "Share of the image's area.", within=(1e-4, 1))
    ratio: Value = setting((0.75, 4 / 3), "Width / height of the box, log-uniform.", within=(0.01, 100))
    keep: Kept = setting("anything", "What it holds, where objects are labelled: one at least, or all.")
    interpolation: Interpolation = INTERPOLATION

    def sample_around(self, stream: Stream, size: Size, objects: Sequence[Bounds]) -> Box:
        return grown(stream, self.sample(stream, size), chosen(stream, self.keep, objects, size), size)

    def sample(self, stream: Stream, size: Size) -> Box:
        for _ in range(10):  # as torchvision does
            area = size.width * size.height * stream.uniform(self.scale)
            ratio = stream.log_uniform(self.ratio)
            width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < width <= size.width and 0 < height <= size.height:
                left, top = stream.integer(0, size.width - width), stream.integer(0, size.height - height)
                return Box(left, top, width, height)
        return self._central(size)

    def _central(self, size: Size) -> Box:
        width = min(size.width, max(1, round(size.height * self.ratio.high)))
        height = min(size.height, max(1, round(size.width / self.ratio.low)))
        return Box((size.width - width) // 2, (size.height - height) // 2, width, height)

    def least_shrink(self, size: Size) -> float | None:
        height, width = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        area, central = size.width * size.height * self.scale.low, self._central(size)
        narrowest = min(math.sqrt(area * self.ratio.low) - 1, central.width)
        flattest = min(math.sqrt(area / self.ratio.high) - 1, central.height)
        return min(narrowest / width, flattest / height) if self.interpolation == "bilinear" else None

    def lower(self, draw: Box, size: Size) -> tuple[Warp, Warp]:
        height, width = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        target, box = Size(width, height), Size(draw.width, draw.height)
        return (
            Warp(translation(draw.left, draw.top), box, EDGE, self.interpolation),
            Warp(box_to((0, 0, *box), target), target, EDGE, self.interpolation, antialias=True),
        )
