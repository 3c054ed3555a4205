"""The files that are planned: the outputs of every source under their final names."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, overload

from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import LabelFile, Source, core_of
from augcli.plan.copies import CopiesOf
from augcli.plan.name_clashes import clashing, parts, with_hash
from augcli.spec.spec import Spec, Views
from augcli.storage.names import folded

LONGEST_NAME = 255  # bytes; the limit of every common file system
LONGEST_STEM = 50  # characters; up to here no name of an output can be too long


class Item(NamedTuple):
    """A source and what becomes of it; `stem`, `tail` and `suffix` make the names of its outputs.

    A copy's tag goes behind the stem; `copies` are how many it gets where its split is augmented. `hash` is the end of
    the stem where another source has its name.
    """

    source: Source
    stem: str
    suffix: str
    format: str
    error: str = ""
    tail: str = ""
    hash: str = ""
    copies: int = 1


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
    branch: str = ""
    """The name of the pipeline that makes it, where there are several."""

    @property
    def key(self) -> tuple[str, int | None]:
        """What tells the copies of a source apart."""
        return self.branch, self.copy

    @property
    def is_made(self) -> bool:
        """Whether steps make it; otherwise it has the bytes of its source."""
        return (self.of or self.status) in ("augmented", "transformed", "view")


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
    if treatment != "augment" and not isinstance(treatment, Views):
        return [Output(item.stem + item.tail + item.suffix, None, "transformed")]
    planned = [Output(original, None, "original")] if spec.include_originals else []
    end = item.tail + item.suffix
    if isinstance(treatment, Views):
        numbers = range(treatment.number)
        return planned + [Output(item.stem + tag_of(copy, "view") + end, copy, "view") for copy in numbers]
    stems = [(_below(item, branch), branch) for branch in spec.branches]
    return planned + [
        Output(stem + tag_of(copy, "augmented") + end, copy, "augmented", None, "", branch)
        for copy in range(item.copies)
        for stem, branch in stems
    ]


def tag_of(copy: int | None, status: str) -> str:
    """Return what tells the name of a copy from that of its source."""
    return "" if copy is None else f"_{'view' if status == 'view' else 'aug'}{copy:03d}"


def _below(item: Item, branch: str) -> str:
    """Return the stem of an item in the folder of a pipeline with a name, which lies below that of its split."""
    if not branch:
        return item.stem
    split = f"{item.source.split}/" if item.source.split and item.stem.startswith(f"{item.source.split}/") else ""
    return f"{split}{branch}/{item.stem.removeprefix(split)}"


def _labels(item: Item, spec: Spec, image: Output) -> Iterator[Output]:
    """Give the planned files of labels of an image."""
    from augcli.labels.formats import file_format_of  # loads codecs, as `image_format` does

    tag = tag_of(image.copy, image.status)
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
        return (item.copies * len(spec.branches) + spec.include_originals) * _records(item)
    if isinstance(treatment, Views):
        return treatment.number + spec.include_originals
    return 0 if treatment == "skip" else 1


def count_made(item: Item, spec: Spec) -> int:
    """Return the number of planned images, texts or records of a source that steps make."""
    treatment = spec.treatment(item.source.role)
    if isinstance(treatment, Views):
        return treatment.number
    if treatment == "augment":
        return item.copies * len(spec.branches) * _records(item)
    return 0 if treatment in ("copy", "skip") else 1


def _records(item: Item) -> int:
    """Return how many sources it stands for."""
    return 1 if item.source.block is None else item.source.block.records


class Items(Sequence[Item]):
    """Every source with what becomes of it, made anew when it is asked for: the few that are unlike others are kept."""

    def __init__(
        self,
        sources: Sequence[Source],
        kinds: Sequence[tuple[str, str, int]],
        kind_of: array[int],
        others: Mapping[int, tuple[str, str]],
    ) -> None:
        """Take suffixes, formats and numbers of copies, which of these each source has, and some errors and hashes."""
        self._sources, self._kinds, self._kind_of, self._others = sources, kinds, kind_of, others

    def __len__(self) -> int:
        return len(self._kind_of)

    def _at(self, index: int) -> Item:
        return _item(self._sources[index], *self._kinds[self._kind_of[index]], *self._others.get(index, ()))

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        found = range(len(self))[index]
        return self._at(found) if isinstance(found, int) else Some(self, found)

    def __iter__(self) -> Iterator[Item]:
        return map(self._at, range(len(self)))


class Some(Sequence[Item]):
    """Some of the items, by their numbers."""

    def __init__(self, items: Items, numbers: range) -> None:
        self._items, self._numbers = items, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        found = self._numbers[index]
        return self._items[found] if isinstance(found, int) else Some(self._items, found)


def _item(source: Source, suffix: str, format: str, copies: int, error: str = "", hash: str = "") -> Item:
    if source.block is not None:
        return Item(source, "", "", "", copies=copies)
    stem, tail, _ = parts(source)
    return Item(source, stem + hash, suffix, format, error, tail, hash, copies)


def items(spec: Spec, root: Path, sources: Sequence[Source], copies_of: CopiesOf | None = None) -> Items:
    """Give every source the stem of its output names, in the order of the sources.

    `copies_of` tells how many copies a source gets; without it all get as many. The content tells the format.

    Where two sources ask for one name (`a.jpg` and `a.png`, names or folders that differ in case or Unicode form only,
    `a_aug000.jpg` beside `a.jpg`), all but the first get a short hash of their path.
    """
    if spec.kind == "text" and any(
        source.block is not None for source in sources
    ):  # tables that are not augmented stay whole
        sources = PackedSources(s for s in sources if s.block is None or spec.treatment(s.role) == "augment")
    clashes = clashing(sources)
    hashed: set[tuple[str, str]] = set()
    labels: set[str] = set()
    as_image = None
    if spec.kind == "image":
        from augcli.plan.image_formats import image_format  # codecs are loaded only where there are images

        as_image = partial(image_format, root, spec.output.format)
    kinds: dict[tuple[str, str, int], int] = {}
    kind_of = array("I")
    others: dict[int, tuple[str, str]] = {}
    for at, source in enumerate(sources):
        stem, _, present = parts(source)
        copies = spec.usual_copies if copies_of is None else copies_of(source)
        suffix, format, error = (present, "text", "") if as_image is None else as_image(source, present)
        if source.block is not None:
            kind_of.append(kinds.setdefault(("", "", copies), len(kinds)))
            continue
        files = {folded(label.path) for label in source.labels if not label.is_shared} if source.labels else set()
        hash = ""
        own = len(stem) - stem.rfind("/") - 1
        if clashes[at] or not labels.isdisjoint(files):  # `a.jpg` and `a.png` may have one file of labels
            hash = with_hash(stem, source, hashed)[own:]
        labels |= files
        if own + len(hash) > LONGEST_STEM:
            longest = _longest(outputs(_item(source, suffix, format, copies, error, hash), spec))
            if longest > LONGEST_NAME:
                error = f"the name is too long: its outputs would need {longest} of {LONGEST_NAME} bytes"
        kind_of.append(kinds.setdefault((suffix, format, copies), len(kinds)))
        if error or hash:
            others[at] = error, hash
    return Items(sources, [*kinds], kind_of, others)


def _longest(planned: list[Output]) -> int:
    return max((len(os.fsencode(os.path.basename(output.file_name))) for output in planned), default=0)
