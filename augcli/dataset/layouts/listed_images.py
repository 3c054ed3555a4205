"""Images that a file lists by path: which file of the tree is meant, and which split the list's own name tells."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from augcli.dataset.layouts.tree import Tree, join, stem_of
from augcli.dataset.layouts.words import split_in, words
from augcli.dataset.sources import Hints
from augcli.problems import Problem, Refused
from augcli.storage.names import byte_order

NO_IMAGE = "images that are listed but not there"
LEADS_OUT = "images whose path leads out of IN"
SEVERAL = "images that are listed by a name that several files have"

_DRIVE = re.compile(r"^(?:[A-Za-z]:|[a-z]+:/)?/")


class Split(NamedTuple):
    """A split as its name tells it; without a role where no name tells one."""

    name: str
    role: str = ""

    @property
    def is_vague(self) -> bool:
        """Whether it is of images that other splits have, too."""
        return "trainval" in words(self.name) or not self.role


def _said(name: str) -> Split:
    found = words(name)
    if "test" in found and split_in(name) is None and "train" not in found:  # test-dev2017
        return Split(name, "test")
    said = split_in(name)
    return Split(name, said[0]) if said else Split("")


def split_of(path: str) -> Split:
    """Return the split that the name of a list tells, or the folder that it lies in: `instances_val2017.json`."""
    name = stem_of(path)
    if not (found := _said(name)).role:
        return split_of_folder(path.rpartition("/")[0])
    return next((said for word in name.split("_") if (said := _said(word)).role == found.role), found)


@cache
def split_of_folder(folder: str) -> Split:
    """Return the split that a folder or one above it tells, the nearest one first."""
    return next((found for name in reversed(folder.split("/")) if (found := _said(name)).role), Split(""))


@cache
def split_of_image(folder: str, lists: tuple[Split, ...]) -> Split:
    """Return the split of an image of a folder that is in these lists: the least that may be changed, if several tell.

    An image of val and trainval is val. Where no list tells a split, the folder does.
    """
    told = [split for split in lists if split.role]
    sure = [split for split in told if not split.is_vague] or told
    if not sure:
        return split_of_folder(folder)
    return max(sure, key=lambda split: ("train", "val", "test").index(split.role))


def files_that_list(tree: Tree, hints: Hints, suffixes: tuple[str, ...]) -> list[str]:
    """Return the files of these suffixes, those further up first: all, or those that the spec names.

    Raises `Refused` where the spec names what is not there.
    """
    wanted = hints.annotations.rstrip("/")
    folders = sorted(tree.folders, key=lambda folder: (folder.count("/"), byte_order(folder)))
    paths = [join(folder, name) for folder in folders for name in tree.folders[folder].others]
    found = [path for path in paths if path.lower().endswith(suffixes)]
    if wanted:
        found = [path for path in found if path == wanted or path.startswith(f"{wanted}/")]
        if wanted not in paths and wanted not in tree.folders:
            raise Refused(Problem(f"{os.path.join(tree.root, wanted)}: no such file or folder", _HELP))
    if hints.images.rstrip("/") not in tree.folders:
        raise Refused(Problem(f"{os.path.join(tree.root, hints.images)}: no such folder", _HELP))
    return found


_HELP = "`images` and `annotations` of `labels` are paths in IN"


class Listed:
    """Finds the images of a tree by the paths that lists give them."""

    def __init__(self, tree: Tree, folder: str = "") -> None:
        """`folder` is one of IN that the spec names: images are looked for there first."""
        self._tree = tree
        self._folder = folder.rstrip("/")
        self._has_folder = bool(folder)
        self._images = {path: path for path in tree.images_below("")}
        self._bases: dict[tuple[str, Split], list[str]] = {}

    def image(self, list_path: str, name: str, split: Split) -> tuple[str, str]:
        """Return the path of an image that a list names, or the reason why there is none."""
        plain = name.replace("\\", "/")
        is_absolute = _DRIVE.match(plain) is not None
        folder = list_path.rpartition("/")[0]
        parts = [part for part in _DRIVE.sub("", plain).split("/") if part not in ("", ".")]
        tails = ["/".join(parts[start:]) for start in range(len(parts) if is_absolute else 1)]
        if ".." in parts:
            tails = [posixpath.normpath("/".join(parts))]
            if is_absolute or _leaves(folder, tails[0]):
                return "", LEADS_OUT
        for tail in tails:
            for base in self._around(folder, split):
                path = join(base, tail)
                found = self._images.get(posixpath.normpath(path) if ".." in parts else path)
                if found is not None:
                    return found, ""
        return self._by_tail(tails, split)

    def _around(self, folder: str, split: Split) -> list[str]:
        """Return the folders that a path may be relative to, the nearest one first."""
        key = (folder, split)
        if key not in self._bases:
            names = [split.name, split.role, f"{split.role}2017"] if split.role else []
            tops = dict.fromkeys([folder, folder.rpartition("/")[0]])
            bases = [self._folder] if self._has_folder else []
            for top in tops:
                images = join(top, "images")
                bases += [top, images, *(join(images, one) for one in names), *(join(top, one) for one in names)]
            known = self._tree.folders
            self._bases[key] = [base for base in dict.fromkeys(bases) if base in known]
        return self._bases[key]

    def _by_tail(self, tails: Sequence[str], split: Split) -> tuple[str, str]:
        """Return the only image whose path ends so, if it is of no other split."""
        if ".." in tails[0]:
            return "", NO_IMAGE
        for tail in tails:
            paths = [
                path
                for path in self._tree.by_name.get(tail.rpartition("/")[2], ())
                if path == tail or path.endswith(f"/{tail}")
            ]
            there = split_of_folder(paths[0].rpartition("/")[0]).role if len(paths) == 1 else ""
            if len(paths) == 1 and (not there or not split.role or split.is_vague or there == split.role):
                return paths[0], ""
            if len(paths) > 1:
                return "", SEVERAL
        return "", NO_IMAGE


def _leaves(folder: str, tail: str) -> bool:
    """Tell whether a relative path leads out of IN from a folder of it."""
    return posixpath.normpath(join(folder, tail)).split("/")[0] == ".."
