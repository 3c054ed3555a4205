"""The objects of each class in a set with labels: in some of its sources, and in all that was made of these."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from augcli.commands.report.choice import Class
from augcli.output.manifest import Row
from augcli.problems import Unusable

if TYPE_CHECKING:
    from augcli.commands.report.stored import Loose

MOST_LOOKED_AT = 2000


class Looked(NamedTuple):
    """An image whose labels are looked at."""

    file_name: str
    source: str
    split: str
    is_original: bool


class Sample:
    """Every n-th source with all that is in OUT of it: n is the smallest power of two that leaves few enough."""

    def __init__(self) -> None:
        self.every = 1
        self._kept: list[tuple[int, Looked]] = []

    def offer(self, number: int, row: Row) -> None:
        """Take an image into account, of a source with that number."""
        if number % self.every:
            return
        is_original = row.status in ("original", "copied")
        self._kept.append((number, Looked(row.file_name, row.source, row.split, is_original)))
        while len(self._kept) > MOST_LOOKED_AT and self._kept[0][0] != number:
            self.every *= 2
            self._kept = [one for one in self._kept if not one[0] % self.every]

    @property
    def images(self) -> list[Looked]:
        return [looked for _, looked in self._kept]


class Objects(NamedTuple):
    """The objects of each split and class; of sources None where these cannot be seen."""

    before: Counter[Class] | None
    after: Counter[Class]


def objects_of(images: list[Looked], out: Loose, source: Loose | None) -> Objects:
    """Count the objects that labels tell of; what cannot be read has none."""
    before: Counter[Class] = Counter()
    after: Counter[Class] = Counter()
    seen: set[str] = set()
    is_known = True
    for one in images:
        own = _names(out, one.file_name)
        after.update((one.split, name) for name in own)
        if one.is_original:
            before.update((one.split, name) for name in own)
            seen.add(one.source)
    for one in images:
        if one.source not in seen:
            seen.add(one.source)
            is_known = is_known and source is not None
            before.update((one.split, name) for name in _names(source, one.source))
    return Objects(before if is_known else None, after)


def _names(store: Loose | None, name: str) -> list[str]:
    try:
        labels = [] if store is None else store.labels(name)
    except Unusable:
        return []
    return [one.name for annotation in labels for one in annotation.objects]
