from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span

_ROWS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    (" ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
)
"""QWERTY, and the Russian and the Greek layout: each row stands half a key to the right of the one above."""


def _neighbours() -> dict[str, str]:
    """Return the letters around each letter's key: two beside it, two above and two below."""
    found: dict[str, str] = {}
    for rows in _ROWS:
        keys = {(row, at): letter for row, line in enumerate(rows) for at, letter in enumerate(line) if letter != " "}
        for (row, at), letter in keys.items():
            around = ((row, at - 1), (row, at + 1), (row - 1, at), (row - 1, at + 1), (row + 1, at - 1), (row + 1, at))
            found[letter] = "".join(keys[place] for place in around if place in keys)
    return found


_NEIGHBOURS = _neighbours()


class KeyboardTypos(CharacterTransform):
    """Hit the key beside the right one.

    Letters of some words are replaced by one of those whose keys touch theirs, in the same case: on a QWERTY keyboard,
    on the Russian or the Greek one. As nlpaug's `KeyboardAug` and TextAttack's `WordSwapQWERTY`, with letters alone.
    """

    def places(self, letters: Sequence[str]) -> list[Span]:
        return [(at, at + 1) for at, letter in enumerate(letters) if letter.lower() in _NEIGHBOURS]

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        letter = letters[place[0]]
        around = _NEIGHBOURS[letter.lower()]
        hit = around[stream.integer(0, len(around) - 1)]
        return hit.upper() if letter.isupper() else hit
