from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.image.weather import fog
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Mist(NamedTuple):
    density: float
    alpha: float
    seed: int


class Fog(Transform[Mist]):
    """Veil the image in white wisps, denser towards the middle.

    Same as Albumentations 2.0.8 `add_fog` with the same discs, to two levels.
    """

    density: Value = setting((0.3, 1.0), "How large the wisps are, and how white.", within=(0.01, 1))
    alpha: Value = setting(0.08, "Whiteness of one wisp at a density of 1.", within=(0, 1))

    def sample(self, stream: Stream, size: Size) -> Mist:
        return Mist(stream.uniform(self.density), stream.uniform(self.alpha), stream.seed())

    def lower(self, draw: Mist, size: Size) -> Filter:
        return Filter(partial(fog, **draw._asdict()), "around")
