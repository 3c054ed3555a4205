from __future__ import annotations

from augcli.image.arrays import Box, Size
from augcli.image.matrices import translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, SideOrSize, setting


class CenterCrop(Transform[Box]):
    """Cut out the middle; a smaller image is padded with border on all sides.

    Same as torchvision `F.center_crop`, exactly: odd differences are halved to the even neighbour.
    """

    size: SideOrSize = setting(..., "Side of a square, or [height, width].", unit="px", within=(1, 32766))
    border: Border = BORDER

    def sample(self, stream: Stream, size: Size) -> Box:
        height, width = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        left, top = (
            round((there - wanted) / 2) if there >= wanted else -((wanted - there) // 2)
            for there, wanted in ((size.width, width), (size.height, height))
        )
        return Box(left, top, width, height)

    def lower(self, draw: Box, size: Size) -> Warp:
        return Warp(translation(draw.left, draw.top), Size(draw.width, draw.height), self.border)
