"""Packs: which sources go into which container of OUT, such as a tar shard, and what their images are called there."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.listing import Listing
from augcli.dataset.reading import size_of
from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.kinds import suffix_of
from augcli.plan.output_names import LABELS, Item, Output, count, outputs
from augcli.problems import Problem, Refused
from augcli.spec.spec import Spec
from augcli.storage import places
from augcli.storage.names import folded
from augcli.storage.places import Statuses

SHARD_SIZE = 1000


class Pack(NamedTuple):
    """A container that is planned: its name without suffix, and its items, `first` to `end`, in the order of packs."""

    name: str
    first: int
    end: int


class Packs(Sequence[Pack]):
    """All packs of a plan, split by split; each takes a few bytes.

    Sources of one split follow each other as they are listed, or, with `shuffle`, as a hash of the seed and their
    paths says. All images of a source stay together.
    """

    def __init__(self, spec: Spec, root: Path, items: Sequence[Item]) -> None:
        self._items = items
        by_split: dict[str, array[int]] = {}
        for number, item in enumerate(items):
            if spec.treatment(item.source.role) != "skip":
                by_split.setdefault(item.source.split, array("Q")).append(number)
        self._order = array("Q")
        self._packs: list[tuple[str, array[int]]] = []
        """The name of each split, and where its packs begin in the order; the last number is where it ends."""
        for split in sorted(by_split, key=os.fsencode):
            numbers = by_split[split]
            if spec.output.shuffle:
                numbers = array("Q", sorted(numbers, key=lambda number: _place(spec.seed, self._items[number])))
            start = len(self._order)
            self._order.extend(numbers)
            self._packs.append((split, array("Q", _cuts(spec, root, items, numbers, start))))
        self._starts = [0]
        for _, cuts in self._packs:
            self._starts.append(self._starts[-1] + len(cuts) - 1)
        self._is_parquet = spec.output.container == "parquet"
        self._names = _names_of(by_split, "train" if self._is_parquet else "")

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, index: int) -> Pack:  # type: ignore[override]  # nobody asks for slices
        at = range(len(self))[index]
        part = next(part for part in range(len(self._packs)) if at < self._starts[part + 1])
        split, cuts = self._packs[part]
        number, of, name = at - self._starts[part], len(cuts) - 1, self._names[split]
        if self._is_parquet:
            called = f"{name}-{number:05d}-of-{of:05d}"
        else:
            called = f"{name}-{number:06d}" if name else f"{number:06d}"
        return Pack(called, cuts[number], cuts[number + 1])

    def all_items_of(self, numbers: Iterable[int]) -> Iterator[Item]:
        """Return the items of the packs of these numbers."""
        return (item for number in numbers for item in self.items_of(self[number]))

    def items_of(self, pack: Pack) -> list[Item]:
        """Return the items of a pack in their order."""
        return [self._items[self._order[at]] for at in range(pack.first, pack.end)]


def _names_of(splits: Iterable[str], unnamed: str) -> dict[str, str]:
    """Return what the containers of each split are called, no two alike on any disk."""
    found: dict[str, str] = {}
    for split in sorted(splits, key=os.fsencode):
        name = split.replace("/", "_") or unnamed
        if folded(name) in map(folded, found.values()):
            name = f"{name}~{blake2b(os.fsencode(split), digest_size=3).hexdigest()}"
        found[split] = name
    return found


def _place(seed: int, item: Item) -> bytes:
    """Return where a source stands in a shuffled order, whatever other sources there are."""
    return blake2b(os.fsencode(item.source.path), digest_size=16, key=str(seed).encode()).digest()


def _cuts(spec: Spec, root: Path, items: Sequence[Item], numbers: Sequence[int], start: int) -> Iterator[int]:
    """Return where the packs of a split begin, and behind the last where it ends."""
    most = spec.output.shard_bytes
    yield start
    if most is None and spec.has_even_copies:
        each = max(1, count(items[numbers[0]], spec))
        sources = max(1, (spec.output.shard_size or SHARD_SIZE) // each)
        yield from (start + at for at in range(sources, len(numbers), sources))
    else:
        size_of_file = places.statuses(root)
        limit, size = most or spec.output.shard_size or SHARD_SIZE, 0
        for at, number in enumerate(numbers):
            own = count(items[number], spec) * (_size_of(root, items[number], size_of_file) if most else 1)
            if size and size + own > limit:
                yield start + at
                size = 0
            size += own
    yield start + len(numbers)


def names_of(packs: Packs, spec: Spec) -> Iterator[tuple[str, list[str]]]:
    """Return the files of each pack, by its name, in the order of names; first those that are of no pack."""
    yield "", [CLASSES]
    for pack in packs:
        yield pack.name, [pack.name + suffix_of(spec.output.container), pack.name + ROWS_SUFFIX]


CLASSES = "classes.txt"


class Keyed(NamedTuple):
    """An image of a source in a container: its key, its suffix there, and its files of labels, each with a suffix."""

    key: str
    image: Output
    suffix: str
    labels: tuple[tuple[Output, str], ...]


class Keys:
    """Gives the images of one pack their keys, source by source: each is found once in its pack."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._taken: set[str] = set()

    def of(self, item: Item) -> list[Keyed]:
        """Return the images of the next source.

        A key is the path of a loose file without split and suffix, its dots replaced: readers of WebDataset take what
        follows the first dot of a name for its suffix.
        """
        found: list[Keyed] = []
        planned = outputs(item, self._spec)
        for image in (output for output in planned if output.status != LABELS):
            path, suffix = os.path.splitext(image.file_name)
            path = path.removeprefix(f"{item.source.split}/") if item.source.split else path
            key = self._free(path.replace(".", "_"), item)
            used = {own := suffix[1:].lower()}
            labels = []
            for output in planned:
                if output.status == LABELS and output.copy == image.copy:
                    labels.append((output, _suffix(item, output, used)))
            found.append(Keyed(key, image, own, tuple(labels)))
        return found

    def _free(self, key: str, item: Item) -> str:
        """Return a key that no other image of the pack has, and that fits into a tar file."""
        folder, name = (len(os.fsencode(part)) for part in os.path.split(key))
        if key in self._taken or folder > _LONGEST_FOLDER or name > _LONGEST:
            digest = blake2b(os.fsencode(item.source.path) + b"\0" + os.fsencode(key), digest_size=6).hexdigest()
            short = key if len(os.fsencode(key)) <= _LONGEST - 16 else os.path.basename(key)
            key = f"{os.fsencode(short)[: _LONGEST - 16].decode(errors='ignore')}~{digest}"
        self._taken.add(key)
        return key


_LONGEST, _LONGEST_FOLDER = 70, 155
"""Bytes of a name, which leave room for a suffix in the 100 of a tar file's head, and of the folders before it."""


def _suffix(item: Item, output: Output, used: set[str]) -> str:
    """Return the suffix of a file of labels beside its image: `txt`, `mask.png`, or with its slot before it."""
    assert output.label is not None
    label = item.source.labels[output.label]
    own = os.path.splitext(output.file_name)[1][1:].lower()
    slot = "".join(c if c.isalnum() and c.isascii() else "_" for c in label.slot)[-12:]
    for name in (own, f"{slot or 'mask'}.{own}", f"{slot or 'mask'}_{output.label}.{own}"):
        if name not in used and not (name == own and own in _OWN):
            break
    used.add(name)
    return name


_OWN = frozenset(("png", "jpg", "cls", "json"))
"""Suffixes that are those of images, or of what stands beside every image."""


def classes_of(listing: Listing, spec: Spec) -> list[str]:
    """Return the names of the classes, whose places are their numbers: folders sorted, those of sets as theirs."""
    if listing.sets:
        from augcli.labels.class_names import class_names  # loads what sets without labels do not need

        return class_names(listing.sets)
    labels = {source.label for source in listing.sources if source.label and spec.treatment(source.role) != "skip"}
    for label in labels:
        if "\n" in label or "\r" in label:
            what = f"class `{label}`: a line break in its name, and classes.txt has a class on each line"
            raise Refused(Problem(what, "rename its folder, or write loose files"))
    return sorted(labels, key=os.fsencode)


def _size_of(root: Path, item: Item, status: Statuses) -> int:
    """Return how many bytes a source has; none of one that is gone. Raises OSError where that cannot be told."""
    source = item.source
    if source.member is not None:
        return size_of(str(root), source.path, source.member)
    found = status(source.path)
    return 0 if found is None else found.st_size
