"""What a draw means for pixels, as values, and the one way to run them.

A transform returns ops and touches no pixels; which of them merge is decided in `fusion`, on the values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, TypeAlias, cast

import numpy as np

from augcli.image import colour, geometry, matrices, native
from augcli.image.arrays import Image, Matrix, Numbers, Picture, Places, Points, Size, Vector, as_colour
from augcli.settings import BLACK, Border

EDGE = Border(mode="edge")
_TRANSPARENT = Border(mode="constant", fill=(0, 0, 0))


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

    def run(self, picture: Picture, pyramid: geometry.Pyramid | None = None) -> Picture:
        """Warp a picture; `pyramid` is that of its image, where several warps start from the same."""
        image, alpha, pitch = picture
        matrix = self.matrix if pitch == 1 else matrices.scaling(1 / pitch, 1 / pitch) @ self.matrix
        coloured = self.border.mode == "constant" and len(set(self.border.fill)) > 1
        if coloured and image.shape[2] == 1 and not self.reads_inside(picture.size):
            image, pyramid = as_colour(image), None
        if alpha is not None:
            border = _TRANSPARENT if self.border.mode == "constant" else self.border
            alpha = geometry.warp(alpha, matrix, self.size, border, self.interpolation, None, self.antialias)
        image = geometry.warp(image, matrix, self.size, self.border, self.interpolation, pyramid, self.antialias)
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
        places = self._places()
        if self.border.mode == "constant" and len(set(self.border.fill)) > 1:
            image = as_colour(image)
        if alpha is not None:
            border = _TRANSPARENT if self.border.mode == "constant" else self.border
            alpha = geometry.remap(alpha, places, border, self.interpolation)
        return Picture(geometry.remap(image, places, self.border, self.interpolation), alpha)

    def _places(self) -> Places:
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
        return geometry.remap(mask, self._places(), BLACK, "nearest")


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

    def stage(self, image: Image) -> native.Stage | None:
        return colour.mix_stage(image, self.by_pixel, self.by_mean, self.constant, self.truncate)

    def run(self, picture: Picture) -> Picture:
        image = colour.mix(picture.image, self.by_pixel, self.by_mean, self.constant, self.truncate)
        return Picture(image, picture.alpha)

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

    def stage(self, image: Image) -> native.Stage | None:
        return native.Table(self.lut)

    def run(self, picture: Picture) -> Picture:
        return Picture(colour.look_up(picture.image, self.lut), picture.alpha)


@dataclass(frozen=True, eq=False)
class Hue:
    """Turn the hue by a fraction of the full circle."""

    turns: float
    reads_mean: ClassVar[bool] = False

    def stage(self, image: Image) -> native.Stage | None:
        return colour.hue_stage(self.turns)

    def run(self, picture: Picture) -> Picture:
        return Picture(colour.turn_hue(picture.image, self.turns), picture.alpha)


@dataclass(frozen=True, eq=False)
class Filter:
    """Any other change of the colours that keeps the size: `function` takes and returns an Image."""

    function: Callable[[Image], Image]

    def run(self, picture: Picture) -> Picture:
        return Picture(self.function(picture.image), picture.alpha)


@dataclass(frozen=True, eq=False)
class Blend:
    """Several pictures made one: `function` gets the picture itself, then those of `others`, all of one size.

    A recipe leaves `others` empty, as many as `count` are put in before it is run. They are as large as the image.
    """

    function: Callable[[list[Picture]], Picture]
    count: int = 1
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


Op: TypeAlias = Warp | Remap | Mix | Table | Hue | Filter | Blend | Scale


def size_after(op: Op, size: Size) -> Size:
    """Return the size of the image behind an op that was given one of `size`."""
    return op.size if isinstance(op, (Warp, Remap)) else size


def run(ops: Iterable[Op], picture: Picture, pyramid: geometry.Pyramid | None = None) -> Picture:
    """Apply ops in order. The input is not written to.

    Who runs several lists of ops on one picture gives each the same `pyramid` of its image: what they all need
    is then made once, and the bytes are the same.
    """
    given = picture.image  # not to be written to, nor a view of it; what is made here may be
    for paints, group in groupby(ops, key=lambda op: isinstance(op, (Mix, Table, Hue))):
        if paints:
            fresh = not np.may_share_memory(picture.image, given)
            picture = paint(picture, cast("Iterable[Mix | Table | Hue]", group), fresh)
            pyramid = None
            continue
        for op in group:
            picture = op.run(picture, pyramid) if isinstance(op, Warp) else op.run(picture)
            pyramid = None
    return picture


def mix_of_chains(image: Image, chains: Sequence[Sequence[Op]], weights: tuple[float, ...]) -> Image:
    """Return the image and what each chain of ops makes of it, mixed by `weights`, truncated."""
    versions = [image, *(run(chain, Picture(image)).image for chain in chains)]
    if any(version.shape[2] == 3 for version in versions):  # a coloured border may have come in
        versions = [as_colour(version) for version in versions]
    mixed = np.zeros(versions[0].shape, np.float32)
    for version, weight in zip(versions, weights, strict=True):
        mixed += version * np.float32(weight)
    # The weights are rounded: white may come to a hair less than 255.
    truncated: Image = np.clip(mixed + np.float32(1e-3), 0, 255, mixed).astype(np.uint8)
    return truncated


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
            stage = op.stage(image)
        if stage is not None:
            stages.append(stage)
            continue
        if stages:
            image, stages = native.colour(image, stages, fresh), []
        before, image = image, op.run(Picture(image)).image
        fresh = fresh or image is not before
    return Picture(native.colour(image, stages, fresh) if stages else image, alpha)
