from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.image.weather import snow
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Cover(NamedTuple):
    point: float
    brightness: float


class Snow(Transform[Cover]):
    """Bleach the dark parts, as snow that lies on them does.

    Same as Albumentations 2.0.8 `add_snow_bleach`, exactly.
    """

    point: Value = setting(
        (0.1, 0.3), "How light a part may be to be bleached: 0 a third, 1 five sixths.", within=(0, 1)
    )
    brightness: Value = setting(2.5, "What its lightness is multiplied by.", within=(0, 100))

    def sample(self, stream: Stream, size: Size) -> Cover:
        return Cover(stream.uniform(self.point), stream.uniform(self.brightness))

    def lower(self, draw: Cover, size: Size) -> Filter:
        return Filter(partial(snow, point=draw.point, brightness=draw.brightness))
