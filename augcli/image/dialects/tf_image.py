"""tf.image, as it acts on images whose values lie between 0 and 1; between its calls nothing is rounded there.

Calls take no image here: `tf.image.random_brightness: {max_delta: 0.2}`.
"""

from __future__ import annotations

from typing import Any

from augcli.image.dialects import Entries, Parameter, Steps, Unsuited, refuse, registering
from augcli.image.dialects.reading import choice, flag, like, number, only, tidy, unneeded, whole, whole_value, wholes

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
    preserve_aspect_ratio=only(False, "write resize: {size: ...}, the shorter side"),
    antialias=flag(False),
)
def _resize(call: Any) -> Steps:
    """Shrinking is always antialiased here."""
    return [{"resize": {"size": call.size, "interpolation": call.method}}]


def _limits(call: Any) -> list[float]:
    if call.lower > call.upper:
        raise Unsuited(f"`{call.lower:g}` is above `upper`", f"write lower: {call.upper:g}", "lower")
    return [call.lower, call.upper]


_BOTH = {"lower": like(0.8, number()), "upper": like(1.2, number())}


@entry("image.random_brightness", max_delta=number())
def _random_brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": call.max_delta}}]


@entry("image.random_contrast", **_BOTH)
def _random_contrast(call: Any) -> Steps:
    return [{"contrast": {"factor": _limits(call), "pivot": "channel"}}]


@entry("image.random_saturation", **_BOTH)
def _random_saturation(call: Any) -> Steps:
    return [{"saturation": {"factor": _limits(call), "space": "hsv"}}]


@entry("image.random_hue", max_delta=number())
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


@entry("image.rot90", k=Parameter(_turns, 1))
def _rot90(call: Any) -> Steps:
    """`k: random` is any number of quarter turns, 0 to 3; [0, 1] is one of a range."""
    return [{"rotate90": {"times": call.k}}]


@entry("image.adjust_brightness", delta=number())
def _adjust_brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": [call.delta] * 2}}]


@entry("image.adjust_contrast", contrast_factor=like(1.2, number()))
def _adjust_contrast(call: Any) -> Steps:
    return [{"contrast": {"factor": [call.contrast_factor] * 2, "pivot": "channel"}}]


@entry("image.adjust_saturation", saturation_factor=like(1.2, number()))
def _adjust_saturation(call: Any) -> Steps:
    return [{"saturation": {"factor": [call.saturation_factor] * 2, "space": "hsv"}}]


@entry("image.adjust_hue", delta=number())
def _adjust_hue(call: Any) -> Steps:
    turns = tidy((call.delta + 0.5) % 1 - 0.5)
    return [{"hue": {"turns": [turns, turns]}}]


@entry("image.adjust_gamma", gamma=number(1), gain=only(1, "write brightness: {factor: [1.1, 1.1]} after it"))
def _adjust_gamma(call: Any) -> Steps:
    return [{"gamma": {"gamma": call.gamma}}]


@entry("image.random_jpeg_quality", min_jpeg_quality=like(50, whole()), max_jpeg_quality=like(95, whole()))
def _random_jpeg_quality(call: Any) -> Steps:
    """The upper end is not drawn, as there."""
    return [{"jpeg_compression": {"quality": [call.min_jpeg_quality, call.max_jpeg_quality - 1]}}]


@entry("image.adjust_jpeg_quality", jpeg_quality=like(75, whole()))
def _adjust_jpeg_quality(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": call.jpeg_quality}}]


@entry("image.rgb_to_grayscale")
def _rgb_to_grayscale(call: Any) -> Steps:
    """The number of channels stays; all are equal."""
    return [{"grayscale": {}}]


@entry("clip_by_value", clip_value_min=only(0, "leave it out"), clip_value_max=Parameter(lambda value: value, 1))
def _clip(call: Any) -> Steps:
    """Bytes never leave their range; nothing is done."""
    return []


refuse(
    ENTRIES,
    "image.central_crop",
    "keeps a share of each image, whose size differs",
    "write center_crop: {size: [height, width]}",
)
refuse(
    ENTRIES,
    "image.per_image_standardization",
    "needs the mean and deviation of each image",
    "leave it to the training code, or write normalize",
)
refuse(
    ENTRIES, "image.resize_with_pad", "fits the image into a box", "write resize: {size: 224, max_size: 256} and pad"
)
refuse(ENTRIES, "image.resize_with_crop_or_pad", "crops and pads", "write center_crop: {size: [height, width]}")
refuse(ENTRIES, "image.crop_to_bounding_box", "crops at a fixed place", "write center_crop or random_crop")
