"""The record of a run, `augcli.json`: what it says, how it is read back, and how two of them differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from augcli import __version__
from augcli.image.versions import family
from augcli.problems import Problem, Refused
from augcli.spec.loading import restored
from augcli.spec.spec import Spec
from augcli.storage import files, places

FORMAT = 1
"""Of OUT: what its files and their fields mean. Raise it when older versions of augcli would misread a newer OUT.

A setting of the spec with a default, or a column at the end of `Row` with one, is no such reason.
"""


def record_of(spec: Spec, made_with: dict[str, Any]) -> dict[str, Any]:
    """Return what `augcli.json` says before the counts; no times, no host name, no job count."""
    about = {"format": FORMAT, "augcli": __version__}
    return {**about, "versions": made_with, "spec_key": spec.key, "spec": spec.resolved()}


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a run record; None where there is none, or none that augcli wrote.

    Raises `Refused` for that of a later version, and OSError where it cannot be told whether there is one.
    """
    if not places.is_file(path):  # a pipe would be waited for
        return None
    try:
        data = files.read_json(path)
    except (FileNotFoundError, ValueError, RecursionError):  # a run that ends removes its own
        return None
    whole = isinstance(data, dict) and "spec_key" in data
    if not whole or not isinstance(data.get("spec"), dict) or not isinstance(data.get("versions"), dict):
        return None
    if data.get("format", 0) not in range(FORMAT + 1):
        what = f"{path}: made by a newer augcli (format {data['format']}; this one reads up to {FORMAT})"
        raise Refused(Problem(what, "install that version, or choose another OUT"))
    return _brought_up(data, str(path))


def _brought_up(record: dict[str, Any], shown: str) -> dict[str, Any]:
    """Return a record as this version would have written it: a setting that was not known then has its default."""
    if "format" not in record:
        before = {"bytes": 1, **record["versions"], "cpu": family(str(record["versions"].get("cpu")))}
        record = {**record, "versions": {name: value for name, value in before.items() if name != "augcli"}}
    with suppress(Refused):  # what it asks for is gone: a difference
        spec = _completed(json.dumps(record["spec"]), shown)
        if spec.resolved() != record["spec"]:
            return {**record, "spec": spec.resolved(), "spec_key": spec.key}
    return record


@lru_cache(maxsize=8)
def _completed(resolved: str, shown: str) -> Spec:
    return restored(json.loads(resolved), shown)


def is_packed(record: Mapping[str, Any] | None) -> bool:
    """Tell whether a run writes containers, and not loose files."""
    return record is not None and record["spec"].get("output", {}).get("container", "files") != "files"


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Say in which settings two resolved specs differ: `seed 17 -> 18`."""
    found = []
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += [f"{name}.{text}" for text in differences(old, new)]
        elif isinstance(old, list) and isinstance(new, list):
            found += _step_differences(name, old, new)
        else:
            found.append(f"{name} {json.dumps(old)} -> {json.dumps(new)}")
    return found


def _step_differences(name: str, old: list[Any], new: list[Any]) -> list[str]:
    if len(old) != len(new) or not all(isinstance(item, dict) for item in old + new):
        return [f"{name} {json.dumps(_outline(old))} -> {json.dumps(_outline(new))}"]
    found = []
    for number, (before, after) in enumerate(zip(old, new, strict=True), 1):
        found += [f"{name}[{number}].{text}" for text in differences(before, after)]
    return found


def _outline(items: list[Any]) -> list[Any]:
    return [next(iter(item)) if isinstance(item, dict) and len(item) == 1 else item for item in items]
