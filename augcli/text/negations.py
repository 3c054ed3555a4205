"""Words that turn the meaning of what follows them around; steps leave both where they are."""

from __future__ import annotations

_NEGATIONS = frozenset(
    "no not none nor nobody nothing neither never nowhere nope without hardly barely scarcely rarely seldom cannot cant"
    " dont doesnt didnt isnt arent wasnt werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint mustnt neednt"
    " lacks lacking lacked lack except unless".split()
)
_APOSTROPHES = dict.fromkeys(map(ord, "’ʼ´‘"), "'")
FARTHEST = 3
"""Words behind a negation that may belong to it."""


def is_negation(word: str) -> bool:
    """Tell whether a word is an English negation, or a compound with one: `not`, `never`, `isn't`, `maybe-not`."""
    parts = word.lower().translate(_APOSTROPHES).split("-")
    return any(part.removesuffix("'s") in _NEGATIONS or part.endswith("n't") for part in parts)
