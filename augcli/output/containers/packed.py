"""What stands beside a container: a row for itself, then those of its samples; and what it was asked to hold."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from augcli.output.manifest import Row, csv_line, line, read_rows
from augcli.problems import Refused
from augcli.storage import files, places

SHARD, ROWS, CLASSES = "shard", "rows", "classes"
"""The status of a container, of the file with its rows, and of the file with the names of classes."""


class Packed(NamedTuple):
    """The rows of a container: its own, and those of its samples and of sources that failed."""

    own: Row
    rows: list[Row]


def read_packed(path: Path) -> Packed | None:
    """Read the rows of a container; None where there are none that augcli wrote."""
    if not places.is_file(path):
        return None
    try:
        rows = list(read_rows(path))
    except Refused:
        return None
    return Packed(rows[0], rows[1:]) if rows and rows[0].status == SHARD else None


def text_of(packed: Packed) -> str:
    """Return what stands beside a container."""
    return "".join([line(Row._fields), *map(csv_line, (packed.own, *packed.rows))])


def write_packed(path: Path, packed: Packed) -> None:
    """Write the rows of a container, whole and synced."""
    with files.whole_text(path) as file:
        file.write(text_of(packed))


def made_by(spec_key: str, versions: Mapping[str, Any]) -> str:
    """Return what stands for spec and versions, by which the rows of a container hold or do not."""
    told = hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()
    return json.dumps([spec_key, told])


def asked(made_by: str, classes: Sequence[str], sources: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """Return a hash of all that a container is asked to hold: sources with labels and the names of their images."""
    digest = hashlib.sha256(json.dumps([made_by, *classes]).encode())
    for source, label, names in sources:
        digest.update(b"\n" + json.dumps([source, label, *names]).encode())
    return digest.hexdigest()


def own_row(name: str, size: int, sha256: str, asked: str, made_by: str, rows: Iterable[Row]) -> Row:
    """Return the row of a container with these rows, whose `params` say what made it and how many of each status."""
    params = json.dumps({"made_by": made_by, "rows": dict(sorted(Counter(row.status for row in rows).items()))})
    about = {"file_name": name, "status": SHARD, "bytes": str(size), "sha256": sha256, "source_sha256": asked}
    return Row(**{**dict.fromkeys(Row._fields, ""), **about, "params": params})


def said_of(own: Row) -> tuple[str, Counter[str]]:
    """Return what made a container, and how many rows of each status it has; nothing where its row does not say."""
    try:
        told = json.loads(own.params)
        return str(told["made_by"]), Counter({str(status): int(number) for status, number in told["rows"].items()})
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", Counter()


def member(container: str, key: str, suffix: str) -> str:
    """Return what a row calls a file in a container."""
    return f"{container}#{key}.{suffix}"
