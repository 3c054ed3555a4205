from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.noise import salt_and_pepper
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Grains(NamedTuple):
    amount: float
    salt: float
    seed: int


class SaltAndPepper(Transform[Grains]):
    """Turn single pixels white or black.

    The law is that of Albumentations `SaltAndPepper`: as many pixels as drawn, rounded down, anywhere.
    """

    amount: Value = setting((0.01, 0.06), "Share of the pixels.", within=(0, 1))
    salt: Value = setting((0.4, 0.6), "Share of them that is white; the others are black.", within=(0, 1))

    def sample(self, stream: Stream, size: Size) -> Grains:
        return Grains(stream.uniform(self.amount), stream.uniform(self.salt), stream.seed())

    def lower(self, draw: Grains, size: Size) -> Filter:
        return Filter(partial(salt_and_pepper, **draw._asdict()))
