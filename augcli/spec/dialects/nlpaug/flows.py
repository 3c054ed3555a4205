"""Flows: all of several augmenters, or each with a chance."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.numbers import number
from augcli.spec.dialects.parameters.words import ignored, steps
from augcli.spec.dialects.units import FRACTION

ENTRIES: Entries = {}
entry = register_into(ENTRIES, {"verbose": ignored(0)})

_FLOW = steps().with_example(["word_dropout"])


@entry("Sequential", flow=_FLOW)
def _sequential(call: Any) -> Steps:
    return [{"sequence": {"steps": call.flow}}]


@entry("Sometimes", flow=_FLOW, aug_p=number(0.8, within=FRACTION))
def _sometimes(call: Any) -> Steps:
    """Each of the flow has the chance `aug_p` of its own."""
    each = getattr(call.flow, "value", call.flow)  # in a spec, steps are nodes with their places
    if not isinstance(each, list):
        return [{"sequence": {"steps": call.flow}}]
    return [{"sequence": {"p": call.aug_p, "steps": [one]}} for one in each]
