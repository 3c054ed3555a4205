"""Where things stand in OUT, besides the images.

    manifest.csv   a row for each file of OUT and each source that failed; it is there when OUT is complete
    augcli.json    the record of the run: its spec, the versions of the libraries, counts
    .augcli/       the state folder, only while a run is incomplete:

        lock           held exclusively by a run, shared by shards
        writers        held shared by each worker while it writes
        run.json       the record of the run that is under way
        planned.jsonl  the files that it may write, logged before the first write
        former.jsonl   per source: the files that are known to be ours, and their rows as far as they still hold
        driver-...     while a cluster works on it: its workers stop when it is gone
        part-000001    the rows of one finished chunk, written when all of its files are there
        shard-2-of-3/  for a shard its own lock, writers, former.jsonl and parts, and done.json when it has finished

Every state that a kill can leave is a valid start for the next run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from augcli.storage import places

MANIFEST = "manifest.csv"
RUN_RECORD = "augcli.json"
STATE_FOLDER = ".augcli"

LOCK = "lock"
WRITERS = "writers"
UNFINISHED_RUN = "run.json"
PLANNED_FILES = "planned.jsonl"
EXISTING_FILES = "former.jsonl"
SHARD_RECORD = "done.json"
TEMPLATES = "joined.json"
DRIVER = "driver-"


def part(folder: Path, number: int) -> Path:
    """Return where the rows of a chunk stand."""
    return folder / f"part-{number:06d}"


def parts(folder: Path) -> list[Path]:
    """Return the parts that are there, in the order of their numbers."""
    return [folder / name for name in places.names(folder) if name.startswith("part-")]


def additions_of(part: Path) -> Path:
    """Return where stands what the sources of a part add to joined files."""
    return part.with_name("added-" + part.name.removeprefix("part-"))


def additions(folder: Path) -> list[Path]:
    """Return the files of additions that are there, in the order of their parts."""
    return [folder / name for name in places.names(folder) if name.startswith("added-")]


def shard_folder(state: Path, number: int, of: int) -> Path:
    """Return the folder that a shard has for itself in the state folder."""
    return state / f"shard-{number}-of-{of}"


def run_folders(state: Path) -> list[Path]:
    """Return the folders in which runs keep their parts: the state folder itself, and one for each shard."""
    if not places.is_folder(state):
        return [state]
    found = places.entries(state)
    return [state, *(state / name for name, kind in found if kind == "folder" and name.startswith("shard-"))]


def files_below(out: Path) -> Iterator[str]:
    """Return the relative names of all files in OUT besides our own two and the state folder."""
    return (name for name in places.files_below(out, STATE_FOLDER) if name not in (MANIFEST, RUN_RECORD))
