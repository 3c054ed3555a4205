"""Augmenters of words: synonyms, random changes, misspellings, splits."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.nlpaug.declaration import COMMON, share_and_most, words_changed
from augcli.spec.dialects.parameters.numbers import whole
from augcli.spec.dialects.parameters.words import choice, fixed, ignored, not_offered
from augcli.spec.dialects.units import Bounds

ENTRIES: Entries = {}
entry = register_into(ENTRIES, COMMON)


@entry(
    "SynonymAug",
    aug_src=choice("wordnet", default="wordnet", others={"ppdb": "write wordnet"}),
    model_path=not_offered("leave it out, and write text: {wordnet: PATH} at the top of the spec"),
    **words_changed(),
    lang=fixed("eng", "leave it out, and write text: {language: de, wordnet: PATH} at the top of the spec"),
    force_reload=ignored(False),
)
def _synonym(call: Any) -> Steps:
    """Shares are rounded down here, and up there. Stop words stay; synonyms have the number, tense and case of the
    word, and rare senses are left out, where nlpaug takes any.
    """
    return [{"synonym_replacement": share_and_most(call, "alpha")}]


_SUBSTITUTE = "write delete or swap; word_dropout removes words, synonym_replacement takes others for them"


@entry(
    "RandomWordAug",
    action=choice(
        "delete",
        "swap",
        default="delete",
        others={
            "substitute": _SUBSTITUTE,
            "crop": "write delete",
            "insert": "write random_insertion; it fails in nlpaug as well",
        },
    ),
    **words_changed(),
    target_words=not_offered("leave it out; no word is put in place of another"),
)
def _random_word(call: Any) -> Steps:
    """`delete` removes each word with that chance, where nlpaug removes that share of each text; `swap` swaps
    neighbours. Case and punctuation stay, and negations with what they negate.
    """
    if call.action == "swap":
        return [{"random_swap": {**share_and_most(call, "alpha"), "adjacent": True}}]
    return [{"random_deletion": share_and_most(call, "alpha")}]


@entry(
    "SpellingAug",
    dict_path=not_offered("leave it out; the misspellings are ours"),
    **words_changed(),
    include_reverse=ignored(True),
)
def _spelling(call: Any) -> Steps:
    """The misspellings are those of augcli, and not of nlpaug's file."""
    return [{"spelling_errors": share_and_most(call, "word_share")}]


@entry("SplitAug", **words_changed(), min_char=whole(4, within=Bounds(2, 1_000_000)))
def _split(call: Any) -> Steps:
    return [{"split_words": {**share_and_most(call, "word_share"), "min_chars": call.min_char}}]
