"""Ops that move pixels, by a matrix or by a displacement field."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from augcli.image import geometry, matrices, transparency
from augcli.image.arrays import Image, Layer, Matrix, Picture, Places, Points, Size, as_colour
from augcli.image.shrinking import Pyramid
from augcli.image.values import Value
from augcli.settings import BLACK, Border

Layers: TypeAlias = Sequence[Pyramid]
"""What `transparency.layers` makes of a picture."""
Kernel: TypeAlias = Callable[[Layer | Pyramid, Border], Layer]
"""Moves one layer of a picture; what lies outside is the border."""


class Geometry(Value):
    """Ops that move pixels; only they change the size."""

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

    def points(self, points: Points) -> Points:
        """Move points (N, 2) of the input to where the output shows them."""
        return matrices.apply(matrices.inverse(self.matrix), points)

    def mask(self, mask: Image) -> Image:
        """Warp a label mask (H, W, 1): values are never mixed, outside is 0."""
        return geometry.warp(mask, self.matrix, self.size, BLACK, "nearest")

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

    def places(self) -> Places:
        """Return where each pixel of the output reads."""
        width, height = self.size
        if self.matrix == matrices.IDENTITY:
            return self.field() + geometry.pixel_centres(self.size)
        # near a horizon the matrix makes much of a little
        doubles = np.add(self.field(), geometry.pixel_centres(self.size), dtype=np.float64)
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
