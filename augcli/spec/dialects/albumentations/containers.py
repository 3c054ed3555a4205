"""Compositions, as Albumentations names them: all, one or some of several steps."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.albumentations.labels import bbox_params
from augcli.spec.dialects.entry import Entries, Steps
from augcli.spec.dialects.parameters.ranges import whole_value
from augcli.spec.dialects.parameters.words import fixed, ignored, not_offered, steps

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


@entry(
    "Compose",
    transforms=steps(),
    bbox_params=bbox_params(),
    **dict.fromkeys(("keypoint_params", "additional_targets", "is_check_shapes"), ignored()),
    **dict.fromkeys(("strict", "mask_interpolation", "save_applied_params"), ignored()),
    seed=not_offered("leave it out, and write seed at the top of the spec"),
)
def _compose(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("Sequential", p=0.5, transforms=steps())
def _sequential(call: Any) -> Steps:
    return [{"sequence": {"steps": call.transforms}}]


@entry("OneOf", p=0.5, transforms=steps())
def _one_of(call: Any) -> Steps:
    """One is chosen and applied; the `p` of each is its weight."""
    return [{"one_of": {"steps": call.transforms}}]


_REPLACE = fixed(False, "leave it out; a step is chosen at most once")


@entry("SomeOf", transforms=steps(), n=whole_value(1), replace=_REPLACE)
def _some_of(call: Any) -> Steps:
    """As today: all are chosen alike, and what is chosen is applied with its own `p`."""
    return [{"some_of": {"n": call.n, "steps": call.transforms}}]


@entry("RandomOrder", transforms=steps(), n=whole_value(1), replace=_REPLACE)
def _random_order(call: Any) -> Steps:
    return [{"some_of": {"n": call.n, "shuffle": True, "steps": call.transforms}}]
