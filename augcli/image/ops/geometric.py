"""Ops that move pixels, by a matrix or by a displacement field."""

from __future__ import annotations

import weakref
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image import displacement_fields, geometry, matrices, transparency
from augcli.image.arrays import Box, Image, Layer, Matrix, Picture, Places, Points, Size, as_colour
from augcli.image.geometry import Outside
from augcli.image.shrinking import Pyramid
from augcli.image.values import Value
from augcli.settings import BLACK, Border

Layers: TypeAlias = Sequence[Pyramid]
"""What `transparency.layers` makes of a picture."""
Kernel: TypeAlias = Callable[[Layer | Pyramid, Border | Outside], Layer]
"""Moves one layer of a picture; what lies outside is the border."""


class Geometry(Value):
    """Ops that move pixels; only they change the size. `matrix` maps what they read, up to a displacement field."""

    matrix: Matrix
    size: Size
    border: Border
    interpolation: str

    @abstractmethod
    def kernel(self, pitch: int) -> Kernel:
        """Return what moves the layers of a picture of that pitch."""

    @property
    def copies(self) -> bool:
        """Whether it only moves whole pixels."""
        return False

    def reads_inside(self, size: Size) -> bool:
        """Tell whether it surely reads nothing outside an input of `size`."""
        return False

    def run(self, picture: Picture, layers: Layers | None = None) -> Picture:
        """Move a picture; `layers` are its own, where several ops start from the same."""
        image, alpha, pitch = picture
        move, blank = self.kernel(pitch), geometry.without_fill(self.border)
        if alpha is not None and self._mixes(alpha):
            return transparency.unpremultiplied(move(layer, blank) for layer in layers or transparency.layers(picture))
        source: Image | Pyramid = layers[0] if layers and alpha is None else image
        coloured = self.border.mode == "constant" and len(set(self.border.fill)) > 1
        if coloured and image.shape[2] == 1 and not self.reads_inside(picture.size):
            source = as_colour(image)
        return Picture(move(source, self.border), None if alpha is None else move(alpha, blank))

    @abstractmethod
    def labels(self, values: Layer, border: Outside, region: Box | None = None) -> Layer:
        """Move values (H, W, C) that are never mixed: each pixel gets what is at the place where it reads.

        `region` is the part of the output that is wanted.
        """

    def _mixes(self, alpha: Image) -> bool:
        """Tell whether pixels that are seen may be mixed with others that are less so."""
        if self.copies or self.interpolation == "nearest":
            return False
        return self.border.mode == "constant" or not transparency.is_opaque(alpha)


@dataclass(frozen=True, eq=False)
class Warp(Geometry):
    """Each pixel of an output of `size` reads where `matrix` (3, 3) maps its position.

    `antialias` promises that what shrinks is filtered, turned or not.
    """

    matrix: Matrix
    size: Size
    border: Border = BLACK
    interpolation: str = "bilinear"
    antialias: bool = False

    def kernel(self, pitch: int) -> Kernel:
        matrix = self.matrix if pitch == 1 else matrices.scaling(1 / pitch, 1 / pitch) @ self.matrix
        size, interpolation, antialias = self.size, self.interpolation, self.antialias
        return lambda layer, border: geometry.warp(layer, matrix, size, border, interpolation, antialias)

    def labels(self, values: Layer, border: Outside, region: Box | None = None) -> Layer:
        if region is None:
            return geometry.warp(values, self.matrix, self.size, border, "nearest")
        left, top, width, height = region
        matrix = self.matrix @ matrices.translation(left, top)
        return geometry.warp(values, matrix, Size(width, height), border, "nearest")

    @property
    def copies(self) -> bool:
        return matrices.moves_whole_pixels(self.matrix)

    def reads_inside(self, size: Size) -> bool:
        return matrices.lies_inside(matrices.read_box(self.matrix, self.size), size)


@dataclass(frozen=True, eq=False)
class Remap(Geometry):
    """Output pixel p reads at `matrix` of p + its displacement.

    `field` makes the displacements (H, W, 2) of an output of `size`, in pixels to the right and down. The matrix is
    that of a Warp before it, which it has taken in.
    """

    field: Callable[[], Places]
    size: Size
    border: Border = BLACK
    interpolation: str = "bilinear"
    matrix: Matrix = matrices.IDENTITY

    def kernel(self, pitch: int) -> Kernel:
        places, interpolation = self.places(), self.interpolation
        return lambda layer, border: geometry.remap(layer, places, border, interpolation)

    def labels(self, values: Layer, border: Outside, region: Box | None = None) -> Layer:
        return geometry.remap(values, self.places(region), border, "nearest")

    def places(self, region: Box | None = None) -> Places:
        """Return where each pixel of the output reads, or of a region of it."""
        left, top, width, height = region or (0, 0, *self.size)
        field = _grown(self.field)[top : top + height, left : left + width]
        centres = geometry.pixel_centres(Size(width, height))
        if region:
            centres += np.array([left, top], np.float32)
        if self.matrix == matrices.IDENTITY:
            return field + centres
        # near a horizon the matrix makes much of a little
        doubles = np.add(field, centres, dtype=np.float64)
        return matrices.apply(self.matrix, doubles.reshape(-1, 2)).astype(np.float32).reshape(height, width, 2)

    def shown(self, ring: Points) -> list[Points]:
        """Return outlines of the pixels that show what is inside a ring (N, 2), which lies behind the matrix."""
        return displacement_fields.rings_shown(_grown(self.field), ring)

    def reach(self) -> float:
        """Return the farthest that the field moves anything along x or y."""
        field = _grown(self.field)
        return float(max(field.max(initial=0), -field.min(initial=0)))

    def bent(self, points: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
        """Move points (N, 2), behind the matrix, to where the field shows them, and tell where it folds there.

        What is folded is shown several times, or turned over: one of the places is returned.
        """
        return displacement_fields.shown_at(_grown(self.field), points)


_LARGEST_KEPT = 1 << 24
"""Numbers of a field that is kept for whoever asks next."""
_kept: tuple[weakref.ref[Callable[[], Places]], Places] | None = None


def _grown(field: Callable[[], Places]) -> Places:
    """Return a field that must not be written to. The last one is kept as long as its op is there.

    Labels need the one that pixels have read by, which costs as much as to read by it.
    """
    global _kept
    kept = _kept
    if kept is not None and kept[0]() is field:
        return kept[1]
    grown = field()
    if grown.size <= _LARGEST_KEPT:
        _kept = (weakref.ref(field, _forget), grown)
    return grown


def _forget(gone: weakref.ref[Callable[[], Places]]) -> None:
    global _kept
    if _kept is not None and _kept[0] is gone:
        _kept = None
