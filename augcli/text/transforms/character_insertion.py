from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.text.alphabets import another
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span


class CharacterInsertion(CharacterTransform):
    """Insert random letters into words.

    Each stands before a character of the word and is of the same alphabet and case. As nlpaug's `RandomCharAug` with
    `insert` and TextAttack's `WordSwapRandomCharacterInsertion`.
    """

    needs_words = False

    def places(self, letters: Sequence[str]) -> list[Span]:
        return [(at, at) for at in range(len(letters))]

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        return another(stream, letters, place[0])
