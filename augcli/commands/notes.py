"""What commands say of IN beside problems: what is left out, what becomes of each class, and a set without splits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from augcli.dataset.file_kinds import how_many
from augcli.dataset.listing import Listing, counts
from augcli.problems import printable, say
from augcli.spec.spec import Spec


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
    siblings = spec.treatment("train") == "augment" and spec.copies + spec.include_originals > 1
    if not siblings or any(source.split for source in listing.sources):
        return ""
    what = f"{root} has no splits: a random split of {out} would put copies of one image on both sides"
    return printable(f"note: {what}; split {root} before, into train and val")


def table(spec: Spec, listing: Listing) -> str:
    """Return the images per split and class, before and after."""
    lines = []
    for split, classes in counts(listing.sources).items():
        role = next(source.role for source in listing.sources if source.split == split)
        treatment = spec.treatment(role)
        factor = spec.copies + spec.include_originals if treatment == "augment" else int(treatment != "skip")
        word = treatment if isinstance(treatment, str) else "transform"
        total = sum(classes.values())
        lines.append(f"{printable(split) or 'all'} ({word}): {total} -> {total * factor}")
        lines += [f"  {printable(label) or 'no label'}: {n} -> {n * factor}" for label, n in classes.items()]
    return "\n".join(lines)
