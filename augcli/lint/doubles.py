"""Pitfalls of pictures that a data set has twice: in two splits, or under two labels, be it as other files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.lint.folder import Images
from augcli.problems import Problem, Unusable

LOOKED_AT = 200
"""Pairs that are looked at closely, the nearest first; further ones are not counted."""


def leaks(images: Images) -> Iterator[Problem]:
    """An image that was trained on is remembered; what is measured on it says nothing of others."""
    train = [source for source in images.listing.sources if source.role == "train"]
    others = [source for source in images.listing.sources if source.role != "train"]
    if train and others and (found := _doubles(images, train + others, lambda source: source.role == "train")):
        number = "an image that is trained on stands" if found.single else f"{found.number} images of train stand"
        what = f"{images.root}: {number} in another split as well: {found.shown}"
        help = "remove them from one of the splits"
        if images.spec.split.is_on:
            help = "name in `group_by` of `split` what keeps them together, or remove one of each two"
        yield Problem(f"{what}; what is measured there is memory", help)


def two_labels(images: Images) -> Iterator[Problem]:
    """One picture under two labels teaches that it is both, and that neither is right."""
    train = [source for source in images.listing.sources if source.role == "train"]
    labels = {source.label for source in train}
    if len(labels) > 1 and (found := _doubles(images, train, lambda source: source.label)):
        number = "an image of `train` stands" if found.single else f"{found.number} images of `train` stand"
        yield Problem(f"{images.root}: {number} under two labels: {found.shown}", "remove one of each two")


class Doubles(NamedTuple):
    """How many sources are the same picture as another one, and the first of them, in words."""

    single: bool
    number: str
    shown: str


def _doubles(images: Images, sources: list[Source], group: Callable[[Source], object]) -> Doubles | None:
    """Find the sources that show what one of another group before them shows."""
    from augcli.image.near_duplicates import candidates

    seen = [source for source in sources if source.path in images.thumbnails]
    alike = candidates([images.thumbnails[source.path] for source in seen], [group(source) for source in seen])
    looked_at = [(seen[one], seen[other]) for one, other in alike[:LOOKED_AT]]
    found = [said for one, other in looked_at if (said := _said(images, one, other))]
    if not found:
        return None
    least = "at least " if len(alike) > len(looked_at) else ""
    more = f" and {least}{len(found) - 3} more" if len(found) > 3 else ""
    return Doubles(len(found) == 1, f"{least}{len(found)}", ", ".join(found[:3]) + more)


def _said(images: Images, one: Source, other: Source) -> str:
    """Say how two sources are the same picture; nothing where they are not."""
    from augcli.image.near_duplicates import alikeness

    try:
        a, b = (read_source(str(images.root), source.path, source.member) for source in (one, other))
        how = "same bytes" if a == b else alikeness(a, b, images.spec.max_megapixels)
    except Unusable:
        return ""
    return f"`{other.path}` {_HOW[how]} `{one.path}`" if how else ""


_HOW = {"same bytes": "is", "same pixels": "has the pixels of", "nearly": "is nearly"}


DOUBLE_RULES = (leaks, two_labels)
