"""Where the values of JSON stand in its text, so that one of them can be replaced and all else stays as it is."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Value(NamedTuple):
    """A value of an object or a list, and where it stands in the text; `key` is empty in a list."""

    key: str
    start: int
    end: int
    value: Any


def values(text: str, at: int = 0) -> tuple[list[Value], int]:
    """Return the values of the object or list that begins at a place, and where its closing bracket stands.

    Raises ValueError, and RecursionError for what is nested too deep.
    """
    at = _after_blanks(text, at)
    closing = {"{": "}", "[": "]"}.get(text[at : at + 1])
    if closing is None:
        raise json.JSONDecodeError("no object and no list", text, at)
    found: list[Value] = []
    at = _after_blanks(text, at + 1)
    if text[at : at + 1] == closing:
        return found, at
    while True:
        key = ""
        if closing == "}":
            if text[at : at + 1] != '"':
                raise json.JSONDecodeError("no key", text, at)
            key, at = scanstring(text, at + 1, True)
            at = _after_blanks(text, at)
            if text[at : at + 1] != ":":
                raise json.JSONDecodeError("no colon", text, at)
            at = _after_blanks(text, at + 1)
        value, end = _DECODER.raw_decode(text, at)
        found.append(Value(key, at, end, value))
        at = _after_blanks(text, end)
        if text[at : at + 1] == closing:
            return found, at
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("no comma", text, at)
        at = _after_blanks(text, at + 1)


def ends(text: str, at: int) -> bool:
    """Tell whether only blanks follow the closing bracket that stands at a place."""
    return _after_blanks(text, at + 1) == len(text)


def written(text: str, before: str) -> str:
    """Write a string in the manner of a line: with escapes where all of that is ASCII and has some."""
    escapes = (before.isascii() and "\\u" in before) or any("\ud800" <= sign <= "\udfff" for sign in text)
    return json.dumps(text, ensure_ascii=escapes)


def replaced(text: str, places: list[tuple[int, int, str]]) -> str:
    """Return a text with other parts at some places, each (start, end, part), which do not overlap."""
    parts: list[str] = []
    at = 0
    for start, end, part in sorted(places):
        parts += (text[at:start], part)
        at = end
    return "".join(parts) + text[at:]


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()
