from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span


class CharacterSwap(CharacterTransform):
    """Swap neighbouring characters of words.

    The capital letter that a word begins with stays in its place: `Film` becomes `Iflm`. As nlpaug's `RandomCharAug`
    with `swap` and TextAttack's `WordSwapNeighboringCharacterSwap`.
    """

    needs_words = False

    def places(self, letters: Sequence[str]) -> list[Span]:
        return [(at, at + 2) for at in range(len(letters) - 1) if letters[at].lower() != letters[at + 1].lower()]

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        one, other = letters[slice(*place)]
        if one.isupper() and other.islower() and len(other.upper()) == len(other):
            one, other = one.lower(), other.upper()
        return other + one
