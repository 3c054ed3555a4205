from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.text.alphabets import another
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span


class CharacterSubstitution(CharacterTransform):
    """Replace characters of words by random letters.

    Each by another letter of the same alphabet, in the same case. As nlpaug's `RandomCharAug` with `substitute` and
    TextAttack's `WordSwapRandomCharacterSubstitution`.
    """

    needs_words = False

    def places(self, letters: Sequence[str]) -> list[Span]:
        return [(at, at + 1) for at in range(len(letters))]

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        return another(stream, letters, place[0])
