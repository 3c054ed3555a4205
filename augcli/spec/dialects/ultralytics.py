"""Ultralytics 8.4: the augmentation arguments of a training, all in one call, with what they mean there.

`augment` is what images of boxes, shapes and keypoints go through there, `classify` what those of classes do.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from augcli.spec.dialects.canonical import resized_to_longest_side
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable, refuse, register_into
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.ranges import factor
from augcli.spec.dialects.parameters.words import choice, fixed, ignored
from augcli.spec.dialects.units import FRACTION, PIXELS, SHIFT_LIMIT, Bounds, converted, rounded

ENTRIES: Entries = {}
entry = register_into(ENTRIES)

_BLACK = {"mode": "constant", "fill": 0}
_GREY = {"mode": "constant", "fill": 114}
_HUE = Bounds(0, 0.5, "parts of the full circle, of which 0.5 is all", converted(360, "degrees", 180))
_SHEAR = Bounds(0, 80, "degrees", "less than 90 degrees, where nothing is left")
_SCALE = Bounds(0.05, 20, "factors", "write 0.9 for factors of 0.1 to 1.9")

_COMMON = {
    "hsv_h": number(0.015, within=_HUE),
    "hsv_s": number(0.7, within=FRACTION),
    "hsv_v": number(0.4, within=FRACTION),
    "flipud": number(0.0, within=FRACTION),
    "fliplr": number(0.5, within=FRACTION),
    "close_mosaic": ignored(10),
}

_WITHOUT_CLASSES = ("degrees", "translate", "shear", "perspective", "bgr", "mosaic", "mixup", "cutmix", "copy_paste")


def _side_or_none() -> Parameter:
    side = whole(within=PIXELS)
    words = f"{side.words}; null: each image keeps its size"
    return Parameter(lambda value: None if value is None else side.read(value), 640, words=words)


@entry(
    "augment",
    imgsz=_side_or_none(),
    degrees=number(0.0, within=Bounds(0, 360, "degrees")),
    translate=number(0.1, within=SHIFT_LIMIT),
    scale=factor(0.5, within=_SCALE),
    shear=number(0.0, within=_SHEAR),
    perspective=fixed(0.0, "write 0, and perspective: {distortion_scale: [0, 0.3]} before it"),
    **_COMMON,
    bgr=fixed(0.0, "write 0, and channel_shuffle, which draws all orders of the channels"),
    mosaic=number(1.0, within=FRACTION),
    mixup=number(0.0, within=FRACTION),
    cutmix=number(0.0, within=FRACTION),
    copy_paste=fixed(0.0, "write 0"),
    copy_paste_mode=ignored("flip"),
    auto_augment=ignored("randaugment"),
    erasing=ignored(0.4),
)
def _augment(call: Any) -> Steps:
    """Brings the longer side to `imgsz`, and all to a square, as a training does; `imgsz: null` leaves that out. Turns
    are about the middle, there half a pixel beside it; shifts are whole pixels; of two shears x goes first. `cutmix`
    takes any box, there one that covers no object. The blurs that come in there with Albumentations are left out.
    """
    mixes = [name for name in _ALPHAS if getattr(call, name)]
    for one, other in pairwise([*(["mosaic"] if call.mosaic else []), *mixes]):
        what = f"`{getattr(call, other):g}` stands beside `{one}`; only one mixing step per pipeline"
        raise Untranslatable(what, f"write {one}: 0, or {other}: 0", other)
    if call.mosaic and call.imgsz is None:
        raise Untranslatable("a mosaic is cut to `imgsz`", "write mosaic: 0, or imgsz: 640", "imgsz")
    steps: Steps = []
    if call.imgsz is not None:
        steps += [resized_to_longest_side(call.imgsz, "bilinear")]
        if call.mosaic:
            steps += [{"whole_mosaic": {"fold": False, "border": _GREY, "p": call.mosaic}}]
        steps += [{"center_crop": {"size": call.imgsz, "border": _GREY}}]
    motion = {"degrees": call.degrees, "translate": call.translate, "shear": call.shear}
    if any(motion.values()) or call.scale != [1, 1]:
        steps += [{"affine": {**motion, "scale": call.scale, "shear_last": bool(call.shear), "border": _GREY}}]
    steps += [{name: {"alpha": _ALPHAS[name], "fold": False, "p": getattr(call, name)}} for name in mixes[:1]]
    if call.hsv_h or call.hsv_s or call.hsv_v:
        factors = {"saturation_factor": call.hsv_s, "value_factor": call.hsv_v}
        steps += [{"hue_saturation_value": {"hue": call.hsv_h, "saturation": 0, "value": 0, **factors}}]
    return steps + _flipped(call)


_ALPHAS = {"mixup": 32, "cutmix": 1}


def _flipped(call: Any) -> Steps:
    flips = {"vertical_flip": call.flipud, "horizontal_flip": call.fliplr}
    return [{name: {"p": p}} for name, p in flips.items() if p]


_POLICIES: dict[str, Steps] = {
    "randaugment": [{"rand_augment": {"border": _BLACK}}],
    "autoaugment": [{"auto_augment": {"border": _BLACK}}],
    "augmix": [{"augmix": {"chain_depth": [1, 3], "border": _BLACK}}],
}


def _policy() -> Parameter:
    policy = choice(*_POLICIES)
    words = f"{policy.words}; null: colours alone"
    return Parameter(lambda value: None if value is None else policy.read(value), "randaugment", words=words)


@entry(
    "classify",
    imgsz=whole(640, within=PIXELS),
    scale=number(0.5, within=Bounds(0, 0.9999, "what the least share of the area lacks of 1")),
    **_COMMON,
    auto_augment=_policy(),
    erasing=number(0.4, within=FRACTION),
    **dict.fromkeys(_WITHOUT_CLASSES, ignored(0)),
)
def _classify(call: Any) -> Steps:
    """As there, a policy stands in for the colours: `hsv_h`, `hsv_s` and `hsv_v` count with `auto_augment: null` alone.
    What moves boxes does nothing.
    """
    steps: Steps = [{"random_resized_crop": {"size": call.imgsz, "scale": [rounded(1 - call.scale), 1]}}]
    steps += [{name: {"p": p}} for name, p in (("horizontal_flip", call.fliplr), ("vertical_flip", call.flipud)) if p]
    if call.auto_augment is not None:
        steps += _POLICIES[call.auto_augment]
    elif call.hsv_h or call.hsv_s or call.hsv_v:
        colours = {"brightness": call.hsv_v, "contrast": call.hsv_v, "saturation": call.hsv_s, "hue": call.hsv_h}
        steps += [{"color_jitter": colours}]
    return steps + ([{"random_erasing": {"p": call.erasing}}] if call.erasing else [])


ENTRIES |= refuse(
    {
        "train": ("is a training", "write ultralytics.augment with its augmentation arguments"),
        "RandomPerspective": ("is a part of augment", "write ultralytics.augment: {degrees: 10}"),
        "RandomHSV": ("is a part of augment", "write ultralytics.augment: {hsv_h: 0.015}"),
        "RandomFlip": ("is a part of augment", "write ultralytics.augment: {fliplr: 0.5}"),
        "LetterBox": (
            "pads with grey up to a size",
            "write pad: {size: 640, border: {mode: constant, fill: 114}}, and resize before it",
        ),
        "Mosaic": ("puts four images together", "write ultralytics.augment: {mosaic: 1.0}"),
        "MixUp": ("mixes two images", "write mixup: {alpha: 32}"),
        "CutMix": ("mixes two images", "write cutmix"),
        "CopyPaste": ("pastes objects of another image", "leave it out: training code does it"),
        "Albumentations": ("holds transforms of Albumentations", "write them as albumentations.Blur and so on"),
    }
)
