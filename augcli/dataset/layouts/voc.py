"""Pascal VOC: XML files that have the names of images, beside them or in `Annotations`; masks and lists by stem.

VOC's own folders, at any depth and several times (VOC2007, VOC2012); folders as labelImg writes them; Roboflow's
splits with everything side by side.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator

from augcli.dataset.layouts.image_lists import ListOfImages, class_names, list_of_images, set_of
from augcli.dataset.layouts.image_names import ImageNames, lies_in, split_around
from augcli.dataset.layouts.mask_values import label_set
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, role_of, split_in
from augcli.dataset.sources import Hints, LabelFile, Labelled, Source

_START = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<annotation\b", re.DOTALL
)
_ZERO = re.compile(rb"<[xy](?:min|max)>\s*-?0+(?:\.0*)?\s*<")
_NAME = re.compile(rb"<filename>\s*([^<]{1,500}?)\s*</filename>")
_LENGTH = 1 << 20

_LISTS = "imagesets"
_TASKS = ("main", _LISTS, "segmentation", "layout", "action")
_SPLITS = ("train", "val", "test", "trainval")


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Find images with Pascal VOC's files, masks or lists; None where no image has such a file or mask."""
    images = ImageNames(_images(tree, hints))
    unpaired: dict[str, list[str]] = defaultdict(list)
    labels: dict[str, list[LabelFile]] = defaultdict(list)
    origin = 1
    for path, data in _annotations(tree, hints):
        origin = 0 if origin and _ZERO.search(data) else origin
        image = _image_of(path, data, images)
        if image is None:
            unpaired["label files without an image"].append(path)
        elif labels[image]:
            unpaired["label files of an image that has another"].append(path)
        else:
            labels[image].append(LabelFile("voc", path, "Annotations"))
    sets = [set_of("voc", "", {"origin": origin})] if labels else []
    masks: list[str] = []
    for folder in _mask_folders(tree):
        for name in tree.folders[folder].images:
            path = join(folder, name)
            image = images.nearest(stem_of(name), folder)
            if image is None:
                unpaired["masks without an image"].append(path)
            else:
                masks.append(path)
                labels[image].append(LabelFile("masks", path, folder.rpartition("/")[2]))
    if not any(labels.values()):
        return None
    lists = list(_lists(tree, images))
    splits: dict[str, str] = {}
    for one in sorted(lists, key=lambda one: _rank(one.set.path)):
        if stem_of(one.set.path).lower() in (*ROLE_OF_FOLDER, "trainval"):
            splits |= {image: stem_of(one.set.path) for image in one.places if image not in splits}
        for image in one.places:
            labels[image].append(one.file(image))
        unpaired["names in lists without an image"] += [f"{one.set.path}: {line}" for line in one.missing]
    sources = []
    for path in images.paths:
        if labels.get(path):
            split = splits.get(path) or split_around(path)
            sources.append(Source(path, split, role_of(split) if split else "train", "", tuple(labels[path])))
        else:
            unpaired["images without a label file"].append(path)
    sets += [label_set(tree, masks)] if masks else []
    sets += [one.set for one in lists] + class_names(tree)
    what = f"a Pascal VOC data set: {sum(map(bool, labels.values()))} of {len(images.paths)} images have labels"
    return Labelled("voc", what, sources, sets, {reason: paths for reason, paths in unpaired.items() if paths})


def _images(tree: Tree, hints: Hints) -> Iterator[str]:
    """Return the images of the set: those of folders of masks, and of drawings of them, are none."""
    for folder, inside in sorted(tree.folders.items()):
        is_other = any(
            part.startswith("segmentation") or part.endswith("visualization") for part in folder.lower().split("/")
        )
        if not is_other and lies_in(folder, hints.images):
            yield from (join(folder, name) for name in inside.images)


def _annotations(tree: Tree, hints: Hints) -> Iterator[tuple[str, bytes]]:
    """Return the XML files of folders that have one of Pascal VOC, each with its text: others there are damaged."""
    for folder, inside in sorted(tree.folders.items()):
        names = [name for name in inside.others if name.lower().endswith(".xml")]
        if not names or not lies_in(folder, hints.annotations):
            continue
        texts = ((join(folder, name), tree.start(join(folder, name), _LENGTH).replace(b"\0", b"")) for name in names)
        waiting: list[tuple[str, bytes]] = []
        is_voc = False
        for path, data in texts:
            is_voc = is_voc or _START.match(data) is not None
            waiting.append((path, data))
            if is_voc:
                yield from waiting
                waiting = []


def _image_of(path: str, data: bytes, images: ImageNames) -> str | None:
    """Return the image of a file: that of its stem, and of several the one that the file names; else by that alone."""
    folder = path.rpartition("/")[0]
    named = _NAME.search(data)
    name = os.fsdecode(named[1]).replace("\\", "/").rpartition("/")[2] if named else ""
    stem = stem_of(path)
    if name and stem_of(name) == stem and images.of(name):
        return images.nearest(name, folder)
    return images.nearest(stem, folder) or (images.nearest(name, folder) if name else None)


def _mask_folders(tree: Tree) -> Iterator[str]:
    for folder, inside in sorted(tree.folders.items()):
        name = folder.rpartition("/")[2].lower()
        is_drawing = "vis" in name or "viz" in name
        if inside.images and name.startswith(("segmentationclass", "segmentationobject")) and not is_drawing:
            yield folder


def _lists(tree: Tree, images: ImageNames) -> Iterator[ListOfImages]:
    """Return the lists below `ImageSets`, and others that are called after a split."""
    for folder, inside in sorted(tree.folders.items()):
        parts = folder.lower().split("/")
        is_home = _LISTS in parts
        home = "/".join(folder.split("/")[: parts.index(_LISTS)]) if is_home else folder
        for name in inside.others:
            if name.lower().endswith(".txt") and (is_home or split_in(os.path.splitext(name)[0])):
                found = list_of_images(tree, join(folder, name), images.nearest_to(join(home, "JPEGImages")))
                if found is not None:
                    yield found


def _rank(path: str) -> tuple[int, int, str]:
    """Return the order in which lists tell the split of an image: VOC's Main first, train before trainval."""
    folder, split = path.lower().split("/")[-2:] if "/" in path else ("", path.lower())
    role = stem_of(split)
    role = role if role == "trainval" else ROLE_OF_FOLDER.get(role, role)
    return (
        _TASKS.index(folder) if folder in _TASKS else len(_TASKS),
        _SPLITS.index(role) if role in _SPLITS else len(_SPLITS),
        path,
    )
