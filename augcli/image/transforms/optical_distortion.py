from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.displacement_fields import lens
from augcli.image.ops import Remap
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Interpolation, Limit, setting


class Lens(NamedTuple):
    distortion: float


class OpticalDistortion(Transform[Lens]):
    """Bend straight lines as a lens does: above 0 the corners are drawn in (barrel), below 0 pulled out (pincushion).

    A pixel at radius r, in half diagonals, reads at r (1 + k r^2), the first term of Brown's model (1966).
    """

    distortion: Limit = setting(0.3, "The coefficient k.", within=(-0.33, 2))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Lens:
        return Lens(stream.uniform(self.distortion))

    def lower(self, draw: Lens, size: Size) -> Remap:
        return Remap(partial(lens, size, draw.distortion), size, self.border, self.interpolation)
