"""The run that made OUT before: its record, whether this run may go on from it, and which of its rows still hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from augcli.output import paths, run_record
from augcli.output.inventory import Existing
from augcli.output.paths import MANIFEST, RUN_RECORD, STATE_FOLDER, UNFINISHED_RUN
from augcli.problems import Problem, Refused
from augcli.storage import places
from augcli.storage.files import TEMPORARY
from augcli.storage.places import Statuses


def former_record(out: Path) -> dict[str, Any] | None:
    """Return the record of what made OUT, None where it is empty. Raises `Refused` for what augcli did not make."""
    if not places.anything(out):
        return None
    if not places.is_folder(out):
        raise Refused(Problem(f"{out}: a file, not a folder", "choose another OUT"))
    if places.anything(out / RUN_RECORD) and not places.is_file(out / RUN_RECORD):
        raise Refused(Problem(f"{out / RUN_RECORD}: not a file that augcli wrote", "choose another OUT"))
    if not places.anything(out / STATE_FOLDER) and not places.anything(out / RUN_RECORD):
        for first in places.names(out):
            if first != STATE_FOLDER:  # which another shard may have made by now
                raise _not_ours(out, first)
    return run_record.read_record(out / STATE_FOLDER / UNFINISHED_RUN) or run_record.read_record(out / RUN_RECORD)


def refuse_foreign(out: Path, existing: Iterable[Existing], status: Statuses) -> None:
    """Refuse a folder that holds files, and none of those that are ours: our records alone were copied into it."""
    if not any(status(name) for entry in existing for name in entry.names):
        for name in paths.files_below(out):
            if not os.path.basename(name).startswith(TEMPORARY):
                raise _not_ours(out, name)


def _not_ours(out: Path, first: str) -> Refused:
    what = f"{out}: not empty (it holds `{first}`) and not made by augcli"
    return Refused(Problem(what, "choose another OUT"))


def finished_record(out: Path) -> dict[str, Any]:
    """Return the record of a finished OUT. Raises `Refused` for anything else."""
    begun = run_record.read_record(out / STATE_FOLDER / UNFINISHED_RUN)
    if begun is not None and not places.anything(out / MANIFEST):
        help = "rerun the same command to resume"
        if "shards" in begun:
            help = f"when all {begun['shards']} shards are done: augcli merge {out}"
        raise Refused(Problem(f"{out}: its run is not finished", help))
    record = run_record.read_record(out / RUN_RECORD)
    if record is None or not places.is_file(out / MANIFEST):
        name = RUN_RECORD if record is None else MANIFEST
        what = "no such folder" if not places.anything(out) else f"there is no {name} in it that augcli wrote"
        raise Refused(Problem(f"{out}: {what}", "give the OUT of a run"))
    return record


class Validity(NamedTuple):
    """Which rows of earlier runs hold for one of another record: all, those that come out alike, or none."""

    versions_hold: bool
    spec_holds: bool
    other_versions: list[str]
    """In what the versions differ, where they do not hold."""
    former_spec: dict[str, Any] | None
    """The resolved spec that rows were made by which the present spec may make alike."""

    def limit(self, entry: Existing) -> Existing:
        """Return what OUT holds of a source, with its rows as far as they can still hold."""
        if not self.versions_hold or (entry.of_former_spec and not self.spec_holds):
            return entry._replace(rows_text="[]", of_former_spec=False)
        return entry if self.spec_holds else entry._replace(of_former_spec=True)


def validity_of(former: dict[str, Any] | None, record: dict[str, Any]) -> Validity:
    """Compare the record of what OUT holds with that of a run."""
    if former is None or former["versions"] != record["versions"]:
        others = [] if former is None else run_record.differences(former["versions"], record["versions"])
        return Validity(versions_hold=False, spec_holds=False, other_versions=others, former_spec=None)
    if former["spec_key"] == record["spec_key"]:
        return Validity(versions_hold=True, spec_holds=True, other_versions=[], former_spec=former.get("former"))
    return Validity(versions_hold=True, spec_holds=False, other_versions=[], former_spec=former["spec"])


FREE = ("copies", "balance", "include_originals")
"""Settings that may change between a run and the next."""


def refuse_other_spec(out: Path, former: dict[str, Any], record: dict[str, Any]) -> None:
    """Refuse an OUT that was made by another spec, but for the settings that may change."""
    found = _differences(former["spec"], record["spec"], free=False)
    if found:
        what = f"{out}: made by another spec: {_some(found)}"
        raise Refused(Problem(what, "choose another OUT, or give --overwrite to make it anew"))


def changed_freely(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Say which of the settings that may change have changed."""
    return _differences(before, now, free=True)


def _differences(before: dict[str, Any], now: dict[str, Any], free: bool) -> list[str]:
    """Say how two resolved specs differ, in the settings that may or in the others."""
    kept = ({key: value for key, value in spec.items() if (key in FREE) == free} for spec in (before, now))
    return run_record.differences(*kept)


def refuse_other_versions(out: Path, before: dict[str, Any], now: dict[str, Any], who: str, overwrite: bool) -> None:
    """Refuse to go on from what other versions made; `who` are the runs that made it."""
    found = run_record.differences(before, now)
    if found and not overwrite:
        what = f"{out}: {who} were made with other versions: {_some(found)}"
        raise Refused(Problem(what, "use the same versions, or give --overwrite to begin anew"))


def _some(found: list[str]) -> str:
    return "; ".join(found[:8]) + ("; ..." if len(found) > 8 else "")


def refuse_links(out: Path, folder: str) -> None:
    """Refuse a folder of OUT that is a link, or lies behind one."""
    if places.behind_link(out, folder):
        raise Refused(Problem(f"{out / folder}: a link, which augcli does not write through"))
