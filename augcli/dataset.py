"""What is in an image folder: its sources, splits and classes; IN is only ever read.

Paths are relative to IN with `/` between folders, as `os.fsdecode` gives them, and sorted by their bytes.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from augcli.problems import Problem, Refused, listed

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".png", ".apng", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif")
) | frozenset((".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".j2c", ".jxl"))

_OTHER_SUFFIXES = frozenset((".svg", ".psd", ".exr", ".dng"))
"""Images to their owners, but not to us: counted apart, so that nobody misses them unawares."""

ROLE_OF_FOLDER = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}


class Source(NamedTuple):
    """One image file of IN. `split` is the folder's own name, empty where there are no splits."""

    path: str
    split: str
    role: str
    label: str


@dataclass
class Listing:
    """All sources in the order of their paths' bytes, and the paths that were left out, by reason."""

    sources: list[Source]
    left_out: dict[str, list[str]] = field(default_factory=dict)
    empty_classes: list[str] = field(default_factory=list)


def byte_order(path: str) -> bytes:
    """The key by which sources are sorted everywhere."""
    return os.fsencode(path)


def scan(root: Path, layout: str = "auto", follow_links: bool = False, out: Path | None = None) -> Listing:
    """List the images of an ImageFolder.

    `layout` is `classes` (IN/class/...), `splits` (IN/split/class/...), `flat` (no labels), or `auto`, which
    decides between the first two by the names of the top folders. Raises `Refused` where IN is missing,
    empty, unreadable or of no such layout, or where a link that is followed leads to `out`.
    """
    if not os.path.exists(root):
        raise Refused(Problem(f"{root}: no such folder"))
    if not os.path.isdir(root):
        raise Refused(Problem(f"{root}: a file, not a folder", "give the folder that holds the class folders"))
    walk = _Walk(root, follow_links, out)
    if layout == "flat":
        files = walk.files("")
        sources = [Source(path, "", "train", "") for path in files]
    else:
        top = walk.folder("")
        if layout == "auto":
            layout = _layout_of(root, top.folders)
        if top.files:
            raise _loose_images(root, "", top.files)
        if layout == "splits":
            sources = [
                source
                for split in top.folders
                for source in _split(walk, root, split, ROLE_OF_FOLDER.get(split.lower(), "train"))
            ]
        else:
            sources = _classes(walk, "", top.folders, "", "train")
    if not sources:
        help = "images must have one of the suffixes " + " ".join(sorted(SUFFIXES))
        raise Refused(Problem(f"{root}: no images in it{_left_out(walk.left_out)}", help))
    sources.sort(key=lambda source: byte_order(source.path))
    return Listing(sources, walk.left_out, walk.empty)


def _layout_of(root: Path, folders: list[str]) -> str:
    splits = [name for name in folders if name.lower() in ROLE_OF_FOLDER]
    others = [name for name in folders if name.lower() not in ROLE_OF_FOLDER]
    if splits and others:
        raise Refused(
            Problem(
                f"{root}: {listed(splits)} looks like a split, {listed(others[:3])} does not",
                "set `layout: classes` if every folder is a class, or move the others away",
            )
        )
    return "splits" if splits else "classes"


def _loose_images(root: Path, folder: str, files: list[str]) -> Refused:
    where = root / folder if folder else root
    number = f"{len(files)} images lie" if len(files) > 1 else "an image lies"
    what = f"{where}: {number} directly in it, such as `{files[0]}`; class folders are expected"
    help = f"move it into a class folder, such as {where / 'cat'}, or set `layout: flat` in the spec (no labels)"
    return Refused(Problem(what, help))


def _split(walk: _Walk, root: Path, split: str, role: str) -> list[Source]:
    inside = walk.folder(split)
    if inside.files:
        raise _loose_images(root, split, inside.files)
    return _classes(walk, split + "/", inside.folders, split, role)


def _classes(walk: _Walk, base: str, labels: list[str], split: str, role: str) -> list[Source]:
    sources = []
    for label in labels:
        files = walk.files(base + label)
        if not files:
            walk.empty.append(base + label)
        sources += [Source(path, split, role, label) for path in files]
    return sources


def _left_out(left_out: dict[str, list[str]]) -> str:
    return "".join(f"; {len(paths)} {reason}" for reason, paths in sorted(left_out.items()))


class _Folder(NamedTuple):
    folders: list[str]
    files: list[str]


class _Walk:
    """Reads folders once each and counts what it leaves out."""

    def __init__(self, root: Path, follow_links: bool, out: Path | None) -> None:
        self.root = os.fspath(root)
        self.follow_links = follow_links
        self.out = "" if out is None else os.path.realpath(out)
        self.left_out: dict[str, list[str]] = {}
        self.empty: list[str] = []

    def folder(self, path: str) -> _Folder:
        """Return the names of folders and images directly in a folder, sorted."""
        folders, files = [], []
        full = os.path.join(self.root, path) if path else self.root
        try:
            with os.scandir(full) as entries:
                for entry in sorted(entries, key=lambda entry: byte_order(entry.name)):
                    kind = self._kind(entry, path)
                    if kind == "folder":
                        folders.append(entry.name)
                    elif kind == "image":
                        files.append(entry.name)
                    else:
                        self.left_out.setdefault(kind, []).append(f"{path}/{entry.name}" if path else entry.name)
        except OSError as error:
            raise Refused(Problem(f"{full}: cannot be read ({error.strerror})", "change its permissions")) from None
        return _Folder(folders, files)

    def files(self, path: str) -> list[str]:
        """Return the paths of all images below a folder."""
        pending, found = [path], []
        while pending:
            here = pending.pop()
            inside = self.folder(here)
            base = here + "/" if here else ""
            found += [base + name for name in inside.files]
            pending += [base + name for name in inside.folders]
        return found

    def _kind(self, entry: os.DirEntry[str], folder: str) -> str:
        if entry.name.startswith("."):
            return "hidden"
        if entry.is_symlink() and not self.follow_links:
            return "links (not followed)"
        if entry.is_symlink() and self.out:
            self._refuse_out(entry)
        # Of a link to itself os.path says that it is neither; an entry raises.
        if os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():
            return "links back to a folder around them" if self._leads_back(entry, folder) else "folder"
        if not (os.path.isfile(entry.path) if entry.is_symlink() else entry.is_file()):
            return "not regular files" if os.path.exists(entry.path) else "broken links"
        suffix = os.path.splitext(entry.name)[1].lower()
        if suffix in _OTHER_SUFFIXES:
            return f"images in a format that is not read ({suffix})"
        return "image" if suffix in SUFFIXES else "without an image suffix"

    def _leads_back(self, entry: os.DirEntry[str], folder: str) -> bool:
        """Tell whether a folder is a link to one of those that it lies in, which would go on for ever."""
        if not entry.is_symlink():
            return False
        parts = folder.split("/") if folder else []
        around = [os.path.join(self.root, *parts[:depth]) for depth in range(len(parts) + 1)]
        target = os.path.realpath(entry.path)
        return any(_is_or_holds(target, os.path.realpath(folder)) for folder in around)

    def _refuse_out(self, link: os.DirEntry[str]) -> None:
        """Refuse a link by which IN would hold OUT, even one that nothing stands behind yet."""
        target = os.path.realpath(link.path)
        is_around_in = _is_or_holds(target, os.path.realpath(self.root))  # not followed anyway
        if _is_or_holds(self.out, target) or (_is_or_holds(target, self.out) and not is_around_in):
            raise Refused(Problem(f"{link.path}: a link that leads to OUT", "remove it, or choose another OUT"))


def _is_or_holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def stop_if_gone(root: Path | str) -> None:
    """Raise OSError where IN itself is gone: without it every source would seem to be.

    A disk that is no longer mounted leaves an empty folder.
    """
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        if next(entries, None) is not None:
            return
    raise FileNotFoundError(errno.ENOENT, "gone, or no longer mounted", os.fspath(root))


def counts(sources: Iterable[Source]) -> dict[str, Counter[str]]:
    """Count images per class within each split, keyed by the split's folder name."""
    table: dict[str, Counter[str]] = {}
    for source in sources:
        table.setdefault(source.split, Counter())[source.label] += 1
    return table
