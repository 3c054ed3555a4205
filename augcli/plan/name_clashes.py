"""Sources whose outputs would share a name on some disk: all but the first of them get a hash into theirs."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from augcli.dataset.file_kinds import IMAGE_SUFFIXES
from augcli.dataset.sources import Source, core_of
from augcli.storage.names import folded


def parts(source: Source) -> tuple[str, str, str]:
    """Return the stem of a source, behind which a copy's tag goes, the tail that follows, and the suffix."""
    if source.core is None:
        stem, suffix = os.path.splitext(source.name)
        return stem, "", suffix
    before, core, after = core_of(source.path, source.core)
    return before + core, *os.path.splitext(after)


def clashing(sources: Sequence[Source]) -> bytearray:
    """Return 1 for each source whose outputs might be called as something else of the plan is, 0 for all others.

    Names are compared by 64 bits of a hash, folder by folder: what is kept of one is forgotten with it.
    """
    found = bytearray(len(sources))
    numbers: dict[str, int] = {}
    """Of folders, as a disk may see them."""
    folder_of, keys = array("I"), array("q")
    made_alike: dict[int, list[int]] = {}
    """What the names of some sources may have been made from."""
    for at, source in enumerate(sources):
        stem, tail, _ = parts(source)
        folder, _, name = stem.rpartition("/")
        number = numbers.get(folder)
        if number is None:
            number = numbers[folder] = numbers.setdefault(folded(folder), len(numbers))
        folder_of.append(number)
        key = _key(name, tail)
        keys.append(_hashed(key))
        if "~" in key or "_aug" in key or "_view" in key:
            made_alike[at] = [_hashed(base) for base in _bases(key)]
    taken = {(folder, _hashed(key)) for folder, key in _taken_by_folders(numbers)}
    for folder, members in _members(folder_of, {number: folded(folder) for folder, number in numbers.items()}):
        every = {keys[at] for at in members} if any(at in made_alike for at in members) else set()
        seen: set[int] = set()
        for at in members:
            key_of = keys[at]
            alike = at in made_alike and not every.isdisjoint(made_alike[at])
            found[at] = key_of in seen or alike or (bool(taken) and (folder, key_of) in taken)
            seen.add(key_of)
    return found


def _hashed(key: str) -> int:
    return int.from_bytes(blake2b(os.fsencode(key), digest_size=8).digest(), "big", signed=True)


def _members(folder_of: array[int], folders: dict[int, str]) -> Iterator[tuple[str, Sequence[int]]]:
    """Return the sources of each folder by their numbers, in order."""
    ends = dict.fromkeys(folders, 0)
    for number in folder_of:
        ends[number] += 1
    total = 0
    for number, count in ends.items():
        total, ends[number] = total + count, total
    members = array("I", bytes(4 * len(folder_of)))
    for at, number in enumerate(folder_of):
        members[ends[number]] = at
        ends[number] += 1
    start = 0
    for number, end in ends.items():
        if end > start:
            yield folders[number], members[start:end]
        start = end


def with_hash(stem: str, source: Source, hashed: set[tuple[str, str]]) -> str:
    """Return the name of a stem that no other source of its folder has; those that got a hash before are `hashed`."""
    here, own = os.path.split(stem)
    folder = folded(here)
    for length in range(3, 64, 3):  # bytes; the first will do but for one in millions
        made = f"{own}~{blake2b(os.fsencode(source.path), digest_size=length).hexdigest()}"
        if (folder, folded(made)) not in hashed:
            break
    hashed.add((folder, folded(made)))
    return made


_MADE_NAME = re.compile(r"(.+)(?:_(?:aug|view)\d+|~(?:[0-9a-f]{6})+)")
"""Names such as those that are made for copies and for sources that clash."""


def _bases(key: str) -> Iterator[str]:
    """Return the names that a name may have been made from."""
    key, cut, tail = key.partition("\0")
    while made := _MADE_NAME.fullmatch(key):
        key = made[1]
        yield key + cut + tail


def _key(name: str, tail: str) -> str:
    """Return what the names of two sources that would share one are the same in, beside the folder."""
    return f"{folded(name)}\0{folded(tail)}" if tail else folded(name)


_SUFFIXES = frozenset((*IMAGE_SUFFIXES, ".npy", ".txt"))


def _taken_by_folders(folders: Iterable[str]) -> set[tuple[str, str]]:
    """Return the stems, by folder, whose outputs might be called as a folder is: `a` beside `a_aug000.jpg/`."""
    taken = set()
    for path in map(folded, folders):
        while path:
            path, name = os.path.split(path)
            stem, suffix = os.path.splitext(name)
            if suffix in _SUFFIXES:
                taken |= {(path, key) for key in (stem, *_bases(stem))}
    return taken
