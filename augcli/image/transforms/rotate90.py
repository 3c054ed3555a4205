from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.matrices import rotation, translation
from augcli.image.ops import Warp
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Whole, setting


class QuarterTurns(NamedTuple):
    times: int


class Rotate90(Transform[QuarterTurns]):
    """Turn the image by quarter turns, counter-clockwise; an odd number swaps width and height.

    Same as `numpy.rot90` and `tf.image.rot90`, exactly.
    """

    times: Whole = setting((0, 3), "Number of quarter turns, counter-clockwise.", within=(0, 3))

    def sample(self, stream: Stream, size: Size) -> QuarterTurns:
        return QuarterTurns(stream.integer(self.times))

    def lower(self, draw: QuarterTurns, size: Size) -> Warp:
        turned = Size(size.height, size.width) if draw.times % 2 else size
        to_middle = translation(-turned.width / 2, -turned.height / 2)
        from_middle = translation(size.width / 2, size.height / 2)
        return Warp(from_middle @ rotation(-90 * draw.times) @ to_middle, turned)
