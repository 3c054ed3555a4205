"""Lists of the images of a set with masks, of which each line may name the mask as well: `train.txt` of SegNet.

Their paths may begin anywhere, as `/SegNet/CamVid/train/a.png`: it is the end that tells.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence

from augcli.dataset.layouts.image_lists import ListOfImages, list_of_images, list_of_pairs
from augcli.dataset.layouts.image_names import Named
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import split_in
from augcli.dataset.sources import LabelSet, Source, core_of

_MOST_LISTS = 40


def with_lists(tree: Tree, sources: Sequence[Source]) -> tuple[list[Source], list[LabelSet]]:
    """Return sources with what lists say of them, and the lists; they tell splits where no folder does."""
    behind = {source.path: len(core_of(source.path, source.core)[2]) for source in sources}
    behind |= {label.path: len(core_of(label.path, label.core)[2]) for source in sources for label in source.labels}
    images = {source.path for source in sources}
    found = list(_lists(tree, images, behind))
    told: dict[str, tuple[str, str]] = {}
    for one in found:
        said = split_in(stem_of(one.set.path))
        for image in one.places if said else ():
            told.setdefault(image, (stem_of(one.set.path), said[0] if said else ""))
    has_splits = any(source.split for source in sources)
    done = []
    for source in sources:
        split, role = (source.split, source.role) if has_splits else told.get(source.path, ("", "train"))
        labels = (*source.labels, *(one.file(source.path) for one in found if source.path in one.places))
        done.append(source._replace(split=split, role=role, labels=labels))
    return done, [one.set for one in found]


def _lists(tree: Tree, images: set[str], behind: Mapping[str, int]) -> Iterator[ListOfImages]:
    named, pictured = _named(tree, behind.keys()), _named(tree, images)
    paths = [
        join(folder, name)
        for folder, inside in sorted(tree.folders.items())
        for name in inside.others
        if name.lower().endswith(".txt")
    ]
    for path in paths if len(paths) <= _MOST_LISTS else ():
        found = list_of_pairs(tree, path, named, behind.__getitem__) or list_of_images(tree, path, pictured)
        if found is not None and found.set.about["line"] in ("pair", "path", "stem", "relative"):
            yield found


def _named(tree: Tree, known: Container[str]) -> Named:
    """Return what tells which of some files a word of a list names: of equal names that with the likest folders."""

    def likeness(path: str, parts: list[str]) -> int:
        """Return how many of their last folders and stems are the same."""
        theirs = os.path.splitext(path)[0].split("/")
        pairs = zip(reversed(theirs), reversed(parts), strict=False)
        return next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(theirs), len(parts)))

    def named(word: str) -> str | None:
        word = word.replace("\\", "/")
        last = word.rpartition("/")[2]
        found = [path for path in tree.by_name.get(last) or tree.by_stem.get(last, []) if path in known]
        if len(found) < 2:
            return found[0] if found else None
        stem = word if last not in tree.by_name else os.path.splitext(word)[0]
        return max(found, key=lambda path: likeness(path, stem.split("/")))

    return named
