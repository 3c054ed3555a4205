"""What a draw means for pixels, as values, and the one way to run them.

A transform returns ops and touches no pixels; which of them merge is decided in `fusion`, on the values alone.
Ops that move pixels and ops that change each by itself have modules of their own; the others stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias, cast

import numpy as np

from augcli.image import blending, transparency
from augcli.image.arrays import Box, Image, Numbers, Picture, Size, Vector, as_colour
from augcli.image.colour import NONE
from augcli.image.erasing import erase_boxes
from augcli.image.ops.colours import Hue, Mix, Recolour, Table, recolour
from augcli.image.ops.geometric import Geometry, Layers, Remap, Warp
from augcli.image.values import Value
from augcli.kinds import Colour
from augcli.settings import Border

__all__ = [
    "EDGE",
    "Blend",
    "Erase",
    "Filter",
    "Hue",
    "Mix",
    "Op",
    "Parallel",
    "Remap",
    "Scale",
    "Table",
    "Warp",
    "run",
    "size_after",
]

EDGE = Border(mode="edge")


@dataclass(frozen=True, eq=False)
class Filter(Value):
    """Any other change of the colours that keeps the size: `function` takes and returns an Image.

    `reads` says where it finds a pixel's colour, which matters where some of them cannot be seen:

    - `pixel`: in the pixel itself. Alpha stays as it is.
    - `all`: in the pixel and in what all pixels have in common, as their histogram. Those that are hidden do not count.
    - `mean`: in a mean of what is around, whose weights add to 1. Colours count as much as they are seen, and alpha
      is filtered as they are; `function` takes planes, too, (H, W, 1) float32.
    - `around`: otherwise in what is around. What is hidden is continued from what is seen, and alpha becomes what
      `alpha` makes of it, if that is given.
    """

    function: Callable[[Image], Image]
    reads: Literal["pixel", "all", "mean", "around"] = "pixel"
    alpha: Callable[[Image], Image] | None = None

    def run(self, picture: Picture) -> Picture:
        image, alpha, _ = picture
        if alpha is None or self.reads == "pixel" or transparency.is_opaque(alpha):
            return Picture(self.function(image), alpha)
        if self.reads == "all":
            return Picture(self.function(transparency.uncovered(picture)), alpha)
        if self.reads == "mean":
            return transparency.averaged(picture, cast("Callable[[Numbers], Numbers]", self.function))
        changed = self.function(transparency.continued(picture))
        return Picture(changed, self.alpha(alpha) if self.alpha else alpha)


@dataclass(frozen=True, eq=False)
class Parallel(Value):
    """The picture, and what each of several lists of ops makes of it, mixed by `weights`, truncated."""

    chains: tuple[tuple[Op, ...], ...]
    weights: tuple[float, ...]

    def run(self, picture: Picture) -> Picture:
        return blending.averaged([picture, *(run(chain, picture) for chain in self.chains)], self.weights)


@dataclass(frozen=True, eq=False)
class Erase(Value):
    """Boxes painted over with a colour, or with noise that is grown from `seed`: nothing of the image is left there."""

    boxes: tuple[Box, ...]
    fill: Colour | Literal["random"] = (0, 0, 0)
    seed: int = 0

    def run(self, picture: Picture) -> Picture:
        return Picture(erase_boxes(picture.image, self.boxes, self.fill, self.seed), picture.alpha)


@dataclass(frozen=True, eq=False)
class Blend(Value):
    """Several pictures made one: `function` gets the picture itself, then those of `others`, all of one size.

    A recipe leaves `others` empty, as many as `count` are put in before it is run. They are as large as the image.
    `parts` are the boxes in which the others stand alone, one for each; empty where all are seen everywhere.
    """

    function: Callable[[list[Picture]], Picture]
    count: int = 1
    parts: tuple[Box, ...] = ()
    others: tuple[Picture, ...] = ()

    def run(self, picture: Picture) -> Picture:
        assert len(self.others) == self.count, "the partners are found before a recipe is run"
        return self.function([picture, *self.others])


@dataclass(frozen=True, eq=False)
class Scale(Value):
    """Bytes to float32 numbers of any range, always last: y = (x scale - mean) / std, three channels."""

    scale: float
    mean: Vector = NONE
    std: Vector = (1.0, 1.0, 1.0)

    def run(self, picture: Picture) -> Picture:
        image = as_colour(picture.image)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        numbers: Numbers = (image * np.float32(self.scale) - mean) / std
        return Picture(cast("Image", numbers), picture.alpha)


Op: TypeAlias = Warp | Remap | Mix | Table | Hue | Filter | Erase | Parallel | Blend | Scale


def size_after(op: Op, size: Size) -> Size:
    """Return the size of the image behind an op that was given one of `size`."""
    return op.size if isinstance(op, Geometry) else size


def run(ops: Iterable[Op], picture: Picture, layers: Layers | None = None) -> Picture:
    """Apply ops in order. The input is not written to.

    Who runs several lists of ops on one picture gives each the same `layers` of it: what they all need
    is then made once, and the bytes are the same.
    """
    given = picture.image  # not to be written to, nor a view of it; what is made here may be
    for recolours, group in groupby(ops, key=lambda op: isinstance(op, Recolour)):
        if recolours:
            fresh = not np.may_share_memory(picture.image, given)
            picture = recolour(picture, cast("Iterable[Recolour]", group), fresh)
            layers = None
            continue
        for op in group:
            picture = op.run(picture, layers) if isinstance(op, Geometry) else op.run(picture)
            layers = None
    return picture
