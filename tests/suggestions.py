"""Takes augcli at its word: reads what a help says to write, and writes it where the problem is."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import yaml

from augcli.problems import Problem, Refused
from augcli.spec import catalogue, dialects
from augcli.spec.loading import parse
from augcli.spec.pipeline import GROUPS
from augcli.spec.spec import Spec
from augcli.spec.strict_yaml import YamlNode, read, write
from augcli.spec.suggestions import is_known

Path = tuple[Any, ...]


def problems_of(spec: Any) -> list[Problem]:
    return loaded(spec)[1]


def loaded(spec: Any) -> tuple[Spec | None, list[Problem]]:
    try:
        return parse(write(spec).encode(), "spec.yaml"), []
    except Refused as refused:
        return None, refused.problems


def alternatives(help: str) -> list[tuple[str, Any]]:
    """Return what a help promises: (rename | write | set | leave out | split, of what); nothing where it only tells."""
    if help.startswith("did you mean"):
        return [("rename", word) for word in re.findall("`([^`]+)`", help)]
    if help.startswith("leave it out"):
        return [("leave out", None)]
    if found := re.match("leave `([^`]+)` out", help):
        return [("leave out", found[1])]
    if found := re.match("use (p|weight)\\b", help):
        return [("rename", found[1])]
    if found := re.match("start (.*) with `- `", help):
        return [("split", re.findall("`([^`]+)`", found[1]))]
    if help.startswith("set "):
        return [("set", item) for item in _items(help.removeprefix("set "))]
    if help.startswith("write "):
        return [("write", item) for item in _items(help.removeprefix("write "))]
    return []


def _items(text: str) -> Iterator[Any]:
    """Read `a: 1, b: 2, or c: {d: 3} for that` as the mappings, values and words that stand there."""
    while text:
        end = _end(text)
        piece, rest = text[:end], text[end:]
        if ": " in piece or not re.search(r"\s", re.sub(r"\[.*\]|\{.*\}|\".*\"", "", piece)):
            is_mapping = re.match(r"[\w.]+: ", piece)
            yield yaml.safe_load("{" + piece + "}" if is_mapping else piece)
        following = re.match(r"(?:[^;,]*?, )?,? ?or (?:write )?(.*)", rest)
        text = following[1] if following else ""


def _end(text: str) -> int:
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "[{") - (character in "]}")
        if depth == 0 and re.match(
            r";| (?:or|for|and|instead|beside|after|as|to|alone)\b| \(|, (?![\w.]+: )", text[at:]
        ):
            return at
    return len(text)


def mended(spec: dict[str, Any], problem: Problem, promise: tuple[str, Any]) -> Any:
    """Return the spec with what was promised done at the place of the problem."""
    spec = copy.deepcopy(spec)
    kind, what = promise
    path, is_key = place(spec, problem)
    steps, number = _steps(spec, path)
    if kind == "split":
        step = steps[number]
        steps[number : number + 1] = [{key: value} for key, value in step.items()]
    elif kind == "leave out":
        if len(path) > _depth(path) + 1:
            del _at(spec, path[:-1])[path[-1]]
        else:
            del steps[number]
    elif kind == "set":
        for key, value in what.items():
            (spec if key in Spec.fields else _settings(steps, number))[key] = value
    elif kind == "rename":
        if not is_key:
            _put(spec, path, what)
        else:
            _rename(spec, path, what)
    elif isinstance(what, dict) and _is_step(what) and (len(path) <= _depth(path) + 1):
        steps[number] = what
    elif isinstance(what, str) and (is_key or len(path) <= _depth(path) + (is_known(what))):
        if len(path) <= _depth(path) + 1:
            steps[number] = what
        else:
            _rename(spec, path, what)
    elif isinstance(what, dict) and not {*what} <= {"x", "y"} and number is not None:
        _settings(steps, number).update(what)
    else:
        _put(spec, path, what)
    return spec


def place(spec: Any, problem: Problem) -> tuple[Path, bool]:
    """Return the path to where a problem was found, and whether it was found at a key."""
    root, _ = read(write(spec).encode(), "spec.yaml")
    assert root is not None
    assert problem.where is not None
    found: list[tuple[Path, bool]] = []

    def look(node: YamlNode, path: Path) -> None:
        if node.where == problem.where:
            found.append((path, False))
        if isinstance(node.value, dict):
            for key, (name, value) in node.value.items():
                if name.where == problem.where:
                    found.append(((*path, key), True))
                look(value, (*path, key))
        elif isinstance(node.value, list):
            for number, item in enumerate(node.value):
                look(item, (*path, number))

    look(root, ())
    return found[-1] if found[-1][1] else found[0]


def _depth(path: Path) -> int:
    """Return how long the path to the innermost step is on the way to a place."""
    return max((n + 1 for n, part in enumerate(path) if isinstance(part, int) and _holds_steps(path[n - 1])), default=0)


def _holds_steps(key: Any) -> bool:
    return key in ("pipeline", "steps", "transforms", "layers", "flow", "val")


def _steps(spec: Any, path: Path) -> tuple[Any, Any]:
    depth = _depth(path)
    return (_at(spec, path[: depth - 1]), path[depth - 1]) if depth else (None, None)


def _settings(steps: Any, number: int) -> Any:
    step = steps[number]
    if isinstance(step, str):
        steps[number] = step = {step: {}}
    (name,) = step
    if not isinstance(step[name], dict):
        step[name] = {}
    return step[name]


def _is_step(what: dict[str, Any]) -> bool:
    (name, *others) = what
    return not others and (name in catalogue.names() or name in GROUPS or dialects.library(name) is not None)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _put(data: Any, path: Path, value: Any) -> None:
    _at(data, path[:-1])[path[-1]] = value


def _rename(data: Any, path: Path, name: str) -> None:
    holder = _at(data, path[:-1])
    entries = [(name if key == path[-1] else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(entries)
