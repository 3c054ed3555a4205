"""How many copies each source gets: as the spec says of its class, or as many as balance the classes.

A class's number is spread over its sources as evenly as whole copies go: which of them get one more follows from a
hash of their paths. So what comes or goes in one class changes the copies of that class alone, as long as the target
stays.
"""

from __future__ import annotations

import os
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from math import sqrt
from pathlib import Path
from typing import NamedTuple, TypeAlias

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.problems import Problem, Refused, Unusable
from augcli.spec.class_patterns import copies_by_name
from augcli.spec.spec import Spec

CopiesOf: TypeAlias = Callable[[Source], int]
"""Returns how many copies a source gets."""


def copies_of(spec: Spec, root: Path, listing: Listing) -> CopiesOf:
    """Return what tells how many copies the sources of IN get. Raises `Refused` where these have no classes.

    Files of labels are read where classes that stand in them are balanced.
    """
    usual, sources = spec.usual_copies, listing.sources
    if spec.has_even_copies:
        return lambda source: usual
    if any(source.block is not None for source in sources[:1]):
        what = "the records of tables all get as many copies; `copies` for each class and `balance` are for folders"
        raise Refused(Problem(what, f"write copies: {usual or 1}"))
    if listing.seen:
        shown = _Shown.of(spec, root, sources, _shown_classes(spec, root, listing))
        return _by_names(spec, shown) if spec.balance.to is None else _by_rarest_class(spec, shown)
    if spec.balance.to is None:
        return lambda source: copies_by_name(spec.copies, source.label)
    return _by_folder(spec, sources)


# Classes that are folders


class _Share(NamedTuple):
    """What the sources of a class get: so many copies each, and one more those whose hash is below the limit."""

    each: int
    limit: int


@dataclass(frozen=True)
class _ByClass:
    shares: Mapping[tuple[str, str], _Share]

    def __call__(self, source: Source) -> int:
        share = self.shares.get((source.split, source.label))
        return 0 if share is None else share.each + (_hash(source) < share.limit)


def _by_folder(spec: Spec, sources: Iterable[Source]) -> _ByClass:
    """Balance the classes of each split that is augmented."""
    hashes: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("Q"))
    for source in sources:
        if spec.treatment(source.role) == "augment":
            hashes[source.split, source.label].append(_hash(source))
    shares = {}
    for split in {split for split, _ in hashes}:
        sizes = {label: len(own) for (of, label), own in hashes.items() if of == split}
        wanted = target(spec, sizes)
        for label, size in sizes.items():
            copies = copies_in_all(spec, size, wanted)
            own = hashes[split, label]
            more = copies % size
            limit = nsmallest(more, own)[-1] + 1 if more else 0
            shares[split, label] = _Share(copies // size, limit)
    return _ByClass(shares)


def target(spec: Spec, sizes: Mapping[str, int]) -> int:
    """Return how many images each class is to have in OUT, as `balance` says; `sizes` are those of the classes in IN.

    Its originals count where they are included.
    """
    wanted = spec.balance.to
    if isinstance(wanted, int):
        return wanted
    from statistics import median  # dear to import

    usual = spec.usual_copies + spec.include_originals
    return round(usual * (max(sizes.values()) if wanted == "largest" else median(sizes.values())))


def copies_in_all(spec: Spec, size: int, wanted: int) -> int:
    """Return how many copies a class of that many sources gets, to come near the images that are wanted.

    No source is lost, and none gets more than `at_most`.
    """
    kept = size * spec.include_originals
    return min(max(wanted - kept, 0 if kept else size), size * at_most(spec))


def at_most(spec: Spec) -> int:
    """Return how many copies a source gets at most; `copies` itself is never too many."""
    return max(spec.balance.at_most, spec.usual_copies)


def _hash(source: Source) -> int:
    return int.from_bytes(blake2b(os.fsencode(source.name), digest_size=8, person=b"copies").digest())


# Classes of objects


def _shown_classes(spec: Spec, root: Path, listing: Listing) -> Callable[[Source], frozenset[str]]:
    """Return what reads which classes the objects of a source have; none of a source that will fail."""
    from augcli.labels.reading import LabelReader  # loads codecs, which texts do not need
    from augcli.plan.image_formats import header_of

    reader = LabelReader(spec.labels, str(root), listing.sets)

    def classes(source: Source) -> frozenset[str]:
        try:
            return reader.classes(source, header_of(str(root), source, spec.max_megapixels))
        except Unusable:
            return frozenset()

    return classes


@dataclass(frozen=True)
class _Shown:
    """Which classes the objects of each augmented source have, by its path, and how many images of a split show one."""

    classes: Mapping[str, frozenset[str]]
    images: Mapping[str, Counter[str]]

    @classmethod
    def of(
        cls, spec: Spec, root: Path, sources: Iterable[Source], classes_of: Callable[[Source], frozenset[str]]
    ) -> _Shown:
        """Read all sources. Raises `Refused` where no object has a class."""
        classes: dict[str, frozenset[str]] = {}
        images: dict[str, Counter[str]] = defaultdict(Counter)
        known: dict[frozenset[str], frozenset[str]] = {}
        for source in sources:
            if spec.treatment(source.role) == "augment":
                names = classes_of(source)
                classes[source.path] = known.setdefault(names, names)  # which many have
                images[source.split].update(names)
        if classes and not any(images.values()):
            setting = "copies" if spec.balance.to is None else "balance"
            what = f"{root}: no labelled object has a class, by which `{setting}` could go; label images name none"
            raise Refused(Problem(what, f"write copies: {spec.usual_copies or 1}, and no `balance`"))
        return cls(classes, images)


def _by_names(spec: Spec, shown: _Shown) -> CopiesOf:
    """Give an image the largest of the numbers of its classes."""

    def copies(source: Source) -> int:
        names = shown.classes.get(source.path, frozenset())
        return max((copies_by_name(spec.copies, name) for name in names), default=spec.usual_copies)

    return copies


def _by_rarest_class(spec: Spec, shown: _Shown) -> CopiesOf:
    """Repeat images as their rarest class asks for.

    The repeat factor of a class is max(1, sqrt(t / f)), f the share of images that show it and t that of the class
    that is the target (Gupta, Dollár and Girshick 2019, LVIS, section 4).
    """
    usual, originals = spec.usual_copies + spec.include_originals, spec.include_originals
    wanted: dict[str, float] = {}
    for split, own in shown.images.items():
        to = spec.balance.to
        if own:
            wanted[split] = to / usual if isinstance(to, int) else target(spec, own) / usual

    def copies(source: Source) -> int:
        own = shown.images[source.split]
        names = shown.classes.get(source.path, ())
        factor = max([1.0, *(sqrt(wanted[source.split] / own[name]) for name in names)])
        whole = usual * factor - originals
        number = int(whole) + (_hash(source) < (whole - int(whole)) * 2**64)
        return min(max(number, 1 - originals), at_most(spec))

    return copies
