"""What a run would come to, without one: files, bytes, time and memory, from headers and a small timed sample."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

from augcli import manifest, plan, runner
from augcli.asked import Asked, Options, asked, table
from augcli.folder import former_record, refuse_other_spec, standing_of
from augcli.frozen import compared
from augcli.image import pictures
from augcli.image.arrays import Size
from augcli.job import sigterm, stopped_by_errors
from augcli.plan import Item
from augcli.problems import Unusable, printable
from augcli.report import Report, say_left_out
from augcli.spec import Spec
from augcli.trial import TRIED, try_chunk
from augcli.work import Chunk, Done

SAMPLE = 40
START = 2.0  # seconds until the first worker is at work
ENOUGH = 4.0  # seconds after which no further source is tried


def forecast(spec: Spec, root: Path, out: Path | None, options: Options) -> int:
    """Print what a run would write, how long it would take, and which sources would fail; return 0.

    With an `out`, only what is not there yet counts.
    """
    wanted = asked(spec, root, out, options)
    jobs = options.jobs or runner.cpus()
    if not options.quiet:
        say_left_out(wanted.listing, options.verbose)
    print(table(spec, wanted.listing))
    total = sum(plan.count(item, spec) for item in wanted.items)
    sizes, failing = _headers(wanted)
    with sigterm(), stopped_by_errors(root):
        share, standing = 1.0, ""
        if out is not None and (former := former_record(out)) is not None:
            record = manifest.record_of(spec, manifest.versions())
            if not options.overwrite:
                refuse_other_spec(out, former, record)
            found = compared(wanted, out, standing_of(former, record), options, Report(total, True, False))
            share = found.made / max(1, found.made + found.kept)
            standing = f" ({found.kept} there already, {found.made} to make, {len(found.obsolete)} to remove)"
        sample = _tried(wanted, sizes) if share else []
    print(f"files: {total}{standing}")
    if not share:
        return 0
    made = _Sum(total_of=[item for item in wanted.items if item.source.path in sizes], spec=spec, sample=sample)
    copied = sum(os.path.getsize(root / item.source.path) * _kept_whole(item, spec) for item in wanted.items)
    low, high = ((copied + share_of) * share for share_of in made.bytes_range)
    print(f"bytes: about {_bytes((copied + made.bytes) * share)} ({_bytes(low)} to {_bytes(high)})")
    seconds = START + made.seconds * share / jobs
    print(f"time: about {_time(seconds)} with {jobs} jobs, from a sample of {len(sample)} images")
    parent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    workers = jobs * max((done.peak for done in sample), default=0)
    print(f"memory: at most about {_bytes(parent + workers)}")
    place = _there(out if out is not None else Path())
    free = shutil.disk_usage(place).free
    print(printable(f"disk: {_bytes(free)} free at {place}"))
    for reason, paths in failing.items():
        number = f"{len(paths)} sources" if len(paths) > 1 else "a source"
        print(printable(f"would fail: {number}, such as {paths[0]}: {reason}"))
    if high > 0.95 * free:
        print(printable(f"warning: the disk looks too small: {_bytes(high)} on {_bytes(free)}"), file=sys.stderr)
    return 0


class _Sum:
    """What the sample says of all sources."""

    def __init__(self, total_of: Sequence[Item], spec: Spec, sample: Sequence[Done]) -> None:
        count = sum(_kinds(item, spec) for item in total_of)
        tried = [done for done in sample if done.made]
        each = [done.bytes / done.made for done in tried]
        self.seconds = count * fmean([done.seconds / done.made for done in tried]) if tried else 0.0
        mean = fmean(each) if each else 0.0
        error = 2 * stdev(each) / sqrt(len(each)) if len(each) > 1 else mean
        self.bytes = count * mean
        self.bytes_range = (count * max(0.0, mean - error), count * (mean + error))


def _kinds(item: Item, spec: Spec) -> int:
    """Return how many files of a source are made from its pixels."""
    treatment = spec.treatment(item.source.role)
    return spec.copies if treatment == "augment" else 0 if treatment in ("copy", "skip") else 1


def _kept_whole(item: Item, spec: Spec) -> int:
    """Return how many files of a source are its own bytes."""
    return plan.count(item, spec) - _kinds(item, spec)


def _headers(wanted: Asked) -> tuple[dict[str, Size], dict[str, list[str]]]:
    """Return the sizes of all sources whose pixels are needed, and by reason those that would fail, from headers."""
    spec = wanted.spec
    sizes: dict[str, Size] = {}
    failing: dict[str, list[str]] = {}
    doubtful: dict[tuple[str, Size], bool] = {}  # whether a source of that size may fail at a step
    for item in wanted.items:
        if not _kinds(item, spec):
            continue
        path, role = item.source.path, item.source.role
        try:
            if item.error:
                raise Unusable(item.error)
            size = pictures.peek(os.path.join(wanted.root, path), spec.max_megapixels).size
            if (role, size) not in doubtful:
                doubtful[role, size] = bool(_failure(spec, item, size, 2 * TRIED))
            if doubtful[role, size] and (reason := _failure(spec, item, size, spec.copies)):
                raise Unusable(reason)
            sizes[path] = size
        except Unusable as unusable:
            failing.setdefault(str(unusable), []).append(path)
    return sizes, failing


def _failure(spec: Spec, item: Item, size: Size, copies: int) -> str:
    """Say why a step cannot be applied to a source of that size, of the first copies; empty if it can."""
    planned = [output for output in plan.outputs(item, spec) if output.status in ("augmented", "transformed")]
    try:
        for output in planned[:copies]:
            plan.recipe(spec, item.source, output.copy, size)
    except Unusable as unusable:
        return str(unusable)
    return ""


class _Enough(Exception):
    """The sample took long enough."""


def _tried(wanted: Asked, sizes: dict[str, Size]) -> list[Done]:
    """Make files of some sources in a worker of their own, the largest source among them; write nothing."""
    items = [item for item in wanted.items if item.source.path in sizes]
    if not items:
        return []
    largest = max(items, key=lambda item: sizes[item.source.path].width * sizes[item.source.path].height)
    step = max(1, len(items) // SAMPLE)
    chosen = [largest, *_spread(items[step // 2 :: step][:SAMPLE])]
    done: list[Done] = []
    started = time.monotonic()

    def take(part: Done) -> None:
        done.append(part)
        if len(done) > 5 and time.monotonic() - started > ENOUGH:
            raise _Enough

    like = Chunk(0, wanted.spec, str(wanted.root), "", "", [], {}, careful=False)
    chunks = runner.Chunks(like, chosen, iter(()), jobs=len(chosen))  # so that each holds one source
    with suppress(_Enough):
        runner.run(try_chunk, chunks, wanted.setup(), 1, True, take, lambda text: None)
    # the largest tells of memory, but would weigh too much in a mean
    return done if len(done) == 1 else [done[0]._replace(made=0), *done[1:]]


def _spread(items: list[Item]) -> list[Item]:
    """Return items in an order whose every beginning is spread over all of them."""
    bits = max(1, (len(items) - 1).bit_length())
    order = sorted(range(len(items)), key=lambda at: int(f"{at:0{bits}b}"[::-1], 2))
    return [items[at] for at in order]


def _there(path: Path) -> Path:
    """Return the nearest folder of a path that is there."""
    real = Path(os.path.realpath(path))
    return next(folder for folder in (real, *real.parents) if folder.is_dir())


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}" if unit != "bytes" else f"{count:.0f} bytes"
        count /= 1000
    return f"{count:.3g} TB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
