"""The manifest of an OUT of containers: the rows of the files in it, and, unless they stay apart, of all samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.packed import CLASSES, ROWS, SHARD, made_by, said_of
from augcli.output.manifest import Row, as_row, csv_line, escaped, line
from augcli.problems import Problem, Refused
from augcli.storage import files, hashes, places


def write_classes(out: Path, name: str, classes: Iterable[str]) -> None:
    """Write the names of the classes, one a line."""
    files.write_whole(str(out), name, text_of(classes))


def text_of(classes: Iterable[str]) -> bytes:
    """Return the names of classes, one a line, written as the manifest writes them."""
    return "".join(f"{escaped(one)}\n" for one in classes).encode()


def gather(
    staged: Path, out: Path, record: Mapping[str, Any], planned: Callable[[], Iterable[tuple[str, list[str]]]]
) -> Counter[str]:
    """Write the manifest of a run of that record: of its planned files, in order; count its rows by status.

    `manifest: parts` leaves the rows of samples where they are. Raises `Refused` with code 3 where rows are lost.
    """
    joined = record["spec"]["output"]["manifest"] == "joined"
    counts: Counter[str] = Counter()
    by = made_by(record["spec_key"], record["versions"])
    ahead = (name + ROWS_SUFFIX for name, _ in planned() if name)
    with files.whole_text(staged) as file, files.overlapping(str(out), ahead, str(out), ()):
        file.write(line(Row._fields))
        for name, names in planned():
            if name:
                counts += _gather_one(file, out, name + ROWS_SUFFIX, joined, by)
            for one in () if name else names:
                counts[CLASSES] += 1
                file.write(csv_line(row_of_file(out, one, CLASSES)))
    return counts


def _gather_one(file: TextIO, out: Path, name: str, joined: bool, by: str) -> Counter[str]:
    """Write what stands beside a container, its own row first; count the rows."""
    path = out / name
    try:
        with files.text(path) as beside:
            text = beside.read()
        head, own, rows = text.split("\n", 2)
        said_by, counts = said_of(packed := as_row(own))
        if head + "\n" != line(Row._fields) or packed.status != SHARD or said_by != by:
            raise ValueError  # or a worker of a dead run has written it
    except FileNotFoundError:
        raise Refused(Problem(f"{path}: was written, and is not there", "rerun to resume"), exit_code=3) from None
    except ValueError:
        raise Refused(
            Problem(f"{path}: not what this run wrote", "remove it, then rerun to resume"), exit_code=3
        ) from None
    data = text.encode()
    file.write(own + "\n")
    file.write(csv_line(_row(name, ROWS, len(data), hashes.sha256(data))))
    if joined:
        file.write(rows)
    return counts + Counter([SHARD, ROWS])


def of_samples(counts: Counter[str]) -> int:
    """Return how many rows are of samples, and of sources that failed."""
    return sum(number for status, number in counts.items() if status not in (SHARD, ROWS, CLASSES))


def row_of_file(out: Path, name: str, status: str) -> Row:
    """Return the row of a file that belongs to all samples."""
    return _row(name, status, places.size(out / name), hashes.sha256_of(out / name))


def _row(name: str, status: str, size: int, sha256: str) -> Row:
    told = {"file_name": name, "status": status, "bytes": str(size), "sha256": sha256}
    return Row(**{**dict.fromkeys(Row._fields, ""), **told})


def containers_of(rows: Iterable[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Gather the rows of a manifest container by container: its own row, and those of its samples."""
    own: Row | None = None
    inside: list[Row] = []
    for row in rows:
        if row.status == SHARD:
            if own is not None:
                yield own, inside
            own, inside = row, []
        elif row.status not in (ROWS, CLASSES):
            inside.append(row)
    if own is not None:
        yield own, inside
