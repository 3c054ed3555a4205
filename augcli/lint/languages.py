"""Guesses the language of a text: by words that only one of some languages has, or by its script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORDS = {
    "en": "the and of is was it that with this for they have not are but",
    "de": "und der das nicht ist ein eine mit auf für auch ich sich wurde aber",
    "fr": "les des est une dans pour pas avec sur qui mais cette je ce nous",
    "es": "el los las por con una es pero como más muy esta este lo del",
    "it": "il che di è per non sono gli della questo anche più ma nel ho",
    "pt": "não uma os com para em muito mas foi são este isso você ao um",
    "nl": "het een van niet zijn ook maar voor deze werd heeft wij dat bij naar",
}
NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
}
_LANGUAGES_OF = {
    word: [language for language, words in _WORDS.items() if word in words.split()]
    for words in _WORDS.values()
    for word in words.split()
}
_WORD = re.compile(r"[^\W_]+")
_LAST_LATIN = "\u024f"
_LETTERS = 400


def language_of(text: str) -> str:
    """Return the language of a text, as `de`, or its script, as `Cyrillic`; empty where it cannot be told."""
    start = "" if text.isascii() else text[: 2 * _LETTERS]
    letters = [letter for letter in start if letter.isalpha()]
    others = [letter for letter in letters if letter > _LAST_LATIN]
    if 2 * len(others) > len(letters):
        names = Counter(unicodedata.name(letter, "other").partition(" ")[0] for letter in others)
        return names.most_common(1)[0][0].capitalize()
    found = Counter(language for word in _WORD.findall(text.lower()) for language in _LANGUAGES_OF.get(word, ()))
    best = [*found.most_common(2), ("", 0), ("", 0)]
    return best[0][0] if best[0][1] >= 2 and best[0][1] > best[1][1] else ""


def said(language: str) -> str:
    """Say what texts are in."""
    return NAMES.get(language, f"in {language} script")


def plain_words(text: str) -> str:
    """Return the words of a text in small letters, with one blank around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
