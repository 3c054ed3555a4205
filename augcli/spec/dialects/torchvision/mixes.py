"""Mixes of two images, as torchvision names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.numbers import number
from augcli.spec.dialects.parameters.words import ignored

ENTRIES: Entries = {}
entry = register_into(ENTRIES)


@entry("MixUp", alpha=number(1.0), num_classes=ignored(), labels_getter=ignored("default"))
def _mixup(call: Any) -> Steps:
    """Drawn for each copy, not for a batch. The greater share stays with the image in whose folder the file lies."""
    return [{"mixup": {"alpha": call.alpha}}]


@entry("CutMix", alpha=number(1.0), num_classes=ignored(), labels_getter=ignored("default"))
def _cutmix(call: Any) -> Steps:
    """Drawn for each copy, not for a batch. The greater share stays with the image in whose folder the file lies."""
    return [{"cutmix": {"alpha": call.alpha}}]
