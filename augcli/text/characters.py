"""What steps that change words character by character have in common: how many words, how many characters of each.

A character is one as a reader counts it (a grapheme cluster): a letter with its marks is never cut.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import accumulate

import regex

from augcli.random_streams import Stream
from augcli.settings import Count, CountOrNone, Number, setting
from augcli.text.edits import Edit, Edits, Span
from augcli.text.negations import is_negation
from augcli.text.text import Text
from augcli.text.transform import TextTransform
from augcli.text.words import Word


def characters(word: str) -> list[str]:
    """Return the characters of a word as a reader counts them."""
    return list(word) if word.isascii() else regex.findall(r"\X", word)


def number(share: float, count: int, most: int | None) -> int:
    """Return how many are changed: a share of what there is, at least one, and no more than `most`."""
    wanted = max(1, int(share * count))
    return wanted if most is None else min(most, wanted)


def shuffled(stream: Stream, count: int) -> Iterator[int]:
    """Yield range(count) in random order, all equally likely; what is not asked for is not drawn (Fisher-Yates)."""
    items = list(range(count))
    for at in range(count):
        other = stream.integer(at, count - 1)
        items[at], items[other] = items[other], items[at]
        yield items[at]


class CharacterTransform(TextTransform[Edits]):
    """Change some characters of some words."""

    word_share: Number = setting(0.3, "Share of the words that are changed, at least one.", within=(0, 1))
    char_share: Number = setting(0.3, "Share of the characters of such a word, at least one.", within=(0, 1))
    most_words: CountOrNone = setting(10, "The most words that are changed; null for no limit.", within=(1, 1_000_000))
    most_chars: CountOrNone = setting(
        10, "The most characters of a word that are changed; null for no limit.", within=(1, 1_000_000)
    )
    min_chars: Count = setting(4, "Words of fewer characters stay as they are.", within=(1, 1_000_000))

    @abstractmethod
    def places(self, letters: Sequence[str]) -> list[Span]:
        """Return what may be changed of a word, as spans of its characters."""

    @abstractmethod
    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        """Draw what stands in a place of a word."""

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        wanted = number(self.word_share, len(text.runs), self.most_words)
        runs = [run for run in text.runs if len(run.text) >= self.min_chars]
        found: list[list[Edit]] = []
        for at in shuffled(stream, len(runs)):
            if edits := self._edits(stream, text, runs[at]):
                found.append(edits)
                if len(found) == wanted:
                    break
        return Edits(tuple(edit for edits in sorted(found) for edit in edits)) if found else None

    def _edits(self, stream: Stream, text: Text, run: Word) -> list[Edit]:
        """Draw the edits of a word: none where nothing may be changed, or it would vanish or become a negation."""
        letters = characters(run.text)
        if len(letters) < self.min_chars:
            return []
        places = self.places(letters)
        wanted = number(self.char_share, len(letters), self.most_chars)
        taken: list[Span] = []
        touched: set[int] = set()
        for at in shuffled(stream, len(places)):
            first, end = places[at]
            inside = range(first, max(end, first + 1))
            if touched.isdisjoint(inside):
                touched.update(inside)
                taken.append((first, end))
                if len(taken) == wanted:
                    break
        starts = list(accumulate(map(len, letters), initial=run.start))
        edits: list[Edit] = []
        parts: list[str] = []
        at = 0
        for place in sorted(taken):
            first, end = place
            after = self.changed(stream, letters, place)
            before = "".join(letters[first:end])
            if after != before:
                edits.append(Edit(starts[first], starts[end], before, after))
            parts += (*letters[at:first], after)
            at = end
        word = "".join(parts + letters[at:])
        is_turned = text.settings.protect_negations and is_negation(word)
        return [] if is_turned or word in ("", run.text) else edits
