"""Rows of a table of boxes. Corners are continuous; a row that has not changed is written as it was read.

`about` says which `columns` hold what, the `delimiter` and `newline`, what stands at the `head`, whether the last row
`ends` with a line break, and whether images without objects have a row (`lists_empty`).
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from augcli.dataset.layouts.csv_tables import cells_of, unquoted
from augcli.dataset.sources import LabelSet
from augcli.image.arrays import Size
from augcli.image.matrices import Bounds
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.labels.listed_path import listed_path
from augcli.labels.upright import doubts_about, is_of_stored, turned
from augcli.output.joining import Record, Section, Template
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_SIDES = ("left", "top", "right", "bottom")
_LENGTH = re.compile(r"[0-9]{1,9}")
_WHOLE = re.compile(r"\s*[-+]?\d+\s*")


class _Tables:
    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        dropped: Counter[str] = Counter()
        objects = []
        size, stated = shown.size, None
        for row in said:
            cells = tuple(cells_of(os.fsdecode(row), about["delimiter"]))
            at = about["columns"]
            _check(cells, about, shown.path)
            if stated is None:
                stated = _stated(cells, at)
                is_stored = stated is not None and is_of_stored(stated, shown.size, shown.orientation)
                size = stated if stated is not None and is_stored else shown.size
            sides = [unquoted(cells[at[side]]).strip() for side in _SIDES]
            if not any(sides):
                continue  # an image without objects
            box, why = _box(sides, size)
            if box is None:
                dropped[why] += 1
            else:
                name = unquoted(cells[at["class"]]).strip() if "class" in at else ""
                objects.append(Object(name, box=box, words=cells))
        doubts = doubts_about(stated, shown.size, shown.orientation)
        annotation = Annotation(size, tuple(objects), dropped=dropped, doubts=doubts)
        return turned(annotation, shown.orientation) if size is stated else annotation

    def records(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> Record:
        own = cells_of(os.fsdecode(said[0]), about["delimiter"])
        path = listed_path(unquoted(own[about["columns"]["path"]]), shown.path)
        rows = [_row(one, path, about, shown) for one in annotation.objects]
        if not rows and about["lists_empty"]:
            rows = [_empty(own, path, about, shown)]
        end = about["newline"] if about["ends"] else ""  # of each line: an empty table has none, not a blank one
        return (tuple(row + end for row in rows),)

    def copied(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, source: str) -> Record:
        rows = []
        at = about["columns"]["path"]
        for row in said:
            cells = cells_of(os.fsdecode(row), about["delimiter"])
            _check(cells, about, source)
            listed = unquoted(cells[at])
            if (path := listed_path(listed, shown.path)) != listed:
                cells[at] = _like(cells[at], path, about)
            rows.append(str(about["delimiter"]).join(cells))
        end = about["newline"] if about["ends"] else ""
        return (tuple(row + end for row in rows),)

    def template(self, given: LabelSet) -> Template:
        separator = "" if given.about["ends"] else given.about["newline"]
        return Template(given.path, given.about["head"], (Section(separator, ""),), given.digest)


FORMAT = _Tables()


def _check(cells: Sequence[str], about: Mapping[str, Any], path: str) -> None:
    """Raise `Unusable` where a row is not of the image it was found for."""
    at = about["columns"]
    listed = unquoted(cells[at["path"]]) if len(cells) > max(at.values()) else ""
    if listed.replace("\\", "/").rpartition("/")[2] != path.rpartition("/")[2]:
        raise Unusable("has changed since it was listed")


def _stated(cells: Sequence[str], at: Mapping[str, int]) -> Size | None:
    """Return the size that a row states of its image, if it does."""
    if "width" not in at or "height" not in at:
        return None
    sides = [unquoted(cells[at[key]]).strip() for key in ("width", "height")]
    return Size(*map(int, sides)) if all(_LENGTH.fullmatch(side) for side in sides) else None


def _box(sides: Sequence[str], size: Size) -> tuple[Bounds | None, str]:
    """Return a box as far as it lies on the picture, or why there is none."""
    try:
        left, top, right, bottom = map(float, sides)
    except ValueError:
        return None, "bad box"
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return None, "bad box"
    if left >= right or top >= bottom:
        return None, "zero size"
    left, top = max(left, 0.0), max(top, 0.0)
    right, bottom = min(right, size.width), min(bottom, size.height)
    return ((left, top, right, bottom), "") if left < right and top < bottom else (None, "outside the image")


def _row(one: Object, path: str, about: Mapping[str, Any], shown: Shown) -> str:
    cells = list(one.words)
    at = about["columns"]
    if not one.untouched and one.box is not None:
        is_whole = all(_WHOLE.fullmatch(unquoted(cells[at[side]])) for side in _SIDES)
        for side, text in zip(_SIDES, _corners(one.box, is_whole, shown), strict=True):
            cells[at[side]] = _like(cells[at[side]], text, about)
    return _named(cells, path, about, shown)


def _corners(box: Bounds, is_whole: bool, shown: Shown) -> list[str]:
    """Write a box as its source is: in whole pixels, at least one, or with two decimals."""
    if not is_whole:
        return [f"{side:.2f}".rstrip("0").rstrip(".").replace("-0", "0") for side in box]
    left, top = min(round(box[0]), shown.size.width - 1), min(round(box[1]), shown.size.height - 1)
    return [str(side) for side in (left, top, max(round(box[2]), left + 1), max(round(box[3]), top + 1))]


def _empty(own: Sequence[str], path: str, about: Mapping[str, Any], shown: Shown) -> str:
    """Write the row of an image without objects."""
    kept = {about["columns"].get(key) for key in ("path", "width", "height")}
    return _named([cell if at in kept else "" for at, cell in enumerate(own)], path, about, shown)


def _named(cells: list[str], path: str, about: Mapping[str, Any], shown: Shown) -> str:
    said = {"path": path, "width": str(shown.size.width), "height": str(shown.size.height)}
    for key, text in said.items():
        at = about["columns"].get(key)
        if at is not None and unquoted(cells[at]).strip() != text:
            cells[at] = _like(cells[at], text, about)
    return str(about["delimiter"]).join(cells)


def _like(cell: str, text: str, about: Mapping[str, Any]) -> str:
    """Write text with quotes where a cell has them, or where it needs them."""
    if cell.lstrip(" ")[:1] == '"' or about["delimiter"] in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text
