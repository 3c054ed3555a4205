from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span


class CharacterDeletion(CharacterTransform):
    """Remove random characters from words.

    A letter goes with its marks; a word that would lose all stays. As nlpaug's `RandomCharAug` with `delete` and
    TextAttack's `WordSwapRandomCharacterDeletion`.
    """

    needs_words = False

    def places(self, letters: Sequence[str]) -> list[Span]:
        return [(at, at + 1) for at in range(len(letters))]

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        return ""
