"""What is in an image folder: its sources, splits and classes; IN is only ever read.

Paths are relative to IN with `/` between folders, as `os.fsdecode` gives them, and sorted by their bytes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.layouts import recognise
from augcli.dataset.layouts.tree import Finding, Folder, Tree, join
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, role_of, words_of
from augcli.problems import Problem, Refused, listed
from augcli.storage import disk
from augcli.storage.names import byte_order

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".png", ".apng", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif")
) | frozenset((".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".j2c", ".jxl"))

_RAW_SUFFIXES = words_of(
    ".3fr .arw .cr2 .cr3 .crw .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl .sr2 .srf .srw"
    " .x3f"
)
_FILM_SUFFIXES = words_of(".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv")
_ARCHIVE_SUFFIXES = words_of(".7z .bz2 .gz .rar .tar .tgz .xz .zip")
_ARCHIVES = "archives that are not unpacked"
_UNREAD_SUFFIXES = (
    (words_of(".svg .psd .exr"), "images in a format that is not read"),
    (_RAW_SUFFIXES, "raw photos that are not read"),
    (_FILM_SUFFIXES, "films"),
    (_ARCHIVE_SUFFIXES, _ARCHIVES),
)
"""Files that are counted apart, so that nobody misses them unawares."""

_OF_ONE = {"s that are": " that is", "images in": "image in", "films": "film", "links": "link"} | {
    "not regular files": "not a regular file",
    "folders and files": "folder or file",
}
"""How reasons that speak of many speak of one."""

LINKS = "links (not followed)"
_SYSTEM = "system folders and files"
_UNREAD = ("images in a format that is not read", "raw photos", LINKS, "broken links")
"""How the reasons begin that keep out what its owner takes for an image of the set."""

_NO_FILES = frozenset(
    ("hidden", _SYSTEM, LINKS, "broken links", "links back to a folder around them", "not regular files")
)

_SYSTEM_NAMES = frozenset(
    (
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@__thumb"),  # of network storages
        *("$recycle.bin", "recycler", "system volume information", "found.000"),  # of Windows
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
        *("__macosx", "icon\r", "network trash folder", "temporary items"),  # of macOS; more of it is hidden
        *("lost+found", "__pycache__"),
    )
)
"""What systems put into anybody's folders, in small letters."""


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

    def unread_images(self) -> dict[str, int]:
        """Return how many images are left out that their owner may count on, by reason."""
        return {reason: len(paths) for reason, paths in self.left_out.items() if reason.startswith(_UNREAD)}


def scan(root: Path, layout: str = "auto", follow_links: bool = False, out: Path | None = None) -> Listing:
    """List the images of an ImageFolder.

    `layout` is `classes` (IN/class/...), `splits` (IN/split/class/...), `flat` (no labels), or `auto`, which
    decides between the first two by the names of the top folders, and refuses what looks like anything else.
    Raises `Refused` where IN is missing, empty, unreadable or of no such layout, or where a link that is followed
    leads to `out`.
    """
    if not os.path.exists(root):
        raise Refused(Problem(f"{root}: no such folder"))
    if not os.path.isdir(root):
        raise Refused(Problem(f"{root}: a file, not a folder", "give the folder that holds the class folders"))
    walk = _Walk(root, follow_links, out)
    tree = walk.tree()
    if layout == "flat":
        sources = [Source(path, "", "train", "") for path in tree.images_below("")]
    else:
        top = tree.folders[""]
        if layout == "auto":
            found = recognise(tree)
            if found is not None:
                raise Refused(Problem(f"{root}: looks like {found.what}", _help(tree, found)))
            layout = _layout_of(root, tree)
        if top.images:
            raise _loose_images(root, tree)
        if layout == "splits":
            pictures = tree.with_pictures("")
            splits = [name for name in top.folders if name in pictures or name.lower() in ROLE_OF_FOLDER]
            sources = [source for split in splits for source in _split(walk, tree, root, split, role_of(split))]
        else:
            sources = _classes(walk, tree, "", "", "train")
    if not sources:
        raise Refused(Problem(f"{root}: no images in it{_left_out(walk.left_out)}", _help_if_none(walk.left_out)))
    sources.sort(key=lambda source: byte_order(source.path))
    return Listing(sources, walk.left_out, walk.empty)


def _layout_of(root: Path, tree: Tree) -> str:
    folders = tree.with_pictures("")
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


def _help(tree: Tree, found: Finding) -> str:
    """Say what to type where IN is not what it would be read as."""
    top = tree.folders[""]
    tops = tree.with_images("")
    splits = [name for name in tops if name.lower() in ROLE_OF_FOLDER]
    bare = [name for name in splits if tree.folders[name].images]
    layout = "splits" if splits and splits == tops and not bare else "classes"
    every = "every folder in the splits" if layout == "splits" else "every folder"
    if found.help:
        return f"{found.help}, or set `layout: {layout}` if {every} is a class"
    not_yet = "such sets are not read yet"
    if top.images:
        return f"{not_yet}; `layout: flat` in the spec takes the images without labels"
    if bare and splits == tops:
        train = next((name for name in bare if role_of(name) == "train"), bare[0])
        return f"{not_yet}; {os.path.join(tree.root, train)} with `layout: flat` in the spec is read without labels"
    return f"{not_yet}; `layout: {layout}` in the spec takes {every} for a class all the same"


def _help_if_none(left_out: dict[str, list[str]]) -> str:
    if LINKS in left_out:
        return "add --follow-links to read what the links lead to"
    if any(reason.startswith(_ARCHIVES) for reason in left_out):
        return "unpack the archives first"
    return "images must have one of the suffixes " + " ".join(sorted(SUFFIXES))


def _loose_images(root: Path, tree: Tree, split: str = "") -> Refused:
    where = root / split if split else root
    files = tree.folders[split].images
    number, them = (f"{len(files)} images lie", "them") if len(files) > 1 else ("an image lies", "it")
    what = f"{where}: {number} directly in it, such as `{files[0]}`; class folders are expected"
    given = f"give {where} and " if split else ""
    flat = f"{given}set `layout: flat` in the spec (no labels)"
    return Refused(Problem(what, f"move {them} into a class folder, such as {where / 'cat'}, or {flat}"))


def _split(walk: _Walk, tree: Tree, root: Path, split: str, role: str) -> list[Source]:
    if tree.folders[split].images:
        raise _loose_images(root, tree, split)
    return _classes(walk, tree, split, split, role)


def _classes(walk: _Walk, tree: Tree, base: str, split: str, role: str) -> list[Source]:
    sources = []
    for label in tree.folders[base].folders:
        folder = join(base, label)
        if not tree.number[folder]:
            walk.empty.append(folder)
        sources += [Source(path, split, role, label) for path in tree.images_below(folder)]
    walk.empty += [path for path in walk.linked if path.rpartition("/")[0] == base]
    return sources


def _left_out(left_out: dict[str, list[str]]) -> str:
    return "".join(f"; {how_many(len(paths), reason)}" for reason, paths in sorted(left_out.items()))


def how_many(number: int, reason: str) -> str:
    """Return `2 films (.mp4)`, `1 film (.mp4)`."""
    for many, one in _OF_ONE.items() if number == 1 else ():
        reason = reason.replace(many, one)
    return f"{number} {reason}"


class _Walk:
    """Reads folders once each and counts what it leaves out."""

    def __init__(self, root: Path, follow_links: bool, out: Path | None) -> None:
        self.root = os.fspath(root)
        self.follow_links = follow_links
        self.out = "" if out is None else os.path.realpath(out)
        self.left_out: dict[str, list[str]] = {}
        self.empty: list[str] = []
        self.linked: list[str] = []

    def tree(self) -> Tree:
        """Return all folders of IN that are not left out, a folder before those inside it."""
        pending, folders = [""], {}
        while pending:
            here = pending.pop()
            folders[here] = self.folder(here)
            pending += [join(here, name) for name in folders[here].folders]
        return Tree(self.root, folders)

    def folder(self, path: str) -> Folder:
        """Return what is directly in a folder."""
        found = Folder([], [], [], 0)
        missed = 0
        full = os.path.join(self.root, path) if path else self.root
        try:
            with os.scandir(full) as entries:
                for entry in sorted(entries, key=lambda entry: byte_order(entry.name)):
                    kind = self._kind(entry, path)
                    if kind == "folder":
                        found.folders.append(entry.name)
                    elif kind == "image":
                        found.images.append(entry.name)
                    else:
                        self.left_out.setdefault(kind, []).append(join(path, entry.name))
                        missed += kind.startswith(_UNREAD)
                        if kind not in _NO_FILES:
                            found.others.append(entry.name)
        except OSError as error:
            raise Refused(Problem(f"{full}: cannot be read ({error.strerror})", "change its permissions")) from None
        return found._replace(missed=missed)

    def _kind(self, entry: os.DirEntry[str], folder: str) -> str:
        if entry.name.startswith("."):
            return "hidden"
        if entry.name.lower() in _SYSTEM_NAMES:
            return _SYSTEM
        if entry.is_symlink() and not self.follow_links:
            suffix = os.path.splitext(entry.name)[1].lower()
            if suffix not in SUFFIXES and folder.count("/") == 0 and os.path.isdir(entry.path):
                self.linked.append(join(folder, entry.name))  # maybe a class
            return LINKS
        if entry.is_symlink() and self.out:
            self._refuse_out(entry)
        # Of a link to itself os.path says that it is neither; an entry raises.
        if disk.is_folder(entry.path) if entry.is_symlink() else entry.is_dir():
            return "links back to a folder around them" if self._leads_back(entry, folder) else "folder"
        if not (disk.is_file(entry.path) if entry.is_symlink() else entry.is_file()):
            return "not regular files" if disk.status(entry.path) else "broken links"
        suffix = os.path.splitext(entry.name)[1].lower()
        if suffix in SUFFIXES:
            return "image"
        for suffixes, kind in _UNREAD_SUFFIXES:
            if suffix in suffixes:
                return f"{kind} ({suffix})"
        return "without an image suffix"

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


def counts(sources: Iterable[Source]) -> dict[str, Counter[str]]:
    """Count images per class within each split, keyed by the split's folder name."""
    table: dict[str, Counter[str]] = {}
    for source in sources:
        table.setdefault(source.split, Counter())[source.label] += 1
    return table
