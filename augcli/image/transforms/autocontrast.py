from __future__ import annotations

from typing import ClassVar

from augcli.image.arrays import Size
from augcli.image.histograms import stretch_histogram
from augcli.image.ops import Filter
from augcli.image.transform import Nothing, Transform
from augcli.random_streams import Stream


class Autocontrast(Transform[Nothing]):
    """Stretch every channel so that its darkest value becomes 0 and its lightest 255.

    Same as Pillow's `ImageOps.autocontrast`, exactly, and as torchvision `F.autocontrast` on tensors to one level.
    A channel of one value stays as it is.
    """

    default_p: ClassVar[float] = 0.5

    def sample(self, stream: Stream, size: Size) -> Nothing:
        return Nothing()

    def lower(self, draw: Nothing, size: Size) -> Filter:
        return Filter(stretch_histogram, "all")
