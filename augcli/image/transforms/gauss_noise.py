from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.noise import gaussian_noise
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Limit, Value, setting


class Noise(NamedTuple):
    mean: float
    std: float
    seed: int


class GaussNoise(Transform[Noise]):
    """Add normal noise to every pixel.

    The noise is drawn per image from `mean` and `std`, added, rounded to nearest and clipped.
    """

    example: ClassVar[Mapping[str, Any]] = {"std": [0.02, 0.12]}

    std: Value = setting((0.01, 0.05), "Standard deviation, of the full range.", within=(0, 1))
    mean: Limit = setting(0, "Mean, of the full range.", within=(-1, 1))
    per_channel: bool = setting(True, "Give every channel noise of its own.")

    def sample(self, stream: Stream, size: Size) -> Noise:
        return Noise(stream.uniform(self.mean), stream.uniform(self.std), stream.seed())

    def lower(self, draw: Noise, size: Size) -> Filter:
        mean, std = 255 * draw.mean, 255 * draw.std
        return Filter(partial(gaussian_noise, mean=mean, std=std, per_channel=self.per_channel, seed=draw.seed))
