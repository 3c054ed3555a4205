"""DOTA data sets: images, and folders such as `labelTxt` with a text file of corners for each.

An image may have a file in several such folders (of two versions, or of upright boxes): each goes along. Images
without one belong to a test split, or are left out: programs that read DOTA go by the text files.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

from augcli.dataset.layouts.files import is_dota
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import role_of, split_in
from augcli.dataset.sources import Hints, LabelFile, Labelled, Source

_MOST_READ = 20


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Pair images and text files of one name, those of one split with each other."""
    around = f"{hints.annotations}/" if hints.annotations else ""
    homes = [folder for folder in sorted(tree.folders) if f"{folder}/".startswith(around) and _is_home(tree, folder)]
    files: dict[str, list[str]] = defaultdict(list)
    for folder in homes:
        for name in tree.folders[folder].others:
            if name.lower().endswith(".txt"):
                files[stem_of(name)].append(join(folder, name))
    if not files:
        return None
    sources, bare, paired = [], [], set[str]()
    for path in tree.images_below(hints.images):
        split = _split(path)
        labels = [label for label in files.get(stem_of(path), ()) if _split(label) in (split, "")]
        if not labels and split and role_of(split) != "test":
            bare.append(path)
        elif labels or split:
            paired.update(labels)
            sources.append(Source(path, split, role_of(split) if split else "train", "", tuple(_label_files(labels))))
        else:
            bare.append(path)
    lonely = [label for found in files.values() for label in found if label not in paired]
    unpaired = {"images without a label file, left out": bare, "label files without an image": lonely}
    return Labelled(
        "dota", "a DOTA data set", sources, [], {reason: paths for reason, paths in unpaired.items() if paths}
    )


def _is_home(tree: Tree, folder: str) -> bool:
    """Tell whether a folder holds text files of DOTA, by the first of them; some have a head and no object."""
    names = [name for name in tree.folders[folder].others if name.lower().endswith(".txt")]
    return any(is_dota(tree.head(join(folder, name))) for name in names[:_MOST_READ])


def _split(path: str) -> str:
    return next((part for part in path.split("/")[:-1] if split_in(part)), "")


def _label_files(labels: Iterable[str]) -> list[LabelFile]:
    found = [*labels]
    return [LabelFile("dota", path, os.path.dirname(path) if len(found) > 1 else "") for path in found]
