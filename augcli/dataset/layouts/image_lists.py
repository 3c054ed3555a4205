"""Lists of images, a line for each: which image a line is about, where it stands, and what kind of line it is.

`labels.formats.lists` says which kinds there are, and writes them.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from augcli.dataset.layouts.image_names import Named
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import split_in
from augcli.dataset.sources import LabelFile, LabelSet, packed
from augcli.problems import Unusable
from augcli.storage import files
from augcli.storage.hashes import sha256

_BOM = b"\xef\xbb\xbf"
_CLASS = re.compile(r"\s+(-1|0|1)$")
_FEW = 20
_LONGEST_TEXT = 1 << 20
_CLASS_NAMES = frozenset(("class_names.txt", "classes.txt", "labels.txt", "label_map.pbtxt", "labelmap.txt"))


class ListOfImages(NamedTuple):
    """A list: the places of each image's lines, and the lines that name none.

    A place is empty where the line is made from the image's name, and needs no more than to be there.
    """

    set: LabelSet
    places: dict[str, list[tuple[int, int]]]
    missing: list[str]

    def file(self, image: str) -> LabelFile:
        """Return what it says of an image that it names."""
        return _file(self.set.path, packed(self.places[image]))


@lru_cache(maxsize=256)
def _file(path: str, spans: bytes) -> LabelFile:
    """Return a label file, one for all images with the same places: VOC has forty lists of each image."""
    return LabelFile("lists", path, path, spans)


def set_of(format: str, path: str, about: dict[str, Any]) -> LabelSet:
    """Return a LabelSet whose digest is that of its `about`."""
    text = json.dumps(about, sort_keys=True, ensure_ascii=True)
    return LabelSet(format, path, about, sha256(text.encode()))


def kept_text(tree: Tree, path: str) -> LabelSet | None:
    """Return a file that goes along as it is, such as the names of the classes; None where it is large or no text."""
    data = tree.start(path, _LONGEST_TEXT + 1)
    try:
        return set_of("lists", path, {"text": data.decode()}) if len(data) <= _LONGEST_TEXT else None
    except UnicodeDecodeError:
        return None


def class_names(tree: Tree) -> list[LabelSet]:
    """Return the files that have the names of the classes, which go along as they are."""
    found = [
        kept_text(tree, join(folder, name))
        for folder, inside in sorted(tree.folders.items())
        for name in inside.others
        if name.lower() in _CLASS_NAMES
    ]
    return [one for one in found if one is not None]


def list_of_images(tree: Tree, path: str, named: Named, line: str | None = None) -> ListOfImages | None:
    """Read a list; None where fewer than half of its first lines name an image.

    `line` is the kind of its lines where that is known (see `labels.formats.lists`), else what they look like.
    """
    data = _bytes(tree, path)
    found = [(at, text) for at, text in _lines(data) if text]
    kinds = [kind for _, text in found[:_FEW] if (kind := _kind(path, text, named))]
    if len(kinds) * 2 < min(len(found), _FEW) or not kinds:
        return None
    line = line or max(set(kinds), key=kinds.count)
    about = {**_ends(data), "line": line}
    if line == "class":
        about["class"] = _class_of(path)
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    missing = []
    is_whole, is_made = line in ("stem", "path", "relative"), line in ("class", "relative")
    for at, text in found:
        image = named(text if is_whole else text.split()[0])
        if image is None:
            missing.append(text)
        elif is_made or (line == "stem" and text == stem_of(image)):
            places[image].append((0, 0))
        else:
            places[image].append((at, len(os.fsencode(text))))
    return ListOfImages(set_of("lists", path, about), dict(places), missing)


def list_of_pairs(tree: Tree, path: str, named: Named, behind: Callable[[str], int]) -> ListOfImages | None:
    """Read a list of images and masks; None where fewer than half of its first lines name both.

    `behind` returns how many characters of the path of an image or a mask follow its core.
    """
    data = _bytes(tree, path)
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    missing = []
    for number, (at, text) in enumerate(item for item in _lines(data) if item[1]):
        words = re.split(r"[\s,;]+", text)
        pair = [named(word) for word in words[:2]]
        if len(pair) < 2 or pair[0] is None or pair[1] is None:
            missing.append(text)
            if number < _FEW and len(missing) > _FEW // 2:
                return None
            continue
        first = text.index(words[1], len(words[0]))
        cuts = [0, len(words[0]) - behind(pair[0]), first + len(words[1]) - behind(pair[1]), len(text)]
        ends = [at + len(os.fsencode(text[:cut])) for cut in cuts]
        places[pair[0]] += [(start, end - start) for start, end in pairwise(ends)]
    if len(missing) > sum(map(len, places.values())) // 3:
        return None
    return ListOfImages(set_of("lists", path, {**_ends(data), "line": "pair"}), dict(places), missing)


def _bytes(tree: Tree, path: str) -> bytes:
    try:
        return files.read(os.path.join(tree.root, path))
    except Unusable:
        return b""


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Return the lines without white space around them, each with its offset."""
    at = len(_BOM) if data.startswith(_BOM) else 0
    for line in data[at:].splitlines(keepends=True):
        text = line.strip()
        yield at + len(line) - len(line.lstrip()), os.fsdecode(text)
        at += len(line)


def _ends(data: bytes) -> dict[str, Any]:
    newline = "\r\n" if b"\r\n" in data else "\n"
    head = {"head": "\ufeff"} if data.startswith(_BOM) else {}
    return {"newline": newline, "ends": data.endswith(b"\n"), **head}


def _kind(path: str, text: str, named: Named) -> str | None:
    """Tell what a line is; None where it names no image."""
    image = named(text)
    if image is not None:
        said = re.split(r"[/\\]", text)[-1]
        return "path" if said == image.rpartition("/")[2] else "stem"
    if len(words := text.split()) < 2 or named(words[0]) is None:
        return None
    return "class" if _CLASS.search(text) and len(words) == 2 and _class_of(path) else "object"


def _class_of(path: str) -> str:
    """Return the class in the name of a list, `cat` of `cat_train.txt`; empty where it is a list of all."""
    name, _, split = stem_of(path).rpartition("_")
    return name if split_in(split) else ""
