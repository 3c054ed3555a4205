"""Splits of an IN that has none: groups of sources go to train, val or test as a whole, by a hash of each group.

Whatever comes or goes, a group stays where it is: its hash alone decides. With `stratify` the groups of a class are
ordered by their hashes, and a share of that order is cut off: then a few groups at the cut may move.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, TypeAlias

from augcli.dataset.listing import Listing
from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import Source
from augcli.problems import Problem, Refused, counted, did_you_mean, listed, named
from augcli.settings.values import CsvColumn
from augcli.spec.sections import Split
from augcli.spec.spec import Spec
from augcli.storage.files import text

GroupOf: TypeAlias = Callable[[Source], str | None]
"""Returns the group of a source; None where nothing says one, so that it is one by itself."""


def split_up(spec: Spec, root: Path, listing: Listing) -> Listing:
    """Put the sources of a set into the splits that a spec asks for. Raises `Refused` for a set with its own splits."""
    if not spec.split.is_on:
        return listing
    if splits := sorted({source.split for source in listing.sources} - {""}):
        what = f"{root}: has splits already, {named(splits)}, and the spec asks for others"
        help = "leave `split` out, or set `layout: classes` if every folder is a class"
        if listing.shards:
            help = "leave `split` out, or call the shards otherwise, such as data-000000"
        elif len(splits) == 1:
            help = f"give {root / splits[0]} as IN, or leave `split` out"
        raise Refused(Problem(what, help))
    if listing.seen or listing.tables:
        what = listing.seen or "tables of texts"
        help = "split it beforehand, as `train` and `val` folders or files, and leave `split` out"
        raise Refused(Problem(f"{root}: `split` is for folders and shards; this looks like {what}", help))
    group_of = groups(spec.split, root)
    role_of = _by_class(spec.split, listing, group_of) if spec.split.stratify else _by_hash(spec.split)

    def assigned() -> Iterator[Source]:
        for source in listing.sources:
            role = role_of(_key(source, group_of))
            yield source._replace(split=role, role=role, is_assigned=True)

    sources = PackedSources(assigned())
    if all(source.role != "train" for source in sources):
        what = f"{root}: nothing of {counted(len(sources), spec.kind)} is left to train on"
        raise Refused(Problem(what, "make `val` and `test` of `split` smaller, or choose another `seed` in `split`"))
    return replace(listing, sources=sources, empty_classes=[])


def _key(source: Source, group_of: GroupOf) -> str:
    """Return what stands for the group of a source: no group is called as a source is."""
    group = group_of(source)
    return f"/{_unassigned(source)}" if group is None else group


def _unassigned(source: Source) -> str:
    """Return the name that a source has before it is put into a split."""
    return source._replace(split="", is_assigned=False).name if source.is_assigned else source.name


def _place(seed: int, key: str) -> float:
    """Return where a group stands, from 0 to 1."""
    digest = blake2b(os.fsencode(key), digest_size=8, key=str(seed).encode(), person=b"split").digest()
    return int.from_bytes(digest) / 2**64


def _by_hash(split: Split) -> Callable[[str], str]:
    def role_of(key: str) -> str:
        place = _place(split.seed, key)
        return "val" if place < split.val else "test" if place < split.val + split.test else "train"

    return role_of


# Shares of each class


def _by_class(split: Split, listing: Listing, group_of: GroupOf) -> Callable[[str], str]:
    """Cut the groups of each class; one that has several counts for its most frequent class."""
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for source in listing.sources:
        members[_key(source, group_of)][source.label] += 1
    strata: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for key, labels in members.items():
        main = min(labels, key=lambda label: (-labels[label], label))
        strata[main].append((_place(split.seed, key), key))
    roles: dict[str, str] = {}
    for groups_of_class in strata.values():
        order = [key for _, key in sorted(groups_of_class)]
        sizes = [members[key].total() for key in order]
        at = 0
        for role, share in (("val", split.val), ("test", split.test)):
            end = _cut(sizes, at, share * sum(sizes)) if share else at
            roles.update(dict.fromkeys(order[at:end], role))
            at = end
    return lambda key: roles.get(key, "train")


def _cut(sizes: Sequence[int], start: int, wanted: float) -> int:
    """Return where groups end that come as near as can be to the number of sources that is wanted.

    It is one group at least, as long as one is left over.
    """
    end, total = start, 0
    while end < len(sizes) - 1 and (end == start or abs(total + sizes[end] - wanted) <= abs(total - wanted)):
        total += sizes[end]
        end += 1
    return end


# Groups


def groups(split: Split, root: Path) -> GroupOf:
    """Return what tells the group of a source. Raises `Refused` for a CSV file that cannot be read."""
    by = split.group_by
    if isinstance(by, CsvColumn):
        return _Column(root, by)
    if isinstance(by, int):
        return lambda source: _folders(source, by)
    if by is None:
        return lambda source: None
    pattern = re.compile(by)

    def found(source: Source) -> str | None:
        match = pattern.search(_unassigned(source))
        return match[match.re.groups] if match else None

    return found


def _folders(source: Source, number: int) -> str | None:
    """Return the first folders of a path; the class, which is one of them, does not tell groups apart."""
    folders = _unassigned(source).split("/")[:-1]
    if len(folders) < number:
        return None
    return "/".join(folders[1 if source.label and number > 1 else 0 : number])


class _Names(NamedTuple):
    """The groups of sources by their paths, and by file names that stand once."""

    paths: Mapping[str, str]
    files: Mapping[str, str]


class _Column:
    """The groups that a CSV file names."""

    FILE_COLUMNS = ("file_name", "filename", "file", "path", "filepath", "image", "image_path", "img")

    def __init__(self, root: Path, column: CsvColumn) -> None:
        self._names = self._read(root / column.csv, column.column)

    def __call__(self, source: Source) -> str | None:
        name = _unassigned(source)
        if name in self._names.paths:
            return self._names.paths[name]
        return self._names.files.get(name.rpartition("/")[2])

    def _read(self, path: Path, column: str) -> _Names:
        try:
            with text(path) as file:
                start = file.readline().lstrip("\ufeff")
                delimiter = max(",;\t", key=start.count)
                head = [name.strip() for name in next(csv.reader([start], delimiter=delimiter), [])]
                rows = [row for row in csv.reader(file, delimiter=delimiter) if row]
        except (OSError, UnicodeDecodeError, csv.Error):
            what = f"{path}: cannot be read as a CSV file of groups"
            raise Refused(Problem(what, "`group_by` names it relative to IN")) from None
        if column not in head:
            what = f"{path}: has no column `{column}`"
            raise Refused(Problem(what, did_you_mean(column, head) or f"its columns are {listed(head)}"))
        own = [name.lower() for name in head]
        files = next((own.index(name) for name in self.FILE_COLUMNS if name in own), 0)
        at = head.index(column)
        if files == at:
            what = f"{path}: no column tells which image a row is of"
            raise Refused(Problem(what, f"call it {listed(self.FILE_COLUMNS[:4])}"))
        paths: dict[str, str] = {}
        for row in rows:
            if len(row) > max(at, files) and (group := row[at].strip()):
                paths[row[files].strip().replace("\\", "/").removeprefix("./")] = group
        names = Counter(name.rpartition("/")[2] for name in paths)
        alone = {name.rpartition("/")[2]: group for name, group in paths.items()}
        return _Names(paths, {name: group for name, group in alone.items() if names[name] == 1})
