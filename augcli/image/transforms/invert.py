from __future__ import annotations

from typing import ClassVar

import numpy as np

from augcli.image.arrays import Size
from augcli.image.ops import Table
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream


class Invert(Transform[Nothing]):
    """Make a negative: every value is taken from 255.

    Same as Pillow's `ImageOps.invert` and torchvision `F.invert`, exactly.
    """

    default_p: ClassVar[float] = 0.5

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Table:
        return Table(np.arange(255, -1, -1, dtype=np.uint8)[:, np.newaxis])
