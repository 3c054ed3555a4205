"""Whether a finished OUT is still what its manifest says, and what restores it where it is not."""

from __future__ import annotations

import shlex
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

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


Each: TypeAlias = Callable[[Callable[[list[Row]], list[str]], Iterable[list[Row]]], Iterable[list[str]]]
"""Calls a function with many things, perhaps with several at once, and gives what it returns in their order."""

_FILES, _BYTES = 256, 32 << 20
"""The most that is hashed in one go, but for a single file."""


def differences(out: Path, quick: bool = False, each: Each = map) -> tuple[int, list[Difference]]:
    """Compare OUT with its manifest; return how many files it should hold, and what differs.

    With `quick` names and sizes are compared, otherwise every file is read and hashed, as `each` spreads the work.
    """
    kinds: dict[str, str] = {}
    as_long = _as_long(out, kinds)
    if quick:
        deque(as_long, maxlen=0)
    else:
        for changed in each(partial(_changed, out), _batches(as_long)):
            kinds |= dict(zip(changed[::2], changed[1::2], strict=True))
    extra = [name for name in files_below(out) if name not in kinds]
    found = [Difference(kind, name) for name, kind in kinds.items() if kind]
    return len(kinds), found + [Difference("extra", name) for name in extra]


def _as_long(out: Path, kinds: dict[str, str]) -> Iterator[Row]:
    """Give the rows of files that are as long as they should be; what is known of each goes to `kinds`."""
    status = places.statuses(out)
    for row in read_rows(out / MANIFEST):
        if not row.file_name or record_of(row.file_name) or in_shard(row.file_name):
            continue
        kinds[row.file_name] = kind = _kind(status, row)
        if not kind:
            yield row


def _kind(status: Statuses, row: Row) -> str:
    """Say how a file differs from its row without reading it; empty if it does not."""
    try:
        found = status(row.file_name)
    except FileNotFoundError:
        found = None
    except Unreachable:
        raise
    except OSError:
        return "unreadable"
    if found is None:
        return "missing"
    return "" if stat.S_ISREG(found.st_mode) and found.st_size == int(row.bytes) else "changed"


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Gather rows of files that are hashed in one go."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        if batch and (len(batch) >= _FILES or size + int(row.bytes) > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += int(row.bytes)
    if batch:
        yield batch


def _changed(out: Path, rows: list[Row]) -> list[str]:
    """Return the names of files whose content is not that of their rows, each followed by what it is."""
    found: list[str] = []
    for row in rows:
        try:
            kind = "" if sha256_of(out / row.file_name) == row.sha256 else "changed"
        except FileNotFoundError:
            kind = "missing"
        except Unreachable:
            raise
        except OSError:
            kind = "unreadable"
        if kind:
            found += [row.file_name, kind]
    return found


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
