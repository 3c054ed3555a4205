"""The letters of scripts: which one may stand in place of another, or beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from augcli.random_streams import Stream

LATIN = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (
    LATIN,
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह",
    "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศสหอฮ",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
)
NEAR = 32
"""Characters on either side that are near; a run may have a million."""
_OTHERS = {letter: alphabet.replace(letter, "") for alphabet in _ALPHABETS for letter in alphabet}
"""The other letters of each letter's alphabet."""


def another(stream: Stream, letters: Sequence[str], at: int) -> str:
    """Draw another letter of the alphabet of a word's character, in its case.

    Where a script has no alphabet here, as Chinese, another character near it; the same one if there is no other.
    """
    letter = letters[at]
    others: Sequence[str] | None = _OTHERS.get(letter) or _OTHERS.get(_base(letter))
    if others is None:
        others = (
            LATIN
            if letter[0] < "\u0250"
            else [other for other in letters[max(0, at - NEAR) : at + NEAR] if other != letter]
        )
    if not others:
        return letter
    drawn = others[stream.integer(0, len(others) - 1)]
    return drawn.upper() if letter[0].isupper() else drawn


def _base(letter: str) -> str:
    """Return a letter without its marks, small."""
    return unicodedata.normalize("NFD", letter)[0].lower()[0]
