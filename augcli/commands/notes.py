"""What commands say of IN beside problems: what is left out, what becomes of classes and objects, missing splits."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from augcli.dataset.file_kinds import how_many
from augcli.dataset.listing import Listing, counts
from augcli.modality.objects import Objects
from augcli.plan.copies import CopiesOf
from augcli.problems import counted, printable, say, such_as
from augcli.spec.spec import Spec, Treatment, Views


def say_left_out(listing: Listing, each: bool = False, tell: Callable[[str], object] = say) -> None:
    """Tell what of IN is not read, and why; each by its name or only how many."""
    for reason, names in sorted(listing.left_out.items()):
        for name in sorted(names, key=os.fsencode) if each else ():
            tell(f"{printable(name)}: left out: {reason}")
        tell(f"left out: {how_many(len(names), reason)}")


def note_of_splits(spec: Spec, listing: Listing, root: Path, out: Path | str = "OUT") -> str:
    """Return what to know of a set without splits that has several copies of a source; empty for any other.

    It is no warning: one training set is nothing to mend.
    """
    siblings = spec.treatment("train") == "augment" and (
        not spec.has_even_copies or spec.usual_copies + spec.include_originals > 1
    )
    if not siblings or spec.has_branches or any(source.split for source in listing.sources):
        return ""
    what = f"{root} has no splits: a random split of {out} would put copies of one {spec.kind} on both sides"
    help = f"split {root} before, into train and val"
    if not listing.seen and not listing.tables:
        help = "write split: {val: 0.1} into the spec"
    return printable(f"note: {what}; {help}")


def table(
    spec: Spec,
    listing: Listing,
    copies_of: CopiesOf,
    objects: Objects | None = None,
    known: Mapping[str, Mapping[str, int]] | None = None,
) -> str:
    """Return what each split and class has, before and after; of a set with labels in files, the `objects`.

    `copies_of` tells how many copies each source gets.

    `known` has the classes of each split where more is known than folders tell: of records of tables.
    """
    lines = [printable(line) for line in [*pairing(listing), *_balanced(spec, listing, copies_of)]]
    uneven = None if spec.has_even_copies else _copies_by_class(spec, listing, copies_of)
    for split, classes in (known or counts(listing.sources)).items():
        role = next(source.role for source in listing.sources if source.split == split)
        treatment = spec.treatment(role)
        factor, word = _factor(spec, treatment)
        after = {label: n * factor for label, n in classes.items()}
        if uneven is not None and treatment == "augment":
            after = {label: n * spec.include_originals + uneven[split, label] for label, n in classes.items()}
        total = sum(classes.values())
        lines.append(f"{printable(split) or 'all'} ({word}): {total} -> {sum(after.values())}")
        if not listing.seen:
            lines += [f"  {printable(label) or 'no label'}: {n} -> {after[label]}" for label, n in classes.items()]
        elif objects is not None:
            lines += _objects(spec, split, role, objects, total)
    return "\n".join(lines)


def _balanced(spec: Spec, listing: Listing, copies_of: CopiesOf) -> list[str]:
    """Say how images with objects are balanced, which have several classes each."""
    if spec.has_even_copies or not listing.seen:
        return []
    numbers = [copies_of(source) for source in listing.sources if spec.treatment(source.role) == "augment"]
    least, most = min(numbers, default=0), max(numbers, default=0)
    by = "largest number of its classes" if spec.balance.to is None else "rarest class"
    return [f"copies by the {by} of each image: {least} to {most} of one"]


def _factor(spec: Spec, treatment: Treatment) -> tuple[int, str]:
    """Return how many files come of each source of a split, if all get as many copies, and what is done in a word."""
    if isinstance(treatment, Views):
        return treatment.number + spec.include_originals, counted(treatment.number, "view")
    if treatment == "augment":
        return spec.usual_copies * len(spec.branches) + spec.include_originals, treatment
    return int(treatment != "skip"), treatment if isinstance(treatment, str) else "transform"


def _copies_by_class(spec: Spec, listing: Listing, copies_of: CopiesOf) -> Counter[tuple[str, str]]:
    """Count the copies of each split and class."""
    found: Counter[tuple[str, str]] = Counter()
    for source in listing.sources:
        if spec.treatment(source.role) == "augment":
            found[source.split, source.label] += copies_of(source) * len(spec.branches)
    return found


def pairing(listing: Listing) -> list[str]:
    """Say what a set with labels in files looks like, and what of it has no partner."""
    if listing.tables:
        return [*_columns(listing)]
    if listing.shards:
        return [f"read as {listing.shards}"]
    if not listing.seen:
        return []
    paths = {label.path for source in listing.sources for label in source.labels if not label.is_missing}
    lines = [f"read as {listing.seen}"]
    lines.append(f"{counted(len(listing.sources), 'image')}, {counted(len(paths), 'label file')}")
    for reason, alone in sorted(listing.unpaired.items()):
        lines.append(f"{reason}: {len(alone)}{such_as(len(alone), min(alone))}")
    return lines


MOST_TABLES = 5


def _columns(listing: Listing) -> Iterator[str]:
    """Say which columns of tables are augmented."""
    for path, table in [*listing.tables.items()][:MOST_TABLES]:
        names = [f"`{name}`" for name in table.columns if name]
        yield f"{path}: texts in {' and '.join(names) or 'a column without a name'}"
    if (more := len(listing.tables) - MOST_TABLES) > 0:
        yield f"and {counted(more, 'table')} more"


def _objects(spec: Spec, split: str, role: str, objects: Objects, sources: int) -> list[str]:
    """Return the objects of each class of a split, before and after: estimates where not all was looked at."""
    treatment = spec.treatment(role)
    is_augmented = treatment == "augment"
    once = treatment.number if isinstance(treatment, Views) else int(not isinstance(treatment, str))
    kept = int(treatment == "copy") or int(treatment == "augment" and spec.include_originals)
    seen = objects.sources_of[split]
    lines = []
    for of, label in sorted(objects.before):
        if of != split:
            continue
        before = objects.before[split, label] * sources / seen
        made = objects.planned[split, label] if is_augmented else once * objects.before[split, label]
        after = before * kept + made * sources / seen * objects.share_left(split, label)
        is_known = not made or (objects.tried[split, label] == made and not spec.mixes)
        about = "" if seen == sources else "about "
        sure = about if is_known else "about "
        lines.append(f"  {printable(label)}: {about}{before:.0f} -> {sure}{counted(round(after), 'object')}")
    return lines
