"""All that the one walk through IN has seen, for those who recognise what it is.

Paths are relative to IN with `/` between folders; IN itself is the empty path.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from augcli.storage import files, places
from augcli.storage.names import byte_order


class Folder(NamedTuple):
    """The names directly in a folder, sorted; `missed` counts images and links there that are not read."""

    folders: list[str]
    images: list[str]
    others: list[str]
    missed: int


class Finding(NamedTuple):
    """What IN looks like, in words that follow `looks like`, and what to do; no help: labels that are not read yet."""

    layout: str
    what: str
    help: str = ""


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def as_folders(names: Iterable[str]) -> list[str]:
    """Return the names of folders in the order in which the paths of what lies in them stand."""
    return sorted(names, key=lambda name: byte_order(f"{name}/"))


def stem_of(path: str) -> str:
    """Return the file name of a path without its suffix."""
    return os.path.splitext(path.rpartition("/")[2])[0]


@dataclass
class Tree:
    """Every folder of IN by its path, a folder before those inside it."""

    root: str
    folders: dict[str, Folder]

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of images in and below each folder."""
        total: dict[str, int] = {}
        for path in reversed(self.folders):
            folder = self.folders[path]
            total[path] = len(folder.images) + sum(total[join(path, name)] for name in folder.folders)
        return total

    @cached_property
    def _missed(self) -> set[str]:
        missing: set[str] = set()
        for path, folder in self.folders.items():
            while folder.missed and path not in missing:
                missing.add(path)
                path = path.rpartition("/")[0]
        return missing

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of the images of each file name."""
        found = defaultdict(list)
        for path, folder in self.folders.items():
            for name in folder.images:
                found[name].append(join(path, name))
        return found

    @cached_property
    def by_stem(self) -> dict[str, list[str]]:
        """The paths of the images of each file name without its suffix."""
        found = defaultdict(list)
        for name, paths in self.by_name.items():
            found[os.path.splitext(name)[0]].extend(paths)
        return found

    def with_images(self, path: str) -> list[str]:
        """Return the names of the folders in a folder that hold images at any depth."""
        return [name for name in self.folders[path].folders if self.number[join(path, name)]]

    def with_pictures(self, path: str) -> list[str]:
        """Return the names of the folders in a folder that hold images, also such as are not read."""
        inside = self.folders[path].folders
        return [name for name in inside if self.number[join(path, name)] or join(path, name) in self._missed]

    def alone(self, path: str) -> str:
        """Return the folder at the end of a chain of folders that hold nothing but the next one."""
        while not self.folders[path].images and len(inside := self.with_pictures(path)) == 1:
            path = join(path, inside[0])
        return path

    def images_below(self, path: str) -> Iterator[str]:
        """Return the paths of all images in and below a folder, in the order of their bytes."""
        pending = [f"{path}/"]
        while pending:
            here = pending.pop()
            if not here.endswith("/"):
                yield here
                continue
            here = here[:-1]
            folder = self.folders[here]
            if not folder.folders:
                yield from (join(here, name) for name in folder.images)
                continue
            names = sorted([*folder.images, *(f"{name}/" for name in folder.folders)], key=byte_order)
            pending += [join(here, name) for name in reversed(names)]

    def some(self, path: str) -> str:
        """Return the path of one image in or below a folder that holds any."""
        return next(self.images_below(path))

    def links(self, folder: str) -> list[str]:
        """Return the paths of the links in a folder, if it has any that are left out."""
        if not self.folders[folder].missed:
            return []
        read = {*self.folders[folder].folders, *self.folders[folder].images, *self.folders[folder].others}
        try:
            entries = places.entries(os.path.join(self.root, folder) if folder else self.root)
        except OSError:
            return []
        return [join(folder, name) for name, kind in entries if kind == "link" and name not in read and name[0] != "."]

    def start(self, path: str, length: int = 26) -> bytes:
        """Return the first bytes of a file; none if it cannot be read, or is no file any more."""
        try:
            return files.start(os.path.join(self.root, path), length)
        except OSError:
            return b""

    def size(self, path: str) -> int:
        """Return the bytes of a file; 0 if it is gone."""
        try:
            return places.size(os.path.join(self.root, path))
        except OSError:
            return 0

    def head(self, path: str, length: int = 4096) -> str:
        """Return the start of a file as text; empty if it cannot be read, or is no text."""
        data = self.start(path, length)
        return "" if b"\0" in data else data.decode("utf-8-sig", "replace")
