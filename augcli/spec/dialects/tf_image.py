"""tf.image, as it acts on images whose values lie between 0 and 1; between its calls nothing is rounded there.

Calls take no image here: `tf.image.random_brightness: {max_delta: 0.2}`.
"""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled, write_settings
from augcli.spec.dialects.canonical import TRANSPOSED, resized_to_longest_side
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable, refuse, register_into
from augcli.spec.dialects.parameters.numbers import number, whole, wholes
from augcli.spec.dialects.parameters.ranges import whole_value
from augcli.spec.dialects.parameters.words import fixed, flag, ignored, resize_method
from augcli.spec.dialects.units import (
    BRIGHTNESS,
    PIXELS,
    QUALITY,
    Bounds,
    at_least,
    converted,
    from_factors_or_levels,
    rounded,
)

ENTRIES: Entries = {}
entry = register_into(ENTRIES, {"seed": ignored()})


@entry("image.random_crop", size=wholes(2, 3).with_example([200, 200, 3]))
def _random_crop(call: Any) -> Steps:
    """A smaller image fails, as there."""
    return [{"random_crop": {"size": call.size[:2]}}]


_METHOD = resize_method()


@entry(
    "image.resize",
    size=wholes(2).with_example([224, 224]),
    method=_METHOD,
    preserve_aspect_ratio=fixed(False, "leave it out, or write resize: {size: 224}, the shorter side"),
    antialias=flag(False),
)
def _resize(call: Any) -> Steps:
    """Shrinking is always antialiased here."""
    return [{"resize": {"size": call.size, "interpolation": call.method}}]


def _box(call: Any) -> list[int]:
    return [call.target_height, call.target_width]


_TARGET = dict.fromkeys(("target_height", "target_width"), whole(within=PIXELS).with_example(224))
_BLACK = {"mode": "constant", "fill": 0}


@entry("image.resize_with_pad", **_TARGET, method=_METHOD, antialias=flag(False))
def _resize_with_pad(call: Any) -> Steps:
    """Into square boxes alone. Shrinking is always antialiased here."""
    height, width = _box(call)
    if height != width:
        help = f"write target_width: {height}; tf.image.resize stretches"
        raise Untranslatable(f"`{width}` is not `target_height`; only square boxes are offered", help, "target_width")
    return [
        resized_to_longest_side(height, call.method),
        {"pad": {"size": [height, width], "border": _BLACK}},
    ]


@entry("image.resize_with_crop_or_pad", **_TARGET)
def _resize_with_crop_or_pad(call: Any) -> Steps:
    """Nothing is resized: the middle is cut out, or padded. An odd difference may be cut 1 px elsewhere."""
    return [{"center_crop": {"size": _box(call), "border": _BLACK}}]


def _limits(call: Any, fixed: str) -> list[float]:
    if call.lower > call.upper:
        help = write_settings(lower=call.upper, upper=call.lower)
        raise Untranslatable(f"`{call.lower:g}` is above `upper`", help, "lower")
    if call.lower == call.upper:
        raise Untranslatable(f"`{call.lower:g}` is `upper` too", f"write tf.image.{fixed}: {call.lower:g}}}", "lower")
    return [call.lower, call.upper]


_BOTH = {"lower": number(within=at_least(0)).with_example(0.8), "upper": number(within=at_least(0)).with_example(1.2)}
_LIGHTER = Bounds(0, 1, "shares of the full range", from_factors_or_levels)
_TURNS = Bounds(0, 0.5, "parts of the full circle", converted(360, "degrees", 180))


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
    return TRANSPOSED


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


@entry("image.adjust_brightness", delta=number(within=BRIGHTNESS))
def _adjust_brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": [call.delta] * 2}}]


@entry("image.adjust_contrast", contrast_factor=number(within=at_least(0)).with_example(1.2))
def _adjust_contrast(call: Any) -> Steps:
    return [{"contrast": {"factor": [call.contrast_factor] * 2, "pivot": "channel"}}]


@entry("image.adjust_saturation", saturation_factor=number(within=at_least(0)).with_example(1.2))
def _adjust_saturation(call: Any) -> Steps:
    return [{"saturation": {"factor": [call.saturation_factor] * 2, "space": "hsv"}}]


@entry("image.adjust_hue", delta=number())
def _adjust_hue(call: Any) -> Steps:
    turns = rounded((call.delta + 0.5) % 1 - 0.5)
    return [{"hue": {"turns": [turns, turns]}}]


@entry(
    "image.adjust_gamma",
    gamma=number(1, within=Bounds(0.01, 100)),
    gain=fixed(1, "leave it out, and write brightness: {factor: [1.1, 1.1]} after it"),
)
def _adjust_gamma(call: Any) -> Steps:
    return [{"gamma": {"gamma": call.gamma}}]


_QUALITIES = {
    "min_jpeg_quality": whole(within=QUALITY).with_example(50),
    "max_jpeg_quality": whole(within=QUALITY).with_example(95),
}


@entry("image.random_jpeg_quality", **_QUALITIES)
def _random_jpeg_quality(call: Any) -> Steps:
    """The upper end is not drawn, as there."""
    low, high = call.min_jpeg_quality, call.max_jpeg_quality
    if low >= high:
        help = f"write tf.image.adjust_jpeg_quality: {{jpeg_quality: {low}}}"
        if low > high:
            help = write_settings(min_jpeg_quality=high, max_jpeg_quality=low)
        raise Untranslatable(f"`{low}` is not below `max_jpeg_quality`", help, "min_jpeg_quality")
    return [{"jpeg_compression": {"quality": [low, high - 1]}}]


@entry("image.adjust_jpeg_quality", jpeg_quality=whole(within=QUALITY).with_example(75))
def _adjust_jpeg_quality(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": call.jpeg_quality}}]


@entry("image.rgb_to_grayscale")
def _rgb_to_grayscale(call: Any) -> Steps:
    """The number of channels stays; all are equal."""
    return [{"grayscale": {}}]


def _end_of_range(value: Any) -> Any:
    if value not in (1, 255):
        raise Untranslatable(
            f"expected 1 or 255, got {spelled(value)}", "leave it out; bytes cannot be clipped to less"
        )
    return value


@entry(
    "clip_by_value",
    clip_value_min=fixed(0, "leave it out"),
    clip_value_max=Parameter(_end_of_range, 1, words="1 or 255"),
)
def _clip(call: Any) -> Steps:
    """Bytes never leave their range; nothing is done."""
    return []


ENTRIES |= refuse(
    {
        "image.central_crop": (
            "keeps a share of each image, whose size differs",
            "write center_crop: {size: [224, 224]}",
        ),
        "image.per_image_standardization": (
            "needs the mean and deviation of each image",
            "leave it out: training code does it",
        ),
        "image.crop_to_bounding_box": (
            "crops at a fixed place",
            "write center_crop: {size: 224} or random_crop: {size: 224}",
        ),
        "image.crop_and_resize": ("crops at fixed places", "write random_resized_crop: {size: 224}"),
        "image.random_rotation": ("is no call of tf.image", "write keras.RandomRotation: {factor: 0.1}, or rotate"),
        "image.random_zoom": ("is no call of tf.image", "write keras.RandomZoom: {height_factor: 0.1}, or zoom"),
        "image.random_shift": (
            "is no call of tf.image",
            "write keras.RandomTranslation: {height_factor: 0.1, width_factor: 0.1}, or translate",
        ),
        "image.random_shear": ("is no call of tf.image", "write shear"),
        "image.pad_to_bounding_box": ("puts the image at a fixed place", "write pad: {size: [224, 224]}"),
        "image.sample_distorted_bounding_box": ("makes a box, and no image", "write random_resized_crop: {size: 224}"),
        "image.convert_image_dtype": ("images are bytes here", "leave it out"),
    }
)
