"""Interpolations and borders, as OpenCV numbers and names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.entry import Parameter, Untranslatable
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.words import ignored, word

_OTHERS = {
    3: "leave it out; what shrinks is averaged anyway",
    "inter_area": "leave it out; what shrinks is averaged",
    **dict.fromkeys((4, 5, 6, "inter_lanczos4", "inter_linear_exact", "inter_nearest_exact"), "write 1 or 2"),
}


def interpolation(default: int = 1) -> Parameter:
    known = {0: "nearest", 1: "bilinear", 2: "bicubic"}
    named = {"inter_nearest": "nearest", "inter_linear": "bilinear", "inter_cubic": "bicubic"}
    return word(known | named, default, _OTHERS)


def border_mode(default: int | None) -> Parameter:
    known = {0: "constant", 1: "edge", 2: "symmetric", 3: "wrap", 4: "reflect"}
    named = {"border_constant": "constant", "border_replicate": "edge", "border_reflect": "symmetric"}
    named |= {"border_wrap": "wrap"}
    named |= dict.fromkeys(("border_reflect_101", "border_reflect101", "border_default"), "reflect")
    return word(known | named, default)


def outside(resampled: bool = True) -> dict[str, Parameter]:
    """Return the parameters of what is read outside the image, under their names of today and their old ones."""
    found = {"interpolation": interpolation()} if resampled else {}
    return found | {
        "border_mode": border_mode(0),
        "fill": colour(0),
        "value": colour(None),
        **dict.fromkeys(("fill_mask", "mask_value", "mask_interpolation", "rotate_method"), ignored()),
        "keypoint_remapping_method": ignored(),
    }


def border(call: Any, default: str = "constant") -> dict[str, Any]:
    if call.value is not None and "border_mode" not in call.given:
        raise Untranslatable("did nothing without `border_mode: 0`", "write border_mode: 0 as well", "value")
    fill = call.fill if call.value is None else call.value
    known = call.border_mode if "border_mode" in call.given else None
    return {"mode": known or ("constant" if "fill" in call.given else default), "fill": fill}


def warped(call: Any, default: str = "constant") -> dict[str, Any]:
    return {"border": border(call, default), "interpolation": call.interpolation}
