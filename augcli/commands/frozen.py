"""`--frozen`: whether OUT is what a spec and its input ask for, by the rules of a run; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from augcli import lint
from augcli.commands.interruption import sigterm, stopped_by_errors
from augcli.commands.joined_again import joined_rows
from augcli.commands.summary import ids_of, prepare_summary, summary_of, summary_when_stopped
from augcli.engine import runner
from augcli.engine.chunks import Chunks, Cut, PackChunks
from augcli.engine.executors import Machines, machines_of
from augcli.engine.jobs import Done, Task, job_of
from augcli.engine.output_state import OutputState, reason_to_make
from augcli.engine.packing import pack_state_of
from augcli.engine.report import Report
from augcli.engine.tasks.compare import Compare, Compared
from augcli.engine.tasks.pack import ComparePack
from augcli.modality import Digests
from augcli.modality.kinds import modality_of
from augcli.output import inventory, joining, removal, run_record
from augcli.output.inventory import Existing
from augcli.output.paths import MANIFEST, RUN_RECORD, STATE_FOLDER, UNFINISHED_RUN
from augcli.output.previous_run import Validity, changed_freely, former_record, refuse_foreign, validity_of
from augcli.plan import output_names
from augcli.plan.request import Options, Request, request_of
from augcli.problems import Problem, counted, printable, say
from augcli.spec.loading import restored
from augcli.spec.spec import Spec
from augcli.storage import places
from augcli.storage.places import Statuses


def check_frozen(spec: Spec, root: Path, out: Path, options: Options) -> int:
    """Print what a run would change in OUT, a line each; return the exit code: 0 for nothing, 1 otherwise."""
    root, out = options.placed(root), options.placed(out)
    prepare_summary(options.summary_json, root, out)
    request = request_of(spec, root, out, options)
    total = sum(output_names.count(item, spec) for item in request.items)
    report = Report(total, options.quiet, fail_fast=False, thing=spec.kind)
    report.left_out = {reason: len(names) for reason, names in request.listing.left_out.items()}
    report.warnings = lint.quick_warnings(spec, root, request.listing)
    found = 0
    with (
        summary_when_stopped(options.summary_json, report),
        sigterm(),
        stopped_by_errors(out),
        machines_of(options, spec, modality_of(spec), request.must_see, None, say) as machines,
    ):
        for line in differences(request, out, machines, report):
            print(printable(line))
            found += 1
    exit_code = 1 if found else 0
    ids = ids_of(spec, out) if options.digests and not found else ()
    replace(summary_of(report, exit_code, *ids), differences=found).write(options.summary_json)
    if not options.quiet:
        what = counted(found, "difference") if found else "as the spec and its input ask for"
        say(printable(f"{out}: {what}"))
    return exit_code


def differences(request: Request, out: Path, machines: Machines, report: Report) -> Iterator[str]:
    """Say what a run would change in OUT: the spec, or file by file in the order of the sources."""
    former = former_record(out)
    if former is None:
        yield f"missing: {out}" if not places.is_folder(out / STATE_FOLDER) else f"unfinished: {out}"
        return
    if places.anything(out / STATE_FOLDER / UNFINISHED_RUN) or not places.anything(out / MANIFEST):
        yield f"unfinished: {out}"
        return
    status = places.statuses(out)
    refuse_foreign(out, inventory.existing(out), status)
    settings = run_record.differences(former["spec"], request.spec.resolved())
    made_with = run_record.differences(former["versions"], modality_of(request.spec).versions(request.spec))
    yield from (f"spec: {text}" for text in settings)
    yield from (f"versions: {text}" for text in made_with)
    if loss := great_loss(request, out, former, status):
        yield f"refused without --overwrite: {loss.what.removeprefix(f'{out}: ')}"
    if not settings and not made_with:
        record = run_record.record_of(request.spec, modality_of(request.spec).versions(request.spec))
        found = compared(request, out, validity_of(former, record), machines, report)
        yield from found.notes
        yield from (f"no longer asked for: {name}" for name in found.obsolete)


@dataclass
class Comparison:
    """What OUT holds of what is asked for, file by file."""

    made: int = 0
    kept: int = 0
    notes: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)


def compared(request: Request, out: Path, validity: Validity, machines: Machines, report: Report) -> Comparison:
    """Compare every source with what is known of it in OUT, in worker processes."""
    former = None if validity.former_spec is None else restored(validity.former_spec, str(out / RUN_RECORD))
    task: Task[Compared] = Compare(OutputState(str(out), former))
    if request.packs is not None:
        record = run_record.record_of(request.spec, modality_of(request.spec).versions(request.spec))
        task = ComparePack(pack_state_of(request, out, record, careful=False))
    job = job_of(task, modality_of(request.spec), request)
    done: list[Done[Compared]] = []

    def take(part: Done[Compared]) -> None:
        report.count(part)
        done.append(part)

    with report:
        known = map(validity.limit, inventory.existing(out))
        chunks: Cut = Chunks(request.items, request.spec.usual_copies, machines.jobs, known)
        if request.packs is not None:
            chunks = PackChunks(request.packs, range(len(request.packs)), lambda number: "")
        runner.run(job, chunks, machines, len(request.items), take, report.crash)
    parts = [part.result for part in sorted(done, key=lambda part: part.number)]
    found = Comparison(sum(part.made for part in parts), sum(part.kept for part in parts))
    for part in parts:
        found.notes += part.notes
        found.notes += [f"failed: {failure.source}: {failure.reason}" for failure in part.failures]
    found.notes += _joined_notes(request, out)
    found.obsolete += removal.find_obsolete(lambda: inventory.existing(out), request.names).source_of
    return found


def _joined_notes(request: Request, out: Path) -> Iterator[str]:
    """Say which files about many images are not what is asked for, as far as single images do not tell."""
    told = {row.file_name: row for row in joined_rows(out)} if request.templates else {}
    for template in request.templates:
        row = told.get(template.path)
        digests = Digests("" if row is None else row.source_sha256)
        reason = "labels changed" if row is not None and row.source_sha256 != template.digest else ""
        if reason := reason or reason_to_make(row, digests, str(out), careful=False):
            yield f"{reason}: {template.path}"


def great_loss(request: Request, out: Path, former: dict[str, Any], status: Statuses) -> Problem | None:
    """Say why a run into OUT would be refused because of what it removes; None where it would not."""

    def known() -> Iterator[Existing]:
        return inventory.existing(out)

    if run_record.is_packed(former):
        return removal.great_loss_of_containers(out, known, (source.path for source in request.listing.sources))
    found = removal.find_obsolete(known, request.names)
    changed = changed_freely(former["spec"], request.spec.resolved())
    loss = removal.great_loss(out, known, request.names, found, changed, status)
    return loss or removal.great_loss_of_records(out, known, joining.records_of(request.templates))
