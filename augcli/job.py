"""The main job from end to end: a spec and two folders in, a finished data set and an exit code out."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from augcli import manifest, plan, runner, workers
from augcli.dataset import Listing, counts, scan
from augcli.folder import Folder
from augcli.manifest import RECORD
from augcli.mixing import mixes
from augcli.plan import Item
from augcli.problems import Problem, Refused, Terminated, printable
from augcli.report import Report
from augcli.spec import Spec


@dataclass(frozen=True)
class Options:
    """What the command line says besides the spec and the folders."""

    jobs: int | None = None
    overwrite: bool = False
    fail_fast: bool = False
    follow_links: bool = False
    allow_augmented_input: bool = False
    quiet: bool = False
    profile: bool = False


def run(spec: Spec, root: Path, out: Path, options: Options) -> int:
    """Write the augmented data set; return the exit code 0 or 1.

    Raises `Refused` with code 2 before anything is written, or with code 3 when the run had to stop.
    """
    listing = look_into(spec, root, out, options)
    items = list(plan.items(spec, root, listing.sources))
    jobs = options.jobs or runner.cpus()

    def planned() -> Iterator[tuple[str, list[str]]]:
        return ((item.source.path, [o.file_name for o in plan.outputs(item, spec)]) for item in items)

    total = sum(plan.count(item, spec) for item in items)
    record = manifest.record_of(spec, manifest.versions())
    with _sigterm(), Folder(out, record, options.overwrite) as folder:
        try:
            removed = folder.prepare(planned)
            with Report(total, options.quiet, options.fail_fast) as report:
                if not options.quiet:
                    say_left_out(listing)
                # After an interruption the pool: what killed the run may be an image that crashes its process.
                inline = total <= runner.INLINE_OUTPUTS and not folder.was_interrupted
                mixed = (
                    [source for source in listing.sources if spec.treatment(source.role) == "augment"]
                    if mixes(spec)
                    else []
                )
                setup = workers.Setup(spec, str(root), mixed, options.profile)
                if inline:
                    workers.start_inline(setup)
                chunks = runner.Chunks(spec, str(root), folder, items, len(items), jobs)
                runner.run(chunks, jobs, inline, report.done, report.crash, setup)
            if report.crashed:
                folder.remove_temporaries()
            folder.finish({"sources": _source_counts(items)})
        except BrokenExecutor:
            help = "make memory free or use fewer --jobs, then run the same command again: it goes on"
            raise Refused(Problem("workers keep dying", help), exit_code=3) from None
        except OSError as error:
            where = error.filename if isinstance(error.filename, str) else str(out)
            reason = (error.strerror or "cannot be written").lower()
            help = "make room or mend it, then run the same command again: it goes on"
            raise Refused(Problem(f"{where}: {reason}", help), exit_code=3) from None
    if not options.quiet:
        print(report.summary(str(out), removed), file=sys.stderr)
    if options.profile:
        print(report.profile(), file=sys.stderr)
    return report.exit_code


def look_into(spec: Spec, root: Path, out: Path, options: Options) -> Listing:
    """List IN, after making sure that IN and OUT are what they should be. Raises `Refused`."""
    if sys.getfilesystemencoding() != "utf-8":
        raise Refused(Problem("file names are not read as UTF-8 here", "set PYTHONUTF8=1"))
    # os.path.realpath takes what Path.resolve raises at: links to themselves, names that are too long
    inside, outside = Path(os.path.realpath(root)), Path(os.path.realpath(out))
    if inside == outside:
        raise Refused(Problem(f"{out}: IN and OUT are the same folder", "choose another OUT"))
    if inside in outside.parents:
        raise Refused(Problem(f"{out}: OUT lies inside IN ({root})", "choose an OUT beside it"))
    if outside in inside.parents:
        raise Refused(Problem(f"{root}: IN lies inside OUT ({out})", "choose another OUT"))
    if os.path.exists(root / RECORD) and not options.allow_augmented_input:
        raise Refused(
            Problem(
                f"{root}: this is itself an output of augcli; its images would be augmented twice",
                "give the original images, or --allow-augmented-input if it is on purpose",
            )
        )
    return scan(root, spec.layout, options.follow_links)


def say_left_out(listing: Listing) -> None:
    """Tell on stderr what of IN is not read, and why."""
    for reason, count in sorted(listing.left_out.items()):
        print(f"left out: {count} {reason}", file=sys.stderr)
    if listing.empty_classes:
        names = ", ".join(printable(name) for name in listing.empty_classes[:5])
        print(f"class folders without images: {names}", file=sys.stderr)


def forecast(spec: Spec, listing: Listing) -> str:
    """Return a table of the images per split and class, before and after."""
    lines = []
    for split, classes in counts(listing.sources).items():
        role = next(source.role for source in listing.sources if source.split == split)
        treatment = spec.treatment(role)
        factor = spec.copies + spec.include_originals if treatment == "augment" else 0 if treatment == "skip" else 1
        word = treatment if isinstance(treatment, str) else "transform"
        lines.append(
            f"{printable(split) or 'all'} ({word}): {sum(classes.values())} -> {sum(classes.values()) * factor}"
        )
        lines += [f"  {printable(label) or 'no label'}: {n} -> {n * factor}" for label, n in classes.items()]
    return "\n".join(lines)


def _source_counts(items: list[Item]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        counts[item.source.role] = counts.get(item.source.role, 0) + 1
    return counts


@contextmanager
def _sigterm() -> Iterator[None]:
    """Let SIGTERM end the run in an orderly way, as Ctrl-C does."""

    def terminate(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
