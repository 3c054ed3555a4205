"""Words that turn the meaning of what follows them around; steps leave both where they are."""

from __future__ import annotations

_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "none",
        "nor",
        "nobody",
        "nothing",
        "neither",
        "never",
        "nowhere",
        "without",
        "hardly",
        "barely",
        "scarcely",
        "rarely",
        "seldom",
        "cannot",
        "cant",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "arent",
        "wasnt",
        "werent",
        "wont",
        "wouldnt",
        "couldnt",
        "shouldnt",
        "hasnt",
        "havent",
        "hadnt",
        "aint",
        "lacks",
        "lacking",
        "lack",
        "except",
        "unless",
    ]
)


def is_negation(word: str) -> bool:
    """Tell whether a word is an English negation: `not`, `never`, `isn't`."""
    plain = word.lower().replace("’", "'")
    return plain in _NEGATIONS or plain.endswith("n't")
