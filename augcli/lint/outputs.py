"""Pitfalls that lie in OUT when a run is done: classes of which nothing came, and images that are not the run's."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from augcli.dataset.file_kinds import IMAGE_SUFFIXES
from augcli.lint.sets import renumbered
from augcli.problems import Problem, counted, such_as

if TYPE_CHECKING:
    from augcli.engine.failures import Failure
    from augcli.plan.request import Request


class Outputs(NamedTuple):
    """What was asked for, what failed of it, where it lies, and how many files are there by right.

    `removed` are the files that nothing asks for any more; `moved` counts sources by the splits that they were in and
    are in now, where these differ.
    """

    request: Request
    failed: Sequence[Failure]
    out: Path
    files: int
    removed: Sequence[str] = ()
    moved: Mapping[tuple[str, str], int] = {}


OutputRule: TypeAlias = Callable[[Outputs], Iterator[Problem]]


def failed_class(outputs: Outputs) -> Iterator[Problem]:
    """A class whose images all failed is missing in OUT, where those behind it move up by one."""
    if not outputs.failed or outputs.request.listing.seen:
        return
    sources = [s for s in outputs.request.listing.sources if outputs.request.spec.treatment(s.role) != "skip"]
    failed = {failure.source for failure in outputs.failed}
    lost = Counter((source.split, source.label) for source in sources if source.path in failed)
    yield from emptied(outputs.out, lost, {(s.split, s.label) for s in sources if s.path not in failed})


def emptied(out: Path, failed: Mapping[tuple[str, str], int], made: Set[tuple[str, str]]) -> list[Problem]:
    """Tell which classes OUT lacks, given the splits and labels of what failed and of what was made."""
    found = []
    for split, label in sorted(failed.keys() - made):
        before, now = (
            sorted(own for part, own in classes if part == split) for classes in (failed.keys() | made, made)
        )
        of = f"class `{label}` of `{split}`" if split else f"class `{label}`"
        number = f"all its {failed[split, label]} images" if failed[split, label] > 1 else "its only image"
        what = f"{out}: {of} is empty: {number} failed{renumbered(before, now, 'IN', 'OUT')}"
        help = "fix or replace the images, or remove the class, then run the same command again"
        found.append(Problem(what, help))
    return found


def gone_class(outputs: Outputs) -> Iterator[Problem]:
    """A class that is gone from IN is gone from OUT, where those behind it move up by one."""
    if not outputs.removed or outputs.request.packs is not None:
        return
    there = {os.path.dirname(name) for _, names in outputs.request.names() for name in names}
    for folder in sorted({os.path.dirname(name) for name in outputs.removed} - there - {""}):
        number = sum(os.path.dirname(name) == folder for name in outputs.removed)
        what = f"{outputs.out}: all {counted(number, 'file')} of `{folder}` were removed: IN has no such class any more"
        yield Problem(what, "put it back into IN if that was not meant, and run the same command again")


def moved_between_splits(outputs: Outputs) -> Iterator[Problem]:
    """A picture that was measured on and is trained on now makes the next figures too good."""
    for (before, now), number in sorted(outputs.moved.items()):
        what = f"{outputs.out}: {counted(number, outputs.request.spec.kind)} went from `{before}` to `{now}`"
        help = "leave `stratify` out for a set that grows: then what is added moves nobody"
        if not outputs.request.spec.split.stratify:
            help = "measure earlier models again: their figures are of other images"
        yield Problem(what, help)


def stray_images(outputs: Outputs) -> Iterator[Problem]:
    """Loaders read every image in a class folder, whoever put it there."""
    from augcli.output.paths import files_below

    out = outputs.out
    try:
        there = list(files_below(out)) if sum(1 for _ in files_below(out)) > outputs.files else []
    except OSError as error:
        what = (
            f"{error.filename or out}: cannot be listed ({error.strerror}), so nothing is known of what else is in it"
        )
        yield Problem(what, f"fix it; augcli verify {out} lists all extra files")
        return
    if not there:
        return
    ours = {name for _, names in outputs.request.names() for name in names}
    depth = 2 if any(source.split for source in outputs.request.listing.sources) else 1
    depth = depth if outputs.request.spec.layout != "flat" and not outputs.request.listing.seen else 0
    strays = [
        name
        for name in there
        if name not in ours
        and name.count("/") >= depth
        and not os.path.basename(name).startswith(".")
        and os.path.splitext(name)[1].lower() in (*IMAGE_SUFFIXES, ".npy")
    ]
    if strays:
        number = counted(len(strays), "image")
        verb = "lies" if len(strays) == 1 else "lie"
        who = "whatever reads the folder" if outputs.request.listing.seen else "ImageFolder"
        what = (
            f"{out}: {number} {verb} in it that no source has{such_as(len(strays), min(strays))}; {who} trains on them"
        )
        yield Problem(what, f"move them away; augcli verify {out} lists them all")


OUTPUT_RULES: tuple[OutputRule, ...] = (failed_class, gone_class, moved_between_splits, stray_images)
