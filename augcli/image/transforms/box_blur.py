from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.blurs import box_blur
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Odd, setting


class Square(NamedTuple):
    kernel_size: int


class BoxBlur(Transform[Square]):
    """Replace each value by the mean of the square around it.

    Same as SciPy `uniform_filter` with `mirror`, rounded, exactly; channel by channel.
    """

    kernel_size: Odd = setting((3, 7), "Side of the square.", unit="px", within=(1, 255))

    def sample(self, stream: Stream, size: Size) -> Square:
        low, high = (int(end) // 2 for end in self.kernel_size)
        return Square(2 * stream.integer(low, high) + 1)

    def lower(self, draw: Square, size: Size) -> Filter:
        return Filter(partial(box_blur, kernel_size=draw.kernel_size), "mean")
