"""The images of all shards of IN, with their splits and classes, as names and what stands beside images tell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.containers import CUT_OFF, NO_CLASS, NO_FOLDER, UNKNOWN_NUMBER
from augcli.dataset.containers.samples import CLS, COLUMN, FOLDER, JSON, NOT_TOLD, Image, Notes, samples
from augcli.dataset.containers.tar_shards import CUT, FILE, NoTar, opened
from augcli.dataset.file_kinds import is_image
from augcli.dataset.layouts.tree import join
from augcli.dataset.layouts.words import ROLE_OF_FOLDER
from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import Source, in_shard, name_in_shard
from augcli.dataset.tables.arrow_schemas import arrow
from augcli.dataset.text_kinds import split_of
from augcli.problems import Problem, Refused, Unreachable, Unusable, counted, listed, named, such_as
from augcli.storage import files, places
from augcli.storage.names import byte_order

COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")

EMPTY = {"webdataset": "shards without images", "parquet": "tables without a column of images"}
HELP = {
    "webdataset": "images must have one of the suffixes that loose files have, such as .jpg",
    "parquet": "the column must be a struct of `bytes` and `path`, or the bytes of image files",
}
"""What to do where no shard holds an image."""
_CLASSES = "classes.txt"
_LONGEST_LABEL = 255  # bytes; the limit of every common file system for the name of a folder


@dataclass
class Shards:
    """The sources of all shards; `what` follows `read as`, all else is as in a `Listing`."""

    sources: Sequence[Source]
    what: str
    left_out: dict[str, list[str]]
    stamps: dict[str, tuple[int, ...]]
    used: set[str] = field(default_factory=set)
    """Files of IN that are no shards and were read."""
    is_numbered: bool = False


def hold_images(root: Path, layout: str, paths: Sequence[str], meant: bool) -> bool:
    """Tell whether one of some files holds images, by a look at their beginnings.

    Where they are `meant`, since IN holds no other images, what is no tar file counts as well, and `Refused` is raised
    where pyarrow is missing for Parquet.
    """
    if layout == "webdataset":
        return any(_tar_has_image(root / path, meant) for path in paths)
    try:
        return any(_table_has_images(root / path) for path in paths)
    except Refused:
        if meant:
            raise
        return False


def _tar_has_image(path: Path, meant: bool) -> bool:
    try:
        with opened(str(path)) as tar:
            return any(head.kind in (FILE, CUT) and is_image(head.name) for head in tar.heads())
    except NoTar:
        return meant
    except Unreachable:
        raise
    except (Unusable, OSError):
        return False


def _table_has_images(path: Path) -> bool:
    from augcli.dataset.containers import parquet_images  # loads pyarrow

    arrow()
    return parquet_images.holds_images(str(path))


def list_shards(root: Path, layout: str, paths: Sequence[str], is_sure: bool) -> Shards:
    """List the images of shards; `is_sure` takes the first folders in them for classes, whatever they look like.

    Raises `Refused` for what is no shard, and where it is not clear what splits and classes are.
    """
    notes, stamps = Notes(), {}
    images: list[Image] = []
    for path in paths:
        where = root / path
        if "#" in path:
            raise Refused(Problem(f"{where}: the path of a shard has a `#`", "rename it"))
        try:
            stamps[path] = files.stamp(str(where))  # before a byte is read
            found = sorted(_images(where, layout, path, notes), key=lambda image: byte_order(image.path))
        except Unreachable:
            raise
        except OSError as error:
            raise Refused(Problem(f"{where}: {files.unread(error)}", "fix it, then rerun")) from None
        images += found
        if not found:
            notes.leave_out(EMPTY[layout], path)
    sorting = _Sorting(root, images)
    if not is_sure:
        sorting.refuse_folder_around()
    sources = PackedSources(sorting.sources())
    thing = "tar shard" if layout == "webdataset" else "Parquet file"
    inside = f", images in {listed(sorted(notes.columns))}" if notes.columns else ""
    what = f"{counted(len(paths), thing)}{inside}, {sorting.told(notes.words)}"
    return Shards(sources, what, notes.left_out, stamps, sorting.used, sorting.is_numbered)


def _images(where: Path, layout: str, path: str, notes: Notes) -> Iterator[Image]:
    if layout == "parquet":
        from augcli.dataset.containers import parquet_images  # loads pyarrow

        yield from parquet_images.images(str(where), path, notes)
        return
    try:
        with opened(str(where)) as tar:
            yield from samples(tar, path, notes)
    except Unusable as unusable:
        raise Refused(Problem(f"{where}: {unusable}", "fix it, then rerun")) from None
    except NoTar:
        raise Refused(_no_tar(where)) from None


_PACKED = {b"\x1f\x8b": "gunzip", b"BZh": "bunzip2", b"\xfd7zXZ": "unxz", b"\x28\xb5\x2f\xfd": "unzstd"}


def _no_tar(where: Path) -> Problem:
    start = files.start(str(where), 8)
    for magic, command in _PACKED.items():
        if start.startswith(magic):
            return Problem(f"{where}: compressed, and places in it cannot be read", f"unpack it with {command} first")
    what = "no tar file" if start else "an empty file, no tar file"
    return Problem(f"{where}: {what}", "download or copy it again, or move it out of IN")


def compressed(root: Path, paths: Iterable[str]) -> Problem | None:
    """Say what to do with tar files that are compressed; None where there are none."""
    found = sorted((path for path in paths if path.lower().endswith(COMPRESSED)), key=byte_order)
    if not found:
        return None
    what = f"{root}: {counted(len(found), 'compressed tar file')}{such_as(len(found), found[0])}"
    return Problem(what, "unpack the compression alone, as gunzip does, and leave the .tar files")


class _Place(NamedTuple):
    """The split of an image, its role, and the name behind the split's folder, if the shard has such folders."""

    split: str
    role: str
    inside: str


class _Sorting:
    """Finds splits and classes of images."""

    def __init__(self, root: Path, images: list[Image]) -> None:
        self._root, self._images = root, images
        self.used: set[str] = set()
        self._labels: dict[tuple[str, str | int | None], tuple[str, int]] = {}
        self._names_of: dict[str, str] = {}
        self.is_numbered = False
        """Some class is told by a number that no list has a name for."""
        self._lists: dict[str, list[str]] = {}
        self._by_shard = {path: split_of(path) for path in dict.fromkeys(map(_shard, images))}
        named_splits = [path for path, (split, _) in self._by_shard.items() if split]
        others = [path for path, (split, _) in self._by_shard.items() if not split]
        if named_splits and others:
            what = f"{root}: `{named_splits[0]}` is called after a split, `{others[0]}` is not"
            raise Refused(Problem(what, "rename the others, such as train-000000.tar, or move them away"))
        self._split_in_names = not named_splits and self._tops_are_splits()
        self._told: dict[str, int] = {}
        for image in images:
            split, _, inside = self._place(image)
            self._told[split] = max(self._told.get(split, NOT_TOLD), _told_by(image, inside))

    def _tops_are_splits(self) -> bool:
        """Tell whether the first folders in the shards are splits. Raises `Refused` where only some are."""
        tops = dict.fromkeys(
            name_in_shard(image.path).rpartition("/")[0].partition("/")[0]
            for image in self._images
            if image.member != CUT_OFF
        )
        splits = [top for top in tops if top.lower() in ROLE_OF_FOLDER]
        others = [top or "no folder" for top in tops if top not in splits]
        if splits and others:
            what = f"{self._root}: in the shards {listed(splits)} looks like a split, {listed(others[:3])} does not"
            raise Refused(Problem(what, "pack the splits into shards of their own, such as train-000000.tar"))
        return bool(splits)

    def _place(self, image: Image) -> _Place:
        split, role = self._by_shard[_shard(image)]
        inside = name_in_shard(image.path)
        if self._split_in_names and image.member != CUT_OFF:
            split, _, inside = inside.partition("/")
            role = ROLE_OF_FOLDER[split.lower()]
        return _Place(split, role, inside)

    def told(self, words: set[str]) -> str:
        """Say by what classes are told."""
        by = {COLUMN: "column", JSON: "`.json`", CLS: "`.cls`", FOLDER: "the folders in them"}
        found = max(self._told.values(), default=NOT_TOLD)
        if found == NOT_TOLD:
            return "without classes"
        said = f" ({listed(sorted(words))})" if words and found in (JSON, COLUMN) else ""
        return f"classes from {by[found]}{said}" + ", numbers that no `classes.txt` names" * self.is_numbered

    def refuse_folder_around(self) -> None:
        """Raise `Refused` where all images lie in one folder around what may be the class folders."""
        for split, told in self._told.items():
            if told != FOLDER:
                continue
            found = [self._place(image) for image in self._images if image.member != CUT_OFF]
            folders = [place.inside.split("/")[:-1] for place in found if place.split == split]
            tops = {parts[0] for parts in folders if parts}
            inside = {parts[1] for parts in folders if len(parts) > 1}
            if len(tops) == 1 and len(inside) > 1 and all(len(parts) > 1 for parts in folders):
                what = f"{self._root}: in the shards, all class folders lie in `{tops.pop()}`: {named(sorted(inside))}"
                help = "pack what is in that folder, as in tar -cf 000.tar -C FOLDER ., or set `layout: webdataset`"
                raise Refused(Problem(what, f"{help} if the first folder is the class"))

    def sources(self) -> Iterator[Source]:
        for image in self._images:
            split, role, inside = self._place(image)
            label, member = "", image.member
            if member != CUT_OFF and (told := self._told[split]) != NOT_TOLD:
                if _told_by(image, inside) != told:
                    member = NO_CLASS
                elif told == FOLDER:
                    label = inside.partition("/")[0]
                else:
                    label, reason = self._label(_shard(image).rpartition("/")[0], image.label)
                    member = reason or member
            yield Source(image.path, split, role, label, place=member)

    def _label(self, folder: str, said: str | int | None) -> tuple[str, int]:
        """Return the class folder of what is said in shards of a folder, or why there can be none."""
        if (folder, said) not in self._labels:
            self._labels[folder, said] = self._label_of(folder, said)
        return self._labels[folder, said]

    def _label_of(self, folder: str, said: str | int | None) -> tuple[str, int]:
        name = str(said)
        if isinstance(said, int) and (names := self._names(folder)):
            if said >= len(names):
                return "", UNKNOWN_NUMBER
            name = names[said]
        elif isinstance(said, int):
            self.is_numbered = True
        label = _folder_name(name)
        if not label:
            return "", NO_FOLDER
        if self._names_of.setdefault(label, name) != name:
            what = f"{self._root}: the classes `{name}` and `{self._names_of[label]}` would have one folder, `{label}`"
            raise Refused(Problem(what, "rename one of them"))
        return label, 0

    def _names(self, folder: str) -> list[str]:
        """Return the names of classes by number, which stand beside shards, or in IN; none where nothing says them."""
        for path in dict.fromkeys((join(folder, _CLASSES), _CLASSES)):
            if path in self._lists:
                return self._lists[path]
            if places.is_file(self._root / path):
                self._lists[path] = self._read_names(path)
                return self._lists[path]
        return []

    def _read_names(self, path: str) -> list[str]:
        try:
            names = files.read(str(self._root / path)).decode("utf-8-sig").rstrip().split("\n")
        except UnicodeDecodeError:
            raise Refused(Problem(f"{self._root / path}: not UTF-8 text", "save it as UTF-8")) from None
        except Unusable as unusable:
            raise Refused(Problem(f"{self._root / path}: {unusable}", "fix it, then rerun")) from None
        self.used.add(path)
        return [name.strip() for name in names]


def _shard(image: Image) -> str:
    return (in_shard(image.path) or ("", ""))[0]


def _told_by(image: Image, inside: str) -> int:
    return image.told_by or (FOLDER if "/" in inside else NOT_TOLD)


def _folder_name(name: str) -> str:
    """Return a class as the name of a folder; empty where it cannot be one."""
    name = name.strip().replace("/", "_")
    name = f"_{name[1:]}" if name.startswith(".") else name
    try:
        fits = "\0" not in name and len(os.fsencode(name)) <= _LONGEST_LABEL
    except UnicodeEncodeError:
        return ""
    return name if fits else ""
