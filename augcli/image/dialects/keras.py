"""Keras preprocessing layers (3.15) and `ImageDataGenerator`: angles are parts of a turn, height comes before width.

`reflect` is our `symmetric`, `nearest` our `edge`. A zoom above 1 shows more. One number v is -v to v for most layers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from augcli.image.dialects import Entries, Parameter, Steps, Unsuited, refuse, registering
from augcli.image.dialects.bounds import (
    DEGREES,
    FACTOR,
    LEVELS,
    LIGHT,
    SHARE,
    SHARES,
    SHEARS,
    TURNS,
    Bounds,
    around_one,
    counted,
    shift_of_factors,
    tidy,
)
from augcli.image.dialects.reading import (
    Span,
    absent,
    choice,
    colour,
    factor,
    flag,
    like,
    limit,
    number,
    numbers,
    only,
    pair,
    same,
    steps,
    times,
    unneeded,
    up_to,
    value,
    whole,
    whole_up_to,
    words,
)
from augcli.problems import spelled, write


def _value_range() -> Parameter:
    def read(given: Any) -> Any:
        if list(given if isinstance(given, (list, tuple)) else [given]) not in ([0, 255], [0, 1]):
            raise Unsuited(f"{spelled(given)} is not offered", "leave it out; images are bytes")
        return given

    return Parameter(read, [0, 255], words="[0, 255] or [0, 1]")


ENTRIES: Entries = {}
_DATA_FORMAT = choice("channels_last", default=None, others={"channels_first": "leave it out; files have no layout"})
entry = registering(ENTRIES, data_format=_DATA_FORMAT, seed=unneeded(), dtype=unneeded(), trainable=unneeded())
ranged = registering(
    ENTRIES,
    value_range=_value_range(),
    data_format=_DATA_FORMAT,
    seed=unneeded(),
    dtype=unneeded(),
    trainable=unneeded(),
)

_MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
_INTERPOLATION = choice("nearest", "bilinear", default="bilinear")
_WARPED = {"fill_mode": words(_MODES, "reflect"), "interpolation": _INTERPOLATION, "fill_value": colour(0)}


def _warped(call: Any) -> dict[str, Any]:
    return {"border": {"mode": call.fill_mode, "fill": call.fill_value}, "interpolation": call.interpolation}


def _shares(default: Any) -> Parameter:
    """Read a range within 0 to 1; one number v is 0 to v."""
    return up_to(0, default, within=SHARE)


def _chance(span: Span) -> float:
    """Return the probability of what happens with a probability that is drawn between two ends."""
    return tidy((span[0] + span[1]) / 2)


@entry("Sequential", "Pipeline", layers=steps())
def _sequential(call: Any) -> Steps:
    return [{"sequence": {"steps": call.layers}}]


_FLIPS: dict[str, Steps] = {
    "horizontal": [{"horizontal_flip": {"p": 0.5}}],
    "vertical": [{"vertical_flip": {"p": 0.5}}],
    "horizontal_and_vertical": [{"horizontal_flip": {"p": 0.5}}, {"vertical_flip": {"p": 0.5}}],
}


@entry("RandomFlip", mode=choice(*_FLIPS, default="horizontal_and_vertical"))
def _flip(call: Any) -> Steps:
    """Both ways are drawn apart here; Keras 3.15.1 draws once for both."""
    return _FLIPS[call.mode]


@entry("RandomRotation", factor=limit(within=TURNS), **_WARPED)
def _rotation(call: Any) -> Steps:
    """In parts of a full turn there: 0.1 is 36 degrees."""
    return [{"rotate": {"degrees": times(call.factor, 360), **_warped(call)}}]


def _about_one(span: Span) -> Span:
    return [tidy(1 + end) for end in span]


_ZOOMS = Bounds(-0.95, 1, "shares of the side", shift_of_factors)


@entry("RandomZoom", height_factor=limit(within=_ZOOMS), width_factor=limit(None, within=_ZOOMS), **_WARPED)
def _zoom(call: Any) -> Steps:
    if call.width_factor is None:
        height = _about_one(call.height_factor)
        factor = {"x": height, "y": height}
    else:
        factor = {"x": _about_one(call.width_factor), "y": _about_one(call.height_factor)}
    return [{"zoom": {"factor": factor, "keep_ratio": call.width_factor is None, **_warped(call)}}]


@entry("RandomTranslation", height_factor=limit(within=SHARES), width_factor=limit(within=SHARES), **_WARPED)
def _translation(call: Any) -> Steps:
    return [{"translate": {"shift": {"x": call.width_factor, "y": call.height_factor}, **_warped(call)}}]


def _about_factors(parts: list[float]) -> str | None:
    if len(parts) != 2 or not 0 <= parts[0] <= 1 <= parts[1] <= 2:
        return None
    below, above = tidy(1 - parts[0]), tidy(parts[1] - 1)
    return write([below, above], note=f" for the factors [{parts[0]:g}, {parts[1]:g}]")


_CONTRASTS = value(within=Bounds(0, 1, "distances from 1", _about_factors))


def _contrasts(span: Any) -> Span:
    """Read the factor of RandomContrast: one number v is -v to v about 1, a pair (a, b) is 1-a to 1+b."""
    low, high = _CONTRASTS.read(span)
    return [tidy(1 - low), tidy(1 + high)]


_CONTRAST = Parameter(_contrasts, words="a number v: 1-v to 1+v; [a, b]: 1-a to 1+b; 0 to 1")


@ranged("RandomContrast", factor=_CONTRAST)
def _contrast(call: Any) -> Steps:
    """As documented, 1-v to 1+v; Keras 3.15.1 draws from 1 to 1+v for one number."""
    return [{"contrast": {"factor": call.factor, "pivot": "channel"}}]


@ranged("RandomBrightness", factor=limit(within=LIGHT))
def _brightness(call: Any) -> Steps:
    return [{"brightness": {"mode": "add", "delta": call.factor}}]


_SIDES = {"height": like(224, whole()), "width": like(224, whole())}


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
    interpolation=choice(
        *("nearest", "bilinear", "bicubic"),
        default="bilinear",
        others=dict.fromkeys(
            ("area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"), "write bilinear or bicubic"
        ),
    ),
    crop_to_aspect_ratio=only(False, "leave it out, or write resize and center_crop"),
    pad_to_aspect_ratio=only(False, "leave it out, or write resize and pad"),
    fill_mode=unneeded("constant"),
    fill_value=unneeded(0.0),
    antialias=flag(False),
)
def _resizing(call: Any) -> Steps:
    """Shrinking is always antialiased here."""
    return [{"resize": {"size": [call.height, call.width], "interpolation": call.interpolation}}]


@entry("Rescaling", scale=like(0.003921568627, number()), offset=number(0.0))
def _rescaling(call: Any) -> Steps:
    return [{"rescale": {"scale": call.scale, "offset": call.offset}}]


@entry(
    "Normalization",
    axis=unneeded(-1),
    mean=like([124, 116, 104], numbers(1, 3)),
    variance=like([3410, 3263, 3291], numbers(1, 3)),
    invert=only(False, "leave it out"),
)
def _normalization(call: Any) -> Steps:
    mean, variance = ([*parts] * 3 if len(parts) == 1 else parts for parts in (call.mean, call.variance))
    std = [tidy(math.sqrt(max(part, 1e-14))) for part in variance]
    return [{"normalize": {"mean": mean, "std": std, "max_pixel_value": 1}}]


@ranged("RandomErasing", factor=_shares(1.0), scale=_shares([0.02, 0.33]), fill_value=colour(None))
def _erasing(call: Any) -> Steps:
    """Sides are drawn apart, as there, but uniformly between the same ends. Noise is uniform too."""
    # A share below 1 is one of the side; 1 itself would be a pixel.
    ends = [tidy(min(math.sqrt(end), 0.999999)) for end in call.scale]
    fill = "random" if call.fill_value is None else call.fill_value
    return [{"coarse_dropout": {"holes": 1, "height": ends, "width": ends, "fill": fill, "p": _chance(call.factor)}}]


@ranged(
    "RandomGaussianBlur",
    factor=_shares(1.0),
    kernel_size=same(2, 3),
    sigma=up_to(0, 1.0, within=Bounds(0, 1, "pixels")),
)
def _gaussian_blur(call: Any) -> Steps:
    """One sigma for both sides; Keras draws two. The border mirrors here, and is black there."""
    sigma = [max(0.01, end) for end in call.sigma]
    return [{"gaussian_blur": {"kernel_size": call.kernel_size, "sigma": sigma, "p": _chance(call.factor)}}]


@entry("RandomGrayscale", factor=number(0.5, within=SHARE))
def _grayscale(call: Any) -> Steps:
    return [{"grayscale": {"p": call.factor}}]


_HUES = Bounds(0, 1, "half turns", counted(180, "degrees"))


@ranged("RandomHue", factor=up_to(0, within=_HUES))
def _hue(call: Any) -> Steps:
    """In half turns there, with a sign of its own: 0.5 is a quarter of the circle, either way."""
    low, high = times(call.factor, 0.5)
    if low == 0:
        return [{"hue": {"turns": [tidy(-high), high]}}]
    ways: Steps = [{"hue": {"turns": [-high, -low]}}, {"hue": {"turns": [low, high]}}]
    return [{"one_of": {"steps": ways}}]


def _saturations(span: Any) -> Span:
    low, high = value().read(span)
    if not isinstance(span, (list, tuple)):
        what = f"one number draws from {-abs(span):g} to {abs(span):g}, and below 0 all colour is lost"
        raise Unsuited(what, "write [0.4, 0.6], a pair about 0.5, which changes nothing")
    if high > 1 and low >= 0:
        shares = [f"{end / (1 + end):.3g}" for end in (low, high)]
        help = f"write [{', '.join(shares)}] for the factors [{low:g}, {high:g}]"
        raise Unsuited(f"`{high:g}` is out of bounds; 0 to 1 is allowed, where 0.5 changes nothing", help)
    SHARE.check(low, high, written=span)
    return [tidy(end / (1 - end)) if end < 0.99 else 100 for end in (low, high)]


_SATURATION = Parameter(_saturations, words="[a, b]: a to b; 0 to 1, where 0.5 changes nothing")


@ranged("RandomSaturation", factor=like([0.4, 0.6], _SATURATION))
def _saturation(call: Any) -> Steps:
    """0.5 changes nothing there: f is a factor of f / (1 - f). Between its ends the factor is uniform here, f there."""
    return [{"saturation": {"factor": call.factor, "space": "hsv"}}]


@ranged(
    "RandomColorJitter",
    brightness_factor=like(0.2, limit(None, within=LIGHT)),
    contrast_factor=replace(_CONTRAST, default=None),
    saturation_factor=replace(_SATURATION, default=None),
    hue_factor=up_to(0, None, within=_HUES),
)
def _color_jitter(call: Any) -> Steps:
    """In this order, as there; each as its own layer."""
    made: Steps = []
    for name, layer in (
        ("brightness_factor", _brightness),
        ("contrast_factor", _contrast),
        ("saturation_factor", _saturation),
        ("hue_factor", _hue),
    ):
        call.factor = getattr(call, name)
        if call.factor is not None:
            made += layer(call)
    return made


@ranged("RandomSharpness", factor=up_to(0, within=SHARE))
def _sharpness(call: Any) -> Steps:
    """0.5 changes nothing there, 1 here. The outermost pixels stay as they are."""
    return [{"sharpness": {"factor": times(call.factor, 2)}}]


def _bits(span: Any) -> Span:
    low, high = whole_up_to(1).read(span)
    if not 1 <= low <= high <= 8:
        raise Unsuited(f"`{span}` is out of bounds; 1 to 8 is allowed")
    return [low, max(low, high - 1)]


@ranged(
    "RandomPosterization",
    factor=like(4, Parameter(_bits, words="a whole number b: 1 to b; [a, b]: a to b - 1; 1 to 8")),
)
def _posterization(call: Any) -> Steps:
    """The upper end is not drawn, and one number b is 1 to b, as there."""
    return [{"posterize": {"bits": call.factor}}]


@ranged("RandomInvert", factor=_shares(1.0))
def _invert(call: Any) -> Steps:
    """`factor` is a probability that is drawn between 0 and it: 1 inverts every second image."""
    return [{"invert": {"p": _chance(call.factor)}}]


@ranged("Solarization", addition_factor=up_to(0, 0.0, within=SHARE), threshold_factor=up_to(0, 0.0, within=SHARE))
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


# ImageDataGenerator


def _shifts(given: Any) -> Span:
    """Read a shift: a share of the side below 1; whole pixels and lists are not offered."""
    if isinstance(given, (list, tuple)):
        raise Unsuited("a list of shifts is not offered", "write 0.2 for -0.2 to 0.2 of the side")
    if isinstance(given, int) and not isinstance(given, bool) and given == 0:
        return [0, 0]
    span: Span = limit().read(given)
    if span[1] >= 1:
        raise Unsuited(f"`{given}` is a shift in pixels, which is not offered", "write 0.2 for -0.2 to 0.2 of the side")
    return span


_SHIFT = Parameter(_shifts, 0.0, words="a number v: -v to v; below 1, in shares of the side")
_STATISTICS = only(False, "leave it out; it needs the whole data set, or belongs to the training code")


@registering(ENTRIES)(
    "ImageDataGenerator",
    **dict.fromkeys(("featurewise_center", "samplewise_center", "featurewise_std_normalization"), _STATISTICS),
    **dict.fromkeys(("samplewise_std_normalization", "zca_whitening"), _STATISTICS),
    zca_epsilon=unneeded(1e-6),
    rotation_range=like(20, limit(0, within=DEGREES)),
    width_shift_range=_SHIFT,
    height_shift_range=_SHIFT,
    brightness_range=pair(None, within=FACTOR, around=around_one),
    shear_range=limit(0.0, within=SHEARS),
    zoom_range=like(0.2, factor(0.0, within=Bounds(0.05, 20))),
    channel_shift_range=limit(0.0, within=LEVELS),
    fill_mode=words({word: mode for word, mode in _MODES.items() if word != "mirror"}, "nearest"),
    cval=colour(0.0),
    horizontal_flip=flag(False),
    vertical_flip=flag(False),
    rescale=number(None),
    preprocessing_function=absent("leave it out: training code does it"),
    data_format=_DATA_FORMAT,
    validation_split=only(0.0, "leave it out; splits are folders, or `splits` in the spec"),
    interpolation_order=words({0: "nearest", 1: "bilinear"}, 1, {3: "write 1"}),
    dtype=unneeded(),
)
def _generator(call: Any) -> Steps:
    """One affine there: the steps for it stand together here, and are merged into one interpolation.

    Angles are counter-clockwise, shifts of the width go sideways, all turns about the middle, as documented.
    """
    warped = {"border": {"mode": call.fill_mode, "fill": call.cval}, "interpolation": call.interpolation_order}
    made: Steps = []
    # Its matrix leads from the result to the source, rotation outermost: so the source is turned first, zoomed last.
    if any(call.rotation_range):
        made.append({"rotate": {"degrees": call.rotation_range, **warped}})
    if any(call.width_shift_range) or any(call.height_shift_range):
        shift = {"x": call.width_shift_range, "y": call.height_shift_range}
        made.append({"translate": {"shift": shift, **warped}})
    if any(call.shear_range):
        made.append({"shear": {"degrees": {"x": call.shear_range, "y": 0}, "keep": "length", **warped}})
    if call.zoom_range != [1, 1]:
        made.append({"zoom": {"factor": dict.fromkeys("xy", call.zoom_range), "keep_ratio": False, **warped}})
    if any(call.channel_shift_range):
        made.append({"channel_shift": {"shift": call.channel_shift_range}})
    made += _FLIPS["horizontal"] if call.horizontal_flip else []
    made += _FLIPS["vertical"] if call.vertical_flip else []
    if call.brightness_range is not None:
        made.append({"brightness": {"factor": call.brightness_range}})
    if call.rescale:
        made.append({"rescale": {"scale": call.rescale}})
    return [{"sequence": {"steps": made}}] if made else []


for _name, _what, _help in (
    (
        "RandomShear",
        "slants about the upper left corner, by slopes",
        "write shear: {degrees: {x: 11.3, y: 0}}, a slope of 0.2 about the middle",
    ),
    ("Equalization", "has a formula of its own", "write equalize, which is Pillow's and torchvision's"),
    ("RandAugment", "has nothing but the name in common with the paper's", "write torchvision.RandAugment"),
    ("AugMix", "has operations and strengths of its own", "write augmix: {severity: 3, chain_depth: 3}"),
    ("RandomPerspective", "has a law of its own", "write perspective: {distortion_scale: 0.5}"),
    ("RandomElasticTransform", "has units of its own", "write elastic: {alpha: 60, sigma: 6}"),
    ("RandomColorDegeneration", "is another word for pale", "write saturation: {factor: [0, 1]}"),
    ("ContrastLimitedAdaptiveHistogramEqualization", "has units of its own", "write clahe: {clip_limit: 4}"),
    ("RandomHeight", "changes the size at random", "write zoom: {factor: {x: 0, y: 0.2}, keep_ratio: false}"),
    ("RandomWidth", "changes the size at random", "write zoom: {factor: {x: 0.2, y: 0}, keep_ratio: false}"),
    ("RandomChannelShift", "has a law of its own", "write channel_shift: {shift: 20}"),
    ("RandomCutout", "is another word for a box of one size", "write coarse_dropout: {holes: 1}"),
    ("Mosaic", "is no layer of Keras", "write mosaic"),
    ("MaxNumBoundingBoxes", "boxes are not read", "leave it out"),
):
    refuse(ENTRIES, _name, _what, _help)
