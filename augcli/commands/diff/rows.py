"""The rows of two outputs side by side, source by source: two sorted streams, of which one source is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from augcli.commands.applied import branch_of, branches_in
from augcli.commands.diff.sides import Side
from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.gathering import containers_of
from augcli.output.containers.packed import read_packed
from augcli.output.manifest import Row, read_rows, record_of
from augcli.output.paths import MANIFEST
from augcli.output.run_record import is_packed
from augcli.problems import Problem, Refused
from augcli.storage.names import byte_order
from augcli.storage.sorting import in_order


class Both(NamedTuple):
    """What the two outputs hold of a source; the source of what is of none is empty."""

    source: str
    a: list[Row]
    b: list[Row]
    branches: frozenset[str] = frozenset()
    """The names of pipelines, whose copies have the same numbers."""

    @property
    def pairs(self) -> Iterator[tuple[Row | None, Row | None]]:
        """Match the files of this source: by their names, else by copy and status; None stands for what is not there.

        In containers, and where the format changes, names say nothing of what a file is.
        """
        files = [[row for row in rows if row.file_name] for rows in (self.a, self.b)]
        for known in (_by_name, self._by_copy):
            others: dict[tuple[str, ...], list[Row]] = {}
            for row in reversed(files[1]):
                others.setdefault(known(row), []).append(row)
            left = []
            for row in files[0]:
                if found := others.get(known(row)):
                    yield row, found.pop()
                else:
                    left.append(row)
            files = [left, [row for rows in others.values() for row in reversed(rows)]]
        yield from ((row, None) for row in files[0])
        yield from ((None, row) for row in files[1])

    def _by_copy(self, row: Row) -> tuple[str, ...]:
        return (row.status, row.copy, branch_of(row, self.branches)) if row.source else (row.file_name,)


def _by_name(row: Row) -> tuple[str, ...]:
    return (row.file_name,)


def side_by_side(a: Side, b: Side) -> Iterator[Both]:
    """Give what two outputs hold, source by source, in the order of their paths' bytes."""
    branches = frozenset(name for side in (a, b) for name in branches_in(side.resolved))
    streams = [groupby(_rows(side), key=_place) for side in (a, b)]
    heads = [next(stream, None) for stream in streams]
    while places := [head[0] for head in heads if head is not None]:
        place = min(places)
        rows: list[list[Row]] = [[], []]
        for number, head in enumerate(heads):
            if head is not None and head[0] == place:
                rows[number] = [*head[1]]
                heads[number] = next(streams[number], None)
        yield Both((rows[0] or rows[1])[0].source, rows[0], rows[1], branches)


def _place(row: Row) -> tuple[bytes, int]:
    """Return where a source stands in the order of manifests: records of tables by their numbers."""
    table, number = record_of(row.source) or (row.source, 0)
    return byte_order(table), number


def _rows(side: Side) -> Iterator[Row]:
    """Read the rows of an output in order, those in containers too. Raises `Refused` where they are not in order."""
    manifest = side.path / MANIFEST
    if is_packed(side.record):
        yield from in_order(_packed(side.path), _place)
        return
    last = (b"", 0)
    for row in read_rows(manifest):
        if (place := _place(row)) < last:
            what = f"{manifest}: its rows are no longer in the order that augcli wrote them in"
            raise Refused(Problem(what, "restore the file"))
        last = place
        yield row


def _packed(out: Path) -> Iterator[Row]:
    for own, rows in containers_of(read_rows(out / MANIFEST)):
        if not rows:  # as `manifest: parts` leaves them
            beside = out / (own.file_name.rpartition(".")[0] + ROWS_SUFFIX)
            packed = read_packed(beside)
            if packed is None:
                raise Refused(Problem(f"{beside}: the rows of a container are not there", "augcli verify says more"))
            rows = packed.rows
        yield from rows
