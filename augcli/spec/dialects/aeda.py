"""AEDA, as the code beside its paper has it: one call, `aeda.insert_punctuation_marks`."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.words import fixed

ENTRIES: Entries = {}
entry = register_into(ENTRIES)


@entry("insert_punctuation_marks", punc_ratio=fixed(0.3, "leave it out; up to a third of the words get a mark"))
def _insert_punctuation_marks(call: Any) -> Steps:
    return [{"punctuation_insertion": {}}]
