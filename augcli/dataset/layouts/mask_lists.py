"""Lists of the images of a set with masks, of which each line may name the mask as well: `train.txt` of SegNet.

Their paths may begin anywhere, as `/SegNet/CamVid/train/a.png`: it is the end that tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from augcli.dataset.layouts.image_lists import ListOfImages, list_of_images, list_of_pairs
from augcli.dataset.layouts.image_names import ImageNames, Named
from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import split_in
from augcli.dataset.sources import LabelSet, Source, core_of

_MOST_LISTS = 40


def with_lists(tree: Tree, sources: Sequence[Source]) -> tuple[list[Source], list[LabelSet]]:
    """Return sources with what lists say of them, and the lists; they tell splits where no folder does."""
    texts = [
        join(folder, name)
        for folder, inside in sorted(tree.folders.items())
        for name in inside.others
        if name.lower().endswith(".txt")
    ]
    if not 0 < len(texts) <= _MOST_LISTS:
        return list(sources), []
    found = list(_lists(tree, texts, sources))
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


def _lists(tree: Tree, texts: Sequence[str], sources: Sequence[Source]) -> Iterator[ListOfImages]:
    behind = {source.path: len(core_of(source.path, source.core)[2]) for source in sources}
    image = ImageNames(behind)
    behind |= {label.path: len(core_of(label.path, label.core)[2]) for source in sources for label in source.labels}
    any_file = ImageNames(behind)
    for path in texts:
        pair = list_of_pairs(tree, path, _named(any_file, path), behind.__getitem__)
        found = pair or list_of_images(tree, path, _named(image, path))
        if found is not None and found.set.about["line"] in ("pair", "path", "stem", "relative"):
            yield found


def _named(names: ImageNames, path: str) -> Named:
    """Return what tells the file that a word of a list names: of equal names the one with the likest folders."""
    split = stem_of(path)
    return lambda word: names.nearest(word, word.replace("\\", "/").rpartition("/")[0] or split)
