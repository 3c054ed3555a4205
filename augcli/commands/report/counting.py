"""The manifest in one pass: what there is of everything, in memory that does not grow with the number of rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from augcli.commands.applied import MADE, Through, entries
from augcli.commands.report.applied import Applied
from augcli.commands.report.choice import Choice, Class
from augcli.commands.report.distributions import Numbers, Words
from augcli.commands.report.objects import Sample
from augcli.dataset.sources import in_shard
from augcli.output.containers.packed import ROWS, SHARD
from augcli.output.manifest import Row, conversions, read_rows, record_of
from augcli.output.paths import MANIFEST

MOST_FAILURES = 300
"""Failures that are told one by one."""

DATA = ("augmented", "original", "copied", "transformed", "view")
"""The status of what one trains on; all else is beside it."""

_NOTE = re.compile(r"draw \d+|[^ ]+")


class Failed(NamedTuple):
    source: str
    reason: str


class Tally:
    """What the rows of a manifest say, counted."""

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        self.statuses: Counter[str] = Counter()
        """Of rows that have a source."""
        self.bytes = 0
        self.before: Counter[Class] = Counter()
        """The sources of each class, and what is in OUT of it."""
        self.after: Counter[Class] = Counter()
        self.failed_of: Counter[Class] = Counter()
        self.failures: list[Failed] = []
        self.reasons: Counter[str] = Counter()
        self.converted: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.objects = 0
        self.has_labels = False
        self.through = Through(resolved)
        self.steps: dict[tuple[str, str], Applied] = {}
        """What each step did, by the path to its pipeline and its name."""
        self.sizes = Words()
        self.lengths, self.widths, self.heights = Numbers(), Numbers(), Numbers()
        self.choice = Choice()
        self.labelled = Sample()
        """Images whose labels are looked at, to count objects by class."""
        self._last_source = ""

    def add(self, row: Row) -> None:
        """Take in a row."""
        if row.file_name and not in_shard(row.file_name) and not record_of(row.file_name):
            self.bytes += int(row.bytes)
        if not row.source:
            self.has_labels |= row.status == "labels"
            return
        self.statuses[row.status] += 1
        self._add_source(row)
        if row.status in DATA:
            self._add_data(row)
        if row.status in MADE:
            self.choice.offer(row)
            self._add_steps(row)

    def _add_source(self, row: Row) -> None:
        if row.source != self._last_source and row.status != "labels":  # the rows of a source stand together
            self._last_source = row.source
            self.before[row.split, row.label] += 1
        if row.status == "failed":
            self.failed_of[row.split, row.label] += 1
            self.reasons[row.error] += 1
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(Failed(row.source, row.error))

    def _add_steps(self, row: Row) -> None:
        pipeline = self.through.add(row)
        told = entries(row.params)
        for entry in told:
            self.steps.setdefault((pipeline, entry["step"]), Applied()).add(entry)
        for name in {entry["step"] for entry in told}:
            self.steps[pipeline, name].number += 1

    def _add_data(self, row: Row) -> None:
        self.after[row.split, row.label] += 1
        self.converted.update(conversions(row))
        self.notes.update(_NOTE.findall(row.notes))
        self.lengths.add(int(row.bytes))
        if row.width.isdecimal() and row.height.isdecimal():
            self.sizes.add(f"{row.width} × {row.height}")
            self.widths.add(int(row.width))
            self.heights.add(int(row.height))
        if row.labels_sha256:
            self.has_labels = True
            self.labelled.offer(self.before.total(), row)
            self.objects += int(row.objects or 0)
            for reason, number in _dropped(row.drop_reasons).items():
                self.dropped[reason] += number

    @property
    def data(self) -> int:
        """How many images or texts OUT holds."""
        return self.after.total()


def _dropped(reasons: str) -> dict[str, int]:
    try:
        told = json.loads(reasons) if reasons else {}
    except ValueError:
        return {}
    return {str(reason): number for reason, number in told.items() if isinstance(number, int)}


def rows_of(out: Path, record: Mapping[str, Any]) -> Iterator[Row]:
    """Return all rows of OUT; those that stand beside their shards alone are read there."""
    beside = record["spec"].get("output", {}).get("manifest") == "parts"
    for row in read_rows(out / MANIFEST):
        yield row
        if beside and row.status == ROWS:
            yield from (one for one in read_rows(out / row.file_name) if one.status != SHARD)


def tally_of(resolved: Mapping[str, Any], rows: Iterable[Row]) -> Tally:
    """Count the rows of what a resolved spec made."""
    tally = Tally(resolved)
    for row in rows:
        tally.add(row)
    return tally
