"""YOLO data sets: images whose labels stand in a text file each, found as ultralytics and Darknet find them.

The last `/images/` of an image's path becomes `/labels/` and its suffix `.txt`; without such a folder the text file
lies beside the image. Splits are those of a `data.yaml` as far as it names folders of IN, then those of Darknet's
`*.data` file and of lists, then what the names of the folders say.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from collections.abc import Container, Iterable, Iterator
from functools import cache
from itertools import takewhile
from typing import NamedTuple

from augcli.dataset.layouts import yolo_rows
from augcli.dataset.layouts.data_yaml import ROLE_OF_KEY, Description, descriptions
from augcli.dataset.layouts.image_lists import ListOfImages, kept_text, list_of_images, set_of
from augcli.dataset.layouts.image_names import Named
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import SURE_IMAGES, role_of, split_in, words
from augcli.dataset.sources import Hints, LabelFile, Labelled, LabelSet, Source
from augcli.problems import Problem, Refused
from augcli.storage import places

_NAMES = frozenset(("classes.txt", "obj.names", "class_names.txt", "predefined_classes.txt"))
_ASIDE = re.compile(r"(?:readme|licen[cs]e|notes|changelog)\b.*|.*\.cache", re.IGNORECASE)
_DATA = re.compile(r"^\s*(train|valid|val|test|names)\s*=\s*(\S.*?)\s*$", re.MULTILINE)
_MOST_LISTS = 40

_NO_FILE = "images without a label file, taken for background"
_LINKED = "images whose label file is behind a link (not followed; add --follow-links), taken for background"
_NOT_REGULAR = "images whose label file is not a regular file, taken for background"


class _Split(NamedTuple):
    name: str
    role: str


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Pair images and text files, and read what is said of all of them.

    Raises `Refused` where IN has no label where one is looked for, or a `data.yaml` that cannot be read.
    """
    described = descriptions(tree)
    texts = {join(folder, name) for folder, inside in tree.folders.items() for name in inside.others}
    place_of = {path: _place(path, hints, texts) for path in tree.images_below(hints.images)}
    labelled = sorted(texts.intersection(place_of.values()))
    if not labelled:
        if not (described or hints.annotations) or not place_of:
            return None
        image, place = next(iter(place_of.items()))
        if links := [place for place in place_of.values() if _why(tree, place) == _LINKED]:
            what = f"{tree.root}: the label files are links, which are not followed: `{links[0]}`"
            raise Refused(Problem(what, "add --follow-links"))
        what = f"{tree.root}: no image has a label file; that of `{image}` would be `{place}`"
        raise Refused(Problem(what, "move the label files there, or set `labels: {annotations: FOLDER}` in the spec"))
    lists = [*_lists(tree, described, set(labelled))]
    splits = _splits(tree, described, lists, place_of)
    homes = {os.path.dirname(path) for path, place in place_of.items() if place in texts}
    sources, aside = [], []
    bare: dict[str, list[str]] = {_NO_FILE: [], _LINKED: [], _NOT_REGULAR: []}
    for path, place in place_of.items():
        split, is_missing = splits.get(path), place not in texts
        if is_missing and split is None and os.path.dirname(path) not in homes:
            aside.append(path)
            continue
        if is_missing:
            bare[_why(tree, place)].append(path)
        name, role = split or ("", "train")
        label = LabelFile("yolo", place, is_missing=is_missing)
        sources.append(Source(path, name, role, "", (label, *(one.file(path) for one in lists if path in one.places))))
    about = {**(described[0].about if described else {}), **yolo_rows.told(tree, labelled, described)}
    names = [path for path in sorted(texts) if path.rpartition("/")[2] in _NAMES or path.endswith((".names", ".data"))]
    if "names" not in about and (found := _names(tree, names)):
        about["names"] = found
    carried = [kept for path in names if (kept := kept_text(tree, path))]
    yamls = [_yaml(one, sources) for one in described]
    without = "" if described else ", without a `data.yaml`"
    unpaired = {
        **bare,
        "images in no split and without a label file, left out": aside,
        "label files without an image": [*_lonely(texts, set(labelled), {one.path for one in carried}, lists)],
        "lines of lists that name no image": [line for one in lists for line in one.missing],
    }
    return Labelled(
        "yolo",
        f"a YOLO data set ({about['task']}){without}",
        sources,
        [set_of("yolo", "", about), *yamls, *(one.set for one in lists), *carried],
        {reason: paths for reason, paths in unpaired.items() if paths},
        {path for path in texts if _ASIDE.fullmatch(path.rpartition("/")[2])},
    )


def _why(tree: Tree, place: str) -> str:
    """Return why nothing is read from where a label file would be."""
    full = os.path.join(tree.root, place)
    try:
        found = places.status(full, follow=False)
        leads = places.status(full)
    except (OSError, ValueError):
        return _NO_FILE
    if found is None:
        return _NO_FILE
    if stat.S_ISREG(found.st_mode):  # in a folder that is a link, or of another case
        return _NO_FILE if os.path.dirname(place) in tree.folders else _LINKED
    return _LINKED if stat.S_ISLNK(found.st_mode) and leads and not stat.S_ISFIFO(leads.st_mode) else _NOT_REGULAR


def _place(path: str, hints: Hints, texts: Container[str]) -> str:
    """Return where the label file of an image is or would be.

    In a folder that the spec names it has the image's path, or that path without the folder `images`.
    """
    stem = os.path.splitext(path)[0]
    if hints.annotations:
        below = stem[len(hints.images) :].lstrip("/")
        around, images, rest = f"/{below}".rpartition("/images/")
        short = join(hints.annotations, f"{around}/{rest}".lstrip("/")) + ".txt"
        place = join(hints.annotations, below) + ".txt"
        return short if images and place not in texts else place
    for images in ("/images/", "/JPEGImages/"):  # Darknet's own scripts make the second
        around, _, rest = f"/{stem}".rpartition(images)
        if f"{around}{images}{rest}" == f"/{stem}":
            return f"{around}/labels/{rest}.txt"[1:]
    return f"{stem}.txt"


def _named(tree: Tree, here: str) -> Named:
    """Return what tells which image a line of a list in a folder names: as it stands there, or by most of its path."""

    def named(line: str) -> str | None:
        parts = [part for part in line.strip().replace("\\", "/").split("/") if part not in ("", ".", "..")]
        paths = tree.by_name.get(parts[-1], []) if parts else []
        near = posixpath.normpath(join(here, line.strip()))
        if near in paths or len(paths) < 2:
            return near if near in paths else next(iter(paths), None)

        def alike(path: str) -> int:
            ends = zip(reversed(path.split("/")), reversed(parts), strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))

        best = max(paths, key=alike)
        return None if sum(alike(path) == alike(best) for path in paths) > 1 else best

    return named


def _lists(tree: Tree, described: Iterable[Description], labels: set[str]) -> Iterator[ListOfImages]:
    """Return the lists of images: those that a `data.yaml` names, and those whose names are of splits."""
    told = {place for one in described for places in one.splits.values() for place in places}
    left = _MOST_LISTS
    for folder, inside in tree.folders.items():
        for name in inside.others:
            path = join(folder, name)
            if path in labels or not name.lower().endswith(".txt") or not left:
                continue
            if path not in told and split_in(stem_of(path)) is None:
                continue
            left -= 1
            first = next(iter(tree.head(path).split("\n", 1))).strip()
            # Ultralytics takes a bare path for one of the folder in which it is started, Darknet any.
            is_fixed = first.startswith("/") or (path in told and not first.startswith("./"))
            found = list_of_images(tree, path, _named(tree, folder), "relative" if is_fixed else None)
            if found is not None and found.places:
                yield found


def _splits(
    tree: Tree, described: Iterable[Description], lists: Iterable[ListOfImages], images: Iterable[str]
) -> dict[str, _Split]:
    """Return the splits of images; an image of two is in the one of which more depends: train, then val."""
    by_path = {one.set.path: one for one in lists}
    told: list[tuple[str, str]] = []  # role, folder or list
    for one in described:
        told += [(ROLE_OF_KEY[key], place) for key, places in one.splits.items() for place in places]
    if not told:
        told = [*_of_darknet(tree, by_path)] or [(role_of(stem_of(path)), path) for path in by_path]
    order = ("train", "val", "test")
    splits: dict[str, _Split] = {}
    for role, place in sorted(told, key=lambda pair: order.index(pair[0])):
        below = by_path[place].places if place in by_path else _images_of(tree, place)
        for path in below:
            splits.setdefault(path, _Split(_split_name(place, role, told), role))
    by_folder = cache(_of_folder)
    for path in images:
        if path not in splits and (split := by_folder(path.rpartition("/")[0])):
            splits[path] = split
    return splits


def _of_folder(folder: str) -> _Split | None:
    name = _telling(folder.split("/"))
    return _Split(name, role_of(name)) if name else None


def _images_of(tree: Tree, place: str) -> Iterable[str]:
    return tree.images_below(place) if place in tree.folders else ()


def _of_darknet(tree: Tree, lists: dict[str, ListOfImages]) -> Iterator[tuple[str, str]]:
    for folder, inside in tree.folders.items():
        for name in inside.others if folder.count("/") < 2 else ():
            for key, value in _DATA.findall(tree.head(join(folder, name))) if name.endswith(".data") else ():
                found = [path for path in lists if stem_of(path) == stem_of(value)]
                if key != "names" and found:
                    yield role_of(key), found[0]


def _telling(parts: Iterable[str]) -> str:
    """Return the first of some folders that is called by a split."""
    return next((part for part in parts if split_in(part)), "")


def _split_name(place: str, role: str, told: Iterable[tuple[str, str]]) -> str:
    if place.endswith(".txt"):
        return stem_of(place)
    parts = place.split("/") if place else []
    of_its_own = [part for part in parts if not SURE_IMAGES & set(words(part))]
    name = _telling(parts) or (of_its_own[-1] if of_its_own else "")
    return name or (role if len({one for one, _ in told}) > 1 else "")


def _yaml(one: Description, sources: list[Source]) -> LabelSet:
    """Return a `data.yaml` with the places of its splits in OUT, which has what ultralytics asks for: train and val."""
    here = one.path.rpartition("/")[0]
    splits = {key: list(places) for key, places in one.splits.items()}
    for key in ("train", "val"):
        if key not in splits and not (key == "val" and "validation" in splits):
            splits[key] = _folders(sources, key) or splits.get("train", [])
    near = {key: [posixpath.relpath(place or ".", here or ".") for place in at] for key, at in splits.items() if at}
    return set_of("yolo_yaml", one.path, {"text": one.text, "splits": near})


def _folders(sources: list[Source], role: str) -> list[str]:
    """Return folders that have all images of a role and no others, as few as can be."""
    homes = {source.path.rpartition("/")[0] for source in sources if source.role == role}
    others = {source.path.rpartition("/")[0] for source in sources if source.role != role}
    if not homes:
        return []
    around = os.path.commonpath(homes) if "" not in homes else ""
    apart = not any(f"{other}/".startswith(f"{around}/" if around else "") for other in others)
    return [around] if apart else sorted(homes)


def _names(tree: Tree, paths: Iterable[str]) -> dict[str, str]:
    """Return the names of the classes from a file with a line for each."""
    for path in paths:
        lines = [] if path.endswith(".data") else tree.head(path, 1 << 16).splitlines()
        if lines:
            return {str(number): line.strip() for number, line in enumerate(lines) if line.strip()}
    return {}


def _lonely(texts: set[str], paired: set[str], carried: set[str], lists: Iterable[ListOfImages]) -> Iterator[str]:
    """Return the text files that lie among label files and belong to no image."""
    homes = {os.path.dirname(path) for path in paired}
    known = paired | carried | {one.set.path for one in lists}
    for path in sorted(texts - known):
        folder, _, name = path.rpartition("/")
        if name.endswith(".txt") and folder in homes and not _ASIDE.fullmatch(name):
            yield path
