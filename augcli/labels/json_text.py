"""JSON objects taken apart so that they can be written again: what is not changed keeps its text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_DECODER = json.JSONDecoder(strict=False, parse_int=float)  # an int of 5,000 digits is infinite instead of an error
_KEY = re.compile(r'[ \t\r\n]*("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_NEXT = re.compile(r"[ \t\r\n]*([,}])")
_BEGIN = re.compile(r"[ \t\r\n]*\{")
_EMPTY = re.compile(r"[ \t\r\n]*\}")
_END = re.compile(r"[ \t\r\n]*\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LAID_OUT = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|([,:])?\s*\n\s*', re.DOTALL)


class Value(NamedTuple):
    """A value, and its text; numbers are real ones."""

    value: Any
    text: str


def members(text: str) -> dict[str, Value]:
    """Take an object apart, in its order, by the text of its keys. Raises ValueError where it is none."""
    found: dict[str, Value] = {}
    begin = _BEGIN.match(text)
    at = begin.end() if begin else len(text)
    last = _EMPTY.match(text, at)
    while last is None:
        key = _KEY.match(text, at)
        if key is None:
            raise ValueError("no key")
        if "\\" in key[1]:
            _value(key[1], 0)
        value, at = _value(text, key.end())
        found[key[1]] = Value(value, _in_line(text[key.end() : at]))
        sign = _NEXT.match(text, at)
        if sign is None:
            raise ValueError("no end")
        at = sign.end()
        last = sign if sign[1] == "}" else None
    if not _END.match(text, last.end()):
        raise ValueError("more text")
    return found


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _in_line(text: str) -> str:
    """Return a value that may be laid out on several lines in one, token for token."""
    if "\n" not in text:
        return text
    return _LAID_OUT.sub(lambda found: found[1] or (f"{found[2]} " if found[2] else ""), text)


def written(parts: Mapping[str, str]) -> str:
    """Return an object from the texts of its keys and values."""
    return "{" + ", ".join([f"{key}: {text}" for key, text in parts.items()]) + "}"


def quoted(text: str) -> str:
    """Return text as JSON, in its own letters; with a name in it that is no UTF-8 it is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return json.dumps(text) if _SURROGATE.search(plain) else plain


def numbers(value: Any) -> list[float] | None:
    """Return a list of numbers; None where it is none, or one of them is not finite."""
    if not isinstance(value, list) or not {*map(type, value)} <= {float}:
        return None
    return value if all(map(math.isfinite, value)) else None


def rounded(values: npt.NDArray[np.float64], digits: int) -> str:
    """Return a list of numbers with so many decimals at most."""
    return str((values.round(digits) + 0.0).tolist())  # no -0.0
