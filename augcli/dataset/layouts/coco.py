"""COCO: one JSON file about many images, in lists `images` and `annotations` that refer to each other by id.

The lists are never read whole: for each image the places of its record and of its annotations are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from array import array
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from augcli.dataset.large_json import LARGEST, Broken, LargeJson, element
from augcli.dataset.layouts.listed_images import Listed, Split, files_that_list, split_of, split_of_image
from augcli.dataset.layouts.tree import Tree, stem_of
from augcli.dataset.sources import Hints, LabelFile, Labelled, LabelSet, Source
from augcli.problems import Problem, Refused, Unusable, counted, named
from augcli.storage import files
from augcli.storage.names import byte_order

_LISTS = ("images", "annotations")
_IS_SURE = re.compile(r"(?:^(?:instances|person_keypoints|captions)_.*|.*\.coco)\.json$", re.IGNORECASE)
"""Names that nothing else has: such a file is refused where it cannot be read."""

_PLAIN = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)

NO_ID = "image records without an id or a file name"
NOT_LISTED = "images that no annotation file lists"
NO_RECORD = "annotations of images that are not listed"
PANOPTIC = "panoptic annotation files, which are not read yet"
PLACES = "annotation files with keys that are left out where objects move, as `face_kpts`"
NOT_MOVED = (
    *("face_box", "lefthand_box", "righthand_box", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts"),
    *("dp_masks", "dp_x", "dp_y", "dp_I", "dp_U", "dp_V"),
)
"""Keys of COCO-WholeBody and DensePose that say where something is, and would say it wrong behind a move."""
NOTHING_THERE = "annotation files none of whose images are there"


_PLACE = re.compile(f'"(?:{"|".join(NOT_MOVED)})"'.encode())


class Record(NamedTuple):
    """The record of an image: its id and file name, and where it stands."""

    id: str
    file_name: str
    offset: int
    length: int


@dataclass
class Index:
    """Where a file says what of which image, and all else that it says."""

    path: str
    images: list[Record] = field(default_factory=list)
    places: dict[str, array[int]] = field(default_factory=dict)
    """Offset and length of each annotation, one after the other, by the id of their image."""
    members: list[tuple[str, str | None]] = field(default_factory=list)
    """The keys of the file with the text of their values; of the two lists None."""
    unpaired: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Where annotations of no image stand, or which they give."""
    is_panoptic: bool = False
    has_places: bool = False
    """Some annotation has one of the keys `NOT_MOVED`."""
    has_keypoints: bool = False
    no_list: Broken | None = None

    @property
    def is_coco(self) -> bool:
        return {f'"{name}"' for name in _LISTS} <= {key for key, _ in self.members}

    def about(self) -> dict[str, Any]:
        """Return what a reader and a writer need besides what is said of single images."""
        text = next((text for key, text in self.members if json.loads(key, strict=False) == "categories"), None)
        about = {"members": [list(member) for member in self.members], "categories": _categories(text or "[]")}
        return {**about, "keypoints": True} if self.has_keypoints else about


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Find the annotation files of a tree and the images that they list.

    Raises `Refused` where a file that is COCO cannot be read, and where no image that is listed is there.
    """
    indexes = [index for path in _candidates(tree, hints) if (index := indexed(tree, path, hints)) is not None]
    found = [index for index in indexes if not index.is_panoptic]
    if not found:
        if indexes:
            what = f"{os.path.join(tree.root, indexes[0].path)}: panoptic annotations, which are not read yet"
            raise Refused(Problem(what, "give a folder with instances_*.json"))
        return None
    listed = Listed(tree, hints.images)
    unpaired: dict[str, list[str]] = {}
    files_of: dict[str, list[LabelFile]] = {}
    splits_of: dict[str, list[Split]] = {}
    sets = []
    for index in found:
        split = split_of(index.path)
        any_there = False
        for record in index.images:
            path, reason = listed.image(index.path, record.file_name, split)
            if not path:
                unpaired.setdefault(reason, []).append(record.file_name)
                continue
            any_there = True
            said = files_of.setdefault(path, [])
            again = sum(one.path == index.path for one in said)
            slot = f"{index.path}#{again + 1}" if again else index.path
            spans = array("Q", (record.offset, record.length)) + index.places.pop(record.id, array("Q"))
            said.append(LabelFile("coco", index.path, slot, spans.tobytes()))
            splits_of.setdefault(path, []).append(split)
        if any_there:
            sets.append(_label_set(index))
        else:
            unpaired.setdefault(NOTHING_THERE, []).append(index.path)
    if not files_of:
        raise _nothing_there(tree, found)
    unpaired |= {
        NO_ID: [path for index in found for path in index.unpaired],
        NO_RECORD: [one for index in found for one in index.lost],
        PANOPTIC: [index.path for index in indexes if index.is_panoptic],
        PLACES: [index.path for index in found if index.has_places],
        NOT_LISTED: [path for path in tree.images_below("") if path not in files_of],
    }
    sources = []
    for path, said in files_of.items():
        split = split_of_image(path.rpartition("/")[0], tuple(splits_of[path]))
        sources.append(Source(path, split.name, split.role or "train", "", tuple(said)))
    sources.sort(key=lambda source: byte_order(source.path))
    what = f"a COCO data set: {named([given.path for given in sets])} with {counted(len(sources), 'image')}"
    return Labelled("coco", what, sources, sets, {reason: paths for reason, paths in unpaired.items() if paths})


def _label_set(index: Index) -> LabelSet:
    about = index.about()
    digest = hashlib.sha256()
    for key, text in index.members:
        digest.update(f"{key}:{text}\n".encode())
    return LabelSet("coco", index.path, about, digest.hexdigest())


def _nothing_there(tree: Tree, found: list[Index]) -> Refused:
    index = next((index for index in found if index.images), found[0])
    path = os.path.join(tree.root, index.path)
    if not index.images:
        return Refused(Problem(f"{path}: lists no images", "give the folder of a file that does"))
    what = f"{path}: lists images such as `{index.images[0].file_name}`, and none of them is there"
    return Refused(Problem(what, "set `labels: {images: FOLDER}` to the folder of IN that they are in"))


def _candidates(tree: Tree, hints: Hints) -> list[str]:
    """Return the JSON files that are no labels of a single image, whose name they would have."""
    found = files_that_list(tree, hints, (".json",))
    return [path for path in found if path == hints.annotations or stem_of(path) not in tree.by_stem]


def indexed(tree: Tree, path: str, hints: Hints) -> Index | None:
    """Index a file; None where it is no COCO. Raises `Refused` where it is, but cannot be read."""
    index = Index(path)
    full = os.path.join(tree.root, path)
    try:
        with files.regular(full) as file:
            text: LargeJson | None = None
            try:
                text = LargeJson(file)
                _read(text, index)
            except Broken as broken:
                if (
                    any(key[1:-1] in _LISTS for key, _ in index.members)
                    or _IS_SURE.match(path.rpartition("/")[2])
                    or path == hints.annotations
                ):
                    where = f"{full}:{broken.place or text.place}" if text is not None else full
                    raise Refused(Problem(f"{where}: {broken.what}", broken.help)) from None
                return None
    except (Unusable, OSError) as error:
        why = str(error) if isinstance(error, Unusable) else str(files.unread(error))
        raise Refused(Problem(f"{full}: {why}", "change its permissions")) from None
    if index.is_coco:
        return index
    if path == hints.annotations or _IS_SURE.match(path.rpartition("/")[2]):
        raise Refused(Problem(f"{full}: no COCO: it has no lists `images` and `annotations`", "give another file"))
    return None


def _read(text: LargeJson, index: Index) -> None:
    if text.ahead() != b"{":
        raise Broken("not a JSON object", "give a COCO file, or move it out of IN")
    text.expect(b"{")
    size = 0
    while not text.takes(b"}"):
        if index.members:
            text.expect(b",")
        if text.ahead() != b'"':
            raise text.unexpected("a key")
        key = text.value().decode()
        text.expect(b":")
        if key[1:-1] in _LISTS:
            if any(key == known for known, _ in index.members):
                raise Broken(f"{_said(key)} stands twice", "leave one of them")
            index.members.append((key, None))
            if text.ahead() != b"[":
                index.no_list = index.no_list or Broken(f"{_said(key)} is not a list", "make it one", text.place)
                text.value()
                continue
            _images(text, index) if key == '"images"' else _annotations(text, index)
            continue
        value = text.value()
        size += len(value)
        if size > LARGEST:
            raise Broken(f"more than {LARGEST >> 20} MB besides images and annotations", f"take out {_said(key)}")
        index.members.append((key, value.decode()))
    if text.ahead():
        raise Broken("more text behind the end of the object", "take it out of the file")
    if index.no_list and index.is_coco:
        raise index.no_list
    _rename(index)


def _said(key: str) -> str:
    return f"`{key[1:-1]}`"


def _images(text: LargeJson, index: Index) -> None:
    ids: dict[str, str] = {}
    for offset, raw, _ in text.elements(element()):
        record = _record(offset, raw)
        if record is None:
            index.unpaired.append(f"{index.path}: byte {offset}")
            continue
        known = ids.setdefault(record.id, record.file_name)
        if known is not record.file_name:
            if known == record.file_name:
                continue  # the same record again
            what = f"two images have the id {record.id}: `{known}` and `{record.file_name}`"
            raise Broken(what, "give each image an id of its own, and its annotations that")
        index.images.append(record)


def _record(offset: int, raw: bytes) -> Record | None:
    try:
        said = _PLAIN.decode(raw.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    id, name = said.get("id"), said.get("file_name")
    if not isinstance(id, str) or not isinstance(name, str) or not name:
        return None
    return Record(_plain_id(id), name, offset, len(raw))


def _annotations(text: LargeJson, index: Index) -> None:
    by_token: dict[bytes, array[int]] = {}
    for offset, raw, token in text.elements(element(b"image_id")):
        places = by_token.get(token)
        if places is None:
            id = _image_id(token, raw)
            if id is None:
                index.lost.append(f"{index.path}: byte {offset}")
                continue
            places = index.places.setdefault(id, array("Q"))
            if token:
                by_token[token] = places
                index.is_panoptic = index.is_panoptic or b'"segments_info"' in raw
                index.has_places = index.has_places or _PLACE.search(raw) is not None
        index.has_keypoints = index.has_keypoints or b'"keypoints"' in raw
        places.append(offset)
        places.append(len(raw))


def _image_id(token: bytes, raw: bytes) -> str | None:
    """Return to which image an annotation belongs, from what is written as its image_id, if that was found."""
    try:
        id = _PLAIN.decode((token or raw).decode())
    except (ValueError, RecursionError):
        return None
    if not token:
        id = id.get("image_id") if isinstance(id, dict) else None
    return _plain_id(id) if isinstance(id, str) else None


def _plain_id(id: str) -> str:
    """Return an id as others may write the same: 1 for `1.0`."""
    return id[:-2] if id.endswith(".0") else id


def _rename(index: Index) -> None:
    """Note the annotations of images that are not listed."""
    listed = {record.id for record in index.images}
    for id in [id for id in index.places if id not in listed]:
        index.lost += [f"{index.path}: image_id {id}"] * (len(index.places.pop(id)) // 2)


def _categories(text: str) -> dict[str, Any]:
    """Return name and keypoints of each category by its id."""
    try:
        said = _PLAIN.decode(text)
    except (ValueError, RecursionError):
        said = []
    found: dict[str, Any] = {}
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            points = one.get("keypoints")
            names = [str(name) for name in points] if isinstance(points, list) else []
            found[_plain_id(one["id"])] = {"name": str(one.get("name", one["id"])), "keypoints": names}
    return found
