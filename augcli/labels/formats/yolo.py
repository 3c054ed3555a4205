"""YOLO's text files: a row for each object, its class first, then shares of the picture's width and height.

A row is told by the number of its columns and by the set's `task`, which is part of `about`:

    columns                     row
    5, 6                        box: centre, width, height; the sixth column (a confidence, a track) stays as it is
    9, where `task` is `obb`    oriented box: four corners
    7, 9, 11, ...               outline
    5 + K * D, if it is `pose`  box, then K keypoints of D columns: x, y, and with D = 3 their visibility

Other keys of `about`: `names` (by the class as text), `classes` (how many, where that is known), `keypoints` ([K, D]),
`pairs` (left and right slots), `slots` (their names), `columns` (of rows of boxes that all have the same further ones).

Ultralytics leaves out a whole image for one bad row; here the row alone is dropped, and counted by its reason:

    not numbers          commas, names, comments, nan, inf, other letters than ASCII
    too few columns      fewer than five, or an outline of fewer than three points
    odd columns          an outline with half a point, a pose of another number of keypoints
    unknown class        negative, a fraction, or not among the names
    zero size            a box or an outline without width or height
    outside the image    what ultralytics takes for that: beyond -0.01 to 1.01
    lost keypoint        a point that has left the picture, where D = 2 has no mark for it

Read without a word: CRLF, a byte order mark, blank lines, tabs, `5e-1`, `.5`, class `0.0`, repeated rows, boxes that
stick out, which are clipped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.labels.formats import yolo_rows as rows
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_LARGEST = 16 << 20
_BEYOND = 0.01


class Yolo:
    """Reads and writes the text file of an image. The words of an object are its row."""

    def suffix(self, path: str) -> str:
        return ".txt"

    def class_names(self, about: Mapping[str, Any]) -> list[str]:
        """Return the names of all classes, in the order of their numbers."""
        return [str(name) for _, name in sorted(about.get("names", {}).items(), key=lambda pair: int(pair[0]))]

    def unknown_pairs(self, about: Mapping[str, Any]) -> list[str]:
        """Return the classes of whose keypoints nothing tells which are left and right; none where there are none."""
        is_unknown = about.get("keypoints") and about.get("pairs") is None
        return [str(name) for name in about.get("names", {}).values()] if is_unknown else []

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        data = b"".join(said)
        if len(data) > _LARGEST:
            raise Unusable(f"a label file of more than {_LARGEST >> 20} MB")
        objects, dropped = [], Counter[str]()
        for line in _lines(data):
            try:
                objects.append(_object(line, about, shown.size, settings))
            except _Bad as bad:
                dropped[bad.args[0]] += 1
        return Annotation(shown.size, tuple(objects), dropped=dropped)

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        data = b"".join(said)
        if annotation.untouched:
            return data
        end = "\r\n" if b"\r\n" in data else "\n"
        lines = []
        for one in annotation.objects:
            if one.untouched:
                lines.append(one.words)
            elif (line := rows.row(one, shown.size)) is not None:
                lines.append(line)
            else:
                annotation.dropped["lost keypoint"] += 1
        after = end if lines and (not data or data.endswith((b"\n", b"\r"))) else ""
        return (end.join(lines) + after).encode()


class _Bad(Exception):
    """A row that is dropped, and why."""


def _lines(data: bytes) -> Iterator[str]:
    """Return the lines that are not blank; bytes that are no ASCII become letters, which are no numbers."""
    for line in data.decode("utf-8-sig", "replace").splitlines():
        if line and not line.isspace():
            yield line


def _object(line: str, about: Mapping[str, Any], size: Size, settings: Labels) -> Object:
    numbers = _numbers(line)
    name = _name(numbers[0], about)
    width, height = size
    scale = np.array([width, height], np.float64)
    kind = _kind(len(numbers), about)
    if kind in ("obb", "outline"):
        points = np.array(numbers[1:], np.float64).reshape(-1, 2)
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        _check((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
        if kind == "obb":
            return Object(name, corners=points * scale, words=line)
        return Object(name, rings=(points * scale,), words=line)
    x, y, w, h = numbers[1:5]
    _check(x, y, w, h)
    sides = max(x - w / 2, 0), max(y - h / 2, 0), min(x + w / 2, 1), min(y + h / 2, 1)
    if sides[0] >= sides[2] or sides[1] >= sides[3]:
        raise _Bad("outside the image")
    box = sides[0] * width, sides[1] * height, sides[2] * width, sides[3] * height
    if kind == "box":
        return Object(name, box, words=line)
    slots, dimensions = about["keypoints"]
    table = np.array(numbers[5:], np.float64).reshape(slots, dimensions)
    points = table[:, :2]
    if (points > 1 + _BEYOND).any() or (table < -_BEYOND).any():
        raise _Bad("outside the image")
    states = rows.states(table)
    return Object(name, box, keypoints=points * scale, states=states, pairs=_pairs(about, settings, slots), words=line)


def _numbers(line: str) -> list[float]:
    """Return the numbers of a row."""
    if "_" in line or not line.isascii():
        raise _Bad("not numbers")
    try:
        numbers = [*map(float, line.split())]
    except ValueError:
        raise _Bad("not numbers") from None
    if not all(map(math.isfinite, numbers)):
        raise _Bad("not numbers")
    return numbers


def _name(number: float, about: Mapping[str, Any]) -> str:
    """Return the name of a class, which is its number where the set has no names."""
    names, classes = about.get("names"), about.get("classes")
    if number < 0 or not number.is_integer() or (classes is not None and number >= classes):
        raise _Bad("unknown class")
    text = str(int(number))
    if names and text not in names:
        raise _Bad("unknown class")
    return names[text] if names else text


def _kind(columns: int, about: Mapping[str, Any]) -> str:
    """Tell what a row is by the number of its columns."""
    task = about.get("task")
    if columns < 5:
        raise _Bad("too few columns")
    if task == "pose":
        slots, dimensions = about["keypoints"]
        if columns != 5 + slots * dimensions:
            raise _Bad("odd columns")
        return "pose"
    if columns <= 6 or columns == about.get("columns"):
        return "box"
    if columns % 2 == 0:
        raise _Bad("odd columns")
    return "obb" if columns == 9 and task == "obb" else "outline"


def _check(x: float, y: float, w: float, h: float) -> None:
    """Refuse a box, given by its middle, that is empty or lies where no label may."""
    if w <= 0 or h <= 0:
        raise _Bad("zero size")
    if min(x, y) < -_BEYOND or max(x, y, w, h) > 1 + _BEYOND:
        raise _Bad("outside the image")


def _pairs(about: Mapping[str, Any], settings: Labels, slots: int) -> tuple[tuple[int, int], ...]:
    """Return the slots that a mirror swaps: those of the spec, else those of the set."""
    if settings.flip_pairs is None:
        return tuple((one, other) for one, other in about.get("pairs") or ())
    named = {name: slot for slot, name in enumerate(about.get("slots") or ())}
    pairs = []
    for pair in settings.flip_pairs:
        one, other = (slot if isinstance(slot, int) else named.get(slot, slots) for slot in pair)
        if max(one, other) >= slots:
            unknown = pair[0] if one >= slots else pair[1]
            raise Unusable(f"`flip_pairs` has `{unknown}`, which is none of the {slots} keypoints of the set")
        pairs.append((one, other))
    return tuple(pairs)


FORMAT = Yolo()
