"""Whether a finished OUT is still what its manifest says, and what restores it where it is not."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.sources import in_shard
from augcli.output.manifest import Row, read_rows, record_of
from augcli.output.paths import MANIFEST, files_below
from augcli.problems import Unreachable
from augcli.storage import places
from augcli.storage.hashes import sha256_of
from augcli.storage.places import Statuses


class Difference(NamedTuple):
    """What `verify` found: `missing`, `changed`, `unreadable` or `extra`, and the file's name."""

    kind: str
    file_name: str


def differences(out: Path, quick: bool = False) -> tuple[int, list[Difference]]:
    """Compare OUT with its manifest; return how many files it should hold, and what differs.

    With `quick` names and sizes are compared, otherwise every file is read and hashed.
    """
    found: list[Difference] = []
    known: set[str] = set()
    status = places.statuses(out)
    for row in read_rows(out / MANIFEST):
        if not row.file_name or record_of(row.file_name) or in_shard(row.file_name):
            continue
        known.add(row.file_name)
        if kind := _difference(out / row.file_name, status, row, quick):
            found.append(Difference(kind, row.file_name))
    extra = [name for name in files_below(out) if name not in known]
    return len(known), found + [Difference("extra", name) for name in extra]


def _difference(path: Path, status: Statuses, row: Row, quick: bool) -> str:
    """Say how a file differs from its row; empty if it does not."""
    try:
        found = status(row.file_name)
        if found is None:
            return "missing"
        same = stat.S_ISREG(found.st_mode) and found.st_size == int(row.bytes)
        return "" if same and (quick or sha256_of(path) == row.sha256) else "changed"
    except FileNotFoundError:
        return "missing"
    except Unreachable:
        raise
    except OSError:
        return "unreadable"


def remedies(out: Path, found: list[Difference]) -> list[str]:
    """Say what restores the files that differ."""
    kinds = {difference.kind for difference in found}
    again = f"augcli replay {shlex.quote(str(out))} IN"
    helps = []
    if kinds - {"extra"}:
        flag = "" if kinds <= {"missing", "extra"} else " --overwrite"
        helps.append(f"{again}{flag} makes them again; IN: the originals that they were made of")
    if "extra" in kinds:
        helps.append("move away what is extra, or training will read it")
    return helps
