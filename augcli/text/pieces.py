"""What the steps of a copy have done to a text, as pieces of the original and of what came in its place.

The offsets of a step's edits count in the text that the steps before it have made; here all of them are brought back
to the original, for those who look at both at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise, takewhile
from typing import Literal, NamedTuple

import regex

from augcli.text.edits import Edit, Span
from augcli.text.words import DENSE


class Piece(NamedTuple):
    """A part of a text: `kept` stands in the original and in the copy, as does `protected`, which no step may touch.

    `deleted` stands in the original alone, `inserted` in the copy alone. What is `omitted` is not shown.
    """

    kind: Literal["kept", "protected", "deleted", "inserted", "omitted"]
    text: str


def pieces(original: str, steps: Iterable[Sequence[Edit]]) -> list[Piece]:
    """Return what edits make of a text, those of each step of the text that the step before it made.

    The pieces that are not inserted are the original, those that are not deleted the copy. What a step brings back is
    kept.
    """
    found = [Piece("kept", original)]
    for edits in steps:
        found = list(_after(found, edits))
    return list(_tidy(found))


@dataclass
class _Change:
    """What is kept before a change, and the change; behind the last of a text nothing changes."""

    kept: str = ""
    deleted: str = ""
    inserted: str = ""


def changes(found: Iterable[Piece]) -> list[tuple[str, str]]:
    """Return what was deleted and what was inserted at each place, as whole words."""
    return [(one.deleted, one.inserted) for one in _by_words(found) if one.deleted or one.inserted]


def by_words(found: Iterable[Piece]) -> list[Piece]:
    """Widen changes inside words to the whole of them, which are easier to read: `[-movie-]{+movei+}`."""
    widened: list[Piece] = []
    for one in _by_words(found):
        widened += Piece("kept", one.kept), Piece("deleted", one.deleted), Piece("inserted", one.inserted)
    return list(_joined(widened))


def _by_words(found: Iterable[Piece]) -> Iterator[_Change]:
    parts = [_Change()]
    for kind, text in found:
        if kind == "kept" and (parts[-1].deleted or parts[-1].inserted):
            parts.append(_Change())
        setattr(parts[-1], kind, getattr(parts[-1], kind) + text)
    parts.append(_Change())
    for one, following in pairwise(parts):
        if not (one.deleted or one.inserted):
            yield one
            continue
        if any(_is_inside(one.kept, behind or following.kept) for behind in (one.deleted, one.inserted)):
            at = len(one.kept) - len(_letters(reversed(one.kept)))
            word, one.kept = one.kept[at:], one.kept[:at]
            one.deleted, one.inserted = word + one.deleted, word + one.inserted
        if any(_is_inside(before or one.kept, following.kept) for before in (one.deleted, one.inserted)):
            word = _letters(following.kept)
            following.kept = following.kept[len(word) :]
            one.deleted, one.inserted = one.deleted + word, one.inserted + word
            if word and not following.kept and len(one.deleted) <= _LONGEST_WORD:  # two changes of one word
                following.deleted, following.inserted = (
                    one.deleted + following.deleted,
                    one.inserted + following.inserted,
                )
                following.kept = one.kept
                continue
        yield one
    yield parts[-1]


_LETTER = regex.compile(rf"[[\p{{L}}\p{{M}}\p{{N}}'’]--{DENSE}]", regex.VERSION1)
_LONGEST_WORD = 60


def _is_inside(before: str, behind: str) -> bool:
    """Tell whether a word reaches over the border of two texts."""
    return bool(_LETTER.fullmatch(before[-1:]) and _LETTER.fullmatch(behind[:1]))


def _letters(text: Iterable[str]) -> str:
    """Return the letters that a text begins with; none of what is too long for a word."""
    found = [*islice(takewhile(_LETTER.fullmatch, text), _LONGEST_WORD + 1)]
    return "" if len(found) > _LONGEST_WORD else "".join(found)


def with_protected(original: str, spans: Iterable[Span]) -> list[Piece]:
    """Return the pieces of a text that lie in spans, which may overlap, and those between them."""
    found: list[Piece] = []
    at = 0
    for start, end in sorted(spans):
        if end > at:
            start = max(start, at)
            found += [Piece("kept", original[at:start]), Piece("protected", original[start:end])]
            at = end
    found.append(Piece("kept", original[at:]))
    return list(_joined(found))


def excerpt(found: Iterable[Piece], near: int, most: int) -> list[Piece]:
    """Omit of a long text what is farther than `near` characters from any change, and all beyond the first `most`."""
    left: list[Piece] = []
    shown = 0
    for piece in found:
        if shown >= most:
            left.append(Piece("omitted", piece.text if piece.kind != "deleted" else ""))
        elif len(piece.text) > 2 * near + _WORTH_IT:
            head, tail = piece.text[:near], piece.text[-near:]
            left += [piece._replace(text=head), Piece("omitted", piece.text[near:-near]), piece._replace(text=tail)]
            shown += 2 * near
        else:
            left.append(piece)
            shown += len(piece.text)
    return list(_joined(left))


_WORTH_IT = 40
"""Fewer characters are not left out: to say so takes as much room."""


class _Walk:
    """Goes through pieces once; places count in the text that they make."""

    def __init__(self, walked: Iterable[Piece]) -> None:
        self._rest = iter(walked)
        self._piece = next(self._rest, None)
        self._at = self._done = 0
        """The place, and how much of the piece lies before it: a long one is not copied at every cut."""

    def until(self, place: int | None, with_deleted: bool = True) -> Iterator[Piece]:
        """Return what lies before a place, or all; with what is deleted right there, or without."""
        while (piece := self._piece) is not None:
            if piece.kind == "deleted":
                if self._at == place and not with_deleted:
                    return
                yield piece
            else:
                left = len(piece.text) - self._done
                if place is not None and self._at + left > place:
                    if place > self._at:
                        start, self._done = self._done, self._done + place - self._at
                        self._at = place
                        yield Piece(piece.kind, piece.text[start : self._done])
                    return
                self._at += left
                yield Piece(piece.kind, piece.text[self._done :])
            self._done = 0
            self._piece = next(self._rest, None)


def _after(found: Iterable[Piece], edits: Sequence[Edit]) -> Iterator[Piece]:
    """Return pieces with the edits of one more step."""
    walk = _Walk(found)
    for edit in edits:
        yield from walk.until(edit.start)
        for piece in walk.until(edit.end, with_deleted=False):
            if piece.kind != "inserted":  # what a step brought and another takes was never there
                yield Piece("deleted", piece.text)
        if edit.after:
            yield Piece("inserted", edit.after)
    yield from walk.until(None)


def _tidy(found: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours of a kind, and keep what was taken and brought back in one place."""
    settled: list[Piece] = []
    for is_kept, run in groupby(_joined(found), key=lambda piece: piece.kind == "kept"):
        changed = list(run)
        taken, brought = ("".join(piece.text for piece in changed if piece.kind != kind) for kind in _CHANGES)
        settled += changed if is_kept or taken != brought else [Piece("kept", taken)]
    return _joined(settled)


_CHANGES = ("inserted", "deleted")


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    for kind, run in groupby((piece for piece in found if piece.text), key=lambda piece: piece.kind):
        yield Piece(kind, "".join(piece.text for piece in run))
