"""Spans of a text that labels are tied to, as JSON lines have them: they move as the text is edited.

They count characters (code points, as Python and Doccano do) from 0 on; the end is not part of a span. A span is an
object with `start` and `end`, or a list [start, end, label].
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence, Set
from typing import Any, NamedTuple

from augcli.dataset.tables import Span
from augcli.dataset.tables.json_text import values

NAMES = ("spans", "entities", "labels", "label", "annotations", "ner")
"""What fields with spans are called."""
_ENDS = (("start", "end"), ("start_offset", "end_offset"), ("begin", "end"))


class Ends(NamedTuple):
    """The ends of a span, and where their numbers stand in the line."""

    span: Span
    start_at: Span
    end_at: Span


def are_some(value: Any) -> bool:
    """Tell whether a value is a list that holds a span."""
    return isinstance(value, list) and any(_keys(one) is not None for one in value)


def are_labelled(value: Any) -> bool:
    """Tell whether a value is a list of spans and nothing else, each with a word for it."""
    if not isinstance(value, list) or not value or any(_keys(one) is None for one in value):
        return False
    return all(any(isinstance(part, str) for part in (one.values() if isinstance(one, dict) else one)) for one in value)


def are_ends(names: Set[str]) -> bool:
    """Tell whether fields of those names hold the ends of a span."""
    return any(set(keys) <= names for keys in _ENDS)


def _keys(one: Any) -> tuple[Any, Any] | None:
    """Return the keys of the ends of a span, or their places in a list; None for what is no span."""
    if isinstance(one, list):
        return (0, 1) if len(one) >= 2 and all(_is_whole(number) for number in one[:2]) else None
    if isinstance(one, dict):
        return next((keys for keys in _ENDS if all(_is_whole(one.get(key)) for key in keys)), None)
    return None


def _is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def read(line: str, at: int) -> list[Ends]:
    """Return the spans of the list that begins at a place of a line. Raises ValueError for one that is no span."""
    if not line.startswith("[", at):
        raise ValueError("no list")
    found = []
    for one in values(line, at)[0]:
        keys = _keys(one.value)
        if keys is None:
            raise ValueError("no span")
        inside = values(line, one.start)[0]
        named = {value.key or number: value for number, value in enumerate(inside)}
        start, end = (named[key] for key in keys)
        found.append(Ends((start.value, end.value), (start.start, start.end), (end.start, end.end)))
    return found


def regions(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the parts of a text that spans cover; those that overlap are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif not found or found[-1] != (start, end):
            found.append((start, end))
    return tuple(found)


def moved(span: Span, before: Sequence[Span], now: Sequence[Span]) -> Span:
    """Return where a span is now that lay in one of the regions `before`, which are the regions `now`."""
    at = bisect_right(before, (span[0], 1 << 62)) - 1
    shift = now[at][0] - before[at][0]
    return span[0] + shift, span[1] + shift
