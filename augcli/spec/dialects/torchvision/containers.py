"""Compositions, as torchvision names them: all, one or a random order of several steps."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.words import not_offered, steps

ENTRIES: Entries = {}
entry = register_into(ENTRIES)


@entry("Compose", transforms=steps())
def _compose(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("RandomApply", p=0.5, transforms=steps())
def _apply(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("RandomChoice", transforms=steps(), p=not_offered("leave it out; weights stand in `one_of`, on its steps"))
def _choice(call: Any) -> Steps:
    return [{"one_of": {"steps": call.transforms}}]


@entry("RandomOrder", transforms=steps())
def _order(call: Any) -> Steps:
    return [{"random_order": {"steps": call.transforms}}]
