"""LabelMe: a JSON file for each image, edited in place; keys that are not known go along as they are.

A shape that has moved keeps its kind as long as it is one: a rectangle that was turned is a polygon. What was cut into
parts becomes several shapes with a `group_id` of their own. The old picture in `imageData` goes.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.labels.formats.labelme_shapes import BadShape, Drawn, drawn, object_of, points_like
from augcli.labels.json_places import Member, NotJson, edited, elements, members, quoted
from augcli.labels.upright import doubts_about, is_of_stored, turned
from augcli.problems import Unusable
from augcli.spec.sections import Labels


class _Document(NamedTuple):
    """The text of a file without its picture, its members and its shapes."""

    text: str
    members: dict[str, Member]
    shapes: list[Member]


class LabelMe:
    """Reads and writes the JSON of LabelMe, and of X-AnyLabeling."""

    def suffix(self, path: str) -> str:
        return os.path.splitext(path)[1]

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        document = _document(said[0])
        stated = _stated_size(document.members)
        is_stored = stated is not None and is_of_stored(stated, shown.size, shown.orientation)
        size = Size(shown.size.height, shown.size.width) if is_stored else shown.size
        objects = []
        dropped: Counter[str] = Counter()
        for shape in document.shapes:
            try:
                objects.append(object_of(shape.value, size, document.text[shape.start : shape.end]))
            except BadShape as bad:
                dropped[str(bad)] += 1
        doubts = doubts_about(stated, shown.size, shown.orientation)
        annotation = Annotation(size, tuple(objects), dropped=dropped, doubts=doubts)
        return turned(annotation, shown.orientation) if is_stored else annotation

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        document = _document(said[0])
        text, found = document.text, document.members
        path = posixpath.relpath(shown.path, posixpath.dirname(shown.label_path) or ".")
        new = {"imagePath": path, "imageWidth": shown.size.width, "imageHeight": shown.size.height}
        edits = [
            (found[key].start, found[key].end, quoted(value, text))
            for key, value in new.items()
            if key in found and found[key].value != value
        ]
        if "shapes" in found:
            shapes = _separated(document, list(_shapes(annotation.objects)))
            edits.append((found["shapes"].start, found["shapes"].end, shapes))
        return edited(text, edits).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=8)  # a source and its partners, read once for all copies
def _document(data: bytes) -> _Document:
    """Read a file. Raises `Unusable`."""
    try:
        text = data.decode("utf-8-sig")
        found = members(text)
        if isinstance(found.get("imageData", Member(None, 0, 0)).value, str):  # as large as a picture
            text = edited(text, [(found["imageData"].start, found["imageData"].end, "null")])
            found = members(text)
        if "shapes" not in found or not isinstance(found["shapes"].value, list):
            raise Unusable("no LabelMe file: it has no list of `shapes`")
        shapes = elements(text, found["shapes"].start)
    except UnicodeDecodeError:
        raise Unusable("a JSON file that is no UTF-8") from None
    except NotJson:
        raise Unusable("no JSON that can be read") from None
    return _Document(text, found, shapes)


def _stated_size(found: Mapping[str, Member]) -> Size | None:
    width, height = (found[key].value if key in found else None for key in ("imageWidth", "imageHeight"))
    return Size(width, height) if isinstance(width, int) and isinstance(height, int) else None


def _separated(document: _Document, texts: list[str]) -> str:
    """Write a list of shapes with the space between them that the source has."""
    text, shapes = document.text, document.shapes
    whole = document.members["shapes"]
    if not texts:
        return "[]"
    if not shapes:
        return f"[{', '.join(texts)}]"
    before, after = text[whole.start : shapes[0].start], text[shapes[-1].end : whole.end]
    between = text[shapes[0].end : shapes[1].start] if len(shapes) > 1 else "," + (before[1:] or " ")
    return before + between.join(texts) + after


def _shapes(objects: Sequence[Object]) -> Iterator[str]:
    """Write all objects, those of other images behind the own, whose groups get other numbers than those taken."""
    groups = _Groups(_group(one) for one in objects if not one.origin)
    for one in objects:
        text: str = one.words
        group = _group(one)
        own = groups.other(one.origin, group) if one.origin and group is not None else group
        if one.untouched and own == group:
            yield text
            continue
        shapes = [Drawn()] if one.untouched else list(drawn(one, json.loads(text)))
        if len(shapes) > 1 and own is None:
            own = groups.new()
        for shape in shapes:
            yield _shape(text, shape, own, is_other=own != group)


class _Groups:
    """Numbers of groups: those of the image itself, and new ones."""

    def __init__(self, taken: Iterable[int | None]) -> None:
        self._next = max((group for group in taken if group is not None), default=-1) + 1
        self._others: dict[tuple[int, int], int] = {}

    def new(self) -> int:
        self._next += 1
        return self._next - 1

    def other(self, origin: int, group: int) -> int:
        """Return the number here of a group of another image."""
        if (origin, group) not in self._others:
            self._others[origin, group] = self.new()
        return self._others[origin, group]


def _group(one: Object) -> int | None:
    found = members(one.words).get("group_id")
    return found.value if found and isinstance(found.value, int) else None


def _shape(text: str, shape: Drawn, group: int | None, *, is_other: bool) -> str:
    """Write a shape into the text of its source."""
    found = members(text)
    edits = []
    new: dict[str, Any] = {**shape.values, **({"group_id": group} if is_other else {})}
    missing = {key: value for key, value in new.items() if key not in found}
    for key, value in new.items():
        if key in found and found[key].value != value:
            edits.append((found[key].start, found[key].end, quoted(value, text)))
    if shape.points is not None:
        points = found["points"]
        edits.append((points.start, points.end, points_like(text[points.start : points.end], shape.points)))
    if missing:
        end = found["points"].end
        more = "".join(f", {quoted(key, text)}: {quoted(value, text)}" for key, value in missing.items())
        edits = [(start, last, instead + (more if last == end else "")) for start, last, instead in edits]
        if shape.points is None:
            edits.append((end, end, more))
    return edited(text, edits)


FORMAT = LabelMe()
