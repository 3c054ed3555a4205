"""Ranges of values, as Albumentations names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.canonical import three
from augcli.spec.dialects.entry import Entries, Steps
from augcli.spec.dialects.parameters.numbers import number, numbers
from augcli.spec.dialects.parameters.words import choice, ignored

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


@entry(
    "Normalize",
    mean=numbers(1, 3, default=[0.485, 0.456, 0.406]),
    std=numbers(1, 3, default=[0.229, 0.224, 0.225]),
    max_pixel_value=number(255.0),
    normalization=choice(
        "standard",
        default="standard",
        others=dict.fromkeys(
            ("image", "image_per_channel", "min_max", "min_max_per_channel"), "leave it out: training code does it"
        ),
    ),
)
def _normalize(call: Any) -> Steps:
    mean, std, most = three(call.mean), three(call.std), call.max_pixel_value
    return [{"normalize": {"mean": mean, "std": std, "max_pixel_value": most}}]


@entry("ToFloat", max_value=number(None))
def _to_float(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / (call.max_value or 255)}}]


@entry("ToTensorV2", transpose_mask=ignored(False))
def _to_tensor(call: Any) -> Steps:
    """Changes the layout alone; nothing is done, and the layout stays height, width, channel."""
    return []
