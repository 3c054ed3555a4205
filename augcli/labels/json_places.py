"""JSON as places in its own text: it is edited without writing anew what stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""Start and end of what is replaced, and what stands there instead."""

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


class NotJson(Exception):
    """The text is no JSON, or none that can be read."""


class Member(NamedTuple):
    """A value and where it stands in the text."""

    value: Any
    start: int
    end: int


def members(text: str) -> dict[str, Member]:
    """Return the values of the object that a text is, by their keys. Raises `NotJson`."""
    found: dict[str, Member] = {}
    at = _after(text, 0, "{")
    if text[at : at + 1] == "}":
        return found
    while True:
        key = _value(text, at)
        if not isinstance(key.value, str):
            raise NotJson
        found[key.value] = value = _value(text, _after(text, key.end, ":"))
        at = _skip(text, value.end)
        if text[at : at + 1] == "}":
            return found
        at = _after(text, at, ",")


def elements(text: str, start: int) -> list[Member]:
    """Return the values of the list that begins at `start`. Raises `NotJson`."""
    found: list[Member] = []
    at = _after(text, start, "[")
    if text[at : at + 1] == "]":
        return found
    while True:
        found.append(_value(text, at))
        at = _skip(text, found[-1].end)
        if text[at : at + 1] == "]":
            return found
        at = _after(text, at, ",")


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits, which do not overlap."""
    parts, start = [], 0
    for first, last, instead in sorted(edits):
        parts += [text[start:first], instead]
        start = last
    return "".join([*parts, text[start:]])


def quoted(value: Any, like: str) -> str:
    """Return a value as JSON, in letters that the text has already: a name that is no UTF-8 is escaped."""
    plain = like.isascii() or not json.dumps(value, ensure_ascii=False).isprintable()
    return json.dumps(value, ensure_ascii=plain)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int, sign: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != sign:
        raise NotJson
    return _skip(text, at + 1)


def _value(text: str, at: int) -> Member:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):  # of numbers with too many digits, too
        raise NotJson from None
    return Member(value, at, end)
