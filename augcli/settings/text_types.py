"""The types of settings about texts: lists of names, shares of words, and files of the user's own."""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled
from augcli.settings.value_types import Schema, ValueType, Within, Wrong, each, one_or_list, parts_of


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Wrong(f"expected a word or a list of words, got {spelled(value)}")
    return value


def _column(value: Any) -> str | int:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise Wrong(f"expected the name of a column, or its number from 1 on, got {spelled(value)}")


def _read_words(value: Any, within: Within) -> tuple[str, ...]:
    return tuple(each(parts_of(value), _name))


def _read_column(value: Any, within: Within) -> str | int:
    return _column(value)


def _read_columns(value: Any, within: Within) -> tuple[str | int, ...]:
    found = tuple(each(parts_of(value), _column))
    if len(set(found)) < len(found):
        raise Wrong(f"a column stands twice in {spelled(list(found))}")
    if len({type(one) for one in found}) > 1:
        raise Wrong(f"expected names or numbers, not both, got {spelled(list(found))}")
    return found


def _read_file(value: Any, within: Within) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise Wrong(f"expected the path of a file or a folder, got {spelled(value)}")
    return value


_WORD: Schema = {"type": "string", "minLength": 1}
_COLUMN: Schema = {"anyOf": [_WORD, {"type": "integer", "minimum": 1}]}

WORDS = ValueType("a word, or a list of words", _read_words, lambda within: one_or_list(_WORD, 0, 1 << 20))
COLUMN = ValueType("the name of a column, or its number from 1 on", _read_column, lambda within: _COLUMN)
COLUMNS = ValueType(
    "names of columns, or their numbers from 1 on", _read_columns, lambda within: one_or_list(_COLUMN, 0, 1000)
)
FILE = ValueType("the path of a file or a folder", _read_file, lambda within: _WORD)
