"""`augcli run`: a spec and two folders in, a finished data set and its summary out."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from augcli import lint
from augcli.commands.interruption import sigterm, stopped_by_errors
from augcli.commands.notes import note_of_splits, pairing, say_left_out
from augcli.commands.summary import Summary, ids_of, prepare_summary, summary_of, summary_when_stopped
from augcli.engine import runner
from augcli.engine.chunks import Chunks, Cut
from augcli.engine.executors import machines_of
from augcli.engine.jobs import Done, Task, job_of
from augcli.engine.output_state import OutputState
from augcli.engine.report import Report
from augcli.engine.tasks.make import Made, Make
from augcli.lint.outputs import Outputs
from augcli.modality.kinds import modality_of
from augcli.output import run_record
from augcli.output.folder import Folder
from augcli.output.opening import opened
from augcli.output.removal import remove_temporaries
from augcli.output.shards import shard_of, share
from augcli.plan import output_names
from augcli.plan.request import Options, Request, request_of
from augcli.problems import counted, printable, say
from augcli.spec.spec import Spec
from augcli.storage import mounts


def run(spec: Spec, root: Path, out: Path, options: Options, tell: Callable[[str], object] = say) -> Summary:
    """Write the augmented data set; return what came of it, with the exit code 0 or 1.

    `tell` gets each line for the user.

    Raises `Refused` with code 2 before anything is written, or with code 3 when the run had to stop.
    """
    root, out = options.placed(root), options.placed(out)
    shard = shard_of(options.shard, os.environ) if options.shard is not None else None
    prepare_summary(options.summary_json, root, out)
    request = request_of(spec, root, out, options)
    packs = request.packs
    numbers = share(range(0 if packs is None else len(packs)), shard)
    items = share(request.items, shard)
    total = sum(output_names.count(one, spec) for one in (items if packs is None else packs.all_items_of(numbers)))
    modality = modality_of(spec)
    record = run_record.record_of(spec, modality.versions(spec))
    report = Report(total, options.quiet, options.fail_fast, tell, thing=spec.kind)
    report.left_out = {reason: len(names) for reason, names in request.listing.left_out.items()}
    with (
        summary_when_stopped(options.summary_json, report),
        sigterm(),
        stopped_by_errors(out),
        machines_of(options, spec, modality, request.must_see, out, tell) as machines,
        opened(out, record, request.names, options.overwrite, shard) as folder,
    ):
        report.removed = folder.prepare(request.templates, (source.path for source in request.listing.sources))
        with report:
            _begin(report, request, folder, options)
            careful, stale = folder.found.was_interrupted, bool(folder.validity.other_versions)
            report.compared = "bytes" if careful else "sizes"
            task: Task[Made]
            chunks: Cut
            if packs is None:
                task = Make(OutputState(str(out), folder.former_spec, careful, stale), options.verbose)
                chunks = Chunks(items, spec.usual_copies, machines.jobs, folder.existing(), folder.part)
            else:
                from augcli.engine.chunks import PackChunks  # with all that knows containers
                from augcli.engine.packing import pack_state_of
                from augcli.engine.tasks.pack import MakePack
                from augcli.output.containers.gathering import write_classes
                from augcli.plan.packs import CLASSES

                pack_state = pack_state_of(request, out, record, careful)
                write_classes(out, CLASSES, pack_state.classes)
                task, chunks = MakePack(pack_state, options.verbose), PackChunks(packs, numbers, folder.part)
            job = job_of(task, modality, request, options.profile)
            runner.run(job, chunks, machines, total, partial(_take, report), report.crash)
        if report.crashed and shard is None:
            remove_temporaries(out)
        request.refuse_changed_tables()
        folder.finish({"sources": request.roles()}, report.rows, root)
    if shard is None:
        report.warn(lint.output_warnings(_outputs(request, report, out)))
    ids = ids_of(spec, out) if options.digests and shard is None else ()
    summary = summary_of(report, report.exit_code, *ids)
    summary.write(options.summary_json)
    if not options.quiet:
        tell(report.summary(str(out), shard is not None))
        if note := note_of_splits(spec, request.listing, root, out):
            tell(note)
    if options.profile:
        tell(report.profile())
    return summary


def _outputs(request: Request, report: Report, out: Path) -> Outputs:
    return Outputs(request, report.failed, out, report.made + report.kept, report.removed, report.moved)


def _take(report: Report, done: Done[Made]) -> None:
    """Take in what was made of a chunk, with its notes."""
    report.converted.update(done.result.converted)
    report.rows += done.result.rows
    report.objects += done.result.objects
    report.empty_copies += done.result.left_out
    report.dropped.update(done.result.dropped)
    report.noted.update(done.result.noted)
    report.moved.update(done.result.moved)
    for note in done.result.notes:
        report.tell(printable(note))
    report.done(done)


def _begin(report: Report, request: Request, folder: Folder, options: Options) -> None:
    """Tell what is to be known before the first file is made; with `quiet` warnings alone."""
    out = folder.out
    if not options.quiet:
        say_left_out(request.listing, options.verbose, report.tell)
        for line in pairing(request.listing):
            report.tell(printable(line))
        if slow := modality_of(request.spec).slowed(folder.record["versions"]):
            report.tell(slow)
        if shards := folder.found.abandoned_shards:
            whose = "its" if shards == 1 else "their"
            what = f"discarding {counted(shards, 'unfinished shard')}, reusing {whose} files"
            report.tell(printable(f"{out}: {what}"))
        if others := folder.validity.other_versions:
            what = f"all is made again, as it was made with other versions: {'; '.join(others)}"
            report.tell(printable(f"{out}: {what}"))
        if kind := mounts.without_common_locks(out):
            what = f"on a disk ({kind}) whose locks other machines do not see: run one command at a time"
            report.tell(printable(f"{out}: {what}"))
    report.warn(lint.quick_warnings(request.spec, request.root, request.listing))
    if options.verbose:
        for name in report.removed:
            report.tell(f"{printable(name)}: removed, as nothing asks for it any more")
