"""Colours and tones, as Albumentations names them. Hue is in half degrees, gamma in percent."""

from __future__ import annotations

from typing import Any

from augcli.problems import write
from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.canonical import same_settings
from augcli.spec.dialects.entry import Entries, Steps, Untranslatable
from augcli.spec.dialects.parameters.numbers import equal_numbers
from augcli.spec.dialects.parameters.ranges import factor, limit, pair, times, up_to, value, whole_value
from augcli.spec.dialects.parameters.words import choice, fixed, flag, ignored, not_offered
from augcli.spec.dialects.units import BRIGHTNESS, FACTOR, HUE, INTENSITY, LEVELS, Bounds, rounded

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)

_ADDED = Bounds(-100, 99, "what is added to 1")


@entry(
    "RandomBrightnessContrast",
    p=0.5,
    brightness_limit=limit(0.2, within=BRIGHTNESS),
    contrast_limit=limit(0.2, within=_ADDED),
    brightness_by_max=flag(True),
    ensure_safe_range=fixed(False, "leave it out; what leaves 0 to 255 is clipped"),
)
def _brightness_contrast(call: Any) -> Steps:
    contrast = [rounded(max(0, 1 + end)) for end in call.contrast_limit]
    settings = {"brightness": call.brightness_limit, "contrast": contrast, "by_max": call.brightness_by_max}
    return [{"brightness_contrast": settings}]


@entry("RandomBrightness", p=0.5, limit=limit(0.2, within=BRIGHTNESS))
def _brightness(call: Any) -> Steps:
    return [{"brightness_contrast": {"brightness": call.limit, "contrast": [1, 1]}}]


@entry("RandomContrast", p=0.5, limit=limit(0.2, within=_ADDED))
def _contrast(call: Any) -> Steps:
    return [{"brightness_contrast": {"brightness": 0, "contrast": [rounded(max(0, 1 + end)) for end in call.limit]}}]


@entry(
    "HueSaturationValue",
    p=0.5,
    hue_shift_limit=limit(20, within=Bounds(-90, 90, "half degrees", "write 90 for all hues, 10 for 20 degrees")),
    sat_shift_limit=limit(30, within=LEVELS),
    val_shift_limit=limit(20, within=LEVELS),
)
def _hue_saturation_value(call: Any) -> Steps:
    """Hue counts half degrees there, turns here: 20 are 0.111. Grey stays grey, as today."""
    hue = [rounded(end / 180) for end in call.hue_shift_limit]
    settings = {"saturation": call.sat_shift_limit, "value": call.val_shift_limit}
    return [{"hue_saturation_value": {"hue": hue, **settings}}]


@entry("RGBShift", p=0.5, **dict.fromkeys([f"{band}_shift_limit" for band in "rgb"], limit(20, within=LEVELS)))
def _rgb_shift(call: Any) -> Steps:
    """In levels; 2.0.8 takes limits up to 1 as shares of 255."""
    return [{"rgb_shift": {"red": call.r_shift_limit, "green": call.g_shift_limit, "blue": call.b_shift_limit}}]


def _in_percent(parts: list[float]) -> str:
    shown = [100 * part for part in parts]
    return write(shown[0] if len(shown) == 1 else shown, note=" in percent")


_GAMMAS = Bounds(1, 10000, "percent", _in_percent)


@entry("RandomGamma", p=0.5, gamma_limit=up_to(1, [80, 120], within=_GAMMAS), eps=ignored())
def _gamma(call: Any) -> Steps:
    """In percent there, the exponent itself here."""
    return [{"gamma": {"gamma": times(call.gamma_limit, 0.01)}}]


@entry(
    "ColorJitter",
    p=0.5,
    **dict.fromkeys(("brightness", "contrast", "saturation"), factor([0.8, 1.2], within=FACTOR)),
    hue=limit([-0.5, 0.5], within=HUE, signed=False),
)
def _color_jitter(call: Any) -> Steps:
    return [{"color_jitter": same_settings(call, "brightness", "contrast", "saturation", "hue")}]


_METHOD = choice("weighted_average", default="weighted_average")


@entry("ToGray", p=0.5, num_output_channels=fixed(3, "leave it out; the channels stay"), method=_METHOD)
def _to_gray(call: Any) -> Steps:
    return [{"grayscale": {}}]


@entry("ChannelShuffle", p=0.5)
def _channel_shuffle(call: Any) -> Steps:
    return [{"channel_shuffle": {}}]


@entry(
    "CLAHE",
    p=0.5,
    clip_limit=up_to(1, 4.0, within=Bounds(0, 100)),
    tile_grid_size=equal_numbers(2, [8, 8]),
)
def _clahe(call: Any) -> Steps:
    return [{"clahe": {"clip_limit": call.clip_limit, "tiles": call.tile_grid_size}}]


@entry(
    "Equalize",
    p=0.5,
    mode=choice("cv", "pil", default="cv"),
    by_channels=fixed(True, "leave it out; each channel is equalized"),
    mask=not_offered("leave it out"),
    mask_params=ignored(),
)
def _equalize(call: Any) -> Steps:
    """Pillow's table; both of the library's differ from it, by 2 to 4 levels on average."""
    return [{"equalize": {}}]


@entry("InvertImg", p=0.5)
def _invert(call: Any) -> Steps:
    return [{"invert": {}}]


@entry("Posterize", p=0.5, num_bits=whole_value(4, within=Bounds(0, 8)))
def _posterize(call: Any) -> Steps:
    return [{"posterize": {"bits": call.num_bits}}]


_THRESHOLDS = Bounds(0, 256, "levels")


@entry(
    "Solarize",
    p=0.5,
    threshold_range=pair([0.5, 0.5], within=INTENSITY),
    threshold=value(None, within=_THRESHOLDS),
)
def _solarize(call: Any) -> Steps:
    """`threshold_range` is a share of 255, the `threshold` of old in levels."""
    if call.threshold is not None:
        return [{"solarize": {"threshold": call.threshold}}]
    return [{"solarize": {"threshold": times(call.threshold_range, 255)}}]


@entry(
    "AutoContrast",
    p=0.5,
    cutoff=fixed(0, "leave it out; the darkest and the lightest value count"),
    ignore=not_offered("leave it out"),
    method=choice("cdf", "pil", default="cdf").with_example("pil"),
)
def _autocontrast(call: Any) -> Steps:
    if call.method == "cdf":
        raise Untranslatable("`cdf` is not offered; it spreads values by their ranks", "write method: pil", "method")
    return [{"autocontrast": {}}]
