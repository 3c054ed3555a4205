"""The types of settings about classes: lists of their names, numbers of copies, what a class set is balanced to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from augcli.problems import spelled, write
from augcli.settings.value_types import (
    Schema,
    ValueType,
    Within,
    Wrong,
    bounded,
    check_limits,
    each,
    one_or_list,
    parts_of,
    whole,
)
from augcli.settings.values import CopiesPerClass, CsvColumn

Target: TypeAlias = Literal["largest", "median"] | int


def _name(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a class that is called 7
    if not isinstance(value, str) or not value:
        raise Wrong(f"expected the name of a class or a list of them, got {spelled(value)}")
    return value


def _read_classes(value: Any, within: Within) -> tuple[str, ...]:
    found = tuple(each(parts_of(value), _name))
    if not found and isinstance(value, list):
        raise Wrong("names no class", "leave it out")
    return found


def _read_copies(value: Any, within: Within) -> int | CopiesPerClass:
    if isinstance(value, CopiesPerClass):
        return value
    if not isinstance(value, Mapping):
        found = whole(value)
        if found == 0:
            raise Wrong("`0` copies would leave nothing", "write splits: {train: copy} for a set without copies")
        check_limits(found, found, (1, within[1]))
        return found
    numbers = {str(key): whole(number) for key, number in value.items()}
    if not numbers:
        raise Wrong("a mapping of copies names no class", write({"default": 4}))
    if "" in numbers:
        raise Wrong("a class has a name")
    for number in numbers.values():
        check_limits(number, number, within)
    default = numbers.pop("default", 1)
    return CopiesPerClass(default, tuple(numbers.items())) if numbers or not default else default


def _copies_schema(within: Within) -> Schema:
    one = bounded("integer", within)
    return {"anyOf": [{**one, "minimum": 1}, {"type": "object", "additionalProperties": one, "minProperties": 1}]}


def _read_target(value: Any, within: Within) -> Target:
    if isinstance(value, str):
        if value in ("largest", "median"):
            return value  # type: ignore[return-value]
        raise Wrong(f"expected `largest`, `median` or a number of images, got {spelled(value)}")
    found = whole(value, "`largest`, `median` or a number of images")
    check_limits(found, found, within)
    return found


def _target_schema(within: Within) -> Schema:
    return {"anyOf": [{"enum": ["largest", "median"]}, bounded("integer", within)]}


def _read_groups(value: Any, within: Within) -> str | int | CsvColumn:
    if isinstance(value, CsvColumn):
        return value
    if isinstance(value, Mapping):
        if set(value) != {"csv", "column"} or not all(isinstance(one, str) and one for one in value.values()):
            raise Wrong("expected a file and its column", "write {csv: groups.csv, column: patient}")
        return CsvColumn(value["csv"], value["column"])
    if isinstance(value, int) and not isinstance(value, bool):
        check_limits(value, value, (1, 100))
        return value
    if not isinstance(value, str) or not value:
        raise Wrong(f"expected a pattern, a number of folders, or a file and its column, got {spelled(value)}")
    try:
        groups = re.compile(value).groups
    except re.error as error:
        at = "" if error.pos is None else f"; see its character {error.pos + 1}"
        raise Wrong(f"`{value}` is no regular expression{at}", r"write 'patient(\d+)'") from None
    if groups > 1:
        raise Wrong(f"`{value}` has {groups} groups, and one may tell", "write (?:...) for the others")
    return value


_GROUPS: Schema = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        bounded("integer", (1, 100)),
        {
            "type": "object",
            "properties": {"csv": {"type": "string"}, "column": {"type": "string"}},
            "required": ["csv", "column"],
            "additionalProperties": False,
        },
    ]
}

CLASSES = ValueType(
    "the name of a class, or a list of them; * and ? stand for any letters",
    _read_classes,
    lambda within: one_or_list({"type": ["string", "integer"]}, 1, 1 << 16),
)
COPIES = ValueType("a number, or one for each class", _read_copies, _copies_schema)
GROUPS = ValueType("a regular expression, a number of folders, or {csv, column}", _read_groups, lambda within: _GROUPS)
TARGET = ValueType("largest, median, or a number of images", _read_target, _target_schema)
