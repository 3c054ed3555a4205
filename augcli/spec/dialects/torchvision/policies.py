"""Policies, as torchvision names them: AutoAugment and its kin."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.canonical import same_settings
from augcli.spec.dialects.entry import Entries, Steps, Untranslatable, register_into
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.words import choice, flag
from augcli.spec.dialects.torchvision.borders import RENAMED, interpolation, warped
from augcli.spec.dialects.units import Bounds

ENTRIES: Entries = {}
entry = register_into(ENTRIES, renamed=RENAMED)

_POLICIES = choice("imagenet", "cifar10", "svhn", default="imagenet")


@entry("AutoAugment", policy=_POLICIES, interpolation=interpolation("nearest"), fill=colour(None))
def _auto_augment(call: Any) -> Steps:
    return [{"auto_augment": {"policy": call.policy, **warped(call)}}]


@entry(
    "RandAugment",
    num_ops=whole(2),
    magnitude=whole(9),
    num_magnitude_bins=whole(31),
    interpolation=interpolation("nearest"),
    fill=colour(None),
)
def _rand_augment(call: Any) -> Steps:
    if not 0 <= call.magnitude < call.num_magnitude_bins:
        most = call.num_magnitude_bins - 1
        raise Untranslatable(f"`{call.magnitude}` is out of bounds; 0 to {most} is allowed", None, "magnitude")
    return [{"rand_augment": {**same_settings(call, "num_ops", "magnitude", "num_magnitude_bins"), **warped(call)}}]


@entry("TrivialAugmentWide", num_magnitude_bins=whole(31), interpolation=interpolation("nearest"), fill=colour(None))
def _trivial_augment(call: Any) -> Steps:
    return [{"trivial_augment_wide": {"num_magnitude_bins": call.num_magnitude_bins, **warped(call)}}]


@entry(
    "AugMix",
    severity=whole(3, within=Bounds(1, 10)),
    mixture_width=whole(3),
    chain_depth=whole(-1),
    alpha=number(1.0),
    all_ops=flag(True),
    interpolation=interpolation("bilinear"),
    fill=colour(None),
)
def _augmix(call: Any) -> Steps:
    settings = same_settings(call, "severity", "mixture_width", "alpha", "all_ops")
    depth = call.chain_depth if call.chain_depth > 0 else [1, 3]
    return [{"augmix": {**settings, "chain_depth": depth, **warped(call)}}]
