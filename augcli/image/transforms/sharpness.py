from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.blurs import sharpen_or_blur
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Factor, setting


class Sharp(NamedTuple):
    factor: float


class Sharpness(Transform[Sharp]):
    """Make the image sharper or softer, slightly.

    Same as Pillow's `ImageEnhance.Sharpness` and torchvision `F.adjust_sharpness`, to one level.
    """

    default_p: ClassVar[float] = 0.5
    example: ClassVar[Mapping[str, Any]] = {"factor": [0, 3]}

    factor: Factor = setting(0.5, "0 is soft, 1 the image itself, 2 sharp.", within=(0, 100))

    def sample(self, stream: Stream, size: Size) -> Sharp:
        return Sharp(stream.uniform(self.factor))

    def lower(self, draw: Sharp, size: Size) -> Filter:
        return Filter(partial(sharpen_or_blur, factor=draw.factor), "mean")
