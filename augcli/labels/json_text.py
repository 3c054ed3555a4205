"""JSON objects taken apart so that they can be written again: what is not changed keeps its text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_DECODER = json.JSONDecoder(strict=False, parse_int=float)  # an int of 5,000 digits is infinite instead of an error
_SPACE = re.compile(r"[ \t\r\n]*")
_LAID_OUT = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|([,:])?\s*\n\s*', re.DOTALL)


class Value(NamedTuple):
    """A value, and its text; numbers are real ones."""

    value: Any
    text: str


def members(text: str) -> dict[str, Value]:
    """Take an object apart, in its order, by the text of its keys. Raises ValueError where it is none."""
    found: dict[str, Value] = {}
    at = _after(text, 0, "{")
    while text[at : at + 1] != "}":
        if found:
            at = _after(text, at, ",")
        start = at
        key, at = _value(text, at)
        if not isinstance(key, str):
            raise ValueError("no key")
        name = text[start:at]
        start = _after(text, _space(text, at), ":")
        value, at = _value(text, start)
        found[name] = Value(value, _in_line(text[start:at]))
        at = _space(text, at)
    if _space(text, at + 1) != len(text):
        raise ValueError("more text")
    return found


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int, sign: str) -> int:
    """Return where something begins behind a sign that must stand here."""
    at = _space(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign}")
    return _space(text, at + 1)


def _in_line(text: str) -> str:
    """Return a value that may be laid out on several lines in one, token for token."""
    if "\n" not in text:
        return text
    return _LAID_OUT.sub(lambda found: found[1] or (f"{found[2]} " if found[2] else ""), text)


def written(parts: Mapping[str, str]) -> str:
    """Return an object from the texts of its keys and values."""
    return "{" + ", ".join([f"{key}: {text}" for key, text in parts.items()]) + "}"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def numbers(value: Any) -> list[float] | None:
    """Return a list of numbers; None where it is none, or one of them is not finite."""
    if not isinstance(value, list):
        return None
    return value if all(type(one) is float and math.isfinite(one) for one in value) else None


def rounded(values: npt.NDArray[np.float64] | Iterable[float], digits: int) -> str:
    """Return a list of numbers with so many decimals at most."""
    return json.dumps((np.round(np.asarray(values), digits) + 0.0).tolist())
