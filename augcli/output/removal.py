"""What a run would remove of OUT, when it may not do so unasked, and how files are removed."""

from __future__ import annotations

import contextlib
import os
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from augcli.output import paths
from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.packed import read_packed
from augcli.output.inventory import Existing, with_planned
from augcli.output.manifest import record_of
from augcli.output.paths import LOCK, PLANNED_FILES, UNFINISHED_RUN
from augcli.problems import Problem, counted
from augcli.storage import places
from augcli.storage.addresses import in_bucket
from augcli.storage.files import TEMPORARY
from augcli.storage.names import folded
from augcli.storage.places import Statuses

SHARE = 10  # one file in so many may go unasked

Planned: TypeAlias = Callable[[], Iterable[tuple[str, list[str]]]]
"""Gives (source, file names) in the order of the sources, afresh at each call."""

ExistingFiles: TypeAlias = Callable[[], Iterator[Existing]]
"""Gives what OUT holds in the order of the sources, afresh at each call."""


class Obsolete(NamedTuple):
    """Names of files that are ours and that no source asks for any more.

    On some disks a name that differs from a planned one in case or Unicode form only is that of the same file.
    """

    source_of: dict[str, str]
    """The names, each with the source that its file was made of."""
    gone: set[str]
    """The sources that are no longer in IN."""
    renamed: set[str]
    """The sources that get at least as many files of other names."""
    spelling_variants: set[str]
    """The names that differ from a planned one in case or Unicode form only."""

    @property
    def others(self) -> list[str]:
        """The names that no new file has, on any disk."""
        return [name for name in self.source_of if name not in self.spelling_variants]


def find_obsolete(existing: ExistingFiles, planned: Planned) -> Obsolete:
    """Find the files that nothing asks for any more."""
    found = Obsolete({}, set(), set(), set())
    for entry, names in with_planned(existing(), planned()):
        wanted = set(names or ())
        unwanted = [name for name in entry.names if name not in wanted]
        found.source_of.update(dict.fromkeys(unwanted, entry.source))
        if unwanted and names is None:
            found.gone.add(entry.source)
        elif unwanted and len(entry.names) <= len(wanted):
            found.renamed.add(entry.source)
    if found.source_of:
        spelled: dict[str, list[str]] = {}
        for name in found.source_of:
            spelled.setdefault(folded(name), []).append(name)
        for _, names in planned():
            for name in names:
                found.source_of.pop(name, None)  # it has become another source's
                found.spelling_variants.update(spelled.get(folded(name), ()))
        found.spelling_variants.intersection_update(found.source_of)
    return found


def great_loss(
    out: Path, existing: ExistingFiles, planned: Planned, found: Obsolete, changed: list[str], status: Statuses
) -> Problem | None:
    """Say what a run would remove that nobody may have meant: more than a tenth of the files, or all of other sources.

    The files of a single source that is gone may always go. `changed` are settings that explain why others go.
    """
    common = bool(found.spelling_variants) or any(
        names is not None and any(status(name) for name in entry.names)
        for entry, names in with_planned(existing(), planned())
    )
    lost = [name for name in found.others if found.source_of[name] not in found.renamed]
    lost = [name for name in lost if status(name)]
    if common and not lost:
        return None
    total = sum(bool(status(name)) for entry in existing() for name in entry.names)
    sources = {found.source_of[name] for name in lost}
    few = SHARE * len(lost) <= total or (len(sources) == 1 and sources <= found.gone)
    if not total or (common and few):
        return None
    help = "give the IN that it was made of, or --overwrite to remove them"
    if not common:
        what = f"{len(lost)} of {total} files would be removed" if lost else f"all {total} files would be made anew"
        return Problem(f"{out}: {what}: no source that they were made of is in IN", help)
    orphans = sum(found.source_of[name] in found.gone for name in lost)
    why = f" ({', '.join(changed)})" if changed else ""
    if orphans == len(lost):
        reason = "their sources are not in IN"
    elif orphans:
        reason = f"the sources of {orphans} are not in IN, nothing asks for the others any more{why}"
    else:
        reason = f"nothing asks for them any more{why}"
        help = "give --overwrite to remove them, or choose another OUT"
    return Problem(f"{out}: {len(lost)} of {total} files would be removed: {reason}", help)


def great_loss_of_containers(out: Path, existing: ExistingFiles, sources: Iterable[str]) -> Problem | None:
    """Say that containers would lose more than a tenth of what they were made of; `sources` are those of IN.

    Of many containers some are looked into, evenly spread.
    """
    names = [entry.source for entry in existing() if entry.source]
    there = array("q", sorted(map(hash, sources)))
    total = lost = 0
    for name in names[:: 1 + len(names) // _LOOKED_INTO]:
        packed = read_packed(out / (name + ROWS_SUFFIX))
        for source in {row.source for row in packed.rows} if packed is not None else ():
            at = bisect_left(there, hash(source))
            total += 1
            lost += at == len(there) or there[at] != hash(source)
    if SHARE * lost <= total:
        return None
    what = f"{lost} of {counted(total, 'source')} that it was made of are not in IN"
    return Problem(f"{out}: {what}", "give the IN that it was made of, or --overwrite to remove what came of them")


_LOOKED_INTO = 1000


def great_loss_of_records(out: Path, existing: ExistingFiles, records: Mapping[str, int]) -> Problem | None:
    """Say which table would lose copies that nobody may have meant to lose: of more than a tenth of its records.

    `records` are how many the tables of IN have now.
    """
    known: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for entry in existing():
        place = record_of(entry.source)
        if place is not None and place[0] in records and entry.rows_text != "[]":
            known[place[0]] += 1
            lost[place[0]] += place[1] > records[place[0]]
    for table, number in lost.items():
        if SHARE * number > known[table]:
            what = f"the copies of {number} of {known[table]} records would be removed: IN has {records[table]} now"
            return Problem(f"{out / table}: {what}", "give the IN that it was made of, or --overwrite to remove them")
    return None


def remove(out: Path | str, name: str) -> bool:
    """Remove a file of OUT that is ours and the folders that this leaves empty; tell whether it was there."""
    path, folder = os.path.join(out, name), os.path.dirname(name)
    if places.behind_link(out, folder):
        return False  # it is not in OUT
    is_there = places.anything(path)
    with contextlib.suppress(NotADirectoryError, IsADirectoryError):
        if is_there:
            places.remove(path)
    while folder and places.remove_if_empty(os.path.join(out, folder)):
        folder = os.path.dirname(folder)
    return is_there


def remove_temporaries(out: Path) -> None:
    """Remove what killed workers left unfinished."""
    if in_bucket(out):
        return  # where there are none
    for name in paths.files_below(out):
        if os.path.basename(name).startswith(TEMPORARY):
            places.remove(out / name)


def remove_state(state: Path) -> None:
    """Remove the state folder: first what says that a run is incomplete, last the lock.

    Who locks a new one may begin at once.
    """
    for name in (UNFINISHED_RUN, PLANNED_FILES):
        places.remove(state / name)
    found = [(name, kind) for name, kind in places.entries(state) if name != LOCK]
    for name, kind in found:
        if kind == "folder":
            places.remove_with_all(state / name)
    places.remove_all(state / name for name, kind in found if kind != "folder")
    places.remove(state / LOCK)
    places.remove_if_empty(state)
