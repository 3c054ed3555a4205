"""Splits that are not written as IN/train, IN/val, IN/test: in other words, deeper, or inside the classes."""

from __future__ import annotations

from collections import defaultdict
from shlex import quote

from augcli.dataset.layouts.tree import Finding, Tree, join
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, SURE_IMAGES, role_of, split_in
from augcli.problems import named


def _hold_splits(names: list[str]) -> bool:
    """Tell whether folders of two roles or more are among these."""
    return len({ROLE_OF_FOLDER[name.lower()] for name in names if name.lower() in ROLE_OF_FOLDER}) > 1


def splits_below_classes(tree: Tree) -> Finding | None:
    """Find IN/photos/train/cat and IN/cat/train."""
    start = tree.alone("")
    below = tree.with_images(start)
    if start and _hold_splits(below):
        what = f"splits one level too deep: `{start}` holds {named(below)}"
        return Finding("deeper", what, f"give {_path(tree, start)}")
    for top in below:
        inside = tree.with_images(join(start, top))
        if _hold_splits(inside) and not tree.folders[join(start, top)].images:
            what = f"splits inside other folders: `{join(start, top)}` holds {named(inside)}"
            split = max(
                (name for name in inside if name.lower() in ROLE_OF_FOLDER), key=lambda n: role_of(n) == "train"
            )
            turned = f"move what is in {_path(tree, join(join(start, top), split))}"
            help = f"{turned} to {_path(tree, join(join(start, split), top))} and so on"
            return Finding("deeper", what, f"{help}, or give one of them, such as {_path(tree, join(start, top))}")
    return None


def split_words(tree: Tree) -> Finding | None:
    """Find splits among other words: training_set and test_set, seg_train and seg_test, train2017 and val2017."""
    tops = tree.with_images("")
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for top in tops:
        said = split_in(top)
        if said:
            groups[said[1]].append(top)
    known = [names for names in groups.values() if len({role_of(name) for name in names}) > 1]
    for names in known:
        others = [name for name in names if name.lower() not in ROLE_OF_FOLDER]
        if not others or not (any(role_of(name) == "train" for name in names) or sum(map(len, known)) == len(tops)):
            continue
        target = role_of(others[-1])
        if len(known) > 1:  # train_cat, train_dog, test_cat, test_dog
            target += "/" + "_".join(word for said, same in groups.items() if same is names for word in said)
            example = f"mkdir {_path(tree, role_of(others[-1]))}; mv {_path(tree, others[-1])} {_path(tree, target)}"
            return Finding("splits", f"splits: {named(tops)}", f"make folders of them, as in {example}")
        bare = [name for name in names if tree.folders[name].images]
        if bare:
            what = f"splits without class folders: images lie directly in {named(bare)}"
            where = _path(tree, next((name for name in bare if role_of(name) == "train"), bare[0]))
            flat = f"give {where} and set `layout: flat` in the spec (no labels)"
            return Finding("splits", what, f"move the images into class folders, such as {where}/cat, or {flat}")
        example = f"mv {_path(tree, others[-1])} {_path(tree, target)}"
        return Finding("splits", f"splits: {named(names)}", f"rename them to train, val or test, as in {example}")
    return None


def one_level_too_deep(tree: Tree) -> Finding | None:
    """Find one folder around all class folders, in IN or in a split."""
    splits = [top for top in tree.with_images("") if top.lower() in ROLE_OF_FOLDER]
    for base in splits or [""]:
        here = tree.alone(base)
        inside = tree.with_images(here)
        if here == base or tree.folders[here].images or len(inside) < 2:
            continue
        what = f"folders one level too deep: `{here}` holds {named(inside)}"
        help = f"move what is in {_path(tree, here)} to {_path(tree, base)}" if base else f"give {_path(tree, here)}"
        return Finding("deeper", what, help)
    return None


def unlabelled_split(tree: Tree) -> Finding | None:
    """Find a split whose images all lie in a folder called `images`, while another one has classes."""
    splits = {top: tree.with_images(top) for top in tree.with_images("") if top.lower() in ROLE_OF_FOLDER}
    bare = [top for top, inside in splits.items() if len(inside) == 1 and inside[0].lower() in SURE_IMAGES]
    if not bare or len(bare) == len(splits):
        return None
    what = f"splits without class folders: all images of `{bare[0]}` lie in `{join(bare[0], splits[bare[0]][0])}`"
    return Finding("unlabelled", what, _without_classes(tree, bare[0]))


def _without_classes(tree: Tree, split: str) -> str:
    where = _path(tree, split)
    return f"move them into class folders, such as {where}/cat, or move {where} out of IN"


def _path(tree: Tree, folder: str) -> str:
    return quote(f"{tree.root.rstrip('/')}/{folder}")
