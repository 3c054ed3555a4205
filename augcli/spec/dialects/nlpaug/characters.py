"""Augmenters of characters: slips on a keyboard, errors of text recognition, random ones."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.nlpaug.declaration import COMMON, COUNTS, characters, characters_changed
from augcli.spec.dialects.parameters.numbers import whole
from augcli.spec.dialects.parameters.words import choice, fixed, flag, ignored, not_offered

ENTRIES: Entries = {}
entry = register_into(ENTRIES, COMMON)


@entry(
    "KeyboardAug",
    **characters_changed(),
    **dict.fromkeys(("include_special_char", "include_numeric", "include_upper_case"), flag(True)),
    lang=fixed("en", "leave it out; the keyboard is an English one"),
    model_path=not_offered("leave it out; the keyboard is an English one"),
    min_char=whole(4, within=COUNTS),
)
def _keyboard(call: Any) -> Steps:
    """Letters alone are hit, in the case of the one that was meant, whatever is included there."""
    return [{"keyboard_typos": {**characters(call), "min_chars": call.min_char}}]


@entry(
    "OcrAug",
    **characters_changed(2),
    min_char=whole(1, within=COUNTS),
    dict_of_path=not_offered("leave it out; the confusions are ours"),
)
def _ocr(call: Any) -> Steps:
    """The confusions are those of augcli; one character at least is changed, where nlpaug changes two."""
    return [{"ocr_errors": {**characters(call), "min_chars": call.min_char}}]


_STEPS = {
    "insert": "character_insertion",
    "substitute": "character_substitution",
    "swap": "character_swap",
    "delete": "character_deletion",
}


@entry(
    "RandomCharAug",
    action=choice(*_STEPS, default="substitute"),
    **characters_changed(),
    **dict.fromkeys(("include_upper_case", "include_lower_case", "include_numeric"), flag(True)),
    min_char=whole(4, within=COUNTS),
    swap_mode=choice("adjacent", default="adjacent", others=dict.fromkeys(("middle", "random"), "write adjacent")),
    spec_char=ignored("!@#$%^&*()_+"),
    candidates=not_offered("leave it out; the characters are letters"),
)
def _random_char(call: Any) -> Steps:
    """What is put in is a letter of the word's alphabet and case, whatever is included there."""
    return [{_STEPS[call.action]: {**characters(call), "min_chars": call.min_char}}]
