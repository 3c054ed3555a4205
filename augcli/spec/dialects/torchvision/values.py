"""Types and ranges of values, as torchvision names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Entries, Steps, register_into
from augcli.spec.dialects.parameters.numbers import numbers
from augcli.spec.dialects.parameters.words import flag, ignored, word

ENTRIES: Entries = {}
entry = register_into(ENTRIES)

_DTYPE = word(dict.fromkeys(("float32", "float"), "float32") | {"uint8": "uint8"}, "float32")


@entry("ToTensor")
def _to_tensor(call: Any) -> Steps:
    """The layout stays height, width, channel."""
    return [{"rescale": {"scale": 1 / 255}}]


@entry("ToImage", "PILToTensor", "ToPureTensor", "Identity")
def _nothing(call: Any) -> Steps:
    """Changes no value of a pixel; nothing is done."""
    return []


@entry("ToDtype", dtype=_DTYPE, scale=flag(False))
def _to_dtype(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / 255}}] if call.scale and call.dtype == "float32" else []


@entry("ConvertImageDtype", dtype=_DTYPE)
def _convert(call: Any) -> Steps:
    return [{"rescale": {"scale": 1 / 255}}] if call.dtype == "float32" else []


@entry(
    "Normalize",
    mean=numbers(3).with_example([0.485, 0.456, 0.406]),
    std=numbers(3).with_example([0.229, 0.224, 0.225]),
    inplace=ignored(False),
)
def _normalize(call: Any) -> Steps:
    """Follows ToTensor: `mean` and `std` are of numbers from 0 to 1."""
    return [{"normalize": {"mean": call.mean, "std": call.std, "max_pixel_value": 1}}]
