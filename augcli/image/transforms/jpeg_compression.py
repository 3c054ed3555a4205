from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Filter
from augcli.image.quality import jpeg_compression
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Whole, setting


class Quality(NamedTuple):
    quality: int


class JpegCompression(Transform[Quality]):
    """Store as JPEG of low quality and read again, with the colours at half their resolution (4:2:0).

    Same as Pillow's JPEG of that quality, exactly where both have the same codec.
    """

    example: ClassVar[Mapping[str, Any]] = {"quality": [10, 60]}

    quality: Whole = setting((50, 95), "Quality, on libjpeg's scale.", within=(1, 100))

    def sample(self, stream: Stream, size: Size) -> Quality:
        return Quality(stream.integer(self.quality))

    def lower(self, draw: Quality, size: Size) -> Filter:
        return Filter(partial(jpeg_compression, quality=draw.quality), "around")
