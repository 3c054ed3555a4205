from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.histograms import shift_within
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Limit, setting


class Levels(NamedTuple):
    shift: float


class ChannelShift(Transform[Levels]):
    """Add one number to all channels, never beyond the darkest and the lightest value that the image has.

    Same as Keras `ImageDataGenerator(channel_shift_range)`, rounded to nearest.
    """

    example: ClassVar[Mapping[str, Any]] = {"shift": 60}

    shift: Limit = setting(20, "What is added.", unit="levels", within=(-255, 255))

    def sample(self, stream: Stream, size: Size) -> Levels:
        return Levels(stream.uniform(self.shift))

    def lower(self, draw: Levels, size: Size) -> Filter:
        return Filter(partial(shift_within, shift=draw.shift), "all")
