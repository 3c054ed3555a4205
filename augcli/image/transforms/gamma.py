from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from augcli.image.arrays import Size
from augcli.image.ops import Table
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Exponent(NamedTuple):
    gamma: float


class Gamma(Transform[Exponent]):
    """Raise values, as shares of the full range, to a power: above 1 darkens, below 1 brightens.

    Same as Pillow's and torchvision's `F.adjust_gamma`: 255.999 (x/255)^gamma, truncated; exact with Pillow,
    one level where torchvision's single precision falls on the other side of a whole number.
    """

    example: ClassVar[Mapping[str, Any]] = {"gamma": [0.5, 2]}

    gamma: Value = setting((0.8, 1.2), "The exponent.", within=(0.01, 100))

    def sample(self, stream: Stream, size: Size) -> Exponent:
        return Exponent(stream.uniform(self.gamma))

    def lower(self, draw: Exponent, size: Size) -> Table:
        # NumPy's own powers depend on the processor
        levels = bytes(int(255.999 * math.pow(level / 255, draw.gamma)) for level in range(256))
        return Table(np.frombuffer(levels, np.uint8)[:, np.newaxis])
