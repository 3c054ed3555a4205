"""Ops say what a draw means for pixels, as values; `run` is the one way to apply them.

A transform returns ops and touches no pixels. `fusion` decides which of them merge, on the values alone. Ops can be
compared and pickled: a function in them is one of a module, or a `partial` of one. `geometric` has those that move
pixels, `colours` those that change each pixel by itself; the others stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal, TypeAlias, cast

import numpy as np

from augcli.image import blending, native, transparency
from augcli.image.arrays import Box, Image, Numbers, Picture, Size, Vector, as_colour
from augcli.image.colour import NONE
from augcli.image.ops import native_run
from augcli.image.ops.colours import Hue, Mix, Recolour, Table, recolour
from augcli.image.ops.erase import Erase
from augcli.image.ops.geometric import Geometry, Layers, Remap, Warp
from augcli.image.values import Value
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

    `reads` says what a pixel's new colour is made from, which matters where some pixels are hidden by alpha:

    - `pixel`: the pixel itself. Alpha stays as it is.
    - `all`: the pixel and what all pixels have in common, as their histogram. Hidden pixels do not count.
    - `mean`: a mean of pixels around, with weights that add to 1. Colours count as much as they are seen, and alpha
      is filtered as they are; `function` takes planes, too, (H, W, 1) float32.
    - `around`: pixels around in another way. Hidden pixels are inpainted first. Alpha is changed by the function
      `alpha`, if that is given.
    """

    function: Callable[[Image], Image]
    reads: Literal["pixel", "all", "mean", "around"] = "pixel"
    alpha: Callable[[Image], Image] | None = None

    def run(self, picture: Picture) -> Picture:
        image, alpha, _ = picture
        if alpha is None or self.reads == "pixel" or transparency.is_opaque(alpha):
            return Picture(self.function(image), alpha)
        if self.reads == "all":
            return Picture(self.function(transparency.hidden_replaced(picture)), alpha)
        if self.reads == "mean":
            return transparency.filtered(picture, cast("Callable[[Numbers], Numbers]", self.function))
        changed = self.function(transparency.inpainted(picture))
        return Picture(changed, self.alpha(alpha) if self.alpha else alpha)


@dataclass(frozen=True, eq=False)
class Parallel(Value):
    """Run several chains of ops on a picture; mix the picture and their results by `weights`, truncated."""

    chains: tuple[tuple[Op, ...], ...]
    weights: tuple[float, ...]

    def run(self, picture: Picture) -> Picture:
        return blending.averaged([picture, *(run(chain, picture) for chain in self.chains)], self.weights)


@dataclass(frozen=True, eq=False)
class Blend(Value):
    """Make one picture of several: `function` gets the picture itself, then `others`, all of one size.

    A recipe leaves `others` empty; `count` pictures are put in before it is run. `parts` are the boxes in which the
    others stand alone, one for each; empty where all are seen everywhere. `places` bring each of the others, given its
    size, to where it stands on the canvas; where there are none they are scaled to the size of the picture itself.
    """

    function: Callable[[list[Picture]], Picture]
    count: int = 1
    parts: tuple[Box, ...] = ()
    places: tuple[Callable[[Size], Warp], ...] = ()
    others: tuple[Picture, ...] = ()

    def with_others(self, pictures: Sequence[Picture]) -> Blend:
        """Return it with the first of some pictures mixed in, of the size of the picture itself."""
        placed = [place(picture.size).run(picture) for place, picture in zip(self.places, pictures, strict=False)]
        return replace(self, others=tuple(placed or pictures[: self.count]))

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
    """Return the size of what an op makes of an image of `size`."""
    return op.size if isinstance(op, Geometry) else size


def run(ops: Iterable[Op], picture: Picture, layers: Layers | None = None) -> Picture:
    """Apply ops in order. The input is not written to.

    Callers that run several lists of ops on one picture pass the same `layers` of it each time: what all need is
    then made once, and the bytes are the same.
    """
    given = picture.image  # neither this nor a view of it may be written to; what is made here may be
    left = list(ops)
    is_native = picture.alpha is None and native.library() is not None
    packed = [native_run.pack(op) if is_native else None for op in left]
    while left:
        packs = [one for one in takewhile(lambda one: one is not None, packed) if one]
        if packs and (made := native_run.run_packed(b"".join(packs), len(packs), picture, layers)):
            picture, count = made, len(packs)
        elif recolours := cast("list[Recolour]", list(takewhile(lambda op: isinstance(op, Recolour), left))):
            picture = recolour(picture, recolours, not np.may_share_memory(picture.image, given))
            count = len(recolours)
        else:
            op, count = left[0], 1
            picture = op.run(picture, layers) if isinstance(op, Geometry) else op.run(picture)
        left, packed, layers = left[count:], packed[count:], None
    return picture
