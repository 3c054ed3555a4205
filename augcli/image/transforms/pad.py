from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from augcli.image.arrays import Box, Size
from augcli.image.matrices import translation
from augcli.image.ops import Warp
from augcli.image.transform import BORDER, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Padding, SideOrSizeOrNone, setting


class Pad(Transform[Box]):
    """Put border around the image: by `padding`, then up to `size` where it is smaller, on both sides alike.

    `left` and `top` of a draw count from the image and are negative. Same as torchvision `F.pad`, exactly; an odd
    pixel of `size` goes to the right and to the bottom, as with Albumentations' `PadIfNeeded`.
    """

    example: ClassVar[Mapping[str, Any]] = {"padding": 16}

    padding: Padding = setting(0, "How much on every side.", unit="px", within=(0, 16383))
    size: SideOrSizeOrNone = setting(None, "The least size: a side, or [height, width].", unit="px", within=(1, 32766))
    border: Border = BORDER

    def sample(self, stream: Stream, size: Size) -> Box:
        left, top, right, bottom = self.padding
        width, height = size.width + left + right, size.height + top + bottom
        least = (0, 0) if self.size is None else self.size if isinstance(self.size, tuple) else (self.size, self.size)
        lacking_y, lacking_x = max(0, least[0] - height), max(0, least[1] - width)
        return Box(-left - lacking_x // 2, -top - lacking_y // 2, width + lacking_x, height + lacking_y)

    def lower(self, draw: Box, size: Size) -> Warp:
        return Warp(translation(draw.left, draw.top), Size(draw.width, draw.height), self.border)
