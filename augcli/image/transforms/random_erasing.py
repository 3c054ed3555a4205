from __future__ import annotations

import math
from functools import partial
from typing import ClassVar, Literal, NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.filters import erase, erase_with_noise
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.settings import Fill, Value, setting
from augcli.streams import Stream

TRIES = 10


class Hole(NamedTuple):
    left: int
    top: int
    width: int
    height: int
    seed: int | None


class RandomErasing(Transform[Hole]):
    """Paint over one box of random area and aspect ratio (Zhong et al. 2017).

    Same as torchvision `RandomErasing`, exactly; `random` is noise from 0 to 255 here, where torchvision
    means normalised floats. `fitted` has the law of Albumentations 2.0.8 `Erasing`: areas that fit at every ratio, of
    which width / height is uniform among those that fit.
    """

    default_p: ClassVar[float] = 0.5

    sampler: Literal["tried", "fitted"] = setting(
        "tried", "Whether up to ten boxes are drawn until one fits, or one that does."
    )
    scale: Value = setting((0.02, 0.33), "Share of the image's area.", within=(1e-4, 1))
    ratio: Value = setting((0.3, 3.3), "Height / width of the box; log-uniform if `tried`.", within=(0.01, 100))
    fill: Fill = setting(0, "What the box is painted with.")

    def sample(self, stream: Stream, size: Size) -> Hole | None:
        sides = self._tried(stream, size) if self.sampler == "tried" else self._fitted(stream, size)
        if sides is None:
            return None
        width, height = sides
        top, left = stream.integer(0, size.height - height), stream.integer(0, size.width - width)
        return Hole(left, top, width, height, stream.seed() if self.fill == "random" else None)

    def _tried(self, stream: Stream, size: Size) -> Size | None:
        for _ in range(TRIES):
            area = size.width * size.height * stream.uniform(self.scale)
            ratio = stream.log_uniform(self.ratio)
            height, width = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < height < size.height and 0 < width < size.width:
                return Size(width, height)
        return None

    def _fitted(self, stream: Stream, size: Size) -> Size | None:
        narrow, wide = 1 / self.ratio.high, 1 / self.ratio.low  # width / height
        canvas = size.width * size.height
        least, most = (
            canvas * self.scale.low,
            min(canvas * self.scale.high, size.height**2 * narrow, size.width**2 / wide),
        )
        if most < least:
            return None
        area = stream.uniform((least, most))
        ratio = stream.uniform((max(narrow, area / size.height**2), min(wide, size.width**2 / area)))
        width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        return Size(width, height) if width and height else None

    def lower(self, draw: Hole, size: Size) -> Filter:
        box = Box(draw.left, draw.top, draw.width, draw.height)
        if self.fill == "random":
            assert draw.seed is not None
            return Filter(partial(erase_with_noise, box=box, seed=draw.seed))
        return Filter(partial(erase, box=box, fill=self.fill))
