"""What augmenters of nlpaug share: how many words each may change, and what says nothing of a text."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Parameter
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.words import fixed, ignored, not_offered
from augcli.spec.dialects.units import FRACTION, Bounds

COUNTS = Bounds(1, 1_000_000)
IN_THE_SPEC = "leave it out, and write text: {protect: [word, ...]} at the top of the spec"

OF_MODELS = {
    "stopwords": not_offered(IN_THE_SPEC),
    "stopwords_regex": not_offered(IN_THE_SPEC),
    "verbose": ignored(0),
}
COMMON = {
    **OF_MODELS,
    "tokenizer": not_offered("leave it out; a text is never taken apart"),
    "reverse_tokenizer": not_offered("leave it out; a text is never joined again"),
}


def count_or_none(default: int | None, unlimited: str) -> Parameter:
    """Read a whole number, or null for no limit."""
    one = whole(within=COUNTS)
    return Parameter(
        lambda value: None if value is None else one.read(value), default, words=f"{one.words}; null: {unlimited}"
    )


def words_changed(share: str = "aug_p", fewest: str = "aug_min", most: str = "aug_max") -> dict[str, Parameter]:
    """Return the parameters that say how many words are changed."""
    return {
        fewest: fixed(1, f"leave it out; write {share} for more"),
        most: count_or_none(10, "as many as the share asks for"),
        share: number(0.3, within=FRACTION),
    }


def characters_changed(fewest: int = 1) -> dict[str, Parameter]:
    """Return the parameters that say how many characters of how many words are changed."""
    return {
        "aug_char_min": fixed(fewest, "leave it out; write aug_char_p for more"),
        "aug_char_max": count_or_none(10, "as many as the share asks for"),
        "aug_char_p": number(0.3, within=FRACTION),
        **words_changed("aug_word_p", "aug_word_min", "aug_word_max"),
    }


def share_and_most(call: Any, share: str) -> dict[str, Any]:
    """Return the settings of a step that changes words: `share` is what its share is called."""
    return {share: call.aug_p, "most_words": call.aug_max}


def characters(call: Any) -> dict[str, Any]:
    """Return the settings of a step that changes characters of words."""
    return {
        "word_share": call.aug_word_p,
        "char_share": call.aug_char_p,
        "most_words": call.aug_word_max,
        "most_chars": call.aug_char_max,
    }
