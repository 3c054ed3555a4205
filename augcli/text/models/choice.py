"""Which of the words that a masked language model expects may be put into a text, and which one is."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from augcli.random_streams import Stream
from augcli.text import wordnet, words
from augcli.text.models.folders import MASKED
from augcli.text.models.folders import resources as of_model
from augcli.text.models.masked import Guess, load
from augcli.text.negations import is_negation
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.words import Word


class Choice:
    """Chooses words for places of one text."""

    def __init__(self, text: Text, model: str, top_k: int, temperature: float) -> None:
        self._text, self._model, self._most, self._temperature = text, load(model), top_k, temperature
        self._wordnet = wordnet.load(text.settings) if _has_opposites(text.settings) else None

    def instead_of(self, stream: Stream, word: Word) -> str | None:
        """Draw what stands for a word of the text, as the model writes it; None where it offers nothing usable."""
        string = self._text.string
        return self._drawn(stream, string[: word.start], string[word.end :], word.start, word.end, word.text)

    def behind(self, stream: Stream, place: int) -> str | None:
        """Draw what is put behind a place of the text, with a blank before it."""
        string = self._text.string
        return self._drawn(stream, f"{string[:place]} ", string[place:], place, place, "")

    def _drawn(self, stream: Stream, before: str, after: str, start: int, end: int, word: str) -> str | None:
        every = self._text.all_words
        first, last = bisect_left(every, (start,)), bisect_left(every, (end,))
        beside = {one.text.lower() for one in (*every[max(0, first - 1) : first], *every[last : last + 1])}
        offered = self._model.guesses(before, after, self._most)
        usable = [
            guess
            for guess in offered
            if guess.word.lower() not in {*beside, word.lower()} and self._may_stand(guess.word, word)
        ]
        if not usable:
            return None
        return usable[stream.index(weights(usable, self._temperature))].word

    def _may_stand(self, guess: str, word: str) -> bool:
        """Tell whether a guess is one word, turns nothing around, and is no opposite of what it replaces."""
        settings, small = self._text.settings, guess.lower()
        if not _is_word(guess) or (settings.is_english and len(guess) == 1 and small not in "ai"):
            return False
        if settings.protect_negations and is_negation(guess):
            return False
        if self._wordnet is None or not word:
            return True
        opposites, plain = self._wordnet.are_opposites, self._wordnet.inflections.plain_words
        return not any(opposites(one, other) for one in plain(word.lower()) for other in plain(small))


def weights(guesses: Sequence[Guess], temperature: float) -> list[float]:
    """Return how likely guesses are, the likeliest 1: their softmax at a temperature, up to a factor."""
    most = guesses[0].logit
    return [math.exp((guess.logit - most) / temperature) for guess in guesses]


def resources(model: str, settings: TextSettings) -> Iterator[tuple[str, str]]:
    """Return what a step reads that chooses words by a model."""
    yield from of_model(model, MASKED)
    if _has_opposites(settings):
        yield from wordnet.resources(settings)


def _has_opposites(settings: TextSettings) -> bool:
    return settings.is_english or settings.wordnet is not None


def _is_word(guess: str) -> bool:
    found = words.find(guess)
    return len(found.words) == 1 and found.words[0].text == guess
