"""Whether a finished OUT still is what its manifest says, and what mends it where it is not."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import NamedTuple

from augcli.output.manifest import MANIFEST, files_below, read_rows
from augcli.storage.hashes import sha256_of


class Difference(NamedTuple):
    """What `verify` found: `missing`, `changed`, `unreadable` or `extra`, and the file's name."""

    kind: str
    file_name: str


def differences(out: Path, quick: bool = False) -> tuple[int, list[Difference]]:
    """Compare OUT with its manifest; return how many files it should hold, and what differs.

    `quick` compares names and sizes only, otherwise every file is read and hashed.
    """
    found: list[Difference] = []
    known: set[str] = set()
    for row in read_rows(out / MANIFEST):
        if not row.file_name:
            continue
        known.add(row.file_name)
        path = out / row.file_name
        try:
            status = path.lstat()
            same = stat.S_ISREG(status.st_mode) and status.st_size == int(row.bytes)
            if not same or not (quick or sha256_of(path) == row.sha256):
                found.append(Difference("changed", row.file_name))
        except (FileNotFoundError, NotADirectoryError):
            found.append(Difference("missing", row.file_name))
        except OSError:
            found.append(Difference("unreadable", row.file_name))
    extra = [name for name in files_below(out) if name not in known]
    return len(known), found + [Difference("extra", name) for name in extra]


def remedies(out: Path, found: list[Difference]) -> list[str]:
    """Say what mends the differences that were found."""
    kinds = {difference.kind for difference in found}
    again = f"augcli replay {shlex.quote(str(out))} IN"
    helps = []
    if kinds - {"extra"}:
        flag = "" if kinds <= {"missing", "extra"} else " --overwrite"
        helps.append(f"{again}{flag} makes them again; IN: the images that they were made of")
    if "extra" in kinds:
        helps.append("move away what is extra, or training will read it")
    return helps
