"""Layers that came with Keras 3: colour, blur, erasing and mixes of two images."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable
from augcli.spec.dialects.keras.declaration import entry_into, ranged_into
from augcli.spec.dialects.keras.layers import CONTRAST, brightness, contrast
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import equal_numbers, number
from augcli.spec.dialects.parameters.ranges import Span, limit, times, up_to, value, whole_up_to
from augcli.spec.dialects.units import BRIGHTNESS, FRACTION, Bounds, converted, rounded

ENTRIES: Entries = {}
entry, ranged = entry_into(ENTRIES), ranged_into(ENTRIES)


def _shares(default: Any) -> Parameter:
    """Read a range within 0 to 1; one number v is 0 to v."""
    return up_to(0, default, within=FRACTION)


def _chance(span: Span) -> float:
    """Return the probability of what happens with a probability that is drawn between two ends."""
    return rounded((span[0] + span[1]) / 2)


@ranged("RandomErasing", factor=_shares(1.0), scale=_shares([0.02, 0.33]), fill_value=colour(None))
def _erasing(call: Any) -> Steps:
    """Sides are drawn apart, as there, but uniformly between the same ends. Noise is uniform too."""
    # A share below 1 is one of the side; 1 itself would be a pixel.
    ends = [rounded(min(math.sqrt(end), 0.999999)) for end in call.scale]
    fill = "random" if call.fill_value is None else call.fill_value
    return [{"coarse_dropout": {"holes": 1, "height": ends, "width": ends, "fill": fill, "p": _chance(call.factor)}}]


@ranged(
    "RandomGaussianBlur",
    factor=_shares(1.0),
    kernel_size=equal_numbers(2, 3),
    sigma=up_to(0, 1.0, within=Bounds(0, 1, "pixels")),
)
def _gaussian_blur(call: Any) -> Steps:
    """One sigma for both sides; Keras draws two. The border mirrors here, and is black there."""
    sigma = [max(0.01, end) for end in call.sigma]
    return [{"gaussian_blur": {"kernel_size": call.kernel_size, "sigma": sigma, "p": _chance(call.factor)}}]


@entry("RandomGrayscale", factor=number(0.5, within=FRACTION))
def _grayscale(call: Any) -> Steps:
    return [{"grayscale": {"p": call.factor}}]


_HUES = Bounds(0, 1, "half turns", converted(180, "degrees"))


@ranged("RandomHue", factor=up_to(0, within=_HUES))
def _hue(call: Any) -> Steps:
    """In half turns there, with a sign of its own: 0.5 is a quarter of the circle, either way."""
    low, high = times(call.factor, 0.5)
    if low == 0:
        return [{"hue": {"turns": [rounded(-high), high]}}]
    ways: Steps = [{"hue": {"turns": [-high, -low]}}, {"hue": {"turns": [low, high]}}]
    return [{"one_of": {"steps": ways}}]


def _saturations(span: Any) -> Span:
    low, high = value().read(span)
    if not isinstance(span, (list, tuple)):
        what = f"one number draws from {-abs(span):g} to {abs(span):g}, and below 0 all colour is lost"
        raise Untranslatable(what, "write [0.4, 0.6], a pair about 0.5, which changes nothing")
    if high > 1 and low >= 0:
        shares = [f"{end / (1 + end):.3g}" for end in (low, high)]
        help = f"write [{', '.join(shares)}] for the factors [{low:g}, {high:g}]"
        raise Untranslatable(f"`{high:g}` is out of bounds; 0 to 1 is allowed, where 0.5 changes nothing", help)
    FRACTION.check(low, high, written=span)
    return [rounded(end / (1 - end)) if end < 0.99 else 100 for end in (low, high)]


_SATURATION = Parameter(_saturations, words="[a, b]: a to b; 0 to 1, where 0.5 changes nothing")


@ranged("RandomSaturation", factor=_SATURATION.with_example([0.4, 0.6]))
def _saturation(call: Any) -> Steps:
    """0.5 changes nothing there: f is a factor of f / (1 - f). Between its ends the factor is uniform here, f there."""
    return [{"saturation": {"factor": call.factor, "space": "hsv"}}]


@ranged(
    "RandomColorJitter",
    brightness_factor=limit(None, within=BRIGHTNESS).with_example(0.2),
    contrast_factor=replace(CONTRAST, default=None),
    saturation_factor=replace(_SATURATION, default=None),
    hue_factor=up_to(0, None, within=_HUES),
)
def _color_jitter(call: Any) -> Steps:
    """In this order, as there; each as its own layer."""
    made: Steps = []
    for name, layer in (
        ("brightness_factor", brightness),
        ("contrast_factor", contrast),
        ("saturation_factor", _saturation),
        ("hue_factor", _hue),
    ):
        call.factor = getattr(call, name)
        if call.factor is not None:
            made += layer(call)
    return made


@ranged("RandomSharpness", factor=up_to(0, within=FRACTION))
def _sharpness(call: Any) -> Steps:
    """0.5 changes nothing there, 1 here. The outermost pixels stay as they are."""
    return [{"sharpness": {"factor": times(call.factor, 2)}}]


def _bits(span: Any) -> Span:
    low, high = whole_up_to(1).read(span)
    if not 1 <= low <= high <= 8:
        raise Untranslatable(f"`{span}` is out of bounds; 1 to 8 is allowed")
    return [low, max(low, high - 1)]


@ranged(
    "RandomPosterization",
    factor=Parameter(_bits, words="a whole number b: 1 to b; [a, b]: a to b - 1; 1 to 8").with_example(4),
)
def _posterization(call: Any) -> Steps:
    """The upper end is not drawn, and one number b is 1 to b, as there."""
    return [{"posterize": {"bits": call.factor}}]


@ranged("RandomInvert", factor=_shares(1.0))
def _invert(call: Any) -> Steps:
    """`factor` is a probability that is drawn between 0 and it: 1 inverts every second image."""
    return [{"invert": {"p": _chance(call.factor)}}]


@ranged("Solarization", addition_factor=up_to(0, 0.0, within=FRACTION), threshold_factor=up_to(0, 0.0, within=FRACTION))
def _solarization(call: Any) -> Steps:
    """Both as parts of 255; Keras 3.15.1 takes the lower end of a pair for a level."""
    added: Steps = [{"brightness": {"mode": "add", "delta": call.addition_factor}}] if any(call.addition_factor) else []
    return [*added, {"solarize": {"threshold": times(call.threshold_factor, 255), "p": 1}}]


@ranged("AutoContrast")
def _autocontrast(call: Any) -> Steps:
    return [{"autocontrast": {}}]


@entry("MixUp", alpha=number(0.2))
def _mixup(call: Any) -> Steps:
    """The greater share stays with the image in whose folder the file lies."""
    return [{"mixup": {"alpha": call.alpha}}]


@entry("CutMix", factor=_shares(1.0))
def _cutmix(call: Any) -> Steps:
    """`factor` is the range that alpha is drawn from there, one number from 0 on; here it is the one alpha whose shares
    spread as much. The box may reach over the edge here.
    """
    low, high = call.factor
    if low == high:
        return [{"cutmix": {"alpha": low}}]
    # Shares of Beta(a, a) have a variance of 1 / (4 (2 a + 1)); this is its mean over a from low to high, solved for a.
    spread = math.log((2 * high + 1) / (2 * low + 1)) / (2 * (high - low))
    return [{"cutmix": {"alpha": round((1 / spread - 1) / 2, 6)}}]
