"""Edits: what is done to a text, as values. Everything outside them stays as it is, to the last blank.

A text is never taken apart into tokens and joined again. The edits of a step are its draw: they stand in the manifest,
and applying them again gives the output, without any model or table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import regex

Span: TypeAlias = tuple[int, int]
"""(start, end) in characters of a text, as Python counts them; `end` is not part of it."""


class Edit(NamedTuple):
    """`before`, which stands from `start` to `end` of the text that a step was given, becomes `after`."""

    start: int
    end: int
    before: str
    after: str


class Edits(NamedTuple):
    """The draw of a step that does nothing but edit: in order, none touching what another replaces."""

    edits: tuple[Edit, ...]


def applied(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with its edits. Raises ValueError where they are not of this text, or overlap."""
    parts: list[str] = []
    at = 0
    for start, end, before, after in edits:
        if not at <= start <= end or text[start:end] != before:
            raise ValueError("edits of another text")
        parts += (text[at:start], after)
        at = end
    return "".join(parts) + text[at:]


def moved(spans: Iterable[Span], edits: Sequence[Edit]) -> list[Span]:
    """Return where spans, which no edit reaches into, lie behind the edits; they are in order, as the edits are."""
    found = []
    shift = at = 0
    for start, end in spans:
        while at < len(edits) and edits[at].end <= start:
            edit = edits[at]
            if edit.start == edit.end == start and edit.start >= end:
                break
            shift += len(edit.after) - (edit.end - edit.start)
            at += 1
        found.append((start + shift, end + shift))
    return found


_BLANK = regex.compile(r"(?<!\p{GCB=Prepend}) (?![\p{GCB=Extend}\p{GCB=SpacingMark}\u200d])")
"""A blank that no mark is put upon."""
_OPENING = re.compile(r"""(?:^|\s)(?:["'“‘(\[]{1,2})?\Z""")
_CLOSING = re.compile(r"[^\w\s]*(?:\s|\Z)")


def removals(text: str, spans: Sequence[Span], kept: Sequence[Span] = ()) -> tuple[Edit, ...]:
    """Return the edits that remove spans, each with one blank beside it, so that no two blanks are left in a row.

    No blank of the spans that are `kept` is taken, and none before something that would become part of another word.
    """
    found = []
    last = 0
    starts, ends = {start for start, _ in kept}, {end for _, end in kept}
    for start, end in spans:
        if start > last and _BLANK.match(text, start - 1) and start not in ends and _CLOSING.match(text, end):
            start -= 1
        elif _BLANK.match(text, end) and _OPENING.search(text[max(0, start - 3) : start]) and end not in starts:
            end += 1
        start = max(start, last)
        found.append(Edit(start, end, text[start:end], ""))
        last = end
    return tuple(found)
