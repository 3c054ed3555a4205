"""What labels say of an image as plain data, whatever their format: for containers, beside each image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from augcli.image.arrays import Size
from augcli.labels import rle
from augcli.labels.annotation import Annotation, Object

_DIGITS = 3  # behind the point, in pixels


def shown_objects(labels: Sequence[Annotation]) -> list[dict[str, Any]]:
    """Return the objects of an image, in pixels of the upright picture from its outer top left corner.

    `class` is its name, `box` [left, top, width, height], `polygons` a list of [x, y, x, y...], `corners` those of an
    oriented box, `lines` open lines, `keypoints` [x, y, state...] with 0 for not labelled, 1 for hidden, 2 for visible,
    `rle` a shape as pixels, in COCO's packed counts for the size of the image.
    """
    return [_plain(one, annotation.size) for annotation in labels for one in annotation.objects]


def _plain(one: Object, size: Size) -> dict[str, Any]:
    told: dict[str, Any] = {"class": one.name}
    if one.box is not None:
        left, top, right, bottom = one.box
        told["box"] = _numbers((left, top, right - left, bottom - top))
    if one.rings:
        told["polygons"] = [_numbers(ring.ravel()) for ring in one.rings]
    if one.lines:
        told["lines"] = [_numbers(line.ravel()) for line in one.lines]
    if one.corners is not None:
        told["corners"] = _numbers(one.corners.ravel())
    if one.keypoints is not None and one.states is not None:
        points = zip(one.keypoints, one.states, strict=True)
        told["keypoints"] = [number for (x, y), state in points for number in (*_numbers((x, y)), int(state))]
    if one.bitmap is not None:
        told["rle"] = rle.packed(rle.counts_of(one.bitmap, size))
    return told


def _numbers(values: Iterable[Any]) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
