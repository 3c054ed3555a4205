"""Outputs made again from their manifest rows and the originals, byte for byte."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from augcli import manifest, runner, stock
from augcli.asked import Options
from augcli.dataset import ROLE_OF_FOLDER, Source
from augcli.folder import Folder
from augcli.former import finished_record, refuse_links
from augcli.job import sigterm, stopped_by_errors
from augcli.manifest import MANIFEST, RECORD
from augcli.plan import Item
from augcli.problems import Problem, Refused, counted, did_you_mean, printable, say
from augcli.rebuild import rebuild_chunk
from augcli.report import Report
from augcli.spec import restored
from augcli.stock import Known
from augcli.work import Chunk
from augcli.workers import Setup


def replay(out: Path, root: Path, files: Sequence[str], overwrite: bool, anyway: bool, options: Options) -> int:
    """Make files of OUT again that are missing, all or those named; return the exit code 0 or 1.

    Nothing is written but what has the hash of its row. With `overwrite` files that differ are replaced as well.
    Raises `Refused` where the versions are not those of the run, unless `anyway`.
    """
    record = finished_record(out)
    if not os.path.isdir(root):
        raise Refused(Problem(f"{root}: no such folder", "--source takes the IN of the run"))
    other = manifest.differences(record["versions"], manifest.versions())
    if other and not anyway:
        what = f"{out}: made with other versions, so that files may come out different: {'; '.join(other[:8])}"
        raise Refused(
            Problem(what, "install those versions, or try it with --anyway: only what is the same is written")
        )
    spec = restored(record["spec"], str(out / RECORD))
    named = _names(out, files)
    everything = overwrite or files
    wanted: list[Known] = []
    for known in stock.grouped(manifest.read_rows(out / MANIFEST)):
        rows = [row for row in known.rows if row.file_name and (not files or row.file_name in named)]
        rows = [row for row in rows if everything or not os.path.lexists(out / row.file_name)]
        if rows:
            wanted.append(Known(known.source, known.names, json.dumps(rows)))
    for folder in {os.path.dirname(row.file_name) for known in wanted for row in known.rows}:
        refuse_links(out, folder)
    total = sum(len(known.rows) for known in wanted)
    report = Report(total, options.quiet, fail_fast=False)
    like = Chunk(0, spec, str(root), str(out), "", [], {}, careful=True)
    jobs = options.jobs or runner.cpus()
    items = [_item(known) for known in wanted]
    task, setup = partial(rebuild_chunk, overwrite=overwrite), Setup(spec, str(root), [])
    with sigterm(), stopped_by_errors(out), Folder(out, record, lambda: ()) as locked, report:
        finished_record(out)  # a run may have begun and ended before it was locked
        try:
            if wanted:
                chunks = runner.Chunks(like, items, iter(wanted), jobs, locked.part)
                runner.run(task, chunks, setup, jobs, total <= runner.FEW, report.done, report.crash)
        finally:
            locked.leave()
    if not options.quiet:
        say(_summary(out, report))
    return report.exit_code


def _names(out: Path, files: Sequence[str]) -> set[str]:
    """Return files as the manifest names them; they may be given with OUT before them. Raises `Refused`."""
    if not files:
        return set()
    known = {row.file_name for row in manifest.read_rows(out / MANIFEST) if row.file_name}
    found: set[str] = set()
    problems: list[Problem] = []
    for given in files:
        inside = os.path.relpath(given, out)
        name = next((name for name in (given, inside) if name in known), None)
        if name is None:
            problems.append(Problem(f"{given}: no file of {out / MANIFEST}", did_you_mean(given, known)))
        else:
            found.add(name)
    if problems:
        raise Refused(problems)
    return found


def _item(known: Known) -> Item:
    """Return a source as its rows tell of it; its format is known when it has been read."""
    row = known.rows[0]
    role = ROLE_OF_FOLDER.get(row.split.lower(), "train") if row.split else "train"
    return Item(Source(row.source, row.split, role, row.label), "", "", "")


def _summary(out: Path, report: Report) -> str:
    parts = [f"{counted(report.made, 'file')} of {out} made again"]
    if report.kept:
        parts.append(f"{report.kept} as before")
    if report.failed:
        parts.append(f"{len(report.failed)} could not be made")
    return printable("; ".join(parts))
