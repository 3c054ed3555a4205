"""How often a step is applied, and of how many: of the images or texts that it was for.

It is told from a resolved spec as plain data, which is there for steps of packages that are not, too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from augcli.dataset.layouts.words import role_of
from augcli.dataset.sources import in_shard
from augcli.output.manifest import Row
from augcli.spec.pipeline import GROUPS, ForClasses

Plain = Mapping[str, Any]

MADE = ("augmented", "view", "transformed")
"""The status of what steps have made."""
UNTOLD = ("step", "column", "seed", "order", "partners")
"""Of what was applied: no values that say anything when they are counted."""
PIPELINE = "pipeline"


def role_in(split: str) -> str:
    """Return what a split is for; what stands in none is for training."""
    return role_of(split) if split else "train"


def pipelines(spec: Plain, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Find the lists of steps of a spec, each with the path to it: `pipeline`, `pipeline.weak`, `splits.val`."""
    for name, value in spec.items():
        place = f"{path}.{name}" if path else name
        if isinstance(value, dict) and place.partition(".")[0] in WITH_STEPS:
            yield from pipelines(value, place)
        elif isinstance(value, list) and place.partition(".")[0] in WITH_STEPS:
            yield place, value


WITH_STEPS = (PIPELINE, "splits")


class Placed(NamedTuple):
    """A step or a group in its place: the group that it stands in, empty at the top, and its own settings."""

    kind: str
    group: str
    settings: dict[str, Any]
    is_group: bool
    classes: tuple[ForClasses, ...]
    """What it is for, and what the groups around it are for."""

    def is_for(self, label: str) -> bool:
        """Tell whether it is for a class; where none is told, it may be."""
        return not label or all(own.fit(label) for own in self.classes)


def placed(
    nodes: Sequence[Plain], group: str = "", classes: tuple[ForClasses, ...] = ()
) -> Iterator[tuple[str, Placed]]:
    """Give the steps and groups of a pipeline by their names, in reading order."""
    for node in nodes:
        ((kind, settings),) = node.items()
        name = settings.get("name", kind)
        own = {key: value for key, value in settings.items() if key != "name"}
        inner = own.pop("steps") if kind in GROUPS else ()
        meant = (*classes, ForClasses(*(tuple(settings.get(word, ())) for word in ("only", "except"))))
        yield name, Placed(kind, group, own, kind in GROUPS, meant)
        yield from placed(inner, name, meant)


def entries(params: str) -> list[dict[str, Any]]:
    """Return what a row says of the steps that were applied; what augcli never wrote is passed over."""
    try:
        told = json.loads(params or "[]", parse_constant=str)
    except (ValueError, RecursionError):
        return []
    return [
        entry
        for entry in (told if isinstance(told, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("step"), str)
    ]


def branches_in(resolved: Plain) -> tuple[str, ...]:
    """Return the names of the pipelines of a spec, where they have names."""
    own = resolved.get(PIPELINE)
    return tuple(own) if isinstance(own, dict) else ()


def branch_of(row: Row, branches: Container[str]) -> str:
    """Return by which of several pipelines a copy was made; its folder is called so. Empty where it is none."""
    _, inside = in_shard(row.file_name) or ("", row.file_name)
    folder = inside.removeprefix(f"{row.split}/").partition("/")[0]
    return folder if row.status == "augmented" and folder in branches else ""


class _Through(NamedTuple):
    """A pipeline and a class."""

    pipeline: str
    label: str


class Through:
    """Counts what went through each pipeline of a spec, class by class."""

    def __init__(self, resolved: Plain) -> None:
        self.pipelines = dict(pipelines(resolved))
        self._branches = branches_in(resolved)
        self._splits = resolved.get("splits", {})
        self._number: Counter[_Through] = Counter()

    def add(self, row: Row) -> str:
        """Count a row of what steps have made; return the path to its pipeline."""
        pipeline = self._pipeline_of(row)
        self._number[_Through(pipeline, row.label)] += 1
        return pipeline

    def _pipeline_of(self, row: Row) -> str:
        role = role_in(row.split)
        own = self._splits.get(role)
        if row.status != "augmented" and isinstance(own, list):
            return f"splits.{role}"
        if row.status != "augmented" and isinstance(own, dict) and "steps" in own:
            return f"splits.{role}.steps"
        branch = branch_of(row, self._branches)
        return f"{PIPELINE}.{branch}" if branch else PIPELINE

    def number(self, pipeline: str, step: Placed | None = None) -> int:
        """Return how many went through a pipeline; of these, how many a step of it was for."""
        return sum(
            number
            for through, number in self._number.items()
            if through.pipeline == pipeline and (step is None or step.is_for(through.label))
        )


def percent(part: float, whole: float) -> str:
    """Write a share, never 0 % or 100 % of what is neither."""
    if not whole:
        return "0 %"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.0f} %" if 10 <= share <= 99 or share == int(share) else f"{share:.1f} %"
