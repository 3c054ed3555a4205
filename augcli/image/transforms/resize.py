from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import box_to
from augcli.image.ops import EDGE, Warp
from augcli.image.transform import INTERPOLATION, Transform
from augcli.random_streams import Certain, Stream
from augcli.settings import CountOrNone, Interpolation, SideOrSize, setting


class Resized(NamedTuple):
    width: int
    height: int


class Resize(Transform[Resized]):
    """Scale the whole image; one number scales the shorter side and keeps the aspect ratio.

    Shrinking is antialiased. Same as torchvision `Resize` and Pillow `resize` to one level.
    """

    size: SideOrSize = setting(..., "Shorter side, or [height, width].", unit="px", within=(1, 32766))
    max_size: CountOrNone = setting(
        None, "Cap on the longer side, if `size` is one number.", unit="px", within=(1, 32766)
    )
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Resized:
        if isinstance(self.size, tuple):
            height, width = self.size
            return Resized(width, height)
        short, long = min(size), max(size)
        # torchvision's rule: the longer side is floored.
        new_short, new_long = self.size, int(self.size * long / short)
        if self.max_size is not None and new_long > self.max_size:
            new_short, new_long = int(self.max_size * new_short / new_long), self.max_size
        new_short = max(1, new_short)
        return Resized(new_short, new_long) if size.width <= size.height else Resized(new_long, new_short)

    def lower(self, draw: Resized, size: Size) -> Warp:
        target = Size(*draw)
        return Warp(box_to((0, 0, *size), target), target, EDGE, self.interpolation, antialias=True)

    def least_shrink(self, size: Size) -> float | None:
        target = self.sample(Certain(), size)
        return min(size.width / target.width, size.height / target.height) if self.interpolation == "bilinear" else None
