"""Capital letters: how a word is written where another one stood."""

from __future__ import annotations

import regex

from augcli.text.stop_words import is_stop_word
from augcli.text.words import Word

_BEFORE_A_SENTENCE = regex.compile(r"""(?:^|[.!?:…\n])['"“”‘’(\[*_>\s-]*+$""")
_LOOK_BACK = 40
"""Characters before a word that are looked at; more marks than that stand before no sentence."""


def copied(pattern: str, word: str) -> str:
    """Write a word in small letters as another one is written: `Movie` makes `film` `Film`, `MOVIE` makes it `FILM`."""
    if pattern.islower():
        return word
    if len(pattern) > 1 and pattern.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if pattern[:1].isupper() else word


def is_capitalised(word: str) -> bool:
    """Tell whether a word has a capital letter first and small ones behind it: `Film`, and `A`."""
    return word[:1].isupper() and (len(word) == 1 or not word.isupper())


def starts_sentence(string: str, start: int) -> bool:
    """Tell whether a sentence may start at a word: at the start, or behind a mark that ends one."""
    return _BEFORE_A_SENTENCE.search(string[max(0, start - _LOOK_BACK) : start]) is not None


def in_place_of(string: str, place: Word, mover: Word) -> str:
    """Return how a word of a text is written where another word of it stands.

    What starts a sentence has a capital letter there. What started one loses it where it is a word such as `The`; any
    other may be a name, and keeps it.
    """
    word = mover.text
    if is_capitalised(word) and starts_sentence(string, mover.start) and is_stop_word(word) and word[0] != "I":
        word = word.lower()
    if is_capitalised(place.text) and starts_sentence(string, place.start):
        word = word[0].upper() + word[1:]
    return word
