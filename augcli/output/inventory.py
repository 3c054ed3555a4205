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

from augcli.output import manifest, run_record
from augcli.output.manifest import MANIFEST, STATE, Row
from augcli.problems import Problem, Refused
from augcli.storage import disk, files
from augcli.storage.names import byte_order, lies_inside

FORMER = "former.jsonl"
RUN = "run.json"
PLANNED = "planned.jsonl"


class Known(NamedTuple):
    """What OUT holds of one source: names that are ours to replace or remove, and rows that still hold."""

    source: str
    names: list[str]
    rows_text: str = "[]"
    """JSON: who needs the rows reads them, which is the worker's affair."""
    of_former_spec: bool = False
    """Whether the rows were made by the spec before: those hold that the present one makes alike."""

    @property
    def rows(self) -> list[Row]:
        return [Row(*row) for row in json.loads(self.rows_text)]


def homes(state: Path) -> list[Path]:
    """Return the folders of a state folder in which runs keep their parts: its own, and one for each shard."""
    return [state, *(state / name for name in disk.names(state) if _is_shard(state, name))]


def _is_shard(state: Path, name: str) -> bool:
    return name.startswith("shard-") and disk.is_folder(state / name)


def parts(home: Path) -> list[Path]:
    return [home / name for name in disk.names(home) if name.startswith("part-")]


def in_stock(out: Path) -> Iterator[Known]:
    """Return all that is known of OUT, from its manifest and from runs that did not come to their end."""
    state = out / STATE
    streams = [read_known(state / PLANNED), read_known(state / FORMER)]
    if disk.is_file(out / MANIFEST):
        streams.append(grouped(manifest.read_rows(out / MANIFEST)))
    record = run_record.read_record(state / RUN)
    for home in homes(state):
        streams += written_in(home, record)
    return merged(streams)


def written_in(home: Path, record: dict[str, Any] | None) -> list[Iterator[Known]]:
    """Return what a run has written in its folder, without rows where it was not a run of that record.

    The folders of several machines may have been copied into one.
    """
    own = run_record.read_record(home / RUN)
    found = [read_known(home / FORMER), grouped(row for part in parts(home) for row in manifest.read_part(part))]
    deciding = ("spec_key", "versions")
    if own is None or record is None or all(own.get(key) == record.get(key) for key in deciding):
        return found
    return [(known._replace(rows_text="[]") for known in stream) for stream in found]


def merged(streams: Iterable[Iterator[Known]]) -> Iterator[Known]:
    """Join what several tell of the same sources; the rows of later ones replace those before them."""

    def ranked(rank: int, stream: Iterator[Known]) -> Iterator[tuple[bytes, int, Known]]:
        return ((byte_order(known.source), rank, known) for known in stream)

    entries = heapq.merge(*(ranked(*entry) for entry in enumerate(streams)), key=lambda entry: entry[:2])
    for _, group in groupby(entries, key=lambda entry: entry[0]):
        names: dict[str, None] = {}
        whole = Known("", [])
        for _, _, known in group:
            names |= dict.fromkeys(known.names)
            whole = whole._replace(source=known.source) if known.rows_text == "[]" else known
        yield whole._replace(names=list(names))


def grouped(rows: Iterable[Row]) -> Iterator[Known]:
    """Gather the rows of each source, which stand together."""
    for source, group in groupby(rows, key=lambda row: row.source):
        found = list(group)
        yield Known(source, [row.file_name for row in found if row.file_name], json.dumps(found))


def known_line(source: str, names: list[str], rows: str = "[]", of_former_spec: bool = False) -> str:
    """Write what is known of a source; a tab, which JSON never holds, goes before its rows."""
    head = json.dumps([source, names, True] if of_former_spec else [source, names])
    return head + (f"\t{rows}\n" if rows != "[]" else "\n")


def read_known(path: Path) -> Iterator[Known]:
    """Read lines that `known_line` wrote; nothing where there is no such file. Raises `Refused` for damaged ones."""
    if not disk.is_file(path):  # a pipe would be waited for
        return
    with files.text(path) as file:
        try:
            for text in file:
                head, _, rows = text.rstrip("\n").partition("\t")
                source, names, *of_former_spec = json.loads(head)
                if not all(map(lies_inside, names)):
                    raise ValueError
                yield Known(source, names, rows or "[]", bool(of_former_spec))
        except (TypeError, ValueError, RecursionError):
            raise Refused(Problem(f"{path}: not what augcli wrote", "remove it, or choose another OUT")) from None


def join(known: Iterable[Known], planned: Iterable[tuple[str, list[str]]]) -> Iterator[tuple[Known, list[str] | None]]:
    """Pair what is known of each source with its planned names, None where it is not in IN; in the sources' order."""
    entries = iter(planned)
    entry = next(entries, None)
    for item in known:
        key = byte_order(item.source)
        while entry is not None and byte_order(entry[0]) < key:
            entry = next(entries, None)
        yield item, entry[1] if entry is not None and entry[0] == item.source else None


def beside(planned: Iterable[tuple[str, list[str]]], known: Iterable[Known]) -> Iterator[tuple[list[str], list[str]]]:
    """Pair the planned names of each source with those known to be ours, both in the order of the sources."""
    entries = iter(known)
    entry = next(entries, None)
    for source, names in planned:
        while entry is not None and byte_order(entry.source) < byte_order(source):
            entry = next(entries, None)
        yield names, entry.names if entry is not None and entry.source == source else []
