"""tf.image, as it acts on images whose values lie between 0 and 1; between its calls nothing is rounded there.

Calls take no image here: `tf.image.random_brightness: {max_delta: 0.2}`.
"""

from __future__ import annotations

from typing import Any

from augcli.image.dialects import Entries, Parameter, Steps, Unsuited, refuse, registering
from augcli.image.dialects.bounds import (
    LIGHT,
    PIXELS,
    QUALITY,
    Bounds,
    at_least,
    counted,
    factors_or_levels,
    tidy,
)
from augcli.image.dialects.reading import (
    choice,
    flag,
    like,
    number,
    only,
    unneeded,
    whole,
    whole_value,
    wholes,
)
from augcli.problems import spelled, write_settings

ENTRIES: Entries = {}
entry = registering(ENTRIES, seed=unneeded())


@entry("image.random_crop", size=like([200, 200, 3], wholes(2, 3)))
def _random_crop(call: Any) -> Steps:
    """A smaller image fails, as there."""
    return [{"random_crop": {"size": call.size[:2]}}]


_METHOD = choice(
    *("nearest", "bilinear", "bicubic"),
    default="bilinear",
    others=dict.fromkeys(("area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"), "write bilinear or bicubic"),
)


@entry(
    "image.resize",
    size=like([224, 224], wholes(2)),
    method=_METHOD,
    preserve_aspect_ratio=only(False, "leave it out, or write resize: {size: 224}, the shorter side"),
    antialias=flag(False),
)
def _resize(call: Any) -> Steps:
    """Shrinking is always antialiased here."""
    return [{"resize": {"size": call.size, "interpolation": call.method}}]


def _box(call: Any) -> list[int]:
    return [call.target_height, call.target_width]


_TARGET = dict.fromkeys(("target_height", "target_width"), like(224, whole(within=PIXELS)))


@entry("image.resize_with_pad", **_TARGET, method=_METHOD, antialias=flag(False))
def _resize_with_pad(call: Any) -> Steps:
    """Into square boxes alone. Shrinking is always antialiased here."""
    height, width = _box(call)
    if height != width:
        help = f"write target_width: {height}; tf.image.resize stretches"
        raise Unsuited(f"`{width}` is not `target_height`; only square boxes are offered", help, "target_width")
    most = 32766  # of the shorter side, so that only the cap on the longer one counts
    return [
        {"resize": {"size": most, "max_size": height, "interpolation": call.method}},
        {"pad": {"size": [height, width], "border": _BLACK}},
    ]


_BLACK = {"mode": "constant", "fill": 0}


@entry("image.resize_with_crop_or_pad", **_TARGET)
def _resize_with_crop_or_pad(call: Any) -> Steps:
    """Nothing is resized: the middle is cut out, or padded. An odd difference may be cut 1 px elsewhere."""
    return [{"center_crop": {"size": _box(call), "border": _BLACK}}]


def _limits(call: Any, fixed: str) -> list[float]:
    if call.lower > call.upper:
        help = write_settings(lower=call.upper, upper=call.lower)
        raise Unsuited(f"`{call.lower:g}` is above `upper`", help, "lower")
    if call.lower == call.upper:
        raise Unsuited(f"`{call.lower:g}` is `upper` too", f"write tf.image.{fixed}: {call.lower:g}}}", "lower")
    return [call.lower, call.upper]


_BOTH = {"lower": like(0.8, number(within=at_least(0))), "upper": like(1.2, number(within=at_least(0)))}
_LIGHTER = Bounds(0, 1, "shares of the full range", factors_or_levels)
_TURNS = Bounds(0, 0.5, "parts of the full circle", counted(360, "degrees", 180))


@entry("image.random_brightness", max_delta=number(within=_LIGHTER))
def _random_brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": call.max_delta}}]


@entry("image.random_contrast", **_BOTH)
def _random_contrast(call: Any) -> Steps:
    return [{"contrast": {"factor": _limits(call, "adjust_contrast: {contrast_factor"), "pivot": "channel"}}]


@entry("image.random_saturation", **_BOTH)
def _random_saturation(call: Any) -> Steps:
    return [{"saturation": {"factor": _limits(call, "adjust_saturation: {saturation_factor"), "space": "hsv"}}]


@entry("image.random_hue", max_delta=number(within=_TURNS))
def _random_hue(call: Any) -> Steps:
    return [{"hue": {"turns": call.max_delta}}]


@entry("image.random_flip_left_right", p=0.5)
@entry("image.flip_left_right")
def _flip_left_right(call: Any) -> Steps:
    return [{"horizontal_flip": {}}]


@entry("image.random_flip_up_down", p=0.5)
@entry("image.flip_up_down")
def _flip_up_down(call: Any) -> Steps:
    return [{"vertical_flip": {}}]


@entry("image.transpose")
def _transpose(call: Any) -> Steps:
    return [{"rotate90": {"times": 1}}, {"vertical_flip": {"p": 1}}]


def _turns(given: Any) -> list[float]:
    if given == "random":
        return [0, 3]
    low, high = whole_value().read(given)
    if low == high:
        return [low % 4, low % 4]
    return [low, high]


@entry("image.rot90", k=Parameter(_turns, 1, words="a whole number of quarter turns; [a, b]: a to b; random"))
def _rot90(call: Any) -> Steps:
    """`k: random` is any number of quarter turns, 0 to 3; [0, 1] is one of a range."""
    return [{"rotate90": {"times": call.k}}]


@entry("image.adjust_brightness", delta=number(within=LIGHT))
def _adjust_brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": [call.delta] * 2}}]


@entry("image.adjust_contrast", contrast_factor=like(1.2, number(within=at_least(0))))
def _adjust_contrast(call: Any) -> Steps:
    return [{"contrast": {"factor": [call.contrast_factor] * 2, "pivot": "channel"}}]


@entry("image.adjust_saturation", saturation_factor=like(1.2, number(within=at_least(0))))
def _adjust_saturation(call: Any) -> Steps:
    return [{"saturation": {"factor": [call.saturation_factor] * 2, "space": "hsv"}}]


@entry("image.adjust_hue", delta=number())
def _adjust_hue(call: Any) -> Steps:
    turns = tidy((call.delta + 0.5) % 1 - 0.5)
    return [{"hue": {"turns": [turns, turns]}}]


@entry(
    "image.adjust_gamma",
    gamma=number(1, within=Bounds(0.01, 100)),
    gain=only(1, "leave it out, and write brightness: {factor: [1.1, 1.1]} after it"),
)
def _adjust_gamma(call: Any) -> Steps:
    return [{"gamma": {"gamma": call.gamma}}]


_QUALITIES = {
    "min_jpeg_quality": like(50, whole(within=QUALITY)),
    "max_jpeg_quality": like(95, whole(within=QUALITY)),
}


@entry("image.random_jpeg_quality", **_QUALITIES)
def _random_jpeg_quality(call: Any) -> Steps:
    """The upper end is not drawn, as there."""
    low, high = call.min_jpeg_quality, call.max_jpeg_quality
    if low >= high:
        help = f"write tf.image.adjust_jpeg_quality: {{jpeg_quality: {low}}}"
        if low > high:
            help = write_settings(min_jpeg_quality=high, max_jpeg_quality=low)
        raise Unsuited(f"`{low}` is not below `max_jpeg_quality`", help, "min_jpeg_quality")
    return [{"jpeg_compression": {"quality": [low, high - 1]}}]


@entry("image.adjust_jpeg_quality", jpeg_quality=like(75, whole(within=QUALITY)))
def _adjust_jpeg_quality(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": call.jpeg_quality}}]


@entry("image.rgb_to_grayscale")
def _rgb_to_grayscale(call: Any) -> Steps:
    """The number of channels stays; all are equal."""
    return [{"grayscale": {}}]


def _end_of_range(value: Any) -> Any:
    if value not in (1, 255):
        raise Unsuited(f"expected 1 or 255, got {spelled(value)}", "leave it out; bytes cannot be clipped to less")
    return value


@entry(
    "clip_by_value",
    clip_value_min=only(0, "leave it out"),
    clip_value_max=Parameter(_end_of_range, 1, words="1 or 255"),
)
def _clip(call: Any) -> Steps:
    """Bytes never leave their range; nothing is done."""
    return []


for _name, _what, _help in (
    ("central_crop", "keeps a share of each image, whose size differs", "write center_crop: {size: [224, 224]}"),
    (
        "per_image_standardization",
        "needs the mean and deviation of each image",
        "leave it out: training code does it",
    ),
    ("crop_to_bounding_box", "crops at a fixed place", "write center_crop: {size: 224} or random_crop: {size: 224}"),
    ("crop_and_resize", "crops at fixed places", "write random_resized_crop: {size: 224}"),
    ("random_rotation", "is no call of tf.image", "write keras.RandomRotation: {factor: 0.1}, or rotate"),
    ("random_zoom", "is no call of tf.image", "write keras.RandomZoom: {height_factor: 0.1}, or zoom"),
    (
        "random_shift",
        "is no call of tf.image",
        "write keras.RandomTranslation: {height_factor: 0.1, width_factor: 0.1}, or translate",
    ),
    ("random_shear", "is no call of tf.image", "write shear"),
    ("pad_to_bounding_box", "puts the image at a fixed place", "write pad: {size: [224, 224]}"),
    ("sample_distorted_bounding_box", "makes a box, and no image", "write random_resized_crop: {size: 224}"),
    ("convert_image_dtype", "images are bytes here", "leave it out"),
):
    refuse(ENTRIES, f"image.{_name}", _what, _help)
