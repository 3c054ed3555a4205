from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.erasing import boxes_on_grid
from augcli.image.ops import Erase
from augcli.image.transform import Transform
from augcli.random_streams import Stream
from augcli.settings import Fill, Value, WholeOrNone, setting


class Grid(NamedTuple):
    ratio: float
    cell_width: int
    cell_height: int
    seed: int


class GridDropout(Transform[Grid]):
    """Paint over one box in each cell of a grid (Chen 2020).

    The law is that of Albumentations 2.0.8 `GridDropout`; a cell may be wider than the image here.
    """

    example: ClassVar[Mapping[str, Any]] = {"ratio": [0.3, 0.7]}

    ratio: Value = setting(
        0.5, "Side of a box, of the side of its cell; at least 1 px, at most all but 1.", within=(0, 1)
    )
    unit: WholeOrNone = setting(
        None, "Side of a cell; left out: a tenth of each side of the image.", unit="px", within=(2, 10000)
    )
    random_offset: bool = setting(True, "Put boxes anywhere in their cells, else in the upper left corner.")
    fill: Fill = setting(0, "What the boxes are painted with.")

    def sample(self, stream: Stream, size: Size) -> Grid:
        ratio = stream.uniform(self.ratio)
        if self.unit is None:
            wide, high = (max(2, side // 10) for side in size)
        else:
            wide = high = stream.integer(self.unit)
        return Grid(ratio, wide, high, stream.seed())

    def lower(self, draw: Grid, size: Size) -> Erase:
        cell = Size(draw.cell_width, draw.cell_height)
        holes = boxes_on_grid(size, cell, draw.ratio, self.random_offset, draw.seed)
        return Erase(tuple(holes), self.fill, draw.seed)
