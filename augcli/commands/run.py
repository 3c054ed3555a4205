"""The main job from end to end: a spec and two folders in, a finished data set and an exit code out."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType

from augcli import lint
from augcli.engine import runner
from augcli.engine.chunks import Chunk
from augcli.engine.progress import Report, note_of_splits, say_left_out
from augcli.engine.tasks.make import run_chunk, stopping
from augcli.engine.worker import setup_of
from augcli.image import native, process, versions
from augcli.lint.outputs import Outputs
from augcli.output import manifest, run_record
from augcli.output.folder import Folder
from augcli.output.manifest import MANIFEST
from augcli.output.shards import shard_of, share
from augcli.plan import output_names
from augcli.plan.request import Asked, Options, asked, identity
from augcli.problems import Problem, Refused, Terminated, printable, say
from augcli.spec.model import Spec
from augcli.storage import hashes, mounts


def run(spec: Spec, root: Path, out: Path, options: Options) -> int:
    """Write the augmented data set; return the exit code 0 or 1.

    Raises `Refused` with code 2 before anything is written, or with code 3 when the run had to stop.
    """
    shard = shard_of(options.shard, os.environ) if options.shard is not None else None
    make_room_for_summary(options.summary_json, root, out)
    wanted = asked(spec, root, out, options)
    items = share(wanted.items, shard)
    jobs = options.jobs or runner.cpus()
    total = sum(output_names.count(item, spec) for item in items)
    record = run_record.record_of(spec, versions.versions())
    report = Report(total, options.quiet, options.fail_fast)
    report.left_out = {reason: len(names) for reason, names in wanted.listing.left_out.items()}
    with (
        told_when_stopped(options.summary_json, report),
        sigterm(),
        stopped_by_errors(out),
        Folder(out, record, wanted.names, options.overwrite, shard) as folder,
    ):
        report.removed = folder.prepare()
        with report:
            _begin(report, wanted, folder, options)
            like = Chunk(0, spec, str(root), str(out), "", [], {}, folder.was_interrupted)
            like = like._replace(former=folder.former, explains=options.verbose, stale=bool(folder.other_versions))
            report.compared = "bytes" if folder.was_interrupted else "sizes"
            chunks = runner.Chunks(like, items, folder.known(), jobs, folder.part)
            setup, few = setup_of(wanted, options.profile), total <= runner.FEW
            runner.run(run_chunk, chunks, setup, jobs, few, report.done, report.crash)
        if report.crashed and shard is None:
            folder.remove_temporaries()
        skipped = sum(not output_names.count(item, spec) for item in items)
        folder.finish({"sources": wanted.roles()}, report.made + report.kept + len(report.failed) + skipped)
    if shard is None:
        report.warn(lint.left_behind(Outputs(wanted, report.failed, out, report.made + report.kept)))
    if options.summary_json is not None:
        names = (identity_from(wanted, out), hashes.sha256_of(out / MANIFEST)) if shard is None else ("", "")
        summarise(options.summary_json, report, report.exit_code, *names)
    if not options.quiet:
        say(report.summary(str(out), shard is not None))
        if note := note_of_splits(spec, wanted.listing, root, out):
            say(note)
    if options.profile:
        say(report.profile())
    return report.exit_code


def slowed(versions: dict[str, str]) -> str:
    """Say why images take several times longer here than they might, with the same result; empty if they do not."""
    if native.library() is None:
        help = "install a C compiler, then augcli again"
        return str(Problem("the compiled kernels are missing: images take 3 to 12 times longer", help))
    if "AVX2" not in versions.get("cpu", "AVX2"):
        return "this processor has no AVX2, which the compiled kernels are for: images take several times longer"
    return ""


def _begin(report: Report, wanted: Asked, folder: Folder, options: Options) -> None:
    """Tell what is to be known before the first file is made; with `quiet` warnings alone."""
    out = folder.out
    if not options.quiet:
        say_left_out(wanted.listing, options.verbose)
        if slow := slowed(folder.record["versions"]):
            report.tell(slow)
        if folder.given_up:
            what = f"the {folder.given_up} shards that were begun here are given up; what they made is used"
            report.tell(printable(f"{out}: {what}"))
        if folder.other_versions:
            what = f"all is made again, as it was made with other versions: {'; '.join(folder.other_versions)}"
            report.tell(printable(f"{out}: {what}"))
        if kind := mounts.without_common_locks(out):
            what = f"on a disk ({kind}) whose locks other machines do not see: run one command at a time"
            report.tell(printable(f"{out}: {what}"))
    report.warn(lint.at_a_glance(wanted.spec, wanted.root, wanted.listing))
    if options.verbose:
        for name in report.removed:
            report.tell(f"{printable(name)}: removed, as nothing asks for it any more")


def identity_from(wanted: Asked, out: Path) -> str:
    """Return the name of what a finished run has written, from its manifest."""
    record = run_record.record_of(wanted.spec, versions.versions())
    rows = (row for row in manifest.read_rows(out / MANIFEST) if row.status != "skipped")
    digests = ((source, next(group).source_sha256) for source, group in groupby(rows, key=lambda row: row.source))
    return identity(wanted.spec, record["versions"], digests)


def make_room_for_summary(path: Path | None, root: Path, out: Path) -> None:
    """Refuse a place for the summary that cannot be written to, before the run and not after it; remove an old one."""
    if path is None:
        return
    real = os.path.realpath(path)
    for name, folder in (("IN", root), ("OUT", out)):
        if real.startswith(os.path.join(os.path.realpath(folder), "")):
            what = f"{path}: a summary inside {name} would be a file too many"
            raise Refused(Problem(what, "choose a place beside it"))
    if os.path.isfile(real):
        if not path.read_bytes().startswith(SUMMARY.encode()):
            raise Refused(Problem(f"{path}: is there already, and not a summary", "choose another name"))
        path.unlink()  # or it would seem to be of this run, should that not come to its end
    if os.path.isdir(path) or not os.path.isdir(os.path.dirname(real)):
        raise Refused(Problem(f"{path}: no place for a file", "--summary-json summary.json"))


SUMMARY = '{\n  "exit_code": '


def summarise(path: Path | None, report: Report, exit_code: int, plan_id: str, digest: str, **more: int) -> None:
    """Write what came of a run as JSON: counts, warnings, failures, and names for the plan and the result."""
    if path is None:
        return
    counted = {"exit_code": exit_code, "made": report.made, "kept": report.kept, "removed": len(report.removed)}
    failures = [{"source": manifest.escaped(one.source), "error": one.reason} for one in report.failed]
    names = {"plan_id": plan_id or None, "manifest_sha256": digest or None}
    told = {
        "left_out": {reason: report.left_out[reason] for reason in sorted(report.left_out)},
        "converted": {word: report.converted[word] for word in sorted(report.converted)},
        "warnings": [str(warning) for warning in report.warnings],
    }
    whole = {**counted, **more, "failed": len(failures), **names, **told, "failures": failures}
    text = json.dumps(whole, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(Problem(f"{path}: cannot be written ({error.strerror})"), exit_code=3) from None


@contextmanager
def told_when_stopped(summary: Path | None, report: Report) -> Iterator[None]:
    """Write the summary of what does not come to its end."""
    try:
        yield
    except Refused as refusal:
        if refusal.exit_code != 2:
            summarise(summary, report, refusal.exit_code, "", "")
        raise
    except (KeyboardInterrupt, Terminated) as interruption:
        summarise(summary, report, 143 if isinstance(interruption, Terminated) else 130, "", "")
        raise


@contextmanager
def stopped_by_errors(out: Path) -> Iterator[None]:
    """Turn what stops a run into a refusal that says where, why, and how to go on (exit 3)."""
    try:
        yield
    except BrokenExecutor:
        help = "make memory free or use fewer --jobs, then run the same command again: it goes on"
        raise Refused(Problem("workers keep dying", help), exit_code=3) from None
    except OSError as error:
        raise Refused(stopping(error, str(out)), exit_code=3) from None


@contextmanager
def sigterm() -> Iterator[None]:
    """Let SIGTERM end the run in an orderly way, as Ctrl-C does; in another program it means what it meant there."""
    if not process.is_ours():
        yield
        return

    def terminate(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
