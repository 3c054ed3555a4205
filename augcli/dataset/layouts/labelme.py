"""LabelMe: JSON files that have the names of images, beside them or elsewhere, or say where their image is."""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from augcli.dataset.layouts.image_lists import class_names
from augcli.dataset.layouts.image_names import ImageNames, lies_in, split_around
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import role_of
from augcli.dataset.sources import Hints, LabelFile, Labelled, Source

_HEAD = re.compile(r'(?=.*"(?:shapes|imagePath|imageData)"\s*:)', re.DOTALL)
_PATH = re.compile(rb'"imagePath"\s*:\s*("(?:[^"\\]|\\.){0,2000}")')
_LENGTH = 1 << 26


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Find images with LabelMe's files; None where no image has one."""
    images = ImageNames(
        join(folder, name)
        for folder, inside in sorted(tree.folders.items())
        for name in inside.images
        if lies_in(folder, hints.images)
    )
    unpaired: dict[str, list[str]] = defaultdict(list)
    labels: dict[str, LabelFile] = {}
    for path in _annotations(tree, hints):
        image = _image_of(tree, path, images)
        if image is None:
            unpaired["label files without an image"].append(path)
        elif image in labels:
            unpaired["label files of an image that has another"].append(path)
        else:
            labels[image] = LabelFile("labelme", path)
    if not labels:
        return None
    sources = []
    for path in images.paths:
        if path in labels:
            split = split_around(path)
            sources.append(Source(path, split, role_of(split) if split else "train", "", (labels[path],)))
        else:
            unpaired["images without a label file"].append(path)
    what = f"a LabelMe data set: {len(labels)} of {len(images.paths)} images have labels"
    return Labelled("labelme", what, sources, class_names(tree), dict(unpaired))


def _annotations(tree: Tree, hints: Hints) -> Iterator[str]:
    """Return the JSON files of LabelMe, and those beside them that have the name of an image but are damaged."""
    for folder, inside in sorted(tree.folders.items()):
        if lies_in(folder, hints.annotations):
            stems = {stem_of(name) for name in inside.images}
            paths = [join(folder, name) for name in inside.others if name.lower().endswith(".json")]
            known = {path for path in paths if _HEAD.match(tree.head(path))}
            yield from (path for path in paths if path in known or (known and stem_of(path) in stems))


def _image_of(tree: Tree, path: str, images: ImageNames) -> str | None:
    """Return the image of a file: that of its stem beside it, else that which it names, else that of its stem."""
    folder, stem = path.rpartition("/")[0], stem_of(path)
    beside = [image for image in images.of(stem) if image.rpartition("/")[0] == folder and stem_of(image) == stem]
    if len(beside) == 1:
        return beside[0]
    named = _PATH.search(tree.start(path, _LENGTH))
    try:
        name = str(json.loads(named[1])).replace("\\", "/") if named else ""
    except ValueError:
        name = ""
    if name:
        where = posixpath.normpath(posixpath.join(folder, name))
        if where in images.of(where):
            return where
    return beside[0] if beside else images.nearest(stem, folder) or (images.nearest(name, folder) if name else None)
