"""What stands beside a container: a row for itself, then those of its samples; and what it was asked to hold."""

from __future__ import annotations

import hashlib
import json
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


def write_packed(path: Path, packed: Packed) -> None:
    """Write the rows of a container, whole and synced."""
    with files.whole_text(path) as file:
        file.write(line(Row._fields))
        file.writelines(map(csv_line, (packed.own, *packed.rows)))


def made_by(spec_key: str, versions: Mapping[str, Any]) -> str:
    """Return what stands in the row of a container for spec and versions, by which its rows hold or do not."""
    told = hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()
    return json.dumps({"spec": spec_key, "versions": told})


def asked(made_by: str, classes: Sequence[str], sources: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """Return a hash of all that a container is asked to hold: sources with labels and the names of their images."""
    digest = hashlib.sha256(json.dumps([made_by, *classes]).encode())
    for source, label, names in sources:
        digest.update(b"\n" + json.dumps([source, label, *names]).encode())
    return digest.hexdigest()


def own_row(name: str, size: int, sha256: str, asked: str, made_by: str) -> Row:
    """Return the row of a container."""
    about = {"file_name": name, "status": SHARD, "bytes": str(size), "sha256": sha256}
    return Row(**{**dict.fromkeys(Row._fields, ""), **about, "source_sha256": asked, "params": made_by})


def member(container: str, key: str, suffix: str) -> str:
    """Return what a row calls a file in a container."""
    return f"{container}#{key}.{suffix}"
