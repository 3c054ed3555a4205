from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.histograms import equalize_histogram
from augcli.image.ops import Filter
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream


class Equalize(Transform[Nothing]):
    """Spread the values of every channel until all are about equally frequent.

    Same as Pillow's `ImageOps.equalize` and torchvision `F.equalize`, exactly. The
    shares are rounded as Pillow rounds them; OpenCV's differ by up to 8 levels.
    """

    default_p: ClassVar[float] = 0.5

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Filter:
        return Filter(equalize_histogram, "all")
