"""Transforms of one image: geometry, colour, blur and noise, as torchvision names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.canonical import same_settings
from augcli.spec.dialects.entry import Entries, Steps, Untranslatable, register_into
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import equal_numbers, number, numbers, size, whole, wholes
from augcli.spec.dialects.parameters.ranges import factor, limit, negated, pair, value, whole_value
from augcli.spec.dialects.parameters.words import fixed, flag, ignored, not_offered
from augcli.spec.dialects.torchvision.borders import RENAMED, border, interpolation, padding_mode, warped
from augcli.spec.dialects.units import (
    AREA,
    BRIGHTNESS,
    DEGREES,
    FACTOR,
    FRACTION,
    HUE,
    INTENSITY,
    PIXELS,
    QUALITY,
    RATIO,
    SHEAR,
    SHIFT_LIMIT,
    SIGMA,
    Bounds,
    pair_around_one,
    pair_up_to,
    rounded,
)

ENTRIES: Entries = {}
entry = register_into(ENTRIES, renamed=RENAMED)

_MIDDLE = not_offered("leave it out; turns are about the middle of the image")
_ANTIALIAS = fixed(True, "leave it out; what shrinks is always antialiased")


@entry(
    "Resize",
    size=size(),
    interpolation=interpolation("bilinear"),
    max_size=whole(None, within=PIXELS),
    antialias=_ANTIALIAS,
)
def _resize(call: Any) -> Steps:
    capped = {} if call.max_size is None else {"max_size": call.max_size}
    return [{"resize": {"size": call.size, "interpolation": call.interpolation, **capped}}]


@entry(
    "RandomCrop",
    size=size(),
    padding=wholes(1, 2, 4, default=None),
    pad_if_needed=flag(False),
    fill=colour(0),
    padding_mode=padding_mode(),
)
def _random_crop(call: Any) -> Steps:
    crop = {"size": call.size, "pad_if_needed": call.pad_if_needed, "border": border(call.fill, call.padding_mode)}
    return [{"random_crop": crop | ({} if call.padding is None else {"padding": call.padding})}]


@entry("CenterCrop", size=size())
def _center_crop(call: Any) -> Steps:
    return [{"center_crop": {"size": call.size, "border": border(0)}}]


@entry(
    "RandomResizedCrop",
    size=size(),
    scale=pair([0.08, 1.0], within=AREA, around=pair_up_to(1)),
    ratio=pair([3 / 4, 4 / 3], within=RATIO),
    interpolation=interpolation("bilinear"),
    antialias=_ANTIALIAS,
)
def _random_resized_crop(call: Any) -> Steps:
    return [{"random_resized_crop": same_settings(call, "size", "scale", "ratio", "interpolation")}]


@entry("RandomHorizontalFlip", p=0.5)
def _horizontal_flip(call: Any) -> Steps:
    return [{"horizontal_flip": {}}]


@entry("RandomVerticalFlip", p=0.5)
def _vertical_flip(call: Any) -> Steps:
    return [{"vertical_flip": {}}]


@entry(
    "RandomRotation",
    degrees=limit(within=DEGREES, signed=False).with_example(15),
    interpolation=interpolation("nearest"),
    expand=flag(False),
    center=_MIDDLE,
    fill=colour(0),
)
def _rotation(call: Any) -> Steps:
    return [{"rotate": {"degrees": call.degrees, "expand": call.expand, **warped(call)}}]


@entry(
    "RandomAffine",
    degrees=limit(within=DEGREES, signed=False).with_example(15),
    translate=numbers(2, default=None, within=SHIFT_LIMIT),
    scale=pair(None, within=Bounds(0.05, 20), around=pair_around_one),
    shear=numbers(1, 2, 4, default=None, within=SHEAR),
    interpolation=interpolation("nearest"),
    fill=colour(0),
    center=_MIDDLE,
)
def _affine(call: Any) -> Steps:
    """The library turns clockwise; the sign is turned here."""
    x, y = call.translate or (0, 0)
    # One number and a pair are along x alone.
    shear = call.shear or [0]
    shear_x = [-shear[0], shear[0]] if len(shear) == 1 else shear[:2]
    shear_y = shear[2:] or [0, 0]
    return [
        {
            "affine": {
                "degrees": negated(call.degrees),
                "translate": {"x": [-x, x], "y": [-y, y]},
                "scale": call.scale or [1, 1],
                "shear": {"x": shear_x, "y": shear_y},
                **warped(call),
            }
        }
    ]


@entry(
    "RandomPerspective",
    p=0.5,
    distortion_scale=number(0.5, within=FRACTION),
    interpolation=interpolation("bilinear"),
    fill=colour(0),
)
def _perspective(call: Any) -> Steps:
    return [{"perspective": {"sampler": "inward", "distortion_scale": call.distortion_scale, **warped(call)}}]


@entry(
    "ColorJitter",
    **dict.fromkeys(("brightness", "contrast", "saturation"), factor(0, within=FACTOR)),
    hue=limit(0, within=HUE, signed=False),
)
def _color_jitter(call: Any) -> Steps:
    return [{"color_jitter": same_settings(call, "brightness", "contrast", "saturation", "hue")}]


@entry("RandomGrayscale", p=0.1)
def _random_grayscale(call: Any) -> Steps:
    return [{"grayscale": {}}]


@entry("Grayscale", num_output_channels=whole(1))
def _grayscale(call: Any) -> Steps:
    """The number of channels stays, whatever `num_output_channels` says; all are equal."""
    return [{"grayscale": {}}]


@entry(
    "GaussianBlur",
    kernel_size=equal_numbers(2).with_example(5),
    sigma=value([0.1, 2.0], within=SIGMA),
)
def _gaussian_blur(call: Any) -> Steps:
    return [{"gaussian_blur": {"kernel_size": call.kernel_size, "sigma": call.sigma}}]


@entry(
    "GaussianNoise",
    mean=number(0.0, within=BRIGHTNESS),
    sigma=number(0.1, within=INTENSITY),
    clip=fixed(True, "leave it out; bytes are clipped"),
)
def _noise(call: Any) -> Steps:
    return [{"gauss_noise": {"std": call.sigma, "mean": [call.mean, call.mean]}}]


@entry(
    "RandomErasing",
    p=0.5,
    scale=pair([0.02, 0.33], within=AREA, around=pair_up_to(0.02)),
    ratio=pair([0.3, 3.3], within=RATIO),
    value=colour(0, random="random"),
    inplace=ignored(False),
)
def _erasing(call: Any) -> Steps:
    """`random` is noise of bytes, 0 to 255, where the library means numbers that are normalised."""
    levels = [call.value] if isinstance(call.value, int) else call.value
    if call.value != "random" and any(levels) and max(levels) <= 1:
        help = f"write {255 * max(levels):g} for {max(levels)} of ToTensor"
        raise Untranslatable(f"`{call.value}` may be a share or a level", help, "value")
    return [{"random_erasing": {"scale": call.scale, "ratio": call.ratio, "fill": call.value}}]


@entry("Pad", padding=wholes(1, 2, 4).with_example(4), fill=colour(0), padding_mode=padding_mode())
def _pad(call: Any) -> Steps:
    return [{"pad": {"padding": call.padding, "border": border(call.fill, call.padding_mode)}}]


@entry(
    "ElasticTransform",
    alpha=equal_numbers(2, 50.0),
    sigma=equal_numbers(2, 5.0),
    interpolation=interpolation("bilinear"),
    fill=colour(0),
)
def _elastic(call: Any) -> Steps:
    """`alpha` counts half pixels there. On images that are not square the library scales x by width / height more."""
    return [{"elastic": {"alpha": rounded(call.alpha / 2), "sigma": call.sigma, **warped(call)}}]


@entry("RandomInvert", p=0.5)
def _invert(call: Any) -> Steps:
    return [{"invert": {}}]


@entry("RandomPosterize", p=0.5, bits=whole(within=Bounds(0, 8)).with_example(4))
def _posterize(call: Any) -> Steps:
    return [{"posterize": {"bits": call.bits}}]


@entry("RandomSolarize", p=0.5, threshold=number(within=Bounds(0, 256, "levels")).with_example(128))
def _solarize(call: Any) -> Steps:
    if 0 < call.threshold <= 1:
        help = f"write {255 * call.threshold:g} for {call.threshold:g} of ToTensor"
        raise Untranslatable(f"`{call.threshold:g}` may be a share or a level", help, "threshold")
    return [{"solarize": {"threshold": call.threshold}}]


@entry("RandomAdjustSharpness", p=0.5, sharpness_factor=number(within=FACTOR).with_example(2))
def _sharpness(call: Any) -> Steps:
    return [{"sharpness": {"factor": [call.sharpness_factor] * 2}}]


@entry("RandomAutocontrast", p=0.5)
def _autocontrast(call: Any) -> Steps:
    return [{"autocontrast": {}}]


@entry("RandomEqualize", p=0.5)
def _equalize(call: Any) -> Steps:
    return [{"equalize": {}}]


@entry("RandomChannelPermutation")
def _permutation(call: Any) -> Steps:
    return [{"channel_shuffle": {}}]


@entry("JPEG", quality=whole_value(within=QUALITY).with_example([50, 95]))
def _jpeg(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": call.quality}}]
