"""Which sources may be mixed with which: the candidates for partners of steps such as mixup and cutmix, in order.

They are found on a ring of hashed source paths, several points to a source: who comes next after a point that is
drawn for the copy. Adding or removing a source changes few partners. One that cannot be used passes to the next.
"""

from __future__ import annotations

import json
import os
from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from hashlib import blake2b
from struct import unpack

from augcli.dataset.sources import Source
from augcli.image.transform import Mixing
from augcli.output.manifest import escaped
from augcli.plan.recipes import Applied
from augcli.random_streams import Streams, rounded
from augcli.spec.spec import Spec

_INDEX_BITS = 24  # of a point: which source it is of; the other 40 are its place
MOST_SOURCES = 1 << _INDEX_BITS


def mixable(spec: Spec, sources: Sequence[Source]) -> list[Source]:
    """Return the sources that may be mixed with one another; none where the spec mixes none."""
    return [source for source in sources if spec.treatment(source.role) == "augment"] if spec.mixes else []


class Ring:
    """The sources that may be mixed with one another, those of one split at a time."""

    def __init__(self, sources: Sequence[Source], left_out: Set[str] = frozenset()) -> None:
        """Take the sources that a spec augments, of all splits; those whose paths are `left_out` are no partners."""
        self._sources, self._left_out = sources, left_out
        self._points: dict[tuple[str, str | None], array[int]] = {}

    def _points_of(self, split: str, label: str | None) -> array[int]:
        """Return the sorted points of a split, or of one of its labels."""
        if (split, label) not in self._points:
            found = array("Q")
            for index, source in enumerate(self._sources):
                if source.split == split and label in (None, source.label):
                    places = unpack("<8Q", blake2b(os.fsencode(source.name)).digest())
                    found.extend(place >> _INDEX_BITS << _INDEX_BITS | index for place in places)
            self._points[split, label] = array("Q", sorted(found))
        return self._points[split, label]

    @cached_property
    def _labels(self) -> dict[str, set[str]]:
        labels: dict[str, set[str]] = {}
        for source in self._sources:
            labels.setdefault(source.split, set()).add(source.label)
        return labels

    def candidates(self, source: Source, partner: str, place: int) -> Iterator[Source]:
        """Return those that a source may be mixed with, the next after `place` (of 64 bits) first, each once."""
        if partner == "other_class" and len(self._labels.get(source.split, ())) < 2:
            return
        points = self._points_of(source.split, source.label if partner == "same_class" else None)
        start, seen = bisect(points, place), {source.path}
        for at in range(len(points)):
            other = self._sources[points[(start + at) % len(points)] & ((1 << _INDEX_BITS) - 1)]
            if (
                other.path in seen
                or other.path in self._left_out
                or (partner == "other_class" and other.label == source.label)
            ):
                continue
            seen.add(other.path)
            yield other

    def drawn(self, spec: Spec, source: Source, copy: int | None, mixing: Applied) -> Iterator[Iterator[Source]]:
        """Return the candidates for each partner that the step which mixes needs for a copy of a source."""
        transform = mixing.step.transform
        assert isinstance(transform, Mixing)
        streams = Streams(spec.seed, os.fsencode(source.name), -1 if copy is None else copy)
        stream = streams(f"{mixing.step.name}\0partner")  # a name that nobody can give
        for _ in range(transform.partners):
            yield self.candidates(source, transform.partner, stream.seed() << 16)


def soft_label(sources: Sequence[Source], shares: Sequence[float]) -> str:
    """Write the shares of sources in a mix by their labels, as JSON; empty where the sources have none."""
    if not sources[0].label:
        return ""
    label: dict[str, float] = {}
    for source, share in zip(sources, shares, strict=True):
        label[escaped(source.label)] = label.get(escaped(source.label), 0.0) + share
    return json.dumps({name: rounded(share) for name, share in label.items() if share}, ensure_ascii=False)
