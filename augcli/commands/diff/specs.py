"""How two resolved specs differ: settings by name, pipelines step by step.

A step is known by its name, on which its draws depend: under another name it is another step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from augcli.commands.applied import WITH_STEPS, Placed, Plain, pipelines, placed
from augcli.output.run_record import differences
from augcli.problems import Refused
from augcli.spec import catalogue
from augcli.spec.outline import setting_in_words


def changes(a: Plain, b: Plain) -> list[str]:
    """Say what changed from one resolved spec to another, a line each: settings, then the steps of each pipeline."""
    lists = [dict(pipelines(spec)) for spec in (a, b)]
    both = [name for name in lists[0] if name in lists[1]]
    found = [f"for {_kind(a)} -> for {_kind(b)}"] if _kind(a) != _kind(b) else []
    common = ({name: value for name, value in spec.items() if name in a and name in b} for spec in (a, b))
    found += differences(*(_without(spec, both) for spec in common))
    everywhere = (a.get("border"), b.get("border"))
    for name in both:
        lines = step_changes(lists[0][name], lists[1][name], everywhere)
        found += lines if name == "pipeline" else [f"{name}: {line}" for line in lines]
    return found


def _kind(spec: Plain) -> str:
    return "texts" if "text" in spec else "images"


def _without(spec: Plain, told: Sequence[str], path: str = "") -> dict[str, Any]:
    """Return the settings of a spec without these pipelines; of others the names of their steps are left."""
    left: dict[str, Any] = {}
    for name, value in spec.items():
        place = f"{path}.{name}" if path else name
        if place in told:
            continue
        if isinstance(value, list) and place.partition(".")[0] in WITH_STEPS:
            value = [name for name, node in placed(value) if not node.group]
        left[name] = _without(value, told, place) if isinstance(value, dict) else value
    return left


def step_changes(a: Sequence[Plain], b: Sequence[Plain], borders: tuple[Any, Any] = (None, None)) -> list[str]:
    """Say which steps were removed, added, moved or changed, in the order of `b`, what was removed first.

    `borders` are those of the whole specs: a step that follows them is not told again.
    """
    before, after = dict(placed(a)), dict(placed(b))
    found = [f"{_called(name, before[name].kind)}: removed" for name in before if name not in after]
    moved = _moved([name for name in before if name in after], [name for name in after if name in before])
    ranks = [{name: place for place, name in enumerate(nodes, 1)} for nodes in (before, after)]
    for name, now in after.items():
        was = before.get(name)
        called = _called(name, now.kind)
        if was is None or was.kind != now.kind:
            told = ", ".join(_settings(now))
            where = f" to {now.group}" if now.group else ""
            as_before = "" if was is None else f", in place of {was.kind}"
            found.append(f"{called}: added{where}{as_before}" + (f" ({told})" if told else ""))
            continue
        if was.group != now.group:
            found.append(f"{called}: moved from {was.group or 'the top'} to {now.group or 'the top'}")
        elif name in moved:
            found.append(f"{called}: moved, step {ranks[0][name]} -> {ranks[1][name]}")
        found += [f"{called}: {line}" for line in _setting_changes(was, now, borders)]
    return found


def _called(name: str, kind: str) -> str:
    return name if name.startswith(kind) else f"{name} ({kind})"


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the fewest names that must move to bring one order into the other: all but a longest common row."""
    places = {name: place for place, name in enumerate(before)}
    ends: list[int] = []
    rows: list[tuple[str, ...]] = []
    for name in after:
        at = bisect_left(ends, places[name])
        row = (*(rows[at - 1] if at else ()), name)
        ends[at : at + 1], rows[at : at + 1] = [places[name]], [row]
    return {*after} - {*(rows[-1] if rows else ())}


def _settings(node: Placed) -> list[str]:
    return [
        f"{key} {_in_words(node.kind, key, value)}"
        for key, value in node.settings.items()
        if key not in ("border", "interpolation")
    ]


def _setting_changes(was: Placed, now: Placed, borders: tuple[Any, Any]) -> Iterator[str]:
    unsaid = {"p": 1, "weight": 1}
    for key in {**was.settings, **now.settings}:
        old, new = (node.settings.get(key, unsaid.get(key)) for node in (was, now))
        if old != new and not (key == "border" and (old, new) == borders):
            yield f"{key} {_in_words(was.kind, key, old)} -> {_in_words(now.kind, key, new)}"


def _in_words(kind: str, key: str, value: Any) -> str:
    try:
        field = catalogue.find(kind).fields.get(key)
    except (KeyError, Refused):  # a group, or a step of a package that is not here
        field = None
    return setting_in_words(field, value)
