"""What a run would remove of OUT, when it may not do so unasked, and how it is done."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from augcli.output.inventory import Known, join
from augcli.problems import Problem
from augcli.storage import disk
from augcli.storage.names import folded

SHARE = 10  # one file in so many may go unasked

Planned: TypeAlias = Callable[[], Iterable[tuple[str, list[str]]]]
"""Gives (source, file names) in the order of the sources, afresh at each call."""

Stock: TypeAlias = Callable[[], Iterator[Known]]
"""Gives what is known of OUT in the order of the sources, afresh at each call."""


class Obsolete(NamedTuple):
    """Names that are ours and that no source asks for any more, by the source that they were made of.

    `gone` are the sources that are no longer in IN, `renamed` those that get at least as many files of other names.
    Of `respelled` names a planned one differs in case or Unicode form only: on some disks it is the same file.
    """

    sources: dict[str, str]
    gone: set[str]
    renamed: set[str]
    respelled: set[str]

    @property
    def elsewhere(self) -> list[str]:
        """The names that no new file has, on any disk."""
        return [name for name in self.sources if name not in self.respelled]


def obsolete(stock: Stock, planned: Planned) -> Obsolete:
    """Find what is no longer asked for."""
    found = Obsolete({}, set(), set(), set())
    for known, names in join(stock(), planned()):
        wanted = set(names or ())
        unwanted = [name for name in known.names if name not in wanted]
        found.sources.update(dict.fromkeys(unwanted, known.source))
        if unwanted and names is None:
            found.gone.add(known.source)
        elif unwanted and len(known.names) <= len(wanted):
            found.renamed.add(known.source)
    if found.sources:
        spelled: dict[str, list[str]] = {}
        for name in found.sources:
            spelled.setdefault(folded(name), []).append(name)
        for _, names in planned():
            for name in names:
                found.sources.pop(name, None)  # it has become another source's
                found.respelled.update(spelled.get(folded(name), ()))
        found.respelled.intersection_update(found.sources)
    return found


def great_loss(out: Path, stock: Stock, planned: Planned, found: Obsolete, changed: list[str]) -> Problem | None:
    """Say what a run would remove that nobody may have meant: more than a tenth of the files, or all of other sources.

    The files of a single source that is gone may always go. `changed` are settings that explain the others.
    """
    common = bool(found.respelled) or any(
        names is not None and any(disk.anything(out / name) for name in known.names)
        for known, names in join(stock(), planned())
    )
    lost = [name for name in found.elsewhere if found.sources[name] not in found.renamed]
    lost = [name for name in lost if disk.anything(out / name)]
    if common and not lost:
        return None
    total = sum(disk.anything(out / name) for known in stock() for name in known.names)
    sources = {found.sources[name] for name in lost}
    few = SHARE * len(lost) <= total or (len(sources) == 1 and sources <= found.gone)
    if not total or (common and few):
        return None
    help = "give the IN that it was made of, or --overwrite to remove them"
    if not common:
        what = f"{len(lost)} of {total} files would be removed" if lost else f"all {total} files would be made anew"
        return Problem(f"{out}: {what}: no source that they were made of is in IN", help)
    orphans = sum(found.sources[name] in found.gone for name in lost)
    why = f" ({', '.join(changed)})" if changed else ""
    if orphans == len(lost):
        reason = "their sources are not in IN"
    elif orphans:
        reason = f"the sources of {orphans} are not in IN, nothing asks for the others any more{why}"
    else:
        reason = f"nothing asks for them any more{why}"
        help = "give --overwrite to remove them, or choose another OUT"
    return Problem(f"{out}: {len(lost)} of {total} files would be removed: {reason}", help)


def remove(out: Path | str, name: str) -> bool:
    """Remove a file of OUT that is ours and the folders that this leaves empty; tell whether it was there."""
    path, folder = os.path.join(out, name), os.path.dirname(name)
    if disk.behind_link(out, folder):
        return False  # it is not in OUT
    is_there = disk.anything(path)
    with contextlib.suppress(NotADirectoryError, IsADirectoryError):
        if is_there:
            disk.remove(path)
    while folder and disk.remove_if_empty(os.path.join(out, folder)):
        folder = os.path.dirname(folder)
    return is_there
