"""Flips, turns and warps, as Albumentations names them."""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled
from augcli.spec.dialects.albumentations.borders import border_mode, outside, warped
from augcli.spec.dialects.albumentations.declaration import entry_into, take_old_names
from augcli.spec.dialects.canonical import TRANSPOSED
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.ranges import limit, per_axis, up_to, value
from augcli.spec.dialects.parameters.words import fixed, flag, ignored, not_offered
from augcli.spec.dialects.units import ADDED_TO_ONE, DEGREES, SHEAR, SHIFT, Bounds, rounded

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


@entry("HorizontalFlip", p=0.5)
def _horizontal_flip(call: Any) -> Steps:
    return [{"horizontal_flip": {}}]


@entry("VerticalFlip", p=0.5)
def _vertical_flip(call: Any) -> Steps:
    return [{"vertical_flip": {}}]


@entry("Flip", p=0.5)
def _flip(call: Any) -> Steps:
    return [{"one_of": {"steps": ["horizontal_flip", "vertical_flip", {"rotate90": {"times": 2}}]}}]


@entry("RandomRotate90")
def _rotate90(call: Any) -> Steps:
    return [{"rotate90": {"times": [0, 3]}}]


@entry("Transpose", p=0.5)
def _transpose(call: Any) -> Steps:
    return TRANSPOSED


@entry("D4", "SquareSymmetry")
def _symmetry(call: Any) -> Steps:
    return [{"rotate90": {"times": [0, 3]}}, {"horizontal_flip": {"p": 0.5}}]


@entry(
    "Rotate",
    p=0.5,
    limit=limit(90, within=DEGREES),
    **outside(),
    crop_border=fixed(False, "leave it out, or crop after it"),
)
def _rotate(call: Any) -> Steps:
    return [{"rotate": {"degrees": call.limit, **warped(call)}}]


@entry(
    "ShiftScaleRotate",
    p=0.5,
    shift_limit=limit(0.0625, within=SHIFT),
    scale_limit=limit(0.1, within=ADDED_TO_ONE),
    rotate_limit=limit(45, within=DEGREES),
    shift_limit_x=limit(None, within=SHIFT),
    shift_limit_y=limit(None, within=SHIFT),
    **(outside() | {"border_mode": border_mode(4)}),
)
def _shift_scale_rotate(call: Any) -> Steps:
    """One scale for both sides, shifts between pixels and `reflect` as border, as documented and as up to 1.3; from 1.4
    on the library scales the sides apart.
    """
    x, y = call.shift_limit_x or call.shift_limit, call.shift_limit_y or call.shift_limit
    settings = {"shift": {"x": x, "y": y}, "degrees": call.rotate_limit}
    scale = [rounded(1 + end) for end in call.scale_limit]
    return [{"shift_scale_rotate": {**settings, "scale": scale, **warped(call, "reflect")}}]


@entry(
    "Affine",
    p=0.5,
    scale=per_axis(value(within=Bounds(0.05, 20)), [1, 1]),
    translate_percent=per_axis(value(within=SHIFT), None),
    translate_px=not_offered("leave it out, and write translate_percent: 0.1, a share of the sides"),
    rotate=value(0, within=DEGREES),
    shear=per_axis(value(within=SHEAR), 0),
    **outside(),
    mode=border_mode(None),
    cval=colour(None),
    cval_mask=ignored(),
    fit_output=fixed(False, "leave it out, or write rotate: {expand: true}"),
    keep_ratio=flag(False),
    balanced_scale=fixed(False, "leave it out, or put two Affine into OneOf"),
)
def _affine(call: Any) -> Steps:
    """Shifts are rounded to whole pixels here, and cut down to them there."""
    take_old_names(call, mode="border_mode", cval="fill")
    shear = {axis: span or [0, 0] for axis, span in call.shear.items()}
    shift = {axis: span or [0, 0] for axis, span in (call.translate_percent or {"x": None, "y": None}).items()}
    scale = {axis: span or [1, 1] for axis, span in call.scale.items()}
    if any(shear["x"]) and any(shear["y"]):
        raise Untranslatable("shears along both axes", "write {x: ...} or {y: ...}", "shear")
    alike = scale["x"] == scale["y"]
    if call.keep_ratio and not alike:
        raise Untranslatable("`keep_ratio` scales both sides by one factor", "write one range for both", "scale")
    as_one = call.keep_ratio or (alike and scale["x"][0] == scale["x"][1])
    motion = {"degrees": call.rotate, "translate": shift, "shear": shear}
    scaled = {"scale": scale["x"]} | ({} if as_one else {"scale_y": scale["y"]})
    # Where both are at work the library shears what has been scaled and turned.
    last = {"shear_last": True} if any(shear["x"] + shear["y"]) and (any(call.rotate) or not as_one) else {}
    return [{"affine": {**motion, **scaled, **last, **warped(call)}}]


@entry(
    "Perspective",
    p=0.5,
    scale=up_to(0, [0.05, 0.1], within=Bounds(0, 0.3, "shares of the side")),
    keep_size=fixed(True, "leave it out; the canvas keeps its size"),
    fit_output=fixed(False, "leave it out"),
    pad_mode=border_mode(None),
    pad_val=colour(None),
    mask_pad_val=ignored(),
    **outside(),
)
def _perspective(call: Any) -> Steps:
    """As documented and up to 1.3; 2.0.8 cuts the image off the middle."""
    take_old_names(call, pad_mode="border_mode", pad_val="fill")
    return [{"perspective": {"sampler": "zoom", "scale": call.scale, **warped(call)}}]


def _alpha_affine() -> Parameter:
    def read(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Untranslatable(f"expected a number, got {spelled(value)}", "leave it out")
        if value != 0:
            raise Untranslatable(
                f"`{value}` moved three corners by up to {value} px before the elastic part",
                "leave it out, and put an affine step before it",
            )

    return Parameter(read, None, words="0")


@entry(
    "ElasticTransform",
    p=0.5,
    alpha=number(1),
    sigma=number(50),
    alpha_affine=_alpha_affine(),
    **outside(),
    approximate=ignored(),
    same_dxdy=fixed(False, "leave it out"),
    noise_distribution=ignored("gaussian"),
)
def _elastic(call: Any) -> Steps:
    """Uniform noise, as up to 1.3; its defaults move a pixel by 0.02 px, and by 1.3 only `alpha_affine` was visible."""
    return [{"elastic": {"alpha": call.alpha, "sigma": call.sigma, **warped(call)}}]


@entry(
    "GridDistortion",
    p=0.5,
    num_steps=whole(5),
    distort_limit=limit(0.3, within=Bounds(-0.95, 0.95, "shares of a cell")),
    **outside(),
    normalized=fixed(True, "leave it out; the whole image stays on the canvas"),
)
def _grid_distortion(call: Any) -> Steps:
    return [{"grid_distortion": {"steps": call.num_steps, "distortion": call.distort_limit, **warped(call)}}]
