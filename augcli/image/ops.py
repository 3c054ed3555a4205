"""What a draw means for pixels, as values, and the one way to run them.

A transform returns ops and touches no pixels; which of them merge is decided in `fusion`, on the values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Literal, TypeAlias, cast

import numpy as np

from augcli.image import blending, colour, geometry, matrices, native, transparency
from augcli.image.arrays import Box, Image, Matrix, Numbers, Picture, Places, Points, Size, Vector, as_colour
from augcli.image.holes import punch
from augcli.settings import BLACK, Border
from augcli.settings.values import Colour

EDGE = Border(mode="edge")
Layers: TypeAlias = Sequence[geometry.Pyramid]
"""What `transparency.layers` makes of a picture."""


def _outside(border: Border) -> Border:
    """Return the border of alpha: a constant one is transparent."""
    return BLACK if border.mode == "constant" else border


def _mixes(alpha: Image, border: Border, interpolation: str) -> bool:
    """Tell whether geometry may mix pixels that are seen with others that are less so."""
    return interpolation != "nearest" and (border.mode == "constant" or not transparency.is_opaque(alpha))


@dataclass(frozen=True, eq=False)
class Warp:
    """Geometry: each pixel of an output of `size` reads where `matrix` (3, 3) maps its position.

    `antialias` promises that what shrinks is filtered, turned or not.
    """

    matrix: Matrix
    size: Size
    border: Border = BLACK
    interpolation: str = "bilinear"
    antialias: bool = False

    def run(self, picture: Picture, layers: Layers | None = None) -> Picture:
        """Warp a picture; `layers` are its own, where several warps start from the same."""
        image, alpha, pitch = picture
        matrix = self.matrix if pitch == 1 else matrices.scaling(1 / pitch, 1 / pitch) @ self.matrix
        if alpha is not None and not self.copies and _mixes(alpha, self.border, self.interpolation):
            return transparency.seen_through(
                geometry.warp(layer, matrix, self.size, _outside(self.border), self.interpolation, self.antialias)
                for layer in layers or transparency.layers(picture)
            )
        source: Image | geometry.Pyramid = layers[0] if layers and alpha is None else image
        coloured = self.border.mode == "constant" and len(set(self.border.fill)) > 1
        if coloured and image.shape[2] == 1 and not self.reads_inside(picture.size):
            source = as_colour(image)
        if alpha is not None:
            alpha = geometry.warp(alpha, matrix, self.size, _outside(self.border), self.interpolation, self.antialias)
        image = geometry.warp(source, matrix, self.size, self.border, self.interpolation, self.antialias)
        return Picture(image, alpha)

    def points(self, points: Points) -> Points:
        """Move points (N, 2) of the input to where the output shows them."""
        return matrices.apply(matrices.inverse(self.matrix), points)

    def mask(self, mask: Image) -> Image:
        """Warp a label mask (H, W, 1): values are never mixed, outside is 0."""
        return geometry.warp(mask, self.matrix, self.size, BLACK, "nearest")

    @property
    def copies(self) -> bool:
        """Whether it only moves whole pixels."""
        return geometry.moves_whole_pixels(self.matrix)

    def reads_inside(self, size: Size) -> bool:
        """Tell whether nothing outside an input of `size` is shown."""
        return geometry.lies_inside(geometry.read_box(self.matrix, self.size), size)


@dataclass(frozen=True, eq=False)
class Remap:
    """Geometry that no matrix says: output pixel p reads at `matrix` of p + its displacement.

    `field` makes the displacements (H, W, 2) of an output of `size`, in pixels to the right and down. The matrix is
    that of a Warp before it, which it has taken in.
    """

    field: Callable[[], Places]
    size: Size
    border: Border = BLACK
    interpolation: str = "bilinear"
    matrix: Matrix = matrices.NOTHING

    def run(self, picture: Picture) -> Picture:
        image, alpha, _ = picture
        places = self.places()
        if alpha is not None and _mixes(alpha, self.border, self.interpolation):
            border = _outside(self.border)
            return transparency.averaged(
                picture, lambda plane: geometry.remap(plane, places, border, self.interpolation)
            )
        if self.border.mode == "constant" and len(set(self.border.fill)) > 1:
            image = as_colour(image)
        if alpha is not None:
            alpha = geometry.remap(alpha, places, _outside(self.border), self.interpolation)
        return Picture(geometry.remap(image, places, self.border, self.interpolation), alpha)

    def places(self) -> Places:
        """Return where each pixel of the output reads."""
        width, height = self.size
        if self.matrix is matrices.NOTHING:
            return self.field() + geometry.grid(self.size)
        # near a horizon the matrix makes much of a little
        doubles = np.add(self.field(), geometry.grid(self.size), dtype=np.float64)
        return matrices.apply(self.matrix, doubles.reshape(-1, 2)).astype(np.float32).reshape(height, width, 2)

    def points(self, points: Points) -> Points:
        """Move points (N, 2) of the input to where the output shows them, by fixed-point iteration."""
        aims = matrices.apply(matrices.inverse(self.matrix), points)
        field, found = self.field(), aims
        for _ in range(20):
            columns = np.clip(found[:, 0].astype(int), 0, self.size.width - 1)
            rows = np.clip(found[:, 1].astype(int), 0, self.size.height - 1)
            found = aims - field[rows, columns]
        return found

    def mask(self, mask: Image) -> Image:
        """Move a label mask (H, W, 1): values are never mixed, outside is 0."""
        return geometry.remap(mask, self.places(), BLACK, "nearest")


@dataclass(frozen=True, eq=False)
class Mix:
    """Linear colour: y = by_pixel x + by_mean mean(x) + constant, rounded (or truncated) once, clipped."""

    by_pixel: Matrix
    by_mean: Matrix = colour.ZERO
    constant: Vector = colour.NONE
    truncate: bool = False

    @property
    def reads_mean(self) -> bool:
        return self.by_mean is not colour.ZERO

    def stage(self, picture: Picture) -> native.Stage | None:
        image, seen, _ = picture
        return colour.mix_stage(image, self.by_pixel, self.by_mean, self.constant, self.truncate, seen)

    def run(self, picture: Picture) -> Picture:
        image, seen, _ = picture
        return Picture(colour.mix(image, self.by_pixel, self.by_mean, self.constant, self.truncate, seen), seen)

    def table(self) -> Table | None:
        """Return the same op as a table, or None where channels or the mean come in."""
        if self.reads_mean or not colour.is_diagonal(self.by_pixel):
            return None
        scale = (self.by_pixel.a, self.by_pixel.e, self.by_pixel.i)
        return Table(colour.levels(scale, self.constant, self.truncate))


@dataclass(frozen=True, eq=False)
class Table:
    """Value to value: `lut` is (256, 1) for all channels or (256, 3), uint8."""

    lut: Image
    reads_mean: ClassVar[bool] = False

    def stage(self, picture: Picture) -> native.Stage | None:
        return native.Table(self.lut)

    def run(self, picture: Picture) -> Picture:
        return Picture(colour.look_up(picture.image, self.lut), picture.alpha)


@dataclass(frozen=True, eq=False)
class Hue:
    """Turn the hue by a fraction of the full circle."""

    turns: float
    reads_mean: ClassVar[bool] = False

    def stage(self, picture: Picture) -> native.Stage | None:
        return colour.hue_stage(self.turns)

    def run(self, picture: Picture) -> Picture:
        return Picture(colour.turn_hue(picture.image, self.turns), picture.alpha)


@dataclass(frozen=True, eq=False)
class Filter:
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
class Parallel:
    """The picture, and what each of several lists of ops makes of it, mixed by `weights`, truncated."""

    chains: Sequence[Sequence[Op]]
    weights: tuple[float, ...]

    def run(self, picture: Picture) -> Picture:
        return blending.averaged([picture, *(run(chain, picture) for chain in self.chains)], self.weights)


@dataclass(frozen=True, eq=False)
class Erase:
    """Boxes painted over with a colour, or with noise that is grown from `seed`: nothing of the image is left there."""

    boxes: tuple[Box, ...]
    fill: Colour | Literal["random"] = (0, 0, 0)
    seed: int = 0

    def run(self, picture: Picture) -> Picture:
        return Picture(punch(picture.image, self.boxes, self.fill, self.seed), picture.alpha)


@dataclass(frozen=True, eq=False)
class Blend:
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
class Scale:
    """Bytes to float32 numbers of any range, always last: y = (x scale - mean) / std, three channels."""

    scale: float
    mean: Vector = colour.NONE
    std: Vector = (1.0, 1.0, 1.0)

    def run(self, picture: Picture) -> Picture:
        image = as_colour(picture.image)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        numbers: Numbers = (image * np.float32(self.scale) - mean) / std
        return Picture(cast("Image", numbers), picture.alpha)


Op: TypeAlias = Warp | Remap | Mix | Table | Hue | Filter | Erase | Parallel | Blend | Scale


def size_after(op: Op, size: Size) -> Size:
    """Return the size of the image behind an op that was given one of `size`."""
    return op.size if isinstance(op, (Warp, Remap)) else size


def run(ops: Iterable[Op], picture: Picture, layers: Layers | None = None) -> Picture:
    """Apply ops in order. The input is not written to.

    Who runs several lists of ops on one picture gives each the same `layers` of it: what they all need
    is then made once, and the bytes are the same.
    """
    given = picture.image  # not to be written to, nor a view of it; what is made here may be
    for paints, group in groupby(ops, key=lambda op: isinstance(op, (Mix, Table, Hue))):
        if paints:
            fresh = not np.may_share_memory(picture.image, given)
            picture = paint(picture, cast("Iterable[Mix | Table | Hue]", group), fresh)
            layers = None
            continue
        for op in group:
            picture = op.run(picture, layers) if isinstance(op, Warp) else op.run(picture)
            layers = None
    return picture


def paint(picture: Picture, ops: Iterable[Mix | Table | Hue], fresh: bool = False) -> Picture:
    """Apply ops that change each pixel by itself: those between two that read the mean in one go.

    The picture's image may be written to where it is `fresh`.
    """
    image, alpha, _ = picture
    stages: list[native.Stage] = []
    for op in ops:
        stage = None
        if image.shape[2] == 3:
            if stages and op.reads_mean:
                image, stages, fresh = native.colour(image, stages, fresh), [], True
            stage = op.stage(Picture(image, alpha))
        if stage is not None:
            stages.append(stage)
            continue
        if stages:
            image, stages = native.colour(image, stages, fresh), []
        before, image = image, op.run(Picture(image, alpha)).image
        fresh = fresh or image is not before
    return Picture(native.colour(image, stages, fresh) if stages else image, alpha)
