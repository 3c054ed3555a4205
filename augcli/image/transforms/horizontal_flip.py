from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.matrices import about_centre, scaling
from augcli.image.ops import Warp
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream


class HorizontalFlip(Transform[Nothing]):
    """Exchange left and right, like a mirror.

    Same as torchvision `F.horizontal_flip`, exactly.
    """

    default_p: ClassVar[float] = 0.5

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Warp:
        return Warp(about_centre(scaling(-1, 1), size), size)

    @property
    def keeps_scale(self) -> bool:
        return True
