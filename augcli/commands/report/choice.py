"""Which sources are shown: of each class those that a hash of their names puts first, always the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from augcli.commands.applied import MADE, role_in
from augcli.dataset.sources import in_shard
from augcli.output.manifest import Row
from augcli.spec.spec import ROLES

MOST_PICTURES, MOST_SOURCES, MOST_COPIES = 160, 3, 5
"""Pictures of a page, sources of a class, and copies of a source."""
MOST_CLASSES = MOST_PICTURES // (MOST_COPIES + 1)

Class: TypeAlias = tuple[str, str]
"""A split and a label."""


def in_order(one: Class) -> tuple[int, Class]:
    """Return where a class stands on the page: train first, then val, then test."""
    return ROLES.index(role_in(one[0])), one


_Rank: TypeAlias = tuple[str, bytes, str]


class Choice:
    """Offered every row, it keeps for each class the sources that come first."""

    def __init__(self) -> None:
        self._of: dict[Class, list[_Rank]] = {}
        self._last = ""

    def offer(self, row: Row) -> None:
        """Take the source of a row into account. Of containers, as few as possible are to be opened."""
        if row.status not in MADE or row.source == self._last:
            return
        self._last = row.source
        shard, _ = in_shard(row.file_name) or ("", "")
        rank = (shard, blake2b(row.source.encode("utf-8", "surrogatepass"), digest_size=8).digest(), row.source)
        kept = self._of.setdefault((row.split, row.label), [])
        if rank not in kept:
            kept.append(rank)
            kept.sort()
            del kept[MOST_SOURCES:]

    def made(self, sizes: dict[Class, int]) -> dict[str, Class]:
        """Return the sources that are shown, each with its class.

        Of more classes than have room these are the largest and the smallest, half of each.
        """
        classes = sorted(self._of, key=in_order)
        if len(classes) > MOST_CLASSES:
            by_size = sorted(classes, key=lambda one: (-sizes.get(one, 0), one))
            half = MOST_CLASSES // 2
            classes = sorted(by_size[: MOST_CLASSES - half] + by_size[-half:], key=in_order)
        each = max(1, min(MOST_SOURCES, MOST_CLASSES // max(1, len(classes))))
        return {source: one for one in classes for _, _, source in self._of[one][:each]}

    @property
    def classes(self) -> int:
        return len(self._of)


class Family(NamedTuple):
    """A source that is shown: its own row, where OUT holds it, and the rows of what was made of it, the first ones."""

    source: str
    original: Row | None
    made: list[Row]
    more: int
    """What is made of it, and not shown."""


def families(rows: Iterable[Row], wanted: dict[str, Class]) -> dict[Class, list[Family]]:
    """Gather the rows of the sources that are wanted, class by class."""
    originals: dict[str, Row] = {}
    made: dict[str, list[Row]] = {source: [] for source in wanted}
    more = dict.fromkeys(wanted, 0)
    for row in rows:
        if row.source not in wanted:
            continue
        if row.status == "original":
            originals[row.source] = row
        elif row.status in MADE and len(made[row.source]) < MOST_COPIES:
            made[row.source].append(row)
        else:
            more[row.source] += row.status in MADE
    found: dict[Class, list[Family]] = {}
    for source, one in wanted.items():
        found.setdefault(one, []).append(Family(source, originals.get(source), made[source], more[source]))
    return found
