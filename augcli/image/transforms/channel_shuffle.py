from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Matrix, Size
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.random_streams import Stream


class Order(NamedTuple):
    channels: tuple[int, ...]


class ChannelShuffle(Transform[Order]):
    """Exchange red, green and blue, all six orders equally likely.

    Same as torchvision `RandomChannelPermutation` and Albumentations `ChannelShuffle`, exactly.
    """

    def sample(self, stream: Stream, size: Size) -> Order:
        return Order(tuple(stream.order(3)))

    def lower(self, draw: Order, size: Size) -> Mix:
        return Mix(Matrix(*[float(channel == column) for channel in draw.channels for column in range(3)]))
