"""EDA, as the code beside its paper has it: one call, `eda.eda`."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.canonical import same_settings
from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.numbers import number
from augcli.spec.dialects.parameters.words import copies_of_the_spec
from augcli.spec.dialects.units import FRACTION

ENTRIES: Entries = {}
entry = register_into(ENTRIES)

_ALPHAS = ("alpha_sr", "alpha_ri", "alpha_rs", "p_rd")


@entry("eda", **dict.fromkeys(_ALPHAS, number(0.1, within=FRACTION)), num_aug=copies_of_the_spec())
def _eda(call: Any) -> Steps:
    """Case and punctuation stay, which EDA removes; negations stay, and synonyms are of a word's usual senses. Copies
    take the four operations in turn; there their order is drawn.
    """
    return [{"eda": same_settings(call, *_ALPHAS)}]
