from __future__ import annotations

from collections.abc import Sequence

from augcli.image.arrays import Box, Size
from augcli.image.crop_places import KeepsObjects, Kept, chosen, start
from augcli.image.matrices import Bounds, translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, Transform
from augcli.problems import Unusable
from augcli.random_streams import Stream
from augcli.settings import Border, Padding, SideOrSize, setting


class RandomCrop(KeepsObjects, Transform[Box]):
    """Cut out a box of fixed size anywhere, all positions equally likely.

    `left` and `top` count from the unpadded image, so they can be negative. Same as torchvision
    `RandomCrop`, exactly; `pad_if_needed` pads the whole deficit on both sides, as it does.
    With `keep` all positions that hold the objects are equally likely. Where all
    objects do not fit into it together, it holds one of those that do.
    """

    size: SideOrSize = setting(..., "Side of a square, or [height, width].", unit="px", within=(1, 32766))
    padding: Padding = setting(0, "Border put around the image first.", unit="px", within=(0, 16383))
    keep: Kept = setting("anything", "What it holds, where objects are labelled: one at least, or all.")
    pad_if_needed: bool = setting(False, "Pad an image that is smaller than the crop, instead of failing.")
    border: Border = BORDER

    def sample(self, stream: Stream, size: Size) -> Box:
        return self.sample_around(stream, size, ())

    def sample_around(self, stream: Stream, size: Size, objects: Sequence[Bounds]) -> Box:
        height, width = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        left, top, right, bottom = self.padding
        padded = Size(size.width + left + right, size.height + top + bottom)
        lacking = Size(max(0, width - padded.width), max(0, height - padded.height))
        if any(lacking) and not self.pad_if_needed:
            raise Unusable(
                f"{padded.width}x{padded.height} is smaller than the crop of {width}x{height}; "
                "set pad_if_needed, or resize before it"
            )
        wanted = chosen(stream, self.keep, objects, (width, height))
        low_x, low_y = -left - lacking.width, -top - lacking.height
        high_x, high_y = size.width + right + lacking.width - width, size.height + bottom + lacking.height - height
        return Box(
            start(stream, width, low_x, high_x, wanted and (wanted[0], wanted[2])),
            start(stream, height, low_y, high_y, wanted and (wanted[1], wanted[3])),
            width,
            height,
        )

    def lower(self, draw: Box, size: Size) -> Warp:
        return Warp(translation(draw.left, draw.top), Size(draw.width, draw.height), self.border)
