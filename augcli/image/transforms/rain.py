from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.random_sizes import random_length
from augcli.image.transform import Transform
from augcli.image.weather import rain
from augcli.random_streams import Stream
from augcli.settings import Level3, Limit, Odd, Value, ValueOrNone, Whole, setting

DROPS = {"drizzle": 1 / 4, "default": 1 / 3, "heavy": 1.0, "torrential": 2.0}
"""How many drops there are for each row of the image."""


class Shower(NamedTuple):
    drops: int
    slant: float
    drop_length: int
    drop_width: int
    blur: int
    brightness: float
    seed: int


class Rain(Transform[Shower]):
    """Draw blurred streaks of rain, and dim the image.

    Same as Albumentations 2.0.8 `add_rain` with the same drops, to two levels.
    """

    example: ClassVar[Mapping[str, Any]] = {"slant": 6, "blur": 3}

    kind: Literal["default", "drizzle", "heavy", "torrential"] = setting("default", "How many drops there are.")
    slant: Limit = setting(10, "How far a drop runs to the right on its way down.", unit="px", within=(-1000, 1000))
    drop_length: ValueOrNone = setting(
        None, "Share of the height below 1, else px; left out: an eighth of the height.", within=(0, 10000)
    )
    drop_width: Whole = setting(1, "Width of a drop.", unit="px", within=(1, 100))
    color: Level3 = setting((200, 200, 200), "Colour of a drop before it is blurred.")
    blur: Odd = setting(7, "Side of the box that blurs the drops.", unit="px", within=(1, 255))
    brightness: Value = setting(0.7, "What all is multiplied by.", within=(0, 1))

    def sample(self, stream: Stream, size: Size) -> Shower:
        fall = size.height // 8 if self.drop_length is None else random_length(stream, self.drop_length, size.height)
        slant, width = stream.uniform(self.slant), stream.integer(self.drop_width)
        low, high = (int(end) // 2 for end in self.blur)
        blur, brightness = 2 * stream.integer(low, high) + 1, stream.uniform(self.brightness)
        drops = int(size.height * DROPS[self.kind])
        return Shower(drops, slant, max(1, fall), width, blur, brightness, stream.seed())

    def lower(self, draw: Shower, size: Size) -> Filter:
        return Filter(partial(rain, color=self.color, **draw._asdict()))
