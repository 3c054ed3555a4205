from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from augcli.image.arrays import Box, Size
from augcli.image.ops import Erase
from augcli.image.random_sizes import fitted_box, tried_box
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Fill, Value, setting


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
        box = tried_box if self.sampler == "tried" else fitted_box
        if (sides := box(stream, size, self.scale, self.ratio)) is None:
            return None
        top, left = stream.integer(0, size.height - sides.height), stream.integer(0, size.width - sides.width)
        return Hole(left, top, *sides, stream.seed() if self.fill == "random" else None)

    def lower(self, draw: Hole, size: Size) -> Erase:
        box = Box(draw.left, draw.top, draw.width, draw.height)
        return Erase((box,), self.fill, draw.seed or 0)
