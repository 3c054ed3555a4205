"""The op that paints over boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from augcli.image.arrays import Box, Picture
from augcli.image.erasing import erase_boxes
from augcli.image.values import Value
from augcli.settings.values import Colour


@dataclass(frozen=True, eq=False)
class Erase(Value):
    """Paint over boxes with a colour, or with noise that is grown from `seed`: nothing of the image is left there."""

    boxes: tuple[Box, ...]
    fill: Colour | Literal["random"] = (0, 0, 0)
    seed: int = 0

    def run(self, picture: Picture) -> Picture:
        return Picture(erase_boxes(picture.image, self.boxes, self.fill, self.seed), picture.alpha)
