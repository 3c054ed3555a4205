"""The images of an image folder, with their splits and classes. IN is only ever read.

Paths are relative to IN with `/` between folders, as `os.fsdecode` gives them, and sorted by their bytes.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from augcli.dataset.containers import SUFFIXES, shards_among
from augcli.dataset.file_kinds import ARCHIVES, IMAGE_SUFFIXES, LINKS, NO_FILES, UNREAD, how_many
from augcli.dataset.layouts import READERS, reader_of, recognise
from augcli.dataset.layouts.tree import Finding, Tree, as_folders, join
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, role_of
from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import NO_HINTS, Hints, Labelled, LabelSet, Source
from augcli.dataset.walk import Walk
from augcli.problems import Problem, Refused, listed, such_as
from augcli.storage import places
from augcli.storage.names import byte_order, lies_inside

if TYPE_CHECKING:
    from augcli.dataset.tables import Table


@dataclass
class Listing:
    """All sources, in the order of their paths' bytes, and what else lies in IN."""

    sources: Sequence[Source]
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """The paths that were left out, by reason."""
    empty_classes: list[str] = field(default_factory=list)
    """The class folders without an image."""
    sets: list[LabelSet] = field(default_factory=list)
    """The files of labels that many images share."""
    seen: str = ""
    """What a set with labels looks like, as `a YOLO data set`; empty for class folders and images without labels."""
    tables: dict[str, Table] = field(default_factory=dict)
    """The tables of texts, by their paths; each source is a block of one."""
    stamps: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """What tells each table or shard from another one in its place."""
    unpaired: dict[str, list[str]] = field(default_factory=dict)
    """Images without labels and labels without an image, by reason."""
    shards: str = ""
    """Of images in shards, what these are: `20 tar shards, classes from .cls`."""
    is_numbered: bool = False
    """Classes are called by their numbers, as nothing says their names."""

    def unread_images(self) -> dict[str, int]:
        """Return by reason how many images are left out that their owner may count on."""
        return {reason: len(paths) for reason, paths in self.left_out.items() if reason.startswith(UNREAD)}


def scan(
    root: Path, layout: str = "auto", follow_links: bool = False, out: Path | None = None, hints: Hints = NO_HINTS
) -> Listing:
    """List the images of an image folder.

    `layout` is `classes` (IN/class/...), `splits` (IN/split/class/...), `flat` (no labels), `webdataset` or `parquet`
    (images in shards), one with labels in files, such as `coco`, or `auto`: what is there decides, and what is not
    read is refused. `hints` tell where labels are.
    Raises `Refused` where IN is missing, empty, unreadable or of another layout, and where a link that is followed
    leads to `out`.
    """
    refuse_no_folder(root, "give the folder that holds the class folders")
    walk = Walk(root, follow_links, out)
    tree = walk.tree()
    hints = _plain(root, tree, hints)
    if layout in READERS:
        labelled = reader_of(layout)(tree, hints)
        if labelled is None:
            raise Refused(Problem(f"{root}: no data set of `layout: {layout}`", _expected(tree)))
        return _of_labelled(root, walk, labelled)
    if layout in SUFFIXES:
        return _of_shards(root, walk, layout, is_sure=True)
    bases: list[str] = []  # the folders whose folders are the classes
    if layout == "flat":
        sources = PackedSources(Source(path, "", "train", "") for path in tree.images_below(""))
    else:
        top = tree.folders[""]
        if layout == "auto":
            found = recognise(tree) if tree.number[""] else None  # or it is the images that are not there
            if found is not None and found.layout in READERS:
                labelled = reader_of(found.layout)(tree, hints)
                if labelled is not None:
                    return _of_labelled(root, walk, labelled)
            if found is not None:
                raise Refused(Problem(f"{root}: looks like {found.what}", _help(tree, found)))
            if kind := _kind_of_shards(root, walk, tree):
                return _of_shards(root, walk, kind, is_sure=False)
            layout = layout_of(root, tree)
        if top.images:
            raise _loose_images(root, tree)
        if layout == "splits":
            pictures = tree.with_pictures("")
            bases = [name for name in top.folders if name in pictures or name.lower() in ROLE_OF_FOLDER]
            for split in bases:
                if tree.folders[split].images:
                    raise _loose_images(root, tree, split)
            in_splits = (in_classes(tree, split, role_of(split)) for split in as_folders(bases))
            sources = PackedSources(chain.from_iterable(in_splits))
        else:
            bases = [""]
            sources = PackedSources(in_classes(tree, "", "train"))
    if not sources:
        raise Refused(Problem(f"{root}: no images in it{what_else(walk.left_out)}", _help_if_none(walk.left_out)))
    empty = [folder for base in bases for folder in empty_classes(walk, tree, base)]
    return Listing(sources, walk.left_out, empty)


def refuse_no_folder(root: Path, help: str) -> None:
    """Refuse an IN that is not there, or no folder."""
    kind = places.seems(root)
    if not kind:
        raise Refused(Problem(f"{root}: no such folder"))
    if kind != "folder":
        raise Refused(Problem(f"{root}: a file, not a folder", help))


def _plain(root: Path, tree: Tree, hints: Hints) -> Hints:
    """Return where the spec says that images and labels are, as the tree calls it. Raises `Refused` for what is not."""
    for given in (given for given in hints if given):
        if not lies_inside(given) or not places.seems(root / given):
            raise Refused(Problem(f"{root / given}: no such file or folder", "correct it in `labels` of the spec"))
    plain = Hints(*("" if posixpath.normpath(given) == "." else posixpath.normpath(given) for given in hints))
    if plain.images not in tree.folders:
        what = f"{root / hints.images}: no folder, or behind a link"
        raise Refused(Problem(what, "correct `images` in `labels` of the spec, or add --follow-links"))
    return plain


def _of_labelled(root: Path, walk: Walk, found: Labelled) -> Listing:
    """Return the listing of a set with labels in files; what they do not use is left out."""
    if not found.sources:
        raise Refused(Problem(f"{root}: looks like {found.what}, and none of its images is there"))
    used = found.used | {label.path for source in found.sources for label in source.labels}
    used |= {one.path for one in found.sets} | {path for paths in found.unpaired.values() for path in paths}
    left = {reason: [path for path in paths if path not in used] for reason, paths in walk.left_out.items()}
    left_out = {reason: paths for reason, paths in left.items() if paths}
    sources = PackedSources(sorted(found.sources, key=lambda source: byte_order(source.path)))
    return Listing(sources, left_out, [], found.sets, found.what, unpaired=found.unpaired)


def _kind_of_shards(root: Path, walk: Walk, tree: Tree) -> str:
    """Return the layout of shards that hold images; empty where there are none.

    Raises `Refused` where there are other images as well, or tar files that are compressed.
    """
    others = [path for reason, paths in walk.left_out.items() if reason not in NO_FILES for path in paths]
    if not any(shards_among(kind, others) for kind in SUFFIXES):
        return ""
    from augcli.dataset.containers.shards import hold_images  # with all that reads shards, here and below

    found = [
        kind
        for kind in SUFFIXES
        if (paths := shards_among(kind, others)) and hold_images(root, kind, paths, meant=not tree.number[""])
    ]
    some = [shards_among(kind, others)[0] for kind in found]
    if found and tree.number[""]:
        what = f"{root}: image files, such as `{tree.some('')}`, and shards that hold images, such as `{some[0]}`"
        help = f"move one of both away, or set `layout: {found[0]}`, `classes`, `splits` or `flat` in the spec"
        raise Refused(Problem(what, help))
    if len(found) > 1:
        what = f"{root}: images in tar files, such as `{some[0]}`, and in Parquet, such as `{some[1]}`"
        raise Refused(Problem(what, "set `layout: webdataset` or `parquet` in the spec"))
    return found[0] if found else ""


def _of_shards(root: Path, walk: Walk, layout: str, is_sure: bool) -> Listing:
    """Return the images in shards; all other files are left out. Raises `Refused` where there are none."""
    others = [path for reason, paths in walk.left_out.items() if reason not in NO_FILES for path in paths]
    from augcli.dataset.containers.shards import HELP, compressed, list_shards

    if problem := compressed(root, others) if layout == "webdataset" else None:
        raise Refused(problem)
    paths = shards_among(layout, others)
    if not paths:
        raise Refused(Problem(f"{root}: no file that ends in `{SUFFIXES[layout]}`{what_else(walk.left_out)}"))
    found = list_shards(root, layout, paths, is_sure)
    used = {*found.stamps, *found.used}
    left = {reason: [path for path in paths if path not in used] for reason, paths in walk.left_out.items()}
    for reason, names in found.left_out.items():
        left[reason] = [*left.get(reason, ()), *names]
    left_out = {reason: names for reason, names in left.items() if names}
    if not found.sources:
        raise Refused(Problem(f"{root}: no images in its shards{what_else(left_out)}", HELP[layout]))
    return Listing(
        PackedSources(found.sources), left_out, stamps=found.stamps, shards=found.what, is_numbered=found.is_numbered
    )


def _expected(tree: Tree) -> str:
    """Say what else IN may be."""
    found = recognise(tree)
    return "leave `layout` out to see what it looks like" if found is None else f"it looks like {found.what}"


def layout_of(root: Path, tree: Tree) -> str:
    """Return `splits` or `classes`, as the names of the top folders say."""
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
    """Say what to type where IN is of a layout that is not read."""
    top = tree.folders[""]
    tops = tree.with_images("")
    splits = [name for name in tops if name.lower() in ROLE_OF_FOLDER]
    bare = [name for name in splits if tree.folders[name].images]
    layout = "splits" if splits and splits == tops and not bare else "classes"
    every = "every folder in the splits" if layout == "splits" else "every folder"
    if found.help:
        return f"{found.help}, or set `layout: {layout}` if {every} is a class"
    gone = "its labels are not there; name their folder or file in the spec, `labels: {annotations: FOLDER}`"
    not_yet = gone if found.layout in READERS else "such sets are not read yet"
    if top.images:
        return f"{not_yet}; `layout: flat` in the spec takes the images without labels"
    if bare and splits == tops:
        train = next((name for name in bare if role_of(name) == "train"), bare[0])
        return f"{not_yet}; {os.path.join(tree.root, train)} with `layout: flat` in the spec is read without labels"
    return f"{not_yet}; `layout: {layout}` in the spec takes {every} for a class all the same"


def _help_if_none(left_out: dict[str, list[str]]) -> str:
    """Say what to do where IN holds no image that is read."""
    if LINKS in left_out:
        return "add --follow-links to read what the links lead to"
    if any(reason.startswith(ARCHIVES) for reason in left_out):
        return "unpack the archives first"
    from augcli.dataset.tables.opening import format_of

    if any(format_of(path) for paths in left_out.values() for path in paths):
        return "texts need a spec with steps for texts, as `augcli init --preset text` prints"
    return "images must have one of the suffixes " + " ".join(sorted(IMAGE_SUFFIXES))


def _loose_images(root: Path, tree: Tree, split: str = "") -> Refused:
    """Refuse images that lie beside the class folders."""
    where = root / split if split else root
    files = tree.folders[split].images
    number, them = (f"{len(files)} images lie", "them") if len(files) > 1 else ("an image lies", "it")
    what = f"{where}: {number} directly in it{such_as(len(files), files[0])}; class folders are expected"
    given = f"give {where} and " if split else ""
    flat = f"{given}set `layout: flat` in the spec (no labels)"
    return Refused(Problem(what, f"move {them} into a class folder, such as {where / 'cat'}, or {flat}"))


def in_classes(tree: Tree, split: str, role: str) -> Iterator[Source]:
    """Return the images of a split, or of IN itself, whose folders are the classes, in the order of their bytes."""
    for label in as_folders(tree.folders[split].folders):
        for path in tree.images_below(join(split, label)):
            yield Source(path, split, role, label)


def empty_classes(walk: Walk, tree: Tree, base: str) -> list[str]:
    """Return the class folders in which no image lies, and the links there that may be classes."""
    folders = [join(base, label) for label in tree.folders[base].folders]
    linked = [path for path in walk.linked if path.rpartition("/")[0] == base]
    return [folder for folder in folders if not tree.number[folder]] + linked


def what_else(left_out: dict[str, list[str]]) -> str:
    """Return what follows `no images in it`."""
    return "".join(f"; {how_many(len(paths), reason)}" for reason, paths in sorted(left_out.items()))


def counts(sources: Iterable[Source]) -> dict[str, Counter[str]]:
    """Count images or texts per class within each split, keyed by the split's folder name."""
    table: dict[str, Counter[str]] = {}
    for source in sources:
        number = 1 if source.block is None else source.block.records
        table.setdefault(source.split, Counter())[source.label] += number
    return table
