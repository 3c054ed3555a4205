from __future__ import annotations

from functools import partial
from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.displacement_fields import stretched_grid
from augcli.image.ops import Remap
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.random_streams import Stream
from augcli.settings import Border, Count, Interpolation, Limit, setting


class Cells(NamedTuple):
    x: tuple[float, ...]
    y: tuple[float, ...]


class GridDistortion(Transform[Cells]):
    """Stretch the columns and rows of a grid, each by a factor of its own.

    The factors are the share of the image that a cell reads, relative to an even grid; they are scaled so that
    the whole image stays on the canvas (Albumentations' `normalized`).
    """

    steps: Count = setting(5, "Cells along each side.", within=(1, 100))
    distortion: Limit = setting(0.3, "How far a cell's share is from even.", within=(-0.95, 0.95))
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Cells:
        x, y = (tuple(stream.uniform(self.distortion) for _ in range(self.steps)) for _ in range(2))
        return Cells(x, y)

    def lower(self, draw: Cells, size: Size) -> Remap:
        return Remap(partial(stretched_grid, size, draw.x, draw.y), size, self.border, self.interpolation)
