"""What a package of one's own transforms is written with, as docs/extending.md shows; these names are stable.

Images are (H, W, 3) uint8 in RGB order, or (H, W, 1) for greyscale; a `Size` is (width, height). The pixel in row i and
column j has its centre at (x, y) = (j + 1/2, i + 1/2); x points right, y down.
"""

from augcli.image.arrays import Box, Image, Matrix, Size
from augcli.image.contract import check_transform
from augcli.image.matrices import about_centre, rotation, scaling, translation
from augcli.image.ops import Erase, Filter, Mix, Op, Remap, Table, Warp
from augcli.image.transform import BORDER, INTERPOLATION, Nothing, Transform
from augcli.problems import Unusable
from augcli.random_streams import Stream
from augcli.settings import (
    Border,
    Count,
    Factor,
    FactorPerAxis,
    Fill,
    Interpolation,
    Limit,
    LimitPerAxis,
    Number,
    Odd,
    Value,
    Whole,
    setting,
)

__all__ = [
    "BORDER",
    "INTERPOLATION",
    "Border",
    "Box",
    "Count",
    "Erase",
    "Factor",
    "FactorPerAxis",
    "Fill",
    "Filter",
    "Image",
    "Interpolation",
    "Limit",
    "LimitPerAxis",
    "Matrix",
    "Mix",
    "Nothing",
    "Number",
    "Odd",
    "Op",
    "Remap",
    "Size",
    "Stream",
    "Table",
    "Transform",
    "Unusable",
    "Value",
    "Warp",
    "Whole",
    "about_centre",
    "check_transform",
    "rotation",
    "scaling",
    "setting",
    "translation",
]
