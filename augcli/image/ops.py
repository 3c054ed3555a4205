"""What a draw means for pixels, as values; which of them merge; and the one way to run them.

A transform returns ops and touches no pixels. Off, exact or full fusion is decided here on the ops
alone: `exact` merges only what gives the same bytes, `full` (the default) also merges interpolations
and colour mixes, which rounds and clips once instead of after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Literal, TypeAlias, cast

import numpy as np

from augcli.image import colour, geometry, matrices, native
from augcli.image.arrays import Image, Matrix, Numbers, Picture, Places, Points, Size, Vector, as_colour
from augcli.settings import BLACK, Border

Fusion: TypeAlias = Literal["off", "exact", "full"]

EDGE = Border(mode="edge")
_TRANSPARENT = Border(mode="constant", fill=(0, 0, 0))


@dataclass(frozen=True, eq=False)
class Warp:
    """Geometry: each pixel of an output of `size` reads where `matrix` (3, 3) maps its position."""

    matrix: Matrix
    size: Size
    border: Border = BLACK
    interpolation: str = "bilinear"

    def run(self, picture: Picture, pyramid: geometry.Pyramid | None = None) -> Picture:
        """Warp a picture; `pyramid` is that of its image, where several warps start from the same."""
        image, alpha, pitch = picture
        matrix = self.matrix if pitch == 1 else matrices.scaling(1 / pitch, 1 / pitch) @ self.matrix
        coloured = self.border.mode == "constant" and len(set(self.border.fill)) > 1
        if coloured and image.shape[2] == 1 and not self.reads_inside(picture.size):
            image, pyramid = as_colour(image), None
        if alpha is not None:
            border = _TRANSPARENT if self.border.mode == "constant" else self.border
            alpha = geometry.warp(alpha, matrix, self.size, border, self.interpolation)
        image = geometry.warp(image, matrix, self.size, self.border, self.interpolation, pyramid)
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
        places = self.field() + geometry.grid(self.size)
        if self.matrix is matrices.NOTHING:
            return places
        doubles = places.reshape(-1, 2).astype(np.float64)
        return matrices.apply(self.matrix, doubles).astype(np.float32).reshape(height, width, 2)

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


def mix_of_chains(image: Image, chains: list[list[Op]], weights: tuple[float, ...]) -> Image:
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


def fuse(ops: Iterable[Op], size: Size, fusion: Fusion) -> list[Op]:
    """Merge neighbours and drop what changes nothing; `size` is that of the image before the first op."""
    if fusion == "off":
        return list(ops)
    merged = _merge_neighbours(list(ops), size, fusion == "exact")
    # A mix that turned out to be a table merges exactly with the tables beside it.
    tabled: list[Op] = [(op.table() or op) if isinstance(op, Mix) else op for op in merged]
    if sum(isinstance(op, Table) for op in tabled) > 1:
        tabled = _merge_neighbours(tabled, size, exact=True)
    merged = tabled
    return [op for op, before in zip(merged, _sizes(merged, size), strict=True) if not _is_nothing(op, before)]


def _sizes(ops: list[Op], size: Size) -> list[Size]:
    sizes = []
    for op in ops:
        sizes.append(size)
        size = size_after(op, size)
    return sizes


def _merge_neighbours(ops: list[Op], size: Size, exact: bool) -> list[Op]:
    done: list[Op] = []
    sizes: list[Size] = []  # before each op of `done`
    for op in ops:
        if done and (both := _merged(done[-1], op, sizes[-1], exact)) is not None:
            done[-1] = both
        else:
            sizes.append(size_after(done[-1], sizes[-1]) if done else size)
            done.append(op)
    return done


def _merged(first: Op, second: Op, size: Size, exact: bool) -> Op | None:
    """Return one op for two neighbours, or None; `size` is that of the image before the first."""
    if isinstance(first, Warp) and isinstance(second, Warp):
        return _one_warp(first, second, size, exact)
    if isinstance(first, Warp) and isinstance(second, Remap) and not exact:
        return _one_remap(first, second, size)
    if isinstance(first, Table) and isinstance(second, Table):
        shape = (256, max(first.lut.shape[1], second.lut.shape[1]))
        indices = np.broadcast_to(first.lut, shape).astype(np.intp)
        return Table(np.take_along_axis(np.broadcast_to(second.lut, shape), indices, axis=0))
    if isinstance(first, Mix) and isinstance(second, Mix) and not exact:
        # mean(y) = (by_pixel + by_mean) mean(x) + constant
        by_pixel = second.by_pixel @ first.by_pixel
        if max(map(abs, by_pixel)) > colour.LARGEST_WEIGHT:
            return None
        by_mean, constant = first.by_mean, first.constant
        if by_mean is not colour.ZERO:
            by_mean = second.by_pixel @ by_mean
        if second.by_mean is not colour.ZERO:
            carried = second.by_mean @ first.by_pixel.plus(first.by_mean)
            by_mean = carried if by_mean is colour.ZERO else by_mean.plus(carried)
        if constant is not colour.NONE:
            constant = second.by_pixel.plus(second.by_mean).on(constant)
        if second.constant is not colour.NONE:
            red, green, blue = (one + two for one, two in zip(constant, second.constant, strict=True))
            constant = (red, green, blue)
        return Mix(by_pixel, by_mean, constant)
    return None


def _one_warp(first: Warp, second: Warp, size: Size, exact: bool) -> Warp | None:
    if exact and not (first.copies and second.copies):
        return None
    second_inside = second.reads_inside(first.size)
    if exact and not second_inside:
        return None
    if second_inside:
        border = first.border
        if first.reads_inside(size) and first.border.mode != "edge":
            border = second.border
    elif first.reads_inside(size) or first.border == second.border:
        border = second.border
    else:
        return None
    if first.interpolation == second.interpolation or second.copies:
        interpolation = first.interpolation
    elif first.copies:
        interpolation = second.interpolation
    else:
        return None
    return Warp(first.matrix @ second.matrix, second.size, border, interpolation)


def _one_remap(first: Warp, second: Remap, size: Size) -> Remap | None:
    """Let a Remap read the image before the Warp; not where that shrinks, since a Remap averages nothing."""
    if geometry.shrink_factors(first.matrix, first.size) != (1, 1) or second.matrix is not matrices.NOTHING:
        return None
    if first.border != second.border and not (first.copies and first.reads_inside(size)):
        return None
    if first.interpolation != second.interpolation and not first.copies:
        return None
    return replace(second, matrix=first.matrix)


_NEUTRAL = np.arange(256, dtype=np.uint8)[:, np.newaxis]


def _is_nothing(op: Op, size: Size) -> bool:
    if isinstance(op, Warp):
        if op.size != size:
            return False
        a, b, c, d, e, f, g, h, i = op.matrix
        return bool(max(map(abs, (a - 1, b, c, d, e - 1, f, g, h, i - 1))) < 1e-9)
    if isinstance(op, Table):
        return bool((op.lut == _NEUTRAL).all())
    return False
