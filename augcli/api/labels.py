"""Labels as arrays: those that are given with an image, and those of a copy, in step with each other.

Coordinates are continuous: (0, 0) is the outer corner of the first pixel, and pixel i covers i to i + 1. Errors are
ValueError and TypeError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation, Bitmap, LabelImage, Object
from augcli.labels.filling import filled
from augcli.labels.outlines import bounds_of
from augcli.spec.sections import Labels

Numbers = npt.NDArray[np.float64]


class Given(NamedTuple):
    """What is given with an image: the objects' parts, all of one length, and a label image."""

    boxes: Any = None
    masks: Any = None
    keypoints: Any = None
    labels: Sequence[Any] | None = None
    mask: Any = None

    @property
    def has_objects(self) -> bool:
        return any(part is not None for part in (self.boxes, self.masks, self.keypoints))


class Labelled(NamedTuple):
    """What is left of labels on a copy; None for what there is none of."""

    boxes: Numbers | None = None
    labels: list[Any] | None = None
    masks: npt.NDArray[np.bool_] | None = None
    keypoints: Numbers | None = None
    kept: npt.NDArray[np.int64] | None = None
    mask: npt.NDArray[Any] | None = None
    dropped: Mapping[str, int] = {}


def objects_of(given: Given, size: Size, settings: Labels) -> Annotation:
    """Return the objects that are given with an image of `size`; their words are their numbers."""
    boxes = None if given.boxes is None else _numbers("boxes", given.boxes, "N x 4", 2, (4,))
    keypoints = None if given.keypoints is None else _numbers("keypoints", given.keypoints, "N x K x 2 or 3", 3, (2, 3))
    masks = None if given.masks is None else _masks(given.masks, size)
    lengths = {
        name: len(part)
        for name, part in (("boxes", boxes), ("masks", masks), ("keypoints", keypoints), ("labels", given.labels))
        if part is not None
    }
    if len(set(lengths.values())) > 1:
        raise ValueError(f"there are {' and '.join(f'{count} {name}' for name, count in lengths.items())}")
    count = next(iter(lengths.values()))
    pairs = () if keypoints is None else _pairs(settings, keypoints.shape[1])
    objects, dropped = [], Counter[str]()
    for number in range(count):
        box = None if boxes is None else tuple(boxes[number].tolist())
        bitmap = None if masks is None else _bitmap(masks[number])
        if (box is not None and not (box[0] < box[2] and box[1] < box[3])) or (masks is not None and bitmap is None):
            dropped["zero size"] += 1
            continue
        points = None if keypoints is None else keypoints[number]
        states = None
        if points is not None:
            states = np.full(len(points), 2) if points.shape[1] == 2 else points[:, 2]
        objects.append(
            Object(
                name="" if given.labels is None else str(given.labels[number]),
                box=box,
                bitmap=bitmap,
                keypoints=None if points is None else points[:, :2],
                states=None if states is None else states.astype(np.int8),
                pairs=pairs,
                words=number,
            )
        )
    return Annotation(size, tuple(objects), dropped=dropped)


def image_of(mask: Any, size: Size, settings: Labels) -> Annotation:
    """Return a label image (H, W) or (H, W, C) that is given with an image of `size`."""
    values = np.asarray(mask)
    if values.ndim not in (2, 3) or values.shape[:2] != (size.height, size.width) or values.dtype.kind not in "buif":
        raise ValueError(f"a mask is H x W as the image, {size.height} x {size.width}, not {_shape(values)}")
    layer = np.ascontiguousarray(values if values.ndim == 3 else values[:, :, np.newaxis])
    outside = settings.outside
    if outside is None:  # as for files: 255 beside classes is what belongs to none
        known = np.unique(layer) if layer.dtype == np.uint8 else np.array([0])
        outside = 255 if 255 in known and not np.isin(known, (0, 255)).all() else 0
    return Annotation(size, image=LabelImage(layer, (outside,) * layer.shape[2], settings.swap))


def labelled(moved: Annotation | None, image: Annotation | None, given: Given | None) -> Labelled:
    """Return what is left of objects and of a label image; without `given` they were read from files."""
    found = Labelled()
    if moved is not None:
        objects = moved.objects
        own = None if given is None else given.labels
        has_shapes = not objects or any(one.rings or one.bitmap is not None for one in objects)
        masks = given.masks is not None if given else has_shapes
        found = Labelled(
            np.array([_box(one) for one in objects], np.float64).reshape(-1, 4),
            [one.name if own is None or one.origin else own[one.words] for one in objects],
            np.array([_mask(one, moved.size) for one in objects], bool).reshape(-1, *moved.size[::-1])
            if masks
            else None,
            _keypoints(objects, given),
            None if given is None else np.array([-1 if one.origin else one.words for one in objects], np.int64),
            dropped=dict(moved.dropped),
        )
        if given is not None and own is None:
            found = found._replace(labels=None)
    if image is not None and image.image is not None:
        values = image.image.values
        found = found._replace(mask=values[:, :, 0] if values.shape[2] == 1 else values)
    return found


def list_of(labels: Any) -> list[Any]:
    """Return what stands for the classes of objects as a list; of an array, as plain values."""
    return labels.tolist() if hasattr(labels, "tolist") else list(labels)


def _numbers(name: str, value: Any, shape: str, axes: int, last: tuple[int, ...]) -> Numbers:
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} are numbers, {shape}") from None
    if found.size == 0 and found.ndim < axes:
        found = found.reshape(0, *(1,) * (axes - 2), last[0])
    if found.ndim != axes or found.shape[-1] not in last:
        raise ValueError(f"{name} are {shape}, not {_shape(found)}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} are finite numbers")
    return found


def _masks(value: Any, size: Size) -> npt.NDArray[np.bool_]:
    found = np.asarray(value)
    if found.size == 0 and found.ndim == 1:
        found = found.reshape(0, size.height, size.width)
    if found.ndim != 3 or found.shape[1:] != (size.height, size.width):
        what = f"masks are N x {size.height} x {size.width}, one for each object, not {_shape(found)}"
        raise ValueError(what + ("; a single label image is `mask`" if found.ndim == 2 else ""))
    return found.astype(bool)


def _shape(found: npt.NDArray[Any]) -> str:
    return f"{' x '.join(map(str, found.shape)) or 'one value'} of {found.dtype}"


def _bitmap(mask: npt.NDArray[np.bool_]) -> Bitmap | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return Bitmap(left, top, np.ascontiguousarray(mask[top : rows[-1] + 1, left : columns[-1] + 1]))


def _pairs(settings: Labels, slots: int) -> tuple[tuple[int, int], ...]:
    pairs = tuple(settings.flip_pairs or ())
    for slot in (slot for pair in pairs for slot in pair):
        if not isinstance(slot, int) or slot >= slots:
            raise ValueError(
                f"`flip_pairs` of the spec has {slot!r}; keypoints of an array are numbered 0 to {slots - 1}"
            )
    return pairs  # type: ignore[return-value]  # none is a name


def _box(one: Object) -> tuple[float, ...]:
    if one.box is not None:
        return one.box
    if one.bitmap is not None:
        left, top, pixels = one.bitmap
        return left, top, left + pixels.shape[1], top + pixels.shape[0]
    points = [*one.rings, *one.lines, *([] if one.corners is None else [one.corners])]
    if not points and one.keypoints is not None and one.states is not None:
        points = [one.keypoints[one.states > 0]]
    return bounds_of(np.concatenate(points)) if points and len(points[0]) else (np.nan,) * 4


def _mask(one: Object, size: Size) -> npt.NDArray[np.bool_]:
    if one.bitmap is None:
        return filled(one.rings, size)
    mask = np.zeros((size.height, size.width), bool)
    left, top, pixels = one.bitmap
    mask[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return mask


def _keypoints(objects: Sequence[Object], given: Given | None) -> Numbers | None:
    """Return (N, K, 3) with the states, or (N, K, 2) where those were given, NaN for what is lost."""
    if given is not None and given.keypoints is None:
        return None
    slots = max((len(one.keypoints) for one in objects if one.keypoints is not None), default=0)
    columns = 3
    if given is not None:
        slots, columns = np.shape(given.keypoints)[1:] if np.ndim(given.keypoints) == 3 else (slots, 2)
    elif not slots:
        return None
    found = np.zeros((len(objects), slots, 3))
    for row, one in zip(found, objects, strict=True):
        if one.keypoints is not None and one.states is not None:
            count = min(slots, len(one.keypoints))
            row[:count, :2], row[:count, 2] = one.keypoints[:count], one.states[:count]
    found[found[:, :, 2] == 0] = 0
    if columns == 2:
        found[found[:, :, 2] == 0] = np.nan
    return found[:, :, :columns]
