"""A text as a step sees it: a string, its words, and the spans that stay as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from augcli.text import words
from augcli.text.edits import Edit, Span, applied, moved
from augcli.text.negations import FARTHEST, is_negation
from augcli.text.settings import DEFAULTS, TextSettings
from augcli.text.stop_words import is_stop_word
from augcli.text.words import Found, Word, outside

_NO_VALUES = frozenset(("nan", "na", "n/a", "null", "none", "nil"))


@lru_cache(8)
def _named(protected: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds words and phrases, whatever their case, but not inside other words.

    Scripts from Thai on do without blanks between words, or nearly so.
    """
    found = []
    for phrase in sorted(protected, key=len, reverse=True):
        before, after = (r"\b" if sign.isalnum() and sign < "\u0e00" else "" for sign in (phrase[0], phrase[-1]))
        found.append(before + re.escape(phrase) + after)
    return re.compile("|".join(found), re.IGNORECASE)


class Text:
    """A text; immutable.

    `kept` are spans that no edit may reach into, in order: labelled ones, of a data set. `copy` is the number of the
    copy that is made, from 0 on, of `copies`.
    """

    def __init__(
        self,
        string: str,
        kept: Sequence[Span] = (),
        settings: TextSettings = DEFAULTS,
        copy: int = 0,
    ) -> None:
        self.string, self.kept, self.settings = string, tuple(kept), settings
        self.copy = copy

    def after(self, edits: Sequence[Edit]) -> Text:
        """Return what the edits make of it."""
        if not edits:
            return self
        kept = moved(self.kept, edits)
        return Text(applied(self.string, edits), kept, self.settings, self.copy)

    def as_copy(self, copy: int) -> Text:
        """Return the same text as another copy's start; what was found in it is not looked for again."""
        for name in ("found", "all_words", "words", "negated", "remembered"):
            getattr(self, name)
        other = Text.__new__(Text)
        other.__dict__.update(self.__dict__)
        other.copy = copy
        return other

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What steps have found in it and may look for again, by keys of theirs; all copies of it share this."""
        return {}

    @cached_property
    def found(self) -> Found:
        return words.find(self.string)

    @cached_property
    def all_words(self) -> list[Word]:
        """All words, those too that stay as they are; none in a text whose script has no blanks between them."""
        return [] if self.is_unsegmented else self.found.words

    @cached_property
    def words(self) -> list[Word]:
        """The words that a step may remove, replace or move; none where the text is a word for no value: `NaN`."""
        if self.string.strip().lower() in _NO_VALUES:
            return []
        left: list[Word] = list(outside(self.all_words, self.fixed)) if self.fixed else self.all_words
        if self._negations:
            left = [word for word in left if word not in self._negations]
        return left

    @cached_property
    def fixed(self) -> tuple[Span, ...]:
        """The spans that no edit may reach into, in order: those that are kept, and what `protect` names."""
        if not self.settings.protect:
            return self.kept
        named = [found.span() for found in _named(self.settings.protect).finditer(self.string)]
        return tuple(sorted({*self.kept, *named})) if named else self.kept

    @cached_property
    def _negations(self) -> frozenset[Word]:
        """The negations that stay where they are."""
        if not self.settings.protect_negations:
            return frozenset()
        return frozenset(word for word in self.found.words if is_negation(word.text))

    @cached_property
    def negated(self) -> frozenset[Word]:
        """The words that a negation turns around, which must not leave it; nothing is put between them.

        All up to the first that carries meaning: `not a very good film` has `a very good`.
        """
        found: list[Word] = []
        if not self._negations:
            return frozenset()
        every = self.found.words
        for at, word in enumerate(every):
            if word in self._negations:
                for last, after in pairwise(every[at : at + FARTHEST + 1]):
                    if not self.string[last.end : after.start].isspace():
                        break
                    found.append(after)
                    if not is_stop_word(after.text):
                        break
        return frozenset(found)

    @cached_property
    def places(self) -> list[int]:
        """Where a word may be put with a blank before it: behind a word that may be changed, and before a blank.

        Behind the last word of all too, whatever marks follow it.
        """
        string, words = self.string, self.words
        found = [word.end for word in words if string[word.end : word.end + 1].isspace() and not self._leads_on(word)]
        if words and words[-1] is self.all_words[-1] and (not found or found[-1] != words[-1].end):
            found.append(words[-1].end)
        return found

    def _leads_on(self, word: Word) -> bool:
        """Tell whether a word stands between a negation and what that turns around."""
        return word in self.negated and is_stop_word(word.text)

    @cached_property
    def runs(self) -> list[Word]:
        """What steps may change character by character: words, and runs of scripts without blanks between words."""
        dense = [run for run in self.found.dense if len(run.text) > 1]
        return sorted([*self.words, *outside(dense, self.fixed)]) if dense else self.words

    @property
    def is_unsegmented(self) -> bool:
        """Whether more of it is of scripts that are written without blanks between words."""
        found = self.found
        if not found.dense:
            return False
        return sum(len(run.text) for run in found.dense) > sum(len(word.text) for word in found.words)
