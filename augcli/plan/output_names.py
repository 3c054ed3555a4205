"""The files that are planned: the outputs of every source under their final names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.file_kinds import IMAGE_SUFFIXES
from augcli.dataset.layouts.tree import join
from augcli.dataset.sources import LabelFile, Source, core_of
from augcli.spec.spec import Spec
from augcli.storage.names import folded

LONGEST_NAME = 255  # bytes; the limit of every common file system
LONGEST_STEM = 50  # characters; up to here no name of an output can be too long


class Item(NamedTuple):
    """A source and what becomes of it; `stem`, `tail` and `suffix` make the names of its outputs.

    A copy's tag goes behind the stem. `hash` is the end of the stem where another source has its name.
    """

    source: Source
    stem: str
    suffix: str
    format: str
    error: str = ""
    tail: str = ""
    hash: str = ""


class Output(NamedTuple):
    """One file that is planned; `copy` is None for originals, copied and transformed files.

    A file of labels, with the status `labels`, is that of `label`, a number in the source's labels; `of` is the status
    of its image.
    """

    file_name: str
    copy: int | None
    status: str
    label: int | None = None
    of: str = ""

    @property
    def is_made(self) -> bool:
        """Whether steps make it; otherwise it has the bytes of its source."""
        return (self.of or self.status) in ("augmented", "transformed")


def outputs(item: Item, spec: Spec) -> list[Output]:
    """Return the planned files of a source: the original first, then the copies, each with its files of labels.

    A block of records has none.
    """
    if item.source.block is not None:
        return []  # records are no files
    planned = _images(item, spec)
    if not item.source.labels:
        return planned
    return [file for image in planned for file in (image, *_labels(item, spec, image))]


def _images(item: Item, spec: Spec) -> list[Output]:
    treatment = spec.treatment(item.source.role)
    original = item.stem + item.tail + os.path.splitext(item.source.path)[1]
    if treatment == "skip":
        return []
    if treatment == "copy":
        return [Output(original, None, "copied")]
    if treatment != "augment":
        return [Output(item.stem + item.tail + item.suffix, None, "transformed")]
    planned = [Output(original, None, "original")] if spec.include_originals else []
    copies, end = range(spec.copies), item.tail + item.suffix
    return planned + [Output(f"{item.stem}_aug{copy:03d}{end}", copy, "augmented") for copy in copies]


def _labels(item: Item, spec: Spec, image: Output) -> Iterator[Output]:
    """Give the planned files of labels of an image."""
    from augcli.labels.formats import file_format_of  # loads codecs, as `image_format` does

    tag = "" if image.copy is None else f"_aug{image.copy:03d}"
    for number, label in enumerate(item.source.labels):
        if label.is_shared or (label.is_missing and not (spec.mixes and image.is_made)):
            continue  # others may bring objects to an image that has none
        name = label_name(label, item.hash + tag)
        if image.is_made:
            name = os.path.splitext(name)[0] + file_format_of(label.format).suffix(label.path)
        yield Output(name, image.copy, LABELS, number, image.status)


def label_name(label: LabelFile, tag: str) -> str:
    """Return the path of a file of labels with a tag behind the core of its name."""
    before, core, after = core_of(label.path, label.core)
    return f"{before}{core}{tag}{after}"


LABELS = "labels"
"""The status of files of labels."""


def count(item: Item, spec: Spec) -> int:
    """Return the number of planned images, texts or records of a source, without naming them."""
    treatment = spec.treatment(item.source.role)
    if treatment == "augment":
        return (spec.copies + spec.include_originals) * _records(item)
    return 0 if treatment == "skip" else 1


def count_made(item: Item, spec: Spec) -> int:
    """Return the number of planned images, texts or records of a source that steps make."""
    treatment = spec.treatment(item.source.role)
    return spec.copies * _records(item) if treatment == "augment" else 0 if treatment in ("copy", "skip") else 1


def _records(item: Item) -> int:
    """Return how many sources it stands for."""
    return 1 if item.source.block is None else item.source.block.records


def items(spec: Spec, root: Path, sources: list[Source]) -> Iterator[Item]:
    """Give every source the stem of its output names, in the order of the sources.

    The content tells the format. Where two sources ask for one name (`a.jpg` and `a.png`, names or folders that
    differ in case or Unicode form only, `a_aug000.jpg` beside `a.jpg`), all but the first get a short
    hash of their path.
    """
    keyed = _keys_by_folder(sources)
    taken = _taken_by_folders(keyed)
    hashed: set[tuple[str, str]] = set()
    labels: set[str] = set()
    as_image = None
    if spec.kind == "image":
        from augcli.plan.image_formats import image_format  # codecs are loaded only where there are images

        as_image = partial(image_format, root, spec.output.format)
    for source in sources:
        if source.block is not None:
            if spec.treatment(source.role) == "augment":
                yield Item(source, "", "", "")
            continue  # other tables stay whole
        own, tail, present = _parts(source)
        here, own = os.path.split(own)
        folder, key = folded(here), _key(source)
        stems, stem = keyed[folder], own
        files = {folded(label.path) for label in source.labels if not label.is_shared}
        if (
            stems[key] is not source
            or not stems.keys().isdisjoint(_bases(key))
            or (folder, key) in taken
            or not labels.isdisjoint(files)  # `a.jpg` and `a.png` may have one file of labels
        ):
            stem = _with_hash(own, source, folder, hashed)
        labels |= files
        suffix, written, error = (present, "text", "") if as_image is None else as_image(source, present)
        item = Item(source, join(here, stem), suffix, written, error, tail, stem[len(own) :])
        if len(stem) > LONGEST_STEM and (longest := _longest(outputs(item, spec))) > LONGEST_NAME:
            item = item._replace(
                error=f"the name is too long: its outputs would need {longest} of {LONGEST_NAME} bytes"
            )
        yield item


def _longest(planned: list[Output]) -> int:
    return max((len(os.fsencode(os.path.basename(output.file_name))) for output in planned), default=0)


def _with_hash(stem: str, source: Source, folder: str, hashed: set[tuple[str, str]]) -> str:
    """Return a stem that no other source of a folder has; those that got a hash before are `hashed`."""
    for length in range(3, 64, 3):  # bytes; the first will do but for one in millions
        made = f"{stem}~{blake2b(os.fsencode(source.path), digest_size=length).hexdigest()}"
        if (folder, folded(made)) not in hashed:
            break
    hashed.add((folder, folded(made)))
    return made


_MADE_NAME = re.compile(r"(.+)(?:_aug\d+|~(?:[0-9a-f]{6})+)")
"""Names such as those that are made here, for copies and for sources that clash."""


def _bases(key: str) -> Iterator[str]:
    """Return the names that a name may have been made from here."""
    key, cut, tail = key.partition("\0")
    while made := _MADE_NAME.fullmatch(key):
        key = made[1]
        yield key + cut + tail


def _parts(source: Source) -> tuple[str, str, str]:
    """Return the stem of a source, behind which a copy's tag goes, the tail that follows, and the suffix."""
    if source.core is None:
        stem, suffix = os.path.splitext(source.name)
        return stem, "", suffix
    before, core, after = core_of(source.path, source.core)
    return before + core, *os.path.splitext(after)


def _key(source: Source) -> str:
    """Return what the names of two sources that would share one are the same in, beside the folder."""
    stem, tail, _ = _parts(source)
    name = folded(os.path.basename(stem))
    return f"{name}\0{folded(tail)}" if tail else name


_SUFFIXES = frozenset((*IMAGE_SUFFIXES, ".npy", ".txt"))


def _keys_by_folder(sources: list[Source]) -> dict[str, dict[str, Source]]:
    """Return who comes first of the sources that would share a stem, by folder and stem as a disk may see them."""
    first: dict[str, dict[str, Source]] = {}
    for source in sources:
        folder = os.path.dirname(_parts(source)[0])
        first.setdefault(folded(folder), {}).setdefault(_key(source), source)
    return first


def _taken_by_folders(folders: Iterable[str]) -> set[tuple[str, str]]:
    """Return the stems, by folder, whose outputs might be called as a folder is: `a` beside `a_aug000.jpg/`."""
    taken = set()
    for path in folders:
        while path:
            path, name = os.path.split(path)
            stem, suffix = os.path.splitext(name)
            if suffix in _SUFFIXES:
                taken |= {(path, key) for key in (stem, *_bases(stem))}
    return taken
