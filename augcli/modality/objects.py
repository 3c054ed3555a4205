"""What files of labels say of sources, and what a spec would leave of it: counts, which add up over sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field, fields
from typing import ClassVar, TypeAlias

ByClass: TypeAlias = Counter[tuple[str, str]]
"""Numbers of objects, by the name of the split and that of the class."""


@dataclass
class Objects:
    """Counts of some sources. `tries` of copies tell what becomes of objects; the steps that mix are left out."""

    small_side: ClassVar[int] = 4
    """Pixels of a side below which a detector hardly finds anything."""
    sources_of: Counter[str] = field(default_factory=Counter)
    """How many sources of each split were looked at."""
    before: ByClass = field(default_factory=Counter)
    planned: ByClass = field(default_factory=Counter)
    """Objects of the source for each copy that is planned."""
    tried: ByClass = field(default_factory=Counter)
    """Objects of the copies that were tried, before their steps."""
    left: ByClass = field(default_factory=Counter)
    """Those of them that are left."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Objects that are no more than a `box`, and others; images with a `label image`."""
    dropped: Counter[str] = field(default_factory=Counter)
    """What of the labels could not be read, by reason."""
    doubts: Counter[str] = field(default_factory=Counter)
    """What was read all the same, though something is odd about it."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first source, by its path, of each reason in `dropped` and `doubts`."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why the labels of a source cannot be read, by its path."""
    small_before: int = 0
    small_left: int = 0
    """Objects of the copies that were tried with a side below `small_side`: in the source, and in the copy."""

    def add(self, other: Objects) -> None:
        """Add the counts of further sources."""
        shared = self.examples.keys() & other.examples.keys()
        first = {reason: min(self.examples[reason], other.examples[reason]) for reason in shared}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, int):
                setattr(self, one.name, mine + theirs)
            else:
                mine.update(theirs)
        self.examples.update(first)

    @property
    def sources(self) -> int:
        return self.sources_of.total()

    def share_left(self, split: str, label: str) -> float:
        """Return how much of a class is left in a copy, as far as copies were tried."""
        tried = self.tried[split, label]
        return self.left[split, label] / tried if tried else 1.0

    def names(self, splits: Set[str]) -> list[str]:
        """Return the names of the classes that objects of some splits have, sorted."""
        return sorted({label for split, label in self.before if split in splits})
