"""TextAttack 0.3: the augmenters of it that need no model and no search."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, refuse, register_into
from augcli.spec.dialects.parameters.numbers import number
from augcli.spec.dialects.parameters.words import copies_of_the_spec
from augcli.spec.dialects.units import FRACTION

ENTRIES: Entries = {}
entry = register_into(
    ENTRIES,
    {"pct_words_to_swap": number(0.1, within=FRACTION), "transformations_per_example": copies_of_the_spec()},
)


@entry("EasyDataAugmenter")
def _eda(call: Any) -> Steps:
    """Copies take the four operations in turn, each with that share of the words."""
    return [{"eda": dict.fromkeys(("alpha_sr", "alpha_ri", "alpha_rs", "p_rd"), call.pct_words_to_swap)}]


@entry("WordNetAugmenter")
def _wordnet(call: Any) -> Steps:
    return [{"synonym_replacement": {"alpha": call.pct_words_to_swap}}]


@entry("SynonymInsertionAugmenter")
def _insertion(call: Any) -> Steps:
    return [{"random_insertion": {"alpha": call.pct_words_to_swap}}]


@entry("SwapAugmenter")
def _swap(call: Any) -> Steps:
    return [{"random_swap": {"alpha": call.pct_words_to_swap}}]


@entry("DeletionAugmenter")
def _deletion(call: Any) -> Steps:
    return [{"random_deletion": {"alpha": call.pct_words_to_swap}}]


_CONTEXT = "write contextual_substitution: {model: FOLDER}"

ENTRIES |= refuse(
    {
        "EmbeddingAugmenter": ("needs vectors of words, which are not read; near ones are often opposites", _CONTEXT),
        "CLAREAugmenter": ("searches with a model", _CONTEXT),
        "CheckListAugmenter": ("changes names and numbers by lists of its own", "write synonym_replacement"),
        "CharSwapAugmenter": (
            "is one of four changes of characters",
            "write one_of: {steps: [character_swap, character_substitution, character_deletion, character_insertion]}",
        ),
        "BackTranslationAugmenter": (
            "chooses its models by languages",
            "write back_translation: {to: FOLDER, back: FOLDER}",
        ),
    }
)
