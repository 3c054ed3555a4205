"""Chunks: some sources each, about half a second of work, which a worker is given one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from augcli.output.inventory import Existing
from augcli.plan.output_names import Item
from augcli.spec.spec import Spec
from augcli.storage.names import byte_order

if TYPE_CHECKING:
    from augcli.plan.packs import Packs

CHUNK_SECONDS = 0.4
LARGEST_CHUNK = 256


class Chunk(NamedTuple):
    """Some sources in plan order, what OUT holds of them already, by their paths, and the file for their rows.

    `pack` is the name of the container that they become, if they do.
    """

    number: int
    items: list[Item]
    known: dict[str, Existing]
    part: str = ""
    pack: str = ""

    def whole_files(self, spec: Spec) -> Iterator[str]:
        """Give the sources that are read as a whole, in their order."""
        for item in self.items:
            if item.source.place is None and spec.treatment(item.source.role) != "skip":
                yield item.source.path

    def known_files(self) -> Iterator[str]:
        """Give the names of files of OUT that rows tell of."""
        for item in self.items:
            if item.source.block is None and item.source.path in self.known:
                yield from (row.file_name for row in self.known[item.source.path].rows if row.file_name)


class Cut(Protocol):
    """Gives chunks one after another."""

    def learn(self, seconds: float, sources: int) -> None:
        """Take into account how long a chunk took."""

    def __iter__(self) -> Iterator[Chunk]: ...


class Chunks:
    """Cuts planned items into chunks, each about `CHUNK_SECONDS` of work by what earlier ones took."""

    def __init__(
        self,
        items: Sequence[Item],
        copies: int,
        jobs: int,
        known: Iterable[Existing] = (),
        part: Callable[[int], str] = lambda number: "",
    ) -> None:
        """Cut items, of each of which so many copies are made, into several chunks for each job.

        `known` is in the order of the sources, as `items` are; `part` names the part of a chunk by its number.
        """
        self._part = part
        self._known = iter(known)
        self._next_known: Existing | None = next(self._known, None)
        self._items = iter(items)
        self._most = max(1, min(LARGEST_CHUNK, len(items) // (4 * jobs)))
        self._per_source = max(0.1, 0.005 * copies)  # until the first chunk has told
        self._number = 0

    def learn(self, seconds: float, sources: int) -> None:
        """Take into account how long a chunk took."""
        self._per_source += 0.5 * (seconds / max(1, sources) - self._per_source)

    def __iter__(self) -> Iterator[Chunk]:
        while True:
            count = max(1, min(self._most, int(CHUNK_SECONDS / max(self._per_source, 1e-5))))
            items = list(islice(self._items, count))
            if not items:
                return
            self._number += 1
            yield Chunk(self._number, items, self._known_of(items), self._part(self._number))

    def _known_of(self, items: list[Item]) -> dict[str, Existing]:
        """Return what is known of these items; both run in the order of the sources' bytes."""
        known = {}
        for item in items:
            path, block = item.source.path, item.source.block
            first, last = byte_order(path), byte_order(path if block is None else block.end)
            found = []
            while self._next_known is not None and (at := byte_order(self._next_known.source)) <= last:
                if at >= first:
                    found.append(self._next_known)
                self._next_known = next(self._known, None)
            if found:
                known[path] = found[0] if block is None else _together(path, found)
        return known


def _together(path: str, records: list[Existing]) -> Existing:
    """Return what is known of all records of a block."""
    rows = ",".join(record.rows_text[1:-1] for record in records if record.rows_text != "[]")
    return Existing(path, [], f"[{rows}]", any(record.of_former_spec for record in records))


class PackChunks:
    """Chunks each of which becomes a container."""

    def __init__(self, packs: Packs, numbers: Sequence[int], part: Callable[[int], str]) -> None:
        """Take the packs of these numbers."""
        self._packs, self._numbers, self._part = packs, numbers, part

    def learn(self, seconds: float, sources: int) -> None:
        """Take no account of how long a chunk took: what is in it is planned."""

    def __iter__(self) -> Iterator[Chunk]:
        for number in self._numbers:
            pack = self._packs[number]
            yield Chunk(number, self._packs.items_of(pack), {}, self._part(number), pack.name)
