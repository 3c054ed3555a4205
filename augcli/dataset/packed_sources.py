"""Millions of sources in little memory: their names in one row of bytes, and what many have in common only once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from augcli.dataset.sources import Source

_COMMON = 4  # fields of a source that are always packed: path, split, role, label
_HALF = 44  # bits of the place of an image in a shard that stand apart from the others
_NOWHERE = -(1 << 62)


class PackedSources(Sequence[Source]):
    """Sources in a given order; each is made anew when it is asked for.

    An image in a class folder takes about 12 bytes besides its file name, one in a shard 28.
    """

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._folders: dict[tuple[str, str, str, str, bool], int] = {}
        """The folder, split, role, label and `is_assigned` of sources, by what stands for them in `_folder_of`."""
        self._folder_of = array("I")
        self._names = bytearray()
        self._ends = array("Q")
        self._others: dict[int, tuple[Any, ...]] = {}
        """The other fields of sources that have some."""
        self._members: tuple[array[int], array[int]] = array("q"), array("q")
        """The places of images in shards, in two halves, as far as there are some."""
        for source in sources:
            self._append(source)
        self._listed = [*self._folders]

    def _append(self, source: Source) -> None:
        folder, slash, name = source.path.rpartition("/")
        key = folder + slash, source.split, source.role, source.label, source.is_assigned
        self._folder_of.append(self._folders.setdefault(key, len(self._folders)))
        if source.member is not None:
            self._put_member(len(self._ends), source.member)
        elif any(source[_COMMON:-1]):
            self._others[len(self._ends)] = source[_COMMON:-1]
        self._names += name.encode("utf-8", "surrogateescape")
        self._ends.append(len(self._names))

    def _put_member(self, index: int, member: int) -> None:
        for half, number in zip(self._members, (member >> _HALF, member & ((1 << _HALF) - 1)), strict=True):
            half.extend([_NOWHERE] * (index - len(half)))
            half.append(number)

    def __len__(self) -> int:
        return len(self._ends)

    def _at(self, index: int) -> Source:
        start = self._ends[index - 1] if index else 0
        folder, split, role, label, is_assigned = self._listed[self._folder_of[index]]
        path = folder + self._names[start : self._ends[index]].decode("utf-8", "surrogateescape")
        if not (self._others or self._members[0]):  # by the places of its fields, which takes half the time
            return Source(path, split, role, label, (), None, None, is_assigned)
        if index in self._others:
            return Source(path, split, role, label, *self._others[index])._replace(is_assigned=is_assigned)
        high, low = self._members
        if index < len(high) and high[index] != _NOWHERE:
            return Source(path, split, role, label, place=high[index] << _HALF | low[index], is_assigned=is_assigned)
        return Source(path, split, role, label, is_assigned=is_assigned)

    @overload
    def __getitem__(self, index: int) -> Source: ...
    @overload
    def __getitem__(self, index: slice) -> list[Source]: ...
    def __getitem__(self, index: int | slice) -> Source | list[Source]:
        found = range(len(self))[index]
        return self._at(found) if isinstance(found, int) else [self._at(at) for at in found]

    def __iter__(self) -> Iterator[Source]:
        return map(self._at, range(len(self)))
