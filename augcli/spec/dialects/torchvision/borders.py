"""Interpolations and borders, as torchvision and Pillow name them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Parameter
from augcli.spec.dialects.parameters.words import choice, word

RENAMED = {"resample": "interpolation", "fillcolor": "fill"}
"""Old names of parameters, and those of today."""

_OTHERS = dict.fromkeys(("nearest-exact", "nearest_exact"), "write nearest") | dict.fromkeys(
    ("lanczos", "box", "hamming", 1, 4, 5), "write bilinear or bicubic"
)


def interpolation(default: str) -> Parameter:
    known = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic"}
    return word(known | {0: "nearest", 2: "bilinear", 3: "bicubic"}, default, _OTHERS)


def padding_mode() -> Parameter:
    return choice("constant", "edge", "reflect", "symmetric", default="constant")


def border(fill: Any, mode: str = "constant") -> dict[str, Any]:
    return {"mode": mode, "fill": 0 if fill is None else fill}


def warped(call: Any) -> dict[str, Any]:
    return {"border": border(call.fill), "interpolation": call.interpolation}
