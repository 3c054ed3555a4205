"""What OUT holds already of each source, from everything that earlier runs left; nothing is written here.

All of it is read in the order of the sources' bytes, one source at a time, however large it is.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from augcli.dataset.sources import place_of
from augcli.output import manifest, paths, run_record
from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.packed import CLASSES, SHARD
from augcli.output.manifest import Row
from augcli.output.paths import EXISTING_FILES, MANIFEST, PLANNED_FILES, RUN_RECORD, STATE_FOLDER, UNFINISHED_RUN
from augcli.problems import Problem, Refused
from augcli.storage import files, places
from augcli.storage.names import byte_order, lies_inside


class Existing(NamedTuple):
    """What OUT holds of one source: names that are ours to replace or remove, and rows that still hold."""

    source: str
    names: list[str]
    rows_text: str = "[]"
    """JSON: a worker reads the rows, the parent only hands them on."""
    of_former_spec: bool = False
    """Whether the rows were made by the spec before: those hold that the present one makes alike."""

    @property
    def rows(self) -> list[Row]:
        return [Row(*row) for row in json.loads(self.rows_text)]


def existing(out: Path) -> Iterator[Existing]:
    """Return all that OUT holds, from its manifest and from runs that did not come to their end."""
    state = out / STATE_FOLDER
    streams = [read_existing(state / PLANNED_FILES), read_existing(state / EXISTING_FILES)]
    if places.is_file(out / MANIFEST):
        rows = manifest.read_rows(out / MANIFEST)
        packed = run_record.is_packed(run_record.read_record(out / RUN_RECORD))
        streams.append(by_container(rows) if packed else by_source(rows))
    record = run_record.read_record(state / UNFINISHED_RUN)
    for folder in paths.run_folders(state):
        streams += written_in(folder, record)
    return merged(streams)


def written_in(folder: Path, record: dict[str, Any] | None) -> list[Iterator[Existing]]:
    """Return what a run has written, by its folder; without rows where it was not a run of that record.

    The folders of several machines may have been copied into one.
    """
    own = run_record.read_record(folder / UNFINISHED_RUN)
    found = [read_existing(folder / EXISTING_FILES), rows_of_parts(folder)]
    deciding = ("spec_key", "versions")
    if own is None or record is None or all(own.get(key) == record.get(key) for key in deciding):
        return found
    return [(entry._replace(rows_text="[]") for entry in stream) for stream in found]


def rows_of_parts(folder: Path) -> Iterator[Existing]:
    """Return the rows of a run's parts, source by source."""
    return by_source(manifest.read_parts(paths.parts(folder)))


def merged(streams: Iterable[Iterator[Existing]]) -> Iterator[Existing]:
    """Join what several tell of the same sources; the rows of later ones replace those before them."""

    def ranked(rank: int, stream: Iterator[Existing]) -> Iterator[tuple[bytes, int, Existing]]:
        return ((byte_order(entry.source), rank, entry) for entry in stream)

    entries = heapq.merge(*(ranked(*stream) for stream in enumerate(streams)), key=lambda entry: entry[:2])
    for _, group in groupby(entries, key=lambda entry: entry[0]):
        names: dict[str, None] = {}
        whole = Existing("", [])
        for _, _, entry in group:
            names |= dict.fromkeys(entry.names)
            whole = whole._replace(source=entry.source) if entry.rows_text == "[]" else entry
        yield whole._replace(names=list(names))


def by_source(rows: Iterable[Row]) -> Iterator[Existing]:
    """Gather the rows of each source, which stand together; a record of a table is called by its place."""
    for source, group in groupby(rows, key=lambda row: row.source):
        found = list(group)
        names = [row.file_name for row in found if row.file_name]
        if record := manifest.record_of(source):
            source, names = place_of(*record), []  # it is a part of a file
        yield Existing(source, names, json.dumps(found))


def by_container(rows: Iterable[Row]) -> Iterator[Existing]:
    """Gather the files of each container, by its name without suffix; those of none have no name."""
    for row in rows:
        if row.status == CLASSES:
            yield Existing("", [row.file_name])
        elif row.status == SHARD:
            name = row.file_name.rpartition(".")[0]
            yield Existing(name, [row.file_name, name + ROWS_SUFFIX])


def existing_line(source: str, names: list[str], rows: str = "[]", of_former_spec: bool = False) -> str:
    """Write what OUT holds of a source; a tab, which JSON never holds, stands before its rows."""
    head = json.dumps([source, names, True] if of_former_spec else [source, names])
    return head + (f"\t{rows}\n" if rows != "[]" else "\n")


def read_existing(path: Path) -> Iterator[Existing]:
    """Read lines that `existing_line` wrote; nothing where there is no such file. Raises `Refused` for damaged ones."""
    if not places.is_file(path):  # a pipe would be waited for
        return
    with files.text(path) as file:
        try:
            for text in file:
                head, _, rows = text.rstrip("\n").partition("\t")
                source, names, *of_former_spec = json.loads(head)
                if not all(map(lies_inside, names)):
                    raise ValueError
                yield Existing(source, names, rows or "[]", bool(of_former_spec))
        except (TypeError, ValueError, RecursionError):
            raise Refused(Problem(f"{path}: not what augcli wrote", "remove it, or choose another OUT")) from None


def with_planned(
    entries: Iterable[Existing], planned: Iterable[tuple[str, list[str]]]
) -> Iterator[tuple[Existing, list[str] | None]]:
    """Pair what OUT holds of each source with its planned names, None where the source is not in IN.

    All are in the order of the sources.
    """
    rest = iter(planned)
    plan = next(rest, None)
    for entry in entries:
        key = byte_order(entry.source)
        while plan is not None and byte_order(plan[0]) < key:
            plan = next(rest, None)
        yield entry, plan[1] if plan is not None and plan[0] == entry.source else None


def with_existing(
    planned: Iterable[tuple[str, list[str]]], entries: Iterable[Existing]
) -> Iterator[tuple[list[str], list[str]]]:
    """Pair the planned names of each source with those that are ours already, in the order of the sources."""
    rest = iter(entries)
    entry = next(rest, None)
    for source, names in planned:
        while entry is not None and byte_order(entry.source) < byte_order(source):
            entry = next(rest, None)
        yield names, entry.names if entry is not None and entry.source == source else []
