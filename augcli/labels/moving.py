"""Labels on their way through the ops that the pixels go through, once, and what is left of them at the end.

What is seen of an object is cut by every canvas on the way, and by what is put over it. The whole of it goes on
uncut, so that what is seen counts as a share of all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from copy import copy
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from augcli.image import matrices
from augcli.image.arrays import Box, Matrix, Points, Size
from augcli.image.geometry import Outside
from augcli.image.matrices import Bounds
from augcli.image.ops import Blend, Erase, Op, Remap, Warp
from augcli.labels import bitmaps, clipping, covering
from augcli.labels.annotation import Annotation, LabelImage
from augcli.labels.bitmaps import Shape
from augcli.labels.keeping import Rest, main_kind
from augcli.labels.keypoints import keypoints_of
from augcli.labels.outlines import outlines_of
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_STILL = 1e-9
"""As for fusion: a matrix that is nearer to the identity moves nothing."""


class Tracks:
    """The labels of a picture on their way: whole shapes, and what is still to be seen of them.

    They are never changed: each step returns others. Who makes several copies of a picture starts from the same.
    """

    def __init__(self, annotation: Annotation) -> None:
        self.annotation = annotation
        self.size = annotation.size
        self._objects = annotation.objects
        kinds = ((number, main_kind(one), one.bitmap) for number, one in enumerate(self._objects))
        self._main = {number: kind for number, kind, bitmap in kinds if kind or bitmap}
        self._gone: dict[int, str] = {}
        self._outlines = outlines_of(self._objects)
        self._keypoints = keypoints_of(self._objects)
        self._shapes = {number: Shape(one.bitmap) for number, one in enumerate(self._objects) if one.bitmap is not None}
        self._image = annotation.image
        self._holes: npt.NDArray[np.bool_] | None = None
        self._hidden: dict[int, float] = {}
        self._dropped = annotation.dropped
        self._is_moved = False
        self._cut([_canvas(self.size)], "outside the image")

    def through(self, ops: Sequence[Op], others: Sequence[Tracks] = (), weights: Sequence[float] = ()) -> Tracks:
        """Return them behind ops; `others` are those of the pictures that a Blend among them mixes in, in their order.

        `weights` are the shares of the picture and of the others in the mix. Raises `Unusable` where label images of
        different kinds are to be mixed.
        """
        tracks = self
        for op in ops:
            if isinstance(op, (Warp, Remap)):
                tracks = tracks._moved(op)
            elif isinstance(op, Erase):
                tracks = tracks._erased(op.boxes)
            elif isinstance(op, Blend):
                tracks = tracks._blended(op, others, weights)
        return tracks

    def kept(self, settings: Labels) -> Annotation:
        """Return what is left, in the coordinates of the picture that has come of it.

        What does not stay is counted by reason; objects and what is dropped are together all that there was.
        """
        if not self._is_moved and self._holes is None:
            return self.annotation
        rest = self._rest()
        dropped, objects = Counter(self._dropped), []
        for number, one in enumerate(self._objects):
            found = self._gone.get(number) or rest.kept(number, one, settings)
            if isinstance(found, str):
                dropped[found] += 1
            else:
                objects.append(found)
        said = self.annotation
        return Annotation(self.size, tuple(objects), self._image, dropped=dropped, doubts=said.doubts, words=said.words)

    def bounds(self) -> Points:
        """Return the box (left, top, right, bottom) of what is seen of each object, (N, 4); NaN where nothing is."""
        rest, found = self._rest(), np.full((len(self._objects), 4), np.nan)
        for number in range(len(self._objects)):
            if number not in self._gone and (box := rest.box(number)) is not None:
                found[number] = box
        return found

    def boxes(self, ops: Sequence[Op], settings: Labels) -> list[Bounds]:
        """Return the boxes around the objects of which enough is seen behind ops to stay.

        Pictures that are mixed in on the way cover them, and show no others. The last bits of what is moved by
        matrices are rounded away: a draw may hang on whether a side is at a whole number.
        """
        there = self.through([Erase(op.parts) if isinstance(op, Blend) else op for op in ops])
        rest, found = there._rest(), []
        for number, one in enumerate(there._objects):
            is_there = number not in there._gone and rest.is_enough(number, one, settings)
            if is_there and (box := rest.box(number)) is not None:
                left, top, right, bottom = box
                found.append((round(left, 6), round(top, 6), round(right, 6), round(bottom, 6)))
        return found

    def _rest(self) -> Rest:
        return Rest(
            self.size,
            self._main,
            self._outlines,
            self._keypoints,
            self._shapes,
            None if self._holes is None else covering.Cover(self._holes),
            self._hidden,
            self._is_moved,
        )

    def _moved(self, op: Warp | Remap) -> Tracks:
        if isinstance(op, Warp) and op.size == self.size and _is_identity(op.matrix):
            return self
        moved, motion, size = copy(self), matrices.inverse(op.matrix), self.size
        mirrors = matrices.mirrors(motion, size)
        moved._is_moved, moved.size = True, op.size
        moved._outlines = self._outlines.moved(motion, size, op.size)
        moved._keypoints = self._keypoints.moved(motion, size)
        if mirrors:
            moved._keypoints = moved._keypoints.mirrored()
        if isinstance(op, Remap):
            moved._outlines = moved._outlines.bent(op)
            moved._keypoints = moved._keypoints.bent(op)
        if self._shapes:
            shapes = {number: bitmaps.moved(shape, op, size) for number, shape in self._shapes.items()}
            moved._keep(shapes, "outside the image")
        if self._image is not None:
            moved._image = bitmaps.image_moved(self._image, op, mirrors=mirrors)
        if self._holes is not None:
            holes = op.labels(self._holes.view(np.uint8)[:, :, np.newaxis], Outside("constant", (0,)))
            moved._holes = holes[:, :, 0].view(np.bool_)
        if moved._outlines.parts is not self._outlines.parts:
            lost = self._outlines.seen(self._main) - moved._outlines.seen(self._main)
            moved._lose(lost, "outside the image")
        moved._cut([_canvas(op.size)], "outside the image")
        return moved

    def _cut(self, boxes: Sequence[Bounds], reason: str) -> None:
        """Leave to be seen what lies in the boxes, of whole pixels; what has nothing there is gone."""
        self._outlines, gone = self._outlines.cut(boxes, self._main)
        self._keypoints = self._keypoints.within(boxes)
        if self._shapes and boxes != [_canvas(self.size)]:
            self._keep({number: bitmaps.within(shape, boxes) for number, shape in self._shapes.items()}, reason)
        if gone:
            self._gone = self._gone | dict.fromkeys(gone, reason)

    def _keep(self, shapes: Mapping[int, Shape | None], reason: str) -> None:
        """Keep bitmaps of which something is seen; objects without are gone."""
        self._shapes = {number: shape for number, shape in shapes.items() if shape is not None}
        self._lose(shapes.keys() - self._shapes.keys(), reason)

    def _lose(self, numbers: Set[int], reason: str) -> None:
        if numbers:
            self._gone = self._gone | dict.fromkeys(numbers, reason)
            self._outlines = self._outlines.without(numbers)

    def _erased(self, boxes: Sequence[Box]) -> Tracks:
        if not boxes:
            return self
        erased = copy(self)
        erased._holes = covering.with_boxes(self._holes, boxes, self.size)
        erased._keypoints = self._keypoints.covered(boxes)
        return erased

    def _blended(self, op: Blend, others: Sequence[Tracks], weights: Sequence[float]) -> Tracks:
        pictures = [copy(one) for one in (self, *others)]
        shares = [1.0] * len(pictures)
        own = pictures[0]
        own._is_moved = True
        if op.parts:
            parts = [[(left, top, left + width, top + height)] for left, top, width, height in op.parts]
            own._cut(clipping.uncovered(self.size, op.parts), "under another picture")
            for picture, part in zip(pictures[1:], parts, strict=True):
                picture._cut(part, "outside its part")
            own._holes = covering.pasted([picture._holes for picture in pictures], op.parts, self.size)
        else:
            shares = list(weights) or shares
            for picture in pictures:
                picture._hidden, picture._holes = picture._rest().hidden(picture._gone), None
        own._image = self._image and _blended_image(self._image, [one._image for one in others], op.parts, shares)
        own._objects = tuple(replace(one, weight=one.weight * shares[0]) for one in self._objects)
        for origin, (picture, share) in enumerate(zip(pictures[1:], shares[1:], strict=True), 1):
            own._join(picture, origin, share)
        return own

    def _join(self, other: Tracks, origin: int, share: float) -> None:
        """Add the objects of another picture."""
        count = len(self._objects)
        self._objects += tuple(
            replace(one, origin=origin, weight=one.weight * share, untouched=False) for one in other._objects
        )
        self._main = self._main | {number + count: kind for number, kind in other._main.items()}
        self._gone = self._gone | {number + count: reason for number, reason in other._gone.items()}
        self._hidden = self._hidden | {number + count: hidden for number, hidden in other._hidden.items()}
        self._shapes = self._shapes | {number + count: shape for number, shape in other._shapes.items()}
        self._outlines = self._outlines.followed_by(other._outlines, count)
        self._keypoints = self._keypoints.followed_by(other._keypoints, count)
        self._dropped = self._dropped + other._dropped


def _canvas(size: Size) -> Bounds:
    return 0.0, 0.0, float(size.width), float(size.height)


def _is_identity(matrix: Matrix) -> bool:
    return all(abs(one - other) < _STILL for one, other in zip(matrix, matrices.IDENTITY, strict=True))


def _blended_image(
    own: LabelImage, others: Sequence[LabelImage | None], parts: Sequence[Box], shares: Sequence[float]
) -> LabelImage:
    """Return the label image of a mix: parts of the others put in, or that of the heaviest picture."""
    for other in others:
        if other is not None and (other.values.dtype, other.values.shape) != (own.values.dtype, own.values.shape):
            raise Unusable("its mask and that of an image that is mixed in have different kinds of values")
    if parts:
        return bitmaps.images_pasted(own, others, parts)
    heaviest = (own, *others)[int(np.argmax(shares))]
    values = np.full_like(own.values, own.outside) if heaviest is None else heaviest.values
    return replace(own, values=values, untouched=False)
