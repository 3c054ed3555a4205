"""What labels say of one picture, whatever the format: objects and label images, in continuous coordinates.

(0, 0) is the outer corner of the first pixel and pixel i covers [i, i + 1), as everywhere in `image`. Formats with
another idea of a coordinate translate where they read and write. All belongs to the upright picture.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Layer, Points, Size
from augcli.image.matrices import Bounds


class Bitmap(NamedTuple):
    """The pixels of one object: `pixels` (h, w) bool, whose top left one is pixel (`left`, `top`) of the picture."""

    left: int
    top: int
    pixels: npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)  # frozen ones take four times as long to make
class Object:
    """One thing that is labelled; it is never changed. It has the parts that its format gives it, which stay together.

    A moved object is a new one: `share`, `origin` and `untouched` say what became of it.
    """

    name: str
    """Its class as a person calls it: counted, drawn, and compared."""
    box: Bounds | None = None
    """left, top, right, bottom."""
    rings: tuple[Points, ...] = ()
    """The outlines (N, 2) of the parts of its shape, N >= 3, without repeating the first point; they do not overlap."""
    bitmap: Bitmap | None = None
    """Its shape as pixels, instead of rings."""
    lines: tuple[Points, ...] = ()
    """Open lines (N, 2), N >= 1; of one point: a mark."""
    keypoints: Points | None = None
    """(K, 2); a slot keeps its meaning, whether its point is labelled or not."""
    states: npt.NDArray[np.int8] | None = None
    """(K,): 0 not labelled, 1 labelled but hidden, 2 visible."""
    pairs: tuple[tuple[int, int], ...] = ()
    """The slots of left and right that a mirrored picture swaps."""
    corners: Points | None = None
    """(4, 2): an oriented box, in the source's order; it may reach beyond the picture."""
    seen_corners: Points | None = None
    """(4, 2), in the same order: of a moved one that does, the rectangle of its direction around what is seen of it."""
    stays: bool = False
    """It is kept while a pixel of it is seen: crowds, and objects that are marked as difficult."""
    share: float = 1.0
    """How much is seen of its whole shape, 0 to 1."""
    weight: float = 1.0
    """How much its picture counts where several show through each other."""
    origin: int = 0
    """Which picture it comes from: 0 is the picture itself, the others follow in the order in which they are mixed."""
    untouched: bool = True
    """It is where and what it was in the source: its words may be written as they are."""
    words: Any = None
    """The source's own account of it, for the format that reads and writes it."""


@dataclass(frozen=True, eq=False)
class LabelImage:
    """A label image: `values` (H, W, C) of any whole or real dtype, each pixel one value, never mixed with others.

    `outside` is what a constant border gets. `swap` are values that a mirrored picture exchanges. `words` are the
    source's mode, palette and the like.
    """

    values: Layer
    outside: tuple[int, ...] = (0,)
    swap: tuple[tuple[int, int], ...] = ()
    untouched: bool = True
    words: Any = None


@dataclass(frozen=True, eq=False)
class Annotation:
    """All that one label file says of a picture of `size`.

    `dropped` counts by reason what was lost on the way: what could not be read, and what is not to be seen any more.
    """

    size: Size
    objects: tuple[Object, ...] = ()
    image: LabelImage | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    """What was read all the same, though something is odd about it."""
    words: Any = None
    """What else the source says of the picture, for the format."""

    @property
    def untouched(self) -> bool:
        """Whether all of it is where and what it was in the source."""
        whole = all(one.untouched and not one.origin for one in self.objects)
        return whole and not self.dropped and (self.image is None or self.image.untouched)
