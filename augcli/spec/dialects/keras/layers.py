"""Layers that Keras has had before its version 3: geometry, sizes, contrast and ranges of values."""

from __future__ import annotations

import math
from typing import Any

from augcli.problems import write
from augcli.spec.dialects.canonical import three
from augcli.spec.dialects.entry import Entries, Parameter, Steps
from augcli.spec.dialects.keras.declaration import MODES, entry_into, ranged_into
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number, numbers, whole
from augcli.spec.dialects.parameters.ranges import Span, limit, times, value
from augcli.spec.dialects.parameters.words import choice, fixed, flag, ignored, resize_method, steps, word
from augcli.spec.dialects.units import BRIGHTNESS, SHIFT, TURNS, Bounds, from_factors, rounded

ENTRIES: Entries = {}
entry, ranged = entry_into(ENTRIES), ranged_into(ENTRIES)

_INTERPOLATION = choice("nearest", "bilinear", default="bilinear")
_WARPED = {"fill_mode": word(MODES, "reflect"), "interpolation": _INTERPOLATION, "fill_value": colour(0)}


def _warped(call: Any) -> dict[str, Any]:
    return {"border": {"mode": call.fill_mode, "fill": call.fill_value}, "interpolation": call.interpolation}


@entry("Sequential", "Pipeline", layers=steps())
def _sequential(call: Any) -> Steps:
    return [{"sequence": {"steps": call.layers}}]


FLIPS: dict[str, Steps] = {
    "horizontal": [{"horizontal_flip": {"p": 0.5}}],
    "vertical": [{"vertical_flip": {"p": 0.5}}],
    "horizontal_and_vertical": [{"horizontal_flip": {"p": 0.5}}, {"vertical_flip": {"p": 0.5}}],
}


@entry("RandomFlip", mode=choice(*FLIPS, default="horizontal_and_vertical"))
def _flip(call: Any) -> Steps:
    """Both ways are drawn apart here; Keras 3.15.1 draws once for both."""
    return FLIPS[call.mode]


@entry("RandomRotation", factor=limit(within=TURNS), **_WARPED)
def _rotation(call: Any) -> Steps:
    """In parts of a full turn there: 0.1 is 36 degrees."""
    return [{"rotate": {"degrees": times(call.factor, 360), **_warped(call)}}]


def _about_one(span: Span) -> Span:
    return [rounded(1 + end) for end in span]


_ZOOMS = Bounds(-0.95, 1, "shares of the side", from_factors)


@entry("RandomZoom", height_factor=limit(within=_ZOOMS), width_factor=limit(None, within=_ZOOMS), **_WARPED)
def _zoom(call: Any) -> Steps:
    if call.width_factor is None:
        height = _about_one(call.height_factor)
        factor = {"x": height, "y": height}
    else:
        factor = {"x": _about_one(call.width_factor), "y": _about_one(call.height_factor)}
    return [{"zoom": {"factor": factor, "keep_ratio": call.width_factor is None, **_warped(call)}}]


@entry("RandomTranslation", height_factor=limit(within=SHIFT), width_factor=limit(within=SHIFT), **_WARPED)
def _translation(call: Any) -> Steps:
    return [{"translate": {"shift": {"x": call.width_factor, "y": call.height_factor}, **_warped(call)}}]


def _about_factors(parts: list[float]) -> str | None:
    if len(parts) != 2 or not 0 <= parts[0] <= 1 <= parts[1] <= 2:
        return None
    below, above = rounded(1 - parts[0]), rounded(parts[1] - 1)
    return write([below, above], note=f" for the factors [{parts[0]:g}, {parts[1]:g}]")


_CONTRASTS = value(within=Bounds(0, 1, "distances from 1", _about_factors))


def _contrasts(span: Any) -> Span:
    """Read the factor of RandomContrast: one number v is -v to v about 1, a pair (a, b) is 1-a to 1+b."""
    low, high = _CONTRASTS.read(span)
    return [rounded(1 - low), rounded(1 + high)]


CONTRAST = Parameter(_contrasts, words="a number v: 1-v to 1+v; [a, b]: 1-a to 1+b; 0 to 1")


@ranged("RandomContrast", factor=CONTRAST)
def contrast(call: Any) -> Steps:
    """As documented, 1-v to 1+v; Keras 3.15.1 draws from 1 to 1+v for one number."""
    return [{"contrast": {"factor": call.factor, "pivot": "channel"}}]


@ranged("RandomBrightness", factor=limit(within=BRIGHTNESS))
def brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": call.factor}}]


_SIDES = {"height": whole().with_example(224), "width": whole().with_example(224)}


@entry("RandomCrop", **_SIDES)
def _random_crop(call: Any) -> Steps:
    """A smaller image fails here; Keras cuts out its middle and enlarges it."""
    return [{"random_crop": {"size": [call.height, call.width]}}]


@entry("CenterCrop", **_SIDES)
def _center_crop(call: Any) -> Steps:
    """A smaller image is padded here; Keras enlarges it. Odd differences may differ by 1 px."""
    return [{"center_crop": {"size": [call.height, call.width]}}]


@entry(
    "Resizing",
    **_SIDES,
    interpolation=resize_method(),
    crop_to_aspect_ratio=fixed(False, "leave it out, or write resize and center_crop"),
    pad_to_aspect_ratio=fixed(False, "leave it out, or write resize and pad"),
    fill_mode=ignored("constant"),
    fill_value=ignored(0.0),
    antialias=flag(False),
)
def _resizing(call: Any) -> Steps:
    """Shrinking is always antialiased here."""
    return [{"resize": {"size": [call.height, call.width], "interpolation": call.interpolation}}]


@entry("Rescaling", scale=number().with_example(0.003921568627), offset=number(0.0))
def _rescaling(call: Any) -> Steps:
    return [{"rescale": {"scale": call.scale, "offset": call.offset}}]


@entry(
    "Normalization",
    axis=ignored(-1),
    mean=numbers(1, 3).with_example([124, 116, 104]),
    variance=numbers(1, 3).with_example([3410, 3263, 3291]),
    invert=fixed(False, "leave it out"),
)
def _normalization(call: Any) -> Steps:
    std = [rounded(math.sqrt(max(part, 1e-14))) for part in three(call.variance)]
    return [{"normalize": {"mean": three(call.mean), "std": std, "max_pixel_value": 1}}]
