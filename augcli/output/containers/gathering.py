"""The manifest of an OUT of containers: the rows of the files in it, and, unless they stay apart, of all samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.packed import CLASSES, ROWS
from augcli.output.manifest import Row, csv_line, line, read_rows
from augcli.problems import Problem, Refused
from augcli.storage import files, hashes, places


def write_classes(out: Path, name: str, classes: Iterable[str]) -> None:
    """Write the names of the classes, one a line."""
    files.write_whole(str(out), name, text_of(classes))


def text_of(classes: Iterable[str]) -> bytes:
    """Return the names of classes, one a line."""
    return "".join(f"{one}\n" for one in classes).encode("utf-8", "surrogateescape")


def gather(
    staged: Path, out: Path, record: Mapping[str, Any], planned: Iterable[tuple[str, list[str]]]
) -> Counter[str]:
    """Write the manifest of a run of that record: of its planned files, in order; count its rows by status.

    Raises `Refused` with code 3 where rows are lost.
    """
    joined = record["spec"]["output"]["manifest"] == "joined"
    counts: Counter[str] = Counter()
    with files.whole_text(staged) as file:
        file.write(line(Row._fields))
        for row in _rows(out, planned, joined):
            counts[row.status] += 1
            file.write(csv_line(row))
    return counts


def _rows(out: Path, planned: Iterable[tuple[str, list[str]]], joined: bool) -> Iterator[Row]:
    for name, names in planned:
        if not name:
            yield from (row_of_file(out, one, CLASSES) for one in names)
            continue
        path = out / (name + ROWS_SUFFIX)
        if not places.is_file(path):
            raise Refused(Problem(f"{path}: was written, and is not there", "rerun to resume"), exit_code=3)
        rows = read_rows(path)
        yield next(rows)
        yield row_of_file(out, name + ROWS_SUFFIX, ROWS)
        if joined:
            yield from rows


def row_of_file(out: Path, name: str, status: str) -> Row:
    """Return the row of a file that belongs to all samples, or to those of one container."""
    path = out / name
    told = {"file_name": name, "status": status, "bytes": str(places.size(path)), "sha256": hashes.sha256_of(path)}
    return Row(**{**dict.fromkeys(Row._fields, ""), **told})


def containers_of(rows: Iterable[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Gather the rows of a manifest container by container: its own row, and those of its samples."""
    own: Row | None = None
    inside: list[Row] = []
    for row in rows:
        if row.status == "shard":
            if own is not None:
                yield own, inside
            own, inside = row, []
        elif row.status not in (ROWS, CLASSES):
            inside.append(row)
    if own is not None:
        yield own, inside
