from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.displacement_fields import smooth_noise
from augcli.image.ops import Remap
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, Value, setting


class Waves(NamedTuple):
    alpha: float
    sigma: float
    seed: int


class Elastic(Transform[Waves]):
    """Move every pixel by smooth noise, like paint on a rubber sheet (Simard et al. 2003).

    The displacement is alpha times noise, uniform between -1 and 1, blurred by sigma: about 0.16 alpha / sigma px
    on average. Same as torchvision `F.elastic_transform(bilinear, fill=None)` of that field to one level.
    """

    example: ClassVar[Mapping[str, Any]] = {"alpha": [30, 120]}

    alpha: Value = setting(60, "Strength: what the blurred noise is multiplied by.", unit="px", within=(0, 10000))
    sigma: Value = setting(6, "Smoothness: standard deviation of the blur.", unit="px", within=(0.5, 200))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Waves:
        return Waves(stream.uniform(self.alpha), stream.uniform(self.sigma), stream.seed())

    def lower(self, draw: Waves, size: Size) -> Remap:
        field = partial(smooth_noise, size, draw.alpha, draw.sigma, draw.seed)
        return Remap(field, size, self.border, self.interpolation)
