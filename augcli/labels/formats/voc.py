"""Pascal VOC: an XML file for each image, edited in place; what is not known goes along as it is.

`about` has `origin`: 1 where the first pixel is number 1 and a box includes its last one, as VOC's own; 0 where
coordinates are continuous, which a set is taken for that has a coordinate 0.
Parts of an object have boxes of their own: each is an object too, and goes where its object goes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from augcli.image.arrays import Points, Size
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.labels.formats.voc_shapes import (
    BadNumber,
    box_of,
    corners_of,
    number,
    numbers_of,
    ring_of,
    rotated_edits,
    written_box,
    written_polygons,
)
from augcli.labels.upright import doubts_about, is_of_stored, turned
from augcli.labels.xml_elements import Document, Edit, Element, as_text, document
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_TRUNCATED_BELOW = 0.85
"""Of an object that VOC's guidelines call truncated, more than 15 % lies outside."""


class Words(NamedTuple):
    """An element of a file: object `number` of it, or a part of that one."""

    document: Document
    element: Element
    number: int
    part: int | None = None


class Voc:
    """Reads and writes Pascal VOC's XML."""

    def suffix(self, path: str) -> str:
        return os.path.splitext(path)[1]

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        read = document(said[0])
        if read.root.tag != "annotation":
            raise Unusable(f"no Pascal VOC file: it begins with `{read.root.tag[:40]}`, not with `annotation`")
        stated = _stated_size(read.root)
        is_stored = stated is not None and is_of_stored(stated, shown.size, shown.orientation)
        size = Size(shown.size.height, shown.size.width) if is_stored else shown.size
        dropped: Counter[str] = Counter()
        objects: list[Object] = []
        for at, element in enumerate(read.root.all("object")):
            try:
                one = _object(Words(read, element, at), _origin(about, settings), size, dropped)
            except BadNumber as bad:
                dropped[str(bad)] += 1
                continue
            objects.append(one)
            for part, inside in enumerate(element.all("part")):
                try:
                    words = Words(read, inside, at, part)
                    objects.append(_object(words, _origin(about, settings), size, dropped, stays=one.stays))
                except BadNumber as bad:
                    dropped[str(bad)] += 1
        doubts = doubts_about(stated, shown.size, shown.orientation)
        annotation = Annotation(size, tuple(objects), dropped=dropped, doubts=doubts)
        return turned(annotation, shown.orientation) if is_stored else annotation

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        read = document(said[0])
        origin = _origin(about, settings)
        written: dict[tuple[int, int], bytes] = {}
        parts: dict[tuple[int, int], dict[int, Object]] = {}
        for one in annotation.objects:
            if one.words.part is not None:
                parts.setdefault((one.origin, one.words.number), {})[one.words.part] = one
        for one in annotation.objects:
            if one.words.part is None:
                key = one.origin, one.words.number
                written[key] = _element(one, parts.get(key, {}), origin, annotation.size)
        return read.stored([*_about_image(read, shown), *_objects(read, written)])


def _origin(about: Mapping[str, Any], settings: Labels) -> int:
    return int(about.get("origin", 1) if settings.voc_origin == "auto" else settings.voc_origin)


def _stated_size(root: Element) -> Size | None:
    size = root.child("size")
    try:
        return None if size is None else Size(int(number(size.said("width"))), int(number(size.said("height"))))
    except BadNumber:
        return None


def _object(words: Words, origin: int, size: Size, dropped: Counter[str], *, stays: bool = False) -> Object:
    """Read an object or a part. Raises `BadNumber` with the reason why it cannot be read."""
    element = words.element
    box = None if (found := element.child("bndbox")) is None else box_of(found, origin, size)
    turned_box, polygon, mark = element.child("robndbox"), element.child("polygon"), element.child("point")
    corners = None if turned_box is None else corners_of(turned_box)
    rings: tuple[Points, ...] = ()
    if polygon is not None:
        try:
            rings = (ring_of(polygon),)
        except BadNumber:
            if box is None:
                raise
            dropped["polygon that cannot be read"] += 1
    if box is None and corners is None and not rings:
        raise BadNumber("no box")
    point = None if mark is None else np.array([_place(mark, origin)])
    return Object(
        element.said("name"),
        box=box,
        rings=rings,
        corners=corners,
        keypoints=point,
        states=None if point is None else np.array([2], np.int8),
        stays=stays or element.said("difficult").lower() in ("1", "true"),
        words=words,
    )


def _place(mark: Element, origin: int) -> tuple[float, float]:
    """Return the middle of the pixel that a point names."""
    x, y = numbers_of(mark, "x", "y").values
    return x - origin / 2, y - origin / 2


def _element(one: Object, parts: Mapping[int, Object], origin: int, size: Size) -> bytes:
    """Write an object, with those of its parts that are left."""
    words: Words = one.words
    edits = [] if one.untouched else list(_moved(one, origin, size))
    for at, element in enumerate(words.element.all("part")):
        left = parts.get(at)
        if left is None:
            edits.append((words.document.start_with_space(element), element.end, b""))
        elif not left.untouched:
            edits += _moved(left, origin, size)
    return words.document.edited(words.element.start, words.element.end, edits)


def _moved(one: Object, origin: int, size: Size) -> Iterator[Edit]:
    """Return what is written anew of an object that has moved."""
    read, element, *_ = one.words
    box, turned_box, polygon, mark, truncated = map(
        element.child, ("bndbox", "robndbox", "polygon", "point", "truncated")
    )
    if box is not None and one.box is not None:
        yield from written_box(box, one.box, origin, size)
    if turned_box is not None and one.corners is not None:
        yield from rotated_edits(turned_box, one.corners)
    if polygon is not None:
        yield read.start_with_space(polygon), polygon.end, written_polygons(read, polygon, one.rings)
    if mark is not None and one.keypoints is not None and one.states is not None:
        if one.states[0]:
            yield from numbers_of(mark, "x", "y").edits((one.keypoints[0] + origin / 2).tolist())
        else:
            yield read.start_with_space(mark), mark.end, b""
    if truncated is not None and one.share < _TRUNCATED_BELOW and truncated.text != "1":
        yield truncated.inside, truncated.until, b"1"


def _about_image(read: Document, shown: Shown) -> Iterator[Edit]:
    """Return what is written anew of the image: its name and its size; a path leads to where it was made."""
    name = shown.path.rpartition("/")[2]
    for element in read.root.all("filename"):
        folder = element.text.rpartition("/")[0]
        is_path = folder and not folder.startswith("/") and ":" not in folder
        yield element.inside, element.until, as_text(f"{folder}/{name}" if is_path else name)
    for element in read.root.all("path"):
        yield read.start_with_space(element), element.end, b""
    given = {"width": shown.size.width, "height": shown.size.height}  # grey stays grey, and so does the depth
    for size in read.root.all("size"):
        for element in size.children:
            if (value := str(given.get(element.tag, element.text))) != element.text:
                yield element.inside, element.until, value.encode()


def _objects(read: Document, written: Mapping[tuple[int, int], bytes]) -> Iterator[Edit]:
    """Put objects where they were, and those of other images behind them."""
    root, own = read.root, read.root.all("object")
    for at, element in enumerate(own):
        text = written.get((0, at))
        start = element.start if text is not None else read.start_with_space(element)
        yield start, element.end, text or b""
    others = [text for (origin, _), text in written.items() if origin]
    if not others:
        return
    before = read.space_before((own or root.children)[0]) if root.children else b"\n\t"
    added = b"".join(before + text for text in others)
    if root.children:
        last = (own or root.children)[-1].end
        yield last, last, added
    elif root.end > root.until:
        yield root.inside, root.inside, added
    else:  # `<annotation/>`
        yield root.end - 2, root.end, b">" + added + b"\n</annotation>"


FORMAT = Voc()
