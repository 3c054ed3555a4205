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
_OF = {letter: alphabet for alphabet in _ALPHABETS for letter in alphabet}


def another(stream: Stream, letters: Sequence[str], at: int) -> str:
    """Draw another letter of the alphabet of a word's character, in its case.

    Where a script has no alphabet here, as Chinese, another character of the word; the same one if it has no other.
    """
    letter = letters[at]
    base = unicodedata.normalize("NFD", letter)[0].lower()[0]
    alphabet: Sequence[str] | None = LATIN if base < "\u0250" else _OF.get(base)
    others = [other for other in (letters if alphabet is None else alphabet) if other not in (base, letter)]
    if not others:
        return letter
    drawn = others[stream.integer(0, len(others) - 1)]
    return drawn.upper() if letter[0].isupper() else drawn
