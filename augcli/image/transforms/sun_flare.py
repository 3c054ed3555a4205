from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.random_sizes import random_length
from augcli.image.sun_and_shadow import sun_flare
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Level3, Roi, Value, Whole, setting


class Sun(NamedTuple):
    x: int
    y: int
    angle: float
    circles: int
    radius: int
    seed: int


class SunFlare(Transform[Sun]):
    """Let the sun shine into the lens: a bright spot, and its reflections on a line through it.

    Same as Albumentations 2.0.8 `add_sun_flare_overlay` with the same circles, to two levels, for a radius of
    100 px or more; smaller suns are smoother.
    """

    roi: Roi = setting((0, 0, 1, 0.5), "Where the sun may stand.", within=(0, 1))
    angle: Value = setting((0, 1), "Angle of the line, clockwise from the right.", unit="turns", within=(-1, 1))
    circles: Whole = setting((6, 10), "How many reflections there are.", within=(1, 100))
    radius: Value = setting(0.3, "Of the sun: share of the longer side below 1, else px.", within=(0, 10000))
    color: Level3 = setting((255, 255, 255), "Colour of the sun; reflections are up to a fifth darker.")

    def sample(self, stream: Stream, size: Size) -> Sun:
        left, top, right, bottom = self.roi
        x, y = int(size.width * stream.uniform((left, right))), int(size.height * stream.uniform((top, bottom)))
        angle, circles = stream.uniform(self.angle), stream.integer(self.circles)
        return Sun(x, y, angle, circles, random_length(stream, self.radius, max(size)), stream.seed())

    def lower(self, draw: Sun, size: Size) -> Filter:
        x, y, angle, circles, radius, seed = draw
        return Filter(
            partial(sun_flare, sun=(x, y), angle=angle, circles=circles, radius=radius, color=self.color, seed=seed)
        )
