"""COCO: boxes, polygons, run-length masks, keypoints and captions as objects of JSON.

A keypoint is the index of a pixel, whose centre we have half a pixel further; boxes and polygons are continuous. Text
that has not changed is written as it was read. Where categories are listed, an annotation of another one is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from augcli.dataset.layouts.coco import NOT_MOVED
from augcli.dataset.sources import LabelSet
from augcli.image.arrays import Points, Size
from augcli.image.matrices import Bounds
from augcli.labels import rle, upright
from augcli.labels.annotation import Annotation, Bitmap, Object
from augcli.labels.formats import Shown
from augcli.labels.formats.coco_numbers import area, box_text, is_number, keypoints_text
from augcli.labels.json_text import Value, members, numbers, quoted, rounded, written
from augcli.labels.listed_path import listed_path
from augcli.labels.sides import pairs_of, tell_nothing
from augcli.output.joining import Record, Section, Template, number
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_IMAGES, _ANNOTATIONS = 0, 1
_ABSENT = Value(None, "null")

NO_JSON = "no valid JSON"
BAD_SHAPE = "bad shape, box kept"
BAD_KEYPOINTS = "bad keypoints, rest kept"
OTHER_KEYPOINTS = "another number of keypoints than its category names"
UNKNOWN_CLASS = "unknown class"
BAD_BOX = "bad box"
NO_BOX = "no box"
CHANGED = "has changed since it was listed"
ZERO_SIZE = "zero size"
OUTSIDE = "outside the image"


class Words(NamedTuple):
    """The text of an annotation, by the text of its keys, and how its shape is written."""

    texts: dict[str, str]
    is_packed: bool = False
    """Its run-length code is text instead of a list."""
    has_bad_shape: bool = False
    has_parts: bool = True
    """Its polygons stand in a list of lists of six numbers or more, as they should."""


class _Coco:
    def class_names(self, about: Mapping[str, Any]) -> list[str]:
        """Return the names of all categories, in their order."""
        return [name for one in about["categories"].values() if (name := one.get("name"))]

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        image = _image(said)
        _check_name(image, shown.path)
        stated = Size(_whole(image.get('"width"')), _whole(image.get('"height"')))
        is_stored = upright.is_of_stored(stated, shown.size, shown.orientation)
        size = stated if is_stored else shown.size
        dropped: Counter[str] = Counter()
        doubts = upright.doubts_about(stated if min(stated) > 0 else None, shown.size, shown.orientation)
        objects = []
        for text in said[1:]:
            try:
                parts = members(text.decode())
            except ValueError:
                dropped[NO_JSON] += 1
                continue
            _check_id(image, parts)
            one = _object(parts, about, size, settings, dropped)
            if one is not None:
                objects.append(one)
                if one.words.has_bad_shape:
                    doubts[BAD_SHAPE] = 1
                if one.keypoints is None and parts.get('"keypoints"', _ABSENT).value:
                    doubts[BAD_KEYPOINTS] = 1
                names = about["categories"].get(_category(parts), {}).get("keypoints")
                if names and one.states is not None and len(one.states) != len(names):
                    doubts[OTHER_KEYPOINTS] = 1
        annotation = Annotation(size, tuple(objects), dropped=dropped, doubts=doubts)
        return upright.turned(annotation, shown.orientation) if is_stored else annotation

    def records(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> Record:
        image = _image(said)
        texts = _named(image, shown.path)
        for key, length in ('"width"', shown.size.width), ('"height"', shown.size.height):
            if _whole(image.get(key)) != length:
                texts[key] = str(length)
        return (written(texts),), tuple(_written(one, shown.size) for one in annotation.objects)

    def copied(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, source: str) -> Record:
        image = _image(said)
        _check_name(image, source)
        stated = Size(_whole(image.get('"width"')), _whole(image.get('"height"')))
        size = stated if min(stated) > 0 else shown.size
        lines = []
        for text in said[1:]:
            try:
                parts = members(text.decode())
            except ValueError:
                continue  # it has no place for a number
            _check_id(image, parts)
            dropped: Counter[str] = Counter()
            one = _object(parts, about, size, Labels(), dropped)
            if UNKNOWN_CLASS in dropped:
                continue  # the shared file would be broken for all images, not for this one
            if one is not None and not one.words.has_bad_shape:
                lines.append(_written(one, size))  # as it was, or as loaders need it: an area, a list of lists
                continue
            texts = {key: value.text for key, value in parts.items()}
            lines.append(written(texts | {'"id"': number(_ANNOTATIONS), '"image_id"': number(_IMAGES)}))
        return (written(_named(image, shown.path)),), tuple(lines)

    def unknown_pairs(self, about: Mapping[str, Any]) -> list[str]:
        """Return the categories of whose keypoints nothing tells which are left and right of each other."""
        categories = about["categories"].values() if about.get("keypoints") else ()
        named = [known for known in categories if known["keypoints"]] or categories
        return [known["name"] for known in named if tell_nothing(known["keypoints"])]

    def template(self, given: LabelSet) -> Template:
        pieces = [["{"]]
        names = iter(("images", "annotations"))
        for at, (key, text) in enumerate(given.about["members"]):
            pieces[-1].append(", " if at else "")
            if text is not None:
                pieces[-1].append(f"{key}: {text}")
            else:
                pieces[-1].append(f'"{next(names)}": [\n')
                pieces.append(["\n]"])
        pieces[-1].append("}\n")
        head, *rest = map("".join, pieces)
        return Template(given.path, head, tuple(Section(",\n", after) for after in rest), given.digest)


FORMAT = _Coco()


def _image(said: Sequence[bytes]) -> dict[str, Value]:
    try:
        image = members(said[0].decode())
    except ValueError:
        image = {}
    if not isinstance(image.get('"file_name"', _ABSENT).value, str):
        raise Unusable("its record in the annotation file is no valid JSON")
    return image


def _check_name(image: Mapping[str, Value], path: str) -> None:
    """Raise `Unusable` where a record is not of the image it was found for."""
    name = image['"file_name"'].value.replace("\\", "/").rpartition("/")[2]
    if name != path.rpartition("/")[2]:
        raise Unusable(CHANGED)


def _check_id(image: Mapping[str, Value], parts: Mapping[str, Value]) -> None:
    """Raise `Unusable` where an annotation is of another image than the record."""
    own, other = (_id(found) if found else "" for found in (image.get('"id"'), parts.get('"image_id"')))
    if own and other and own != other:
        raise Unusable(CHANGED)


def _id(said: Value) -> str:
    return (said.value if isinstance(said.value, str) else said.text).removesuffix(".0")


def _category(parts: Mapping[str, Value]) -> str:
    return _id(parts.get('"category_id"', _ABSENT))


def _named(image: Mapping[str, Value], path: str) -> dict[str, str]:
    """Return the texts of a record for an image of OUT."""
    texts = {key: value.text for key, value in image.items()}
    texts['"id"'] = number(_IMAGES)
    listed = image['"file_name"'].value
    if (given := listed_path(listed, path)) != listed:
        texts['"file_name"'] = quoted(given)
    return texts


def _whole(said: Value | None) -> int:
    """Return a whole number; -1 where something else is said, or nothing."""
    value = said.value if said else None
    return int(value) if type(value) is float and value.is_integer() else -1


def _object(
    parts: Mapping[str, Value], about: Mapping[str, Any], size: Size, settings: Labels, dropped: Counter[str]
) -> Object | None:
    """Return an annotation as an object; None if it is dropped."""
    category = _category(parts)
    known = about["categories"].get(category, {})
    is_caption = '"caption"' in parts
    if about["categories"] and not known and not (is_caption and '"category_id"' not in parts):
        dropped[UNKNOWN_CLASS] += 1
        return None
    name = known.get("name") or ("caption" if is_caption else category)
    words = Words({key: value.text for key, value in parts.items()})
    shape, bitmap, words = _shape(parts.get('"segmentation"', _ABSENT).value, size, words)
    keypoints, states = _keypoints(parts.get('"keypoints"', _ABSENT).value)
    stated = parts.get('"bbox"', _ABSENT).value
    box, why = _box(stated, size) if stated not in (None, []) else (None, "")
    if '"bbox"' in parts and stated in (None, []) and keypoints is None:  # without the key it is of the whole image
        why = NO_BOX
    if box is None and (shape or bitmap):
        box, why = _around(shape, bitmap, size)
    if why and (shape or bitmap or keypoints is None or not states.any()):
        dropped[why] += 1
        return None
    others = [one["keypoints"] for one in about["categories"].values()] if settings.flip_pairs else ()
    return Object(
        name,
        box=box,
        rings=shape,
        bitmap=bitmap,
        keypoints=keypoints,
        states=states if keypoints is not None else None,
        pairs=pairs_of(known.get("keypoints", ()), len(states), settings.flip_pairs, others)
        if keypoints is not None
        else (),
        stays=parts.get('"iscrowd"', _ABSENT).value in (1, "1"),
        words=words,
    )


def _box(value: Any, size: Size) -> tuple[Bounds | None, str]:
    """Return a box as far as it lies on the picture, or why there is none."""
    found = numbers(value)
    if found is None or len(found) != 4:
        return None, BAD_BOX
    x, y, width, height = found
    return _clipped((x, y, x + width, y + height), size) if width > 0 and height > 0 else (None, ZERO_SIZE)


def _clipped(box: Bounds, size: Size) -> tuple[Bounds | None, str]:
    left, top, right, bottom = box
    left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, size.width), min(bottom, size.height)
    return ((left, top, right, bottom), "") if left < right and top < bottom else (None, OUTSIDE)


def _around(rings: Sequence[Points], bitmap: Bitmap | None, size: Size) -> tuple[Bounds | None, str]:
    if bitmap is not None:
        height, width = bitmap.pixels.shape
        return (bitmap.left, bitmap.top, bitmap.left + width, bitmap.top + height), ""
    points = np.concatenate(rings)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return _clipped((left, top, right, bottom), size) if left < right and top < bottom else (None, ZERO_SIZE)


def _shape(value: Any, size: Size, words: Words) -> tuple[tuple[Points, ...], Bitmap | None, Words]:
    """Return the outlines or the pixels of a segmentation, and its words with how it is written."""
    if value in (None, [], [[]]):
        return (), None, words
    if isinstance(value, dict):
        counts = value.get("counts")
        stated = numbers(value.get("size"))
        codes: rle.Counts | None = None
        if isinstance(counts, str):
            codes = rle.unpacked(counts)
        elif (runs := numbers(counts)) is not None and all(run.is_integer() and run < 2**53 for run in runs):
            codes = np.array(runs, np.int64)
        is_of_picture = stated == [size.height, size.width]
        bitmap = rle.bitmap_of(codes, size) if codes is not None and is_of_picture else None
        return (), bitmap, words._replace(is_packed=isinstance(counts, str), has_bad_shape=bitmap is None)
    parts = value if isinstance(value, list) and isinstance(value[0], list) else [value]
    rings = [found for part in parts if (found := numbers(part)) and len(found) >= 6 and len(found) % 2 == 0]
    words = words._replace(has_bad_shape=not rings, has_parts=len(rings) == len(parts) and parts is value)
    return tuple(np.array(ring).reshape(-1, 2) for ring in rings), None, words


def _keypoints(value: Any) -> tuple[Points | None, np.ndarray[Any, np.dtype[np.int8]]]:
    found = numbers(value)
    if not found or len(found) % 3:
        return None, np.zeros(0, np.int8)
    table = np.array(found).reshape(-1, 3)
    return table[:, :2] + 0.5, np.ceil(np.clip(table[:, 2], 0, 2)).astype(np.int8)  # some write how sure they are


def _written(one: Object, size: Size) -> str:
    """Return the line of an object. What nobody moved keeps its text, unless no loader could read it."""
    words: Words = one.words
    texts = dict(words.texts)
    texts['"id"'] = number(_ANNOTATIONS)
    texts['"image_id"'] = number(_IMAGES)
    if not one.untouched:
        for key in NOT_MOVED:
            texts.pop(f'"{key}"', None)
        if one.box is not None:
            texts['"bbox"'] = box_text(one.box)
        if one.keypoints is not None and one.states is not None:
            texts['"keypoints"'] = keypoints_text(one.keypoints, one.states)
            texts['"num_keypoints"'] = str(int(np.count_nonzero(one.states)))
        elif texts.pop('"keypoints"', None):
            texts.pop('"num_keypoints"', None)
    if words.has_bad_shape:
        texts['"segmentation"'] = "[]"
    elif one.rings and not (one.untouched and words.has_parts):
        texts['"segmentation"'] = "[" + ", ".join([rounded(ring.ravel(), 2) for ring in one.rings]) + "]"
    elif one.bitmap is not None and not one.untouched:
        counts = rle.counts_of(one.bitmap, size)
        said = quoted(rle.packed(counts)) if words.is_packed else str(counts.tolist())
        texts['"segmentation"'] = f'{{"counts": {said}, "size": [{size.height}, {size.width}]}}'
    if one.box is None:
        return written(texts)
    if one.keypoints is not None and one.states is not None:
        texts.setdefault('"num_keypoints"', str(int(np.count_nonzero(one.states))))
    if not one.untouched or not is_number(texts.get('"area"', "null")):
        texts['"area"'] = str(round(area(one), 4))
    if texts.get('"iscrowd"') not in ("0", "1"):
        texts['"iscrowd"'] = str(int(one.stays))
    return written(texts)
