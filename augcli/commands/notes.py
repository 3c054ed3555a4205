"""What commands say of IN on stderr: what is left out, and what to know of a set without splits."""

from __future__ import annotations

import os
from pathlib import Path

from augcli.dataset.listing import Listing, how_many
from augcli.problems import printable, say
from augcli.spec.model import Spec


def say_left_out(listing: Listing, each: bool = False) -> None:
    """Tell on stderr what of IN is not read, and why; each by its name or only how many."""
    for reason, names in sorted(listing.left_out.items()):
        for name in sorted(names, key=os.fsencode) if each else ():
            say(f"{printable(name)}: left out: {reason}")
        say(f"left out: {how_many(len(names), reason)}")


def note_of_splits(spec: Spec, listing: Listing, root: Path, out: Path | str = "OUT") -> str:
    """Return what to know of a set without splits that has several copies of a source; empty for any other.

    It is no warning: one training set is nothing to mend.
    """
    siblings = spec.treatment("train") == "augment" and spec.copies + spec.include_originals > 1
    if not siblings or any(source.split for source in listing.sources):
        return ""
    what = f"{root} has no splits: a random split of {out} would put copies of one image on both sides"
    return printable(f"note: {what}; split {root} before, into train and val")
