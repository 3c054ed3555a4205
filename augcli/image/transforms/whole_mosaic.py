from __future__ import annotations

from functools import partial
from typing import ClassVar, NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.blending import pasted
from augcli.image.matrices import translation
from augcli.image.ops import Blend, Warp
from augcli.image.transform import BORDER, Mixing
from augcli.random_streams import Stream, rounded
from augcli.settings import Border

_CORNERS = (1, 1), (0, 1), (1, 0), (0, 0)
"""Which corner of each image is at the cross, as shares of its sides."""


class Cross(NamedTuple):
    x: int
    y: int


class WholeMosaic(Mixing[Cross]):
    """Let the corners of four whole images meet on a canvas of twice the size, of which later steps show a part.

    The canvas is a square of twice the image's longer side, the cross uniform in its middle half, and the image at its
    top left; with `fold` no other one has more of the area. The label has the shares of the four areas. Same as the
    mosaic of Ultralytics, exactly: images that are resized to a longest side before it keep their shape, and
    `center_crop` to that side comes after it.
    """

    partners: ClassVar[int] = 3

    border: Border = BORDER

    def sample(self, stream: Stream, size: Size) -> Cross:
        places = [stream.uniform((0, 1)) for _ in range(2)]
        if self.fold:
            places = [max(place, 1 - place) for place in places]
        return Cross(*(int(max(size) * (0.5 + place)) for place in places))

    def shares(self, draw: Cross, size: Size) -> tuple[float, ...]:
        x, y = draw.x / size.width, draw.y / size.height
        return tuple(rounded(share) for share in (x * y, (1 - x) * y, x * (1 - y), (1 - x) * (1 - y)))

    def lower(self, draw: Cross, size: Size) -> tuple[Warp, Blend]:
        (x, y), side = draw, 2 * max(size)
        parts = Box(x, 0, side - x, y), Box(0, y, x, side - y), Box(x, y, side - x, side - y)
        own, *others = (partial(_placed, self.border, draw, side, corner) for corner in _CORNERS)
        return own(size), Blend(partial(pasted, boxes=parts), self.partners, parts, tuple(others))


def _placed(border: Border, cross: Cross, side: int, corner: tuple[int, int], size: Size) -> Warp:
    """Put a corner of an image of `size` at the cross of a canvas."""
    back = translation(corner[0] * size.width - cross.x, corner[1] * size.height - cross.y)
    return Warp(back, Size(side, side), border)
