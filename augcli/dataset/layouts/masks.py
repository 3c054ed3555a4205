"""Data sets whose labels are images of the same size: classes, instances, depth, mattes, one or several for each image.

Pairs are found by what names share. Names of folders tell which side is which; where none does, the pixels must.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from augcli.dataset.layouts.image_names import lies_in
from augcli.dataset.layouts.mask_lists import with_lists
from augcli.dataset.layouts.mask_names import Name, Place, kind_of, name_of, place_of, split_of
from augcli.dataset.layouts.mask_values import label_set, spread
from augcli.dataset.layouts.pairs import sides_by_content
from augcli.dataset.layouts.tree import Tree, join
from augcli.dataset.layouts.words import split_in
from augcli.dataset.sources import Hints, LabelFile, Labelled, Source
from augcli.problems import Problem, Refused

_MOST_NAMESAKES = 64
_SOME = ("",)
"""Stands for any place."""
_NUMBERED = re.compile(r"(.+?)[_. -]+(\d+)")
_OF_CITYSCAPES = re.compile(r"gt(?:Fine|Coarse)_")

_NO_MASK, _NO_IMAGE = "images without a mask", "masks without an image"
_SAME_NAME = "files of the same name as another but for the suffix"
_DRAWINGS = "JPEG images beside masks, which are not moved"
_OTHERS = "annotation files beside masks, which are not moved"


class _File(NamedTuple):
    """An image file with what its name and its folder tell."""

    path: str
    name: Name
    place: Place


class _Label(NamedTuple):
    """A label image of an image. `core` is as in `LabelFile`; `number` tells those of one kind apart."""

    path: str
    core: tuple[int, int] | None
    number: str
    in_folder: str = ""
    """The folder that is called as the image, where that is what they share."""


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Pair images with their label images. Raises `Refused` where these are of a lossy format."""
    images, labels = _sides(tree, hints)
    pairs, lost, doubles = _paired(images, labels)
    if not pairs:
        return None
    lossy = _lossy_kinds(tree, [label.path for found in pairs.values() for label in found])
    drawings = [label.path for found in pairs.values() for label in found if kind_of(label.path) in lossy]
    pairs = {path: [one for one in found if kind_of(one.path) not in lossy] for path, found in pairs.items()}
    pairs = {path: found for path, found in pairs.items() if found}
    sources, lists = with_lists(tree, _sources(tree, pairs, doubles))
    paths = [label.path for source in sources for label in source.labels if not label.is_shared]
    paired = {source.path for source in sources} | {*doubles}
    unpaired = {
        _NO_MASK: [image.path for image in images if image.path not in paired],
        _NO_IMAGE: lost,
        _SAME_NAME: doubles,
        _DRAWINGS: drawings,
        _OTHERS: [
            join(folder, name)
            for folder, inside in tree.folders.items()
            for name in inside.others
            if name.endswith("_polygons.json") or (name.startswith("panoptic") and name.endswith(".json"))
        ],
    }
    sets = [label_set(tree, paths), *lists]
    is_cityscapes = any(image.path.endswith("_leftImg8bit.png") for image in images[:1])
    layout, said = ("cityscapes", "a Cityscapes data set") if is_cityscapes else ("masks", "a data set with masks")
    kinds = [f"`{kind}`" for kind in sets[0].about["kinds"]]
    shown = ", ".join(kinds[:6]) + (", ..." if len(kinds) > 6 else "")
    what = f"{said}: {len(paths)} label images ({shown}) of {len(sources)} images; each moves by its nearest pixels"
    return Labelled(layout, what, sources, sets, {why: sorted(found) for why, found in unpaired.items() if found})


def _sides(tree: Tree, hints: Hints) -> tuple[list[_File], list[_File]]:
    """Tell images from label images."""
    start = tree.alone("")  # all lies in there, so that it tells no side
    files = []
    for folder, inside in sorted(tree.folders.items()):
        place = place_of(folder[len(start) :].lstrip("/"))
        place = place._replace(shared=(*start.split("/"), *place.shared))
        files += [_File(join(folder, name), name_of(name), place) for name in inside.images]
    if hints.images or hints.annotations:
        hinted = [file for file in files if lies_in(file.path, hints.annotations)]
        labels = hinted if hints.annotations else _said(files)[1]
        taken = {file.path for file in labels}
        return [file for file in files if file.path not in taken and lies_in(file.path, hints.images)], labels
    images, labels = _said(files)
    if not labels and (folders := sides_by_content(tree)):
        images = [file for file in files if lies_in(file.path, folders[0])]
        labels = [file for file in files if lies_in(file.path, folders[1])]
    return images, labels


def _said(files: list[_File]) -> tuple[list[_File], list[_File]]:
    """Tell images from label images by their names.

    A word in a file's name makes it a label where there is an image that it could belong to.
    """
    plain = {file.name.text for file in files if file.place.side != "label" and not file.name.affix}
    images: list[_File] = []
    labels: list[_File] = []
    for file in files:
        is_label = file.place.side == "label" or bool(file.name.affix and file.name.text in plain)
        (labels if is_label else images).append(file)
    return images, labels


def _paired(images: list[_File], labels: list[_File]) -> tuple[dict[str, list[_Label]], list[str], list[str]]:
    """Return the labels of each image, labels that belong to none, and images that have the name of another."""
    known: dict[tuple[tuple[str, ...], str], str] = {}
    doubles = []
    for image in images:
        if known.setdefault((image.place.shared, image.name.text), image.path) != image.path:
            doubles.append(image.path)
    found, missing = defaultdict(list), []
    for label in labels:
        pair = _partner(label, known)
        if pair:
            found[pair[0]].append(pair[1])
        else:
            missing.append(label)
    more, lost = _elsewhere(missing, images, set(doubles))
    for image_path, label_found in more:
        found[image_path].append(label_found)
    return found, lost, doubles


def _partner(label: _File, known: dict[tuple[tuple[str, ...], str], str]) -> tuple[str, _Label] | None:
    """Find the image of a label: of the same core, of it without a number, or of a folder around the label."""
    (text, (start, end), _, number), shared = label.name, label.place.shared
    if image := known.get((shared, text)):
        if not text:
            return image, _Label(label.path, _core_in_folders(label.path, shared[-1]), number, shared[-1])
        return image, _Label(label.path, (start, end), number)
    numbered = _NUMBERED.fullmatch(text)
    if numbered and not number and (image := known.get((shared, numbered[1]))):
        return image, _Label(label.path, (start, start + len(numbered[1])), numbered[2])
    for place in (shared[:-1], shared) if shared else ():
        if image := known.get((place, shared[-1])):
            return image, _Label(label.path, _core_in_folders(label.path, shared[-1]), text, shared[-1])
    return None


def _core_in_folders(path: str, folder: str) -> tuple[int, int] | None:
    """Return where the innermost folder of that name stands in a path, counted from the base name."""
    base = len(path) - len(path.rpartition("/")[2])
    at = f"/{path[:base]}".rfind(f"/{folder}/")
    return (at - base, at - base + len(folder)) if at >= 0 else None


def _elsewhere(
    labels: list[_File], images: list[_File], doubles: set[str]
) -> tuple[list[tuple[str, _Label]], list[str]]:
    """Pair labels by their core alone where their folders are not called alike; of several images, as most of them."""
    namesakes = defaultdict(list)
    for image in images:
        if image.path not in doubles:
            namesakes[image.name.text].append(image)
    votes: dict[tuple[str, ...], Counter[tuple[str, ...]]] = defaultdict(Counter)
    candidates, number = {}, Counter(label.place.shared for label in labels)
    for label in labels:
        roles, place = _roles(label.place), label.place.shared
        found = [
            image
            for image in namesakes[label.name.text][:_MOST_NAMESAKES]
            if not roles or not (theirs := _roles(image.place)) or roles & theirs
        ]
        candidates[label.path] = found
        votes[place].update({image.place.shared for image in found})
        votes[place][_SOME] += bool(found)
    pairs, lost = [], []
    for label in labels:
        place = label.place.shared
        counts = votes[place]
        found = candidates[label.path] if counts[_SOME] * 2 >= number[place] else []
        if found:
            image = max(found, key=lambda one: (counts[one.place.shared], len({*one.place.shared} & {*place})))
            pairs.append((image.path, _Label(label.path, label.name.core, label.name.number)))
        else:
            lost.append(label.path)
    return pairs, lost


def _roles(place: Place) -> set[str]:
    return {said[0] for part in place.shared if (said := split_in(part))}


def _sources(tree: Tree, pairs: dict[str, list[_Label]], doubles: list[str]) -> list[Source]:
    """Return the images with their labels, each with a slot of its own; labels that have none go to `doubles`."""
    start = tree.alone("")
    slots = _slots(pairs)
    sources = []
    for path in sorted(pairs, key=os.fsencode):
        labels: dict[str, LabelFile] = {}
        for label in sorted(pairs[path]):
            slot = slots[label.path]
            if slot in labels:
                doubles.append(label.path)
            else:
                labels[slot] = LabelFile("masks", label.path, slot, core=_unless_stem(label.path, label.core))
        split, role = split_of(path.rpartition("/")[0][len(start) :].lstrip("/"))
        folder = next((label.in_folder for label in pairs[path] if label.in_folder), "")
        in_folders = _core_in_folders(path, folder) if folder else None
        core = in_folders or _unless_stem(path, name_of(path.rpartition("/")[2]).core)
        sources.append(Source(path, split, role, "", tuple(labels.values()), core))
    return sources


def _unless_stem(path: str, core: tuple[int, int] | None) -> tuple[int, int] | None:
    stem = os.path.splitext(path.rpartition("/")[2])[0]
    return None if core == (0, len(stem)) else core


def _slots(pairs: dict[str, list[_Label]]) -> dict[str, str]:
    """Return the slot of each label: its kind, and its number where several are of one kind; none if all are alone."""
    if all(len(labels) == 1 for labels in pairs.values()):
        return {label.path: "" for labels in pairs.values() for label in labels}
    long: dict[str, str] = {}
    for labels in pairs.values():
        nth: Counter[str] = Counter()
        for label in sorted(labels):
            kind = kind_of(label.path)
            nth[kind] += 1
            number = str(nth[kind]) if label.in_folder and label.number else label.number
            long[label.path] = f"{kind}#{number}" if number else kind
    short = {path: _OF_CITYSCAPES.sub("", slot) for path, slot in long.items()}
    is_enough = all(
        len({short[one.path] for one in found}) == len({long[one.path] for one in found}) for found in pairs.values()
    )
    return short if is_enough else long


def _lossy_kinds(tree: Tree, paths: Iterable[str]) -> set[str]:
    """Return the kinds of label images that are JPEG. Raises `Refused` where all are."""
    from augcli.image.pictures import format_of  # codecs are loaded only where there are label images

    kinds = defaultdict(list)
    for path in paths:
        kinds[kind_of(path)].append(path)
    found = {
        kind for kind, those in kinds.items() if all(format_of(tree.start(path)) == "jpeg" for path in spread(those))
    }
    if found and found == kinds.keys():
        some = min(path for those in kinds.values() for path in those)
        what = f"{tree.root}: the masks are JPEG, such as `{some}`, which changes values"
        raise Refused(Problem(what, "save them as PNG, drawn anew or with a threshold, under the same names"))
    return found
