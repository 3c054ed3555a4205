"""`augcli plan`: files, bytes, time and memory of a run, from headers and a small timed sample; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from math import fsum, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augcli import lint
from augcli.commands.interruption import sigterm, stopped_by_errors
from augcli.commands.notes import say_left_out, table
from augcli.dataset.reading import size_of
from augcli.dataset.sources import Source
from augcli.engine import runner
from augcli.engine.chunks import Chunks
from augcli.engine.executors import Machines, ThisMachine, machines_of
from augcli.engine.jobs import Done, job_of
from augcli.engine.profile import peak
from augcli.engine.report import Report
from augcli.engine.tasks.estimate import Estimate, Estimated
from augcli.lint.folder import Images
from augcli.modality.kinds import modality_of
from augcli.output import inventory, run_record
from augcli.output.previous_run import former_record, refuse_foreign, refuse_other_spec, validity_of
from augcli.plan import output_names
from augcli.plan.output_names import Item
from augcli.plan.request import Options, Request, request_of
from augcli.problems import Refused, counted, printable, say, such_as
from augcli.spec.spec import Spec
from augcli.storage import places
from augcli.storage.addresses import in_bucket, place
from augcli.storage.names import byte_order

if TYPE_CHECKING:
    from augcli.commands.frozen import Comparison

SAMPLE = 40
LOOKED_AT = 400  # images whose objects are counted
START = 2.0  # seconds until the first worker is at work
ENOUGH = 4.0  # seconds after which no further source is tried


def forecast(spec: Spec, root: Path, out: Path | None, options: Options) -> int:
    """Print what a run would write, how long it would take, and which sources would fail; return 0.

    With an `out`, only what is not there yet counts.
    """
    root, out = options.placed(root), out and options.placed(out)
    request = request_of(spec, root, out, options)
    if not options.quiet:
        say_left_out(request.listing, options.verbose)
    for warning in lint.quick_warnings(spec, root, request.listing):
        say(str(warning))
    print(_table(spec, root, request))
    pixels, failing = modality_of(spec).foreseen(spec, root, request.items)
    share, standing = 1.0, ""
    with (
        sigterm(),
        stopped_by_errors(root),
        machines_of(options, spec, modality_of(spec), request.must_see, None, say) as machines,
    ):
        if out is not None and (former := former_record(out)) is not None:
            found = _found(request, out, former, options, machines)
            share = found.made / max(1, found.made + found.kept)
            standing = f" ({found.kept} there already, {found.made} to make, {len(found.obsolete)} to remove)"
        what = "files" if _has_files(request) else "records"
        print(f"{what}: {sum(output_names.count(item, spec) for item in request.items)}{standing}")
        if request.packs is not None:
            print(f"shards: {len(request.packs)}")
        if share:
            _print_cost(request, pixels, failing, share, machines.jobs, out or Path())
    for reason, paths in failing.items():
        number = "a source" if len(paths) == 1 else f"{len(paths)} sources"
        print(printable(f"would fail: {number}{such_as(len(paths), paths[0])}: {reason}"))
    return 0


def print_id(spec: Spec, root: Path, out: Path | None, options: Options) -> int:
    """Print the id of what a run would write; return 0."""
    from augcli.plan.plan_id import plan_id_of_sources  # with all that knows labels

    print(plan_id_of_sources(request_of(spec, root, out, options), modality_of(spec).versions(spec)))
    return 0


def _table(spec: Spec, root: Path, request: Request) -> str:
    """Return what becomes of classes, which records tell; of objects, as a sample of the images with labels tells."""
    labelled = [item for item in request.items if item.source.labels]
    known = {} if spec.has_even_copies else {item.source.path: item.copies for item in request.items}

    def copies(source: Source) -> int:
        return known.get(source.path, spec.usual_copies)

    if request.listing.tables:
        from augcli.lint.text_folder import Texts  # with what looks at words

        with stopped_by_errors(root):
            return table(spec, request.listing, copies, known=Texts(spec, root, request.listing).classes())
    if not labelled:
        return table(spec, request.listing, copies)
    sample = [item.source for item in _spread(labelled)[:LOOKED_AT]]
    sample.sort(key=lambda source: byte_order(source.path))
    with stopped_by_errors(root):
        objects = Images(spec, root, request.listing, copies).objects_of(sample)
    note = "" if len(sample) == len(labelled) else f"objects: from a sample of {len(sample)} images\n"
    return note + table(spec, request.listing, copies, objects)


def _found(request: Request, out: Path, former: dict[str, Any], options: Options, machines: Machines) -> Comparison:
    """Compare OUT with what is asked for, as the run would that is meant. Raises `Refused` as it does."""
    from augcli.commands.frozen import compared, great_loss  # with all that OUT may hold

    record = run_record.record_of(request.spec, modality_of(request.spec).versions(request.spec))
    status = places.statuses(out)
    refuse_foreign(out, inventory.existing(out), status)
    if not options.overwrite:
        refuse_other_spec(out, former, record)
        if loss := great_loss(request, out, former, status):
            raise Refused(loss)
    return compared(request, out, validity_of(former, record), machines, Report(0, quiet=True, fail_fast=False))


def _print_cost(
    request: Request, pixels: dict[str, int], failing: dict[str, list[str]], share: float, jobs: int, out: Path
) -> None:
    """Print what a share of all files takes: bytes, time, memory and room on the disk.

    Sources of the sample that cannot be used are added to those that are `failing`.
    """
    spec = request.spec
    sample = _tried(request, pixels)
    for failure in (failure for done in sample for failure in done.result.failures):
        failing.setdefault(failure.reason, []).append(failure.source)
    count = sum(output_names.count_made(item, spec) for item in request.items if item.source.path in pixels)
    copied = sum(
        _size(request.root, item) * (output_names.count(item, spec) - output_names.count_made(item, spec))
        for item in request.items
        if output_names.count(item, spec) > output_names.count_made(item, spec)
    )
    # the largest tells of memory, but would weigh too much in a mean
    others = [done.result for done in sample if done.number > 1 or len(sample) == 1]
    tried = [estimated for estimated in others if estimated.files]
    each = [estimated.bytes / estimated.files for estimated in tried] or [0.0]
    # two standard errors to both sides
    error = 2 * _deviation(each) / sqrt(len(each)) if len(each) > 1 else each[0]
    about, low, high = (
        share * (copied + count * mean) for mean in (_mean(each), _mean(each) - error, _mean(each) + error)
    )
    print(f"bytes: about {_bytes(about)} ({_bytes(max(0.0, low))} to {_bytes(high)})")
    seconds = _mean([estimated.seconds / estimated.files for estimated in tried] or [0.0]) * count * share / jobs
    by, of = counted(jobs, "job"), counted(len(sample), spec.kind if _has_files(request) else "block")
    print(f"time: about {_time(START + seconds)} with {by}, from a sample of {of}")
    memory = peak() + jobs * max((done.peak for done in sample), default=0)
    print(f"memory: at most about {_bytes(memory)}")
    disk = _nearest_folder(out)
    free = places.free(disk)
    if not in_bucket(disk):
        print(printable(f"disk: {_bytes(free)} free at {disk}"))
    if high > 0.95 * free:
        margin = "and 5 % of the room should stay free"
        say(printable(f"warning: the disk looks too small: up to {_bytes(high)} of {_bytes(free)}, {margin}"))


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample; `statistics` takes longer to import than to list a folder."""
    mean = _mean(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _has_files(request: Request) -> bool:
    """Tell whether sources are files of their own, and no records of tables."""
    return all(item.source.block is None for item in request.items[:1])


def _size(root: Path, item: Item) -> float:
    """Return how many bytes a source has; of the records of a block, one of them."""
    block = item.source.block
    return size_of(str(root), item.source.path, item.source.member) if block is None else block.length / block.records


class _Enough(Exception):
    """The sample took long enough."""


def _tried(request: Request, pixels: dict[str, int]) -> list[Done[Estimated]]:
    """Make files of some sources in a worker of their own, the largest source first; write nothing."""
    items = [item for item in request.items if item.source.path in pixels]
    if not items:
        return []
    largest = max(items, key=lambda item: pixels[item.source.path])
    step = max(1, len(items) // SAMPLE)
    chosen = [largest, *_spread(items[step // 2 :: step][:SAMPLE])]
    done: list[Done[Estimated]] = []
    started = time.monotonic()

    def take(part: Done[Estimated]) -> None:
        done.append(part)
        if len(done) > 5 and time.monotonic() - started > ENOUGH:
            raise _Enough

    chunks = Chunks(chosen, request.spec.usual_copies, jobs=len(chosen))  # so that each holds one source
    with suppress(_Enough):
        runner.run(
            job_of(Estimate(), modality_of(request.spec), request),
            chunks,
            ThisMachine(1),
            len(chosen),
            take,
            lambda text: None,
        )
    return done


def _spread(items: list[Item]) -> list[Item]:
    """Return items in an order whose every beginning is spread over all of them."""
    bits = max(1, (len(items) - 1).bit_length())
    order = sorted(range(len(items)), key=lambda at: int(f"{at:0{bits}b}"[::-1], 2))
    return [items[at] for at in order]


def _nearest_folder(path: Path) -> Path:
    """Return the nearest folder of a path that is there."""
    real = place(places.real(path))
    return next(folder for folder in (real, *real.parents) if places.seems(folder) == "folder")


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
