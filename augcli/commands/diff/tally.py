"""What is counted of two outputs: files, sources, and how often each step is applied, with which values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from augcli.commands.applied import MADE, PIPELINE, UNTOLD, Through, entries, percent, placed
from augcli.commands.diff.rows import Both
from augcli.output.manifest import Row
from augcli.problems import counted, named, printable

Name: TypeAlias = tuple[str, str]
"""The path to the pipeline of a step, and its name."""
SHOWN = 3


@dataclass
class Values:
    """How many values there are, their mean, the least and the most."""

    count: int = 0
    sum: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.sum += value
        self.least, self.most = min(self.least, value), max(self.most, value)

    def __str__(self) -> str:
        if not self.count:
            return "none"
        return f"mean {self.sum / self.count + 0.0:.4g}, {self.least + 0.0:.4g} to {self.most + 0.0:.4g}"


@dataclass
class Applied:
    """To how many images or texts of one output a step is applied, and its values by name."""

    number: int = 0
    values: dict[str, Values] = field(default_factory=dict)


@dataclass
class Held:
    """What one output holds."""

    through: Through = field(compare=False)
    files: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    steps: dict[Name, Applied] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.statuses[row.status] += 1
            if not row.file_name:
                continue
            self.files += 1
            self.splits[row.split] += bool(row.split)
            self.classes[row.label] += bool(row.label)
            if row.status in MADE:
                self._add_applied(row)

    def _add_applied(self, row: Row) -> None:
        pipeline = self.through.add(row)
        there = set()
        for entry in entries(row.params):
            step = self.steps.setdefault((pipeline, entry["step"]), Applied())
            step.number += entry["step"] not in there  # of a record, a step may be applied to several columns
            there.add(entry["step"])
            for name, value in entry.items():
                if type(value) in (int, float) and name not in UNTOLD:
                    step.values.setdefault(name, Values()).add(value)
            if "edits" in entry:
                step.values.setdefault("edits", Values()).add(len(entry["edits"]))

    def share(self, name: Name) -> str:
        """Say of how many of those that a step was for it was applied to how many."""
        nodes = dict(placed(self.through.pipelines.get(name[0], ())))
        meant = self.through.number(name[0], nodes[name[1]]) if name[1] in nodes else 0
        if not meant:
            return "none"
        number = self.steps.get(name, Applied()).number
        return f"{number} of {meant} ({percent(number, meant)})"


class Named(NamedTuple):
    """How many there are, and the names of the first."""

    number: int = 0
    first: tuple[str, ...] = ()

    def and_one(self, name: str) -> Named:
        return Named(self.number + 1, (*self.first, name)[:SHOWN])

    def __str__(self) -> str:
        names = [printable(name) for name in self.first]
        return named([*names, *("" for _ in range(self.number - len(names)))])


@dataclass
class Tally:
    """What was counted of two outputs."""

    a: Held
    b: Held
    files: dict[str, Named] = field(default_factory=dict)
    told_otherwise: Counter[str] = field(default_factory=Counter)
    """Of files with the same bytes: how often each column of their rows differs."""
    sources: dict[str, Named] = field(default_factory=dict)
    moved: Named = field(default_factory=Named)
    """Sources that stand in another split."""

    def add(self, both: Both) -> Iterator[tuple[Row, Row]]:
        """Count what two outputs hold of a source; give the pairs of files that have other bytes."""
        self.a.add(both.a)
        self.b.add(both.b)
        for one, other in both.pairs:
            kind, row = _kind(one, other)
            if one and other and kind == OTHER and other.source:
                yield one, other
            self.files[kind] = self.files.get(kind, Named()).and_one(row.file_name)
            if one and other and kind == SAME and one != other:
                self.told_otherwise.update(key for key, x, y in zip(Row._fields, one, other, strict=True) if x != y)
        if both.source and (change := _source_change(both)):
            self.sources[change] = self.sources.get(change, Named()).and_one(both.source)
        splits = [{row.split for row in rows} - {""} for rows in (both.a, both.b)]
        if both.source and splits[0] != splits[1] and all(splits):
            self.moved = self.moved.and_one(both.source)

    @property
    def differs(self) -> bool:
        """Whether the outputs differ in anything that was counted."""
        return bool(
            self.files.keys() - {SAME} or self.told_otherwise or self.sources or self.moved.number or self.a != self.b
        )

    def other_splits(self) -> Iterator[str]:
        """Say that sources stand in another split, which matters more than all else that differs."""
        if self.moved.number:
            verb = "is" if self.moved.number == 1 else "are"
            what = f"{counted(self.moved.number, 'source')} {verb} in another split"
            yield f"{what}: what is measured on one cannot be compared with the other"
            yield f"  {self.moved}"

    def lines(self) -> Iterator[str]:
        """Say what was counted and differs, a line each; lines that belong to one before them are indented."""
        if not self.differs:
            every = "the only one" if self.a.files == 1 else f"all {self.a.files}"
            yield f"files: {every} the same, by the manifests"
            return
        yield f"files: {self.a.files} -> {self.b.files}"
        for kind in (SAME, OTHER, ONLY_A, ONLY_B):
            if found := self.files.get(kind):
                yield f"  {found.number} {kind}" + (f": {found}" if kind != SAME else "")
            if kind == SAME and self.told_otherwise:
                told = ", ".join(f"{column} of {number}" for column, number in self.told_otherwise.items())
                yield f"    with other entries in the manifest: {told}"
        for kind in (NEW, GONE, CHANGED):
            if found := self.sources.get(kind):
                yield f"{counted(found.number, 'source')} {kind}: {found}"
        yield from _counts("status", self.a.statuses, self.b.statuses)
        yield from _counts("split", self.a.splits, self.b.splits)
        yield from _counts("class", self.a.classes, self.b.classes)
        yield from self._steps()

    def _steps(self) -> Iterator[str]:
        for name in sorted({**self.a.steps, **self.b.steps}):
            a, b = (held.steps.get(name, Applied()) for held in (self.a, self.b))
            shares = self.a.share(name), self.b.share(name)
            if a == b and shares[0] == shares[1]:
                continue
            pipeline = "" if name[0] == PIPELINE else f"{name[0]}: "
            yield f"{printable(pipeline + name[1])}: applied to {shares[0]} -> {shares[1]}"
            for value in {**a.values, **b.values}:
                old, new = (applied.values.get(value, Values()) for applied in (a, b))
                if str(old) != str(new) and a.number and b.number:
                    yield f"  {value}: {old} -> {new}"


SAME, OTHER, ONLY_A, ONLY_B = "with the same bytes", "with other bytes", "only in A", "only in B"
NEW, GONE, CHANGED = "new in B", "gone in B", "changed"


def _kind(one: Row | None, other: Row | None) -> tuple[str, Row]:
    if one is None or other is None:
        row = one or other
        assert row is not None
        return (ONLY_B if one is None else ONLY_A), row
    return (SAME if one.sha256 == other.sha256 else OTHER), other


def _source_change(both: Both) -> str:
    if not both.a or not both.b:
        return GONE if both.a else NEW
    digests = [{row.source_sha256 for row in rows} - {""} for rows in (both.a, both.b)]
    return CHANGED if digests[0] != digests[1] and all(digests) else ""


def _counts(what: str, a: Counter[str], b: Counter[str]) -> Iterator[str]:
    """Say which counts differ, the largest difference first; of many the rest in a line."""
    found = sorted((name for name in a.keys() | b.keys() if a[name] != b[name]), key=lambda n: (-abs(a[n] - b[n]), n))
    for name in found[:MANY]:
        yield f"{what} {printable(name)}: {a[name]} -> {b[name]}"
    if len(found) > MANY:
        yield f"{what}: {len(found) - MANY} more differ"


MANY = 20
"""Classes whose counts are printed."""
