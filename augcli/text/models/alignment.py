"""Brings another wording of a sentence into the text as edits that leave certain spans as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from augcli.text.edits import Edit, Span
from augcli.text.text import Text


def fixed_spans(text: Text) -> list[Span]:
    """Return what must come back as it was: labelled and protected spans, and protected words; in order, apart."""
    found: list[Span] = []
    for start, end in sorted((*text.fixed, *text.found.protected)):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def aligned(string: str, sentence: Span, fixed: Sequence[Span], wording: str) -> list[Edit] | None:
    """Return the edits that make a sentence another wording; None where a span inside it does not come back.

    What is fixed must stand in the wording as often as in the sentence, in the same order. Of what lies between, the
    words that differ are edited.
    """
    start, end = sentence
    places = [start]
    found = [0]
    for first, last in fixed:
        before = string[first:last]
        if first < start or last > end or first == last:
            return None
        again = re.compile(rf"{_border(before[:1])}{re.escape(before)}{_border(before[-1:], behind=True)}")
        if len(again.findall(wording)) != len(again.findall(string[start:end])):
            return None
        match = again.search(wording, found[-1])
        if match is None:
            return None
        places += (first, last)
        found += match.span()
    gaps = [*pairwise([*places, end])][::2]
    others = [*pairwise([*found, len(wording)])][::2]
    return [
        edit
        for (one, two), (three, four) in zip(gaps, others, strict=True)
        for edit in _trimmed(one, string[one:two], wording[three:four])
    ]


def _border(character: str, *, behind: bool = False) -> str:
    """Return the pattern of the border of a word, where a span begins or ends with a character of one."""
    if re.match(r"\w", character) is None:
        return ""
    return r"(?!\w)" if behind else r"(?<!\w)"


def _trimmed(start: int, before: str, after: str) -> Iterator[Edit]:
    """Return the edit of the words that differ, if any do; blanks alone are no difference."""
    ours, theirs = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    first = 0
    while first < min(len(ours), len(theirs)) and _alike(ours[first], theirs[first]):
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and _alike(ours[-1 - last], theirs[-1 - last]):
        last += 1
    start += sum(map(len, ours[:first]))
    gone = "".join(ours[first : len(ours) - last])
    come = "".join(theirs[first : len(theirs) - last])
    if gone != come:
        yield Edit(start, start + len(gone), gone, come)


def _alike(one: str, other: str) -> bool:
    return one == other or (one.isspace() and other.isspace())
