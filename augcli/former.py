"""What made OUT before: its record, whether this run may go on from it, and what its rows are worth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from augcli import manifest
from augcli.manifest import MANIFEST, RECORD, STATE
from augcli.problems import Problem, Refused
from augcli.stock import RUN, Known


def former_record(out: Path) -> dict[str, Any] | None:
    """Return the record of what made OUT, None where it is empty. Raises `Refused` for what augcli did not make."""
    if os.path.exists(out) and not os.path.isdir(out):
        raise Refused(Problem(f"{out}: a file, not a folder", "choose another OUT"))
    if not os.path.isdir(out / STATE) and not os.path.exists(out / RECORD) and os.path.exists(out):
        try:
            first = next(iter(sorted(os.listdir(out))), None)
        except OSError as error:
            raise Refused(Problem(f"{out}: cannot be read ({error.strerror})")) from None
        if first is not None:
            what = f"{out}: not empty (it holds `{first}`) and not made by augcli"
            raise Refused(Problem(what, "choose another OUT"))
    if os.path.lexists(out / RECORD) and not os.path.isfile(out / RECORD):
        raise Refused(Problem(f"{out / RECORD}: not a file that augcli wrote", "choose another OUT"))
    return manifest.read_record(out / STATE / RUN) or manifest.read_record(out / RECORD)


def finished_record(out: Path) -> dict[str, Any]:
    """Return the record of a finished OUT. Raises `Refused` for anything else."""
    begun = manifest.read_record(out / STATE / RUN)
    if begun is not None and not (out / MANIFEST).exists():
        help = "give the same run command again: it goes on"
        if "shards" in begun:
            help = f"when all {begun['shards']} shards are done: augcli merge {out}"
        raise Refused(Problem(f"{out}: its run is not finished", help))
    record = manifest.read_record(out / RECORD)
    if record is None or not (out / MANIFEST).is_file():
        name = RECORD if record is None else MANIFEST
        what = "no such folder" if not out.exists() else f"there is no {name} in it that augcli wrote"
        raise Refused(Problem(f"{out}: {what}", "give the OUT of a run"))
    return record


class Worth(NamedTuple):
    """What rows of earlier runs are worth to one of another record: all, those that come out alike, or nothing."""

    versions_hold: bool
    spec_holds: bool
    former: dict[str, Any] | None
    """The resolved spec that rows were made by which the present spec may make alike."""

    def of(self, known: Known) -> Known:
        """Return what is known of a source, with its rows as far as they can still hold."""
        if not self.versions_hold or (known.of_former_spec and not self.spec_holds):
            return known._replace(rows_text="[]", of_former_spec=False)
        return known if self.spec_holds else known._replace(of_former_spec=True)


def worth_of(former: dict[str, Any] | None, record: dict[str, Any]) -> Worth:
    """Compare the record of what OUT holds with that of a run."""
    if former is None or former.get("versions") != record["versions"]:
        return Worth(versions_hold=False, spec_holds=False, former=None)
    if former["spec_key"] == record["spec_key"]:
        return Worth(versions_hold=True, spec_holds=True, former=former.get("former"))
    return Worth(versions_hold=True, spec_holds=False, former=former["spec"])


FREE = ("copies", "include_originals")
"""Settings that may change between a run and the next."""


def refuse_other_spec(out: Path, former: dict[str, Any], record: dict[str, Any]) -> None:
    before, now = (
        {key: value for key, value in spec.items() if key not in FREE} for spec in (former["spec"], record["spec"])
    )
    found = manifest.differences(before, now)
    if found:
        what = f"{out}: made by another spec: {_some(found)}"
        raise Refused(Problem(what, "choose another OUT, or give --overwrite to make it anew"))


def refuse_other_versions(
    out: Path, before: dict[str, Any], now: dict[str, Any], who: str, overwrite: bool = False
) -> None:
    found = manifest.differences(before, now)
    if found and not overwrite:
        what = f"{out}: {who} were made with other versions: {_some(found)}"
        raise Refused(Problem(what, "use the same versions, or give --overwrite to begin anew"))


def _some(found: list[str]) -> str:
    return "; ".join(found[:8]) + ("; ..." if len(found) > 8 else "")


def refuse_links(out: Path, folder: str) -> None:
    """Refuse a folder of OUT that is a link, or lies behind one."""
    real = os.path.realpath(out)
    if os.path.realpath(os.path.join(real, folder)) != os.path.join(real, folder).rstrip("/"):
        raise Refused(Problem(f"{out / folder}: a link, which augcli does not write through"))
