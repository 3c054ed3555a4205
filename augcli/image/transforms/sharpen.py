from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.blurs import sharpen
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Value, setting


class Strength(NamedTuple):
    alpha: float
    lightness: float


class Sharpen(Transform[Strength]):
    """Sharpen with a 3 x 3 Laplacian, blended with the image.

    Same as Albumentations `Sharpen` of the method `kernel`, exactly, and as SciPy's `correlate` with `mirror`
    to one level.
    """

    alpha: Value = setting((0.2, 0.5), "Share of the sharpened image.", within=(0, 1))
    lightness: Value = setting((0.5, 1.0), "Brightness of the sharpened image; 1 keeps it.", within=(0, 10))

    def sample(self, stream: Stream, size: Size) -> Strength:
        return Strength(stream.uniform(self.alpha), stream.uniform(self.lightness))

    def lower(self, draw: Strength, size: Size) -> Filter:
        outlines = partial(sharpen, alpha=draw.alpha, lightness=1)
        return Filter(partial(sharpen, alpha=draw.alpha, lightness=draw.lightness), "around", alpha=outlines)
