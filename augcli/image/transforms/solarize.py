from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from augcli.image.arrays import Size
from augcli.image.ops import Table
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Threshold(NamedTuple):
    threshold: float


class Solarize(Transform[Threshold]):
    """Invert the light values, from a threshold up.

    Same as Pillow's `ImageOps.solarize` and torchvision `F.solarize`, exactly.
    """

    default_p: ClassVar[float] = 0.5
    example: ClassVar[Mapping[str, Any]] = {"threshold": [64, 224]}

    threshold: Value = setting(128, "The least value that is inverted.", unit="levels", within=(0, 256))

    def sample(self, stream: Stream, size: Size) -> Threshold:
        return Threshold(stream.uniform(self.threshold))

    def lower(self, draw: Threshold, size: Size) -> Table:
        values = np.arange(256)
        return Table(np.where(values < draw.threshold, values, 255 - values).astype(np.uint8)[:, np.newaxis])
