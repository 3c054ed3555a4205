"""`augcli replay`: outputs made again from their manifest rows and the originals, byte for byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from augcli.commands.containers_again import replay_containers
from augcli.commands.interruption import sigterm, stopped_by_errors
from augcli.commands.joined_again import join_again, joined_rows
from augcli.commands.records_again import print_records
from augcli.commands.summary import Summary, summary_of
from augcli.dataset.layouts.words import role_of
from augcli.dataset.sources import Source, in_shard
from augcli.engine import runner
from augcli.engine.chunks import Chunks
from augcli.engine.executors import machines_of
from augcli.engine.jobs import Job, job_of
from augcli.engine.report import Report
from augcli.engine.tasks.replay import Replay
from augcli.modality.kinds import modality_of_record
from augcli.output import inventory, manifest, run_record
from augcli.output.containers.packed import SHARD
from augcli.output.inventory import Existing
from augcli.output.manifest import Row
from augcli.output.opening import opened
from augcli.output.paths import MANIFEST, RUN_RECORD
from augcli.output.previous_run import finished_record, refuse_links
from augcli.plan.output_names import Item
from augcli.plan.request import Options, Request, request_of
from augcli.problems import Problem, Refused, counted, did_you_mean, printable, say
from augcli.spec.loading import restored
from augcli.spec.spec import Spec
from augcli.storage import places
from augcli.storage.places import Statuses


def replay(
    out: Path,
    root: Path,
    files: Sequence[str],
    overwrite: bool,
    anyway: bool,
    options: Options,
    tell: Callable[[str], object] = say,
    to: Path | None = None,
) -> Summary:
    """Make files of OUT again that are missing, all or those named; return what came of it, file by file.

    Nothing is written but what has the hash of its row. With `overwrite` files that differ are replaced as well.
    With `to` samples of containers are written into that folder. `tell` gets each line for the user.

    Raises `Refused` where the versions are not those of the run, unless `anyway`.
    """
    root, out = options.placed(root), options.placed(out)
    record = finished_record(out)
    if places.seems(root) != "folder":
        raise Refused(Problem(f"{root}: no such folder", "give the IN of the run, as in augcli replay OUT IN"))
    modality = modality_of_record(record)
    other = run_record.differences(*modality.versions_again(record["versions"], out))
    if other and not anyway:
        what = f"{out}: made with other versions, so that files may come out different: {'; '.join(other[:8])}"
        raise Refused(
            Problem(what, "install those versions, or try it with --anyway: only what is the same is written")
        )
    spec = restored(record["spec"], str(out / RUN_RECORD))
    named = _names(out, files)
    missing = not overwrite and not files
    packed = run_record.is_packed(record)
    if to is not None and not (named and packed and all(map(in_shard, named))):
        what = "--to: only single images of shards are written elsewhere"
        raise Refused(Problem(what, "name some: augcli replay OUT IN 'train-000000.tar#cat/a_aug000.jpg' --to FOLDER"))
    request = _request_if_joined(out, root, spec)
    planned = {} if request is None else {item.source.path: item for item in request.items}
    joined = [] if packed else [row for row in joined_rows(out) if not named or row.file_name in named]
    status = places.statuses(out)
    if missing:
        joined = [row for row in joined if not status(row.file_name)]
    items: list[Item] = []
    folders: set[str] = set()
    total = 0
    for known in () if packed else _wanted(out, named, missing, status):
        rows = known.rows
        items.append(planned.get(rows[0].source) or _item(rows[0]))
        folders |= {os.path.dirname(row.file_name) for row in rows}
        total += len(rows)
    for folder in folders:
        refuse_links(out, folder)
    report = Report(total, options.quiet, fail_fast=False, tell=tell, thing=spec.kind)
    replaying = Replay(str(out), overwrite)
    job = Job(replaying, modality, spec, str(root)) if request is None else job_of(replaying, modality, request)
    with (
        sigterm(),
        stopped_by_errors(out),
        machines_of(options, spec, modality, [str(root)], out, tell) as machines,
        opened(out, record, lambda: ()) as locked,
        report,
    ):
        finished_record(out)  # a run may have begun and ended before it was locked
        try:
            if packed and request is not None:
                replay_containers(request, out, named, to, overwrite, machines, locked, report)
            if items:
                wanted = _wanted(out, named, missing, places.statuses(out))
                chunks = Chunks(items, spec.usual_copies, machines.jobs, wanted, locked.part)
                runner.run(job, chunks, machines, total, report.done, report.crash)
            if request is not None and (records := {name for name in named if manifest.record_of(name)}):
                report.kept += (found := print_records(request, out, records))[0]
                report.failed += (failed := found[1])
                for failure in failed:
                    tell(printable(f"{failure.source}: {failure.reason}"))
            if joined and request is not None:
                join_again(request, out, joined, overwrite, machines, locked, report)
        finally:
            locked.leave()
    if not options.quiet:
        tell(_summary(out, report))
    return summary_of(report, report.exit_code)


def _request_if_joined(out: Path, root: Path, spec: Spec) -> Request | None:
    """Return what IN holds, where OUT has labels or tables; None where a row alone tells what its file is made of."""
    if not any(row.labels_sha256 or not row.source for row in manifest.read_rows(out / MANIFEST)):
        return None
    return request_of(spec, root, None, Options(follow_links=True, allow_augmented_input=True))


def _wanted(out: Path, named: set[str], missing: bool, status: Statuses) -> Iterator[Existing]:
    """Return the rows of files that were named, or of all; with `missing` only of those that are not there."""
    for known in inventory.by_source(manifest.read_rows(out / MANIFEST)):
        if not known.source:
            continue  # joined files
        rows = [row for row in known.rows if row.file_name and (not named or row.file_name in named)]
        rows = [row for row in rows if not manifest.record_of(row.file_name)]
        rows = [row for row in rows if not missing or not status(row.file_name)]
        if rows:
            yield known._replace(rows_text=json.dumps(rows))


def _names(out: Path, files: Sequence[str]) -> set[str]:
    """Return files as the manifest names them; they may be given with OUT before them. Raises `Refused`."""
    if not files:
        return set()
    inside = {given: os.path.relpath(given, out) for given in files}
    meant = {name: given for given in files for name in (inside[given], given)}
    beside: dict[str, list[str]] = {os.path.dirname(name): [] for name in meant}
    found: set[str] = set()
    shards: set[str] = set()
    for row in manifest.read_rows(out / MANIFEST):
        if row.status == SHARD:
            shards.add(row.file_name)
        if row.file_name in meant:
            found.add(row.file_name)
        elif (folder := os.path.dirname(row.file_name)) in beside:
            beside[folder].append(row.file_name)

    def near(given: str) -> list[str]:
        return beside[os.path.dirname(given)] + beside[os.path.dirname(inside[given])]

    for name in meant:  # which stands in a shard whose rows are not in the manifest
        if (inside_of := in_shard(name)) and inside_of[0] in shards:
            found.add(name)
    unknown = set(files) - {meant[name] for name in found}
    if unknown:
        raise Refused(
            Problem(f"{given}: no file of {out / MANIFEST}", did_you_mean(given, near(given)))
            for given in files
            if given in unknown
        )
    return found


def _item(row: Row) -> Item:
    """Return the source of a row as that tells of it; its format is known when it has been read."""
    role = role_of(row.split) if row.split else "train"
    return Item(Source(row.source, row.split, role, row.label), "", "", "")


def _summary(out: Path, report: Report) -> str:
    parts = [f"{counted(report.made, 'file')} of {out} made again"]
    if report.kept:
        parts.append(f"{report.kept} as before")
    if report.failed:
        parts.append(f"{len(report.failed)} could not be made")
    return printable("; ".join(parts))
