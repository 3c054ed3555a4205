"""The cases of what changes values alone, but for the noises, which `cases` takes in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from augcli.image.arrays import Image
from tests.oracles.libraries import (
    Reference,
    by_albumentations,
    by_pillow,
    by_torchvision,
    keras,
    to_bytes,
    torchvision,
)

ALL = ("portrait", "landscape", "odd", "grey", "large")
FLAT = (*ALL, "flat")
COLOURED = ("portrait", "landscape", "odd", "large")


def lit(contrast: float, brightness: float, by_max: bool) -> Reference:
    def made(library: Any, image: Image) -> Image:
        import albucore

        added = 255 * brightness if by_max else float(image.mean()) * brightness
        return albucore.multiply_add(image, contrast, added, inplace=False)

    return by_albumentations(made)


def lit_by_formula(contrast: float, brightness: float, by_max: bool) -> Reference:
    def reference(image: Image) -> Image:
        x = image.astype(np.float64)
        return to_bytes(contrast * x + brightness * (255 if by_max else x.mean()))

    return reference


def shifted_hsv(hue: float, saturation: float, value: float) -> Reference:
    return by_albumentations(
        lambda library, image: library.pixel.functional.shift_hsv(image, 180 * hue, saturation, value)
    )


def shifted_rgb(*levels: float) -> Reference:
    def made(library: Any, image: Image) -> Image:
        transform = library.RGBShift(*[(level, level) for level in levels], p=1)
        return transform(image=image)["image"]

    return by_albumentations(made)


def shifted_by_formula(*levels: float) -> Reference:
    return lambda image: to_bytes(image.astype(np.float64) + levels)


def shifted_within(levels: float) -> Reference:
    def reference(image: Image) -> Image:
        keras()
        import keras.src.legacy.preprocessing.image as legacy

        return to_bytes(legacy.apply_channel_shift(image.astype(np.float64), levels, 2))

    return reference


def permuted(order: tuple[int, ...]) -> Reference:
    def reference(image: Image) -> Image:
        torchvision()
        import torch
        import torchvision.transforms.v2.functional as functional

        tensor = torch.from_numpy(image.transpose(2, 0, 1).copy())
        return functional.permute_channels(tensor, list(order)).numpy().transpose(1, 2, 0)

    return reference


def by_ops(name: str, *arguments: Any) -> Reference:
    def made(image: Any) -> Any:
        import PIL.ImageOps

        return getattr(PIL.ImageOps, name)(image, *arguments)

    return by_pillow(made)


def by_functional(name: str, *arguments: Any) -> Reference:
    return by_torchvision(lambda library, x: getattr(library, name)(x, *arguments))


def sharpened(factor: float) -> Reference:
    def made(image: Any) -> Any:
        import PIL.ImageEnhance

        return PIL.ImageEnhance.Sharpness(image).enhance(factor)

    return by_pillow(made)


def add(case: Callable[..., None]) -> None:
    """Add the cases by the function that `cases` adds its own with."""
    from tests.oracles.cases import EXACT, FORMULA, ROUNDED, Tolerance

    hsv = Tolerance(2, "hue, saturation and value in bytes, each rounded or truncated on the way")
    whole = Tolerance(1, "where the exact quotient is whole, Pillow's doubles and floats of 32 bits truncate otherwise")

    for contrast, brightness in ((1.1789, -0.0765), (0.8321, 0.1234), (1.9, 0.0), (0.3, -0.4321), (1.0, 0.0543)):
        for by_max in (True, False):
            label, draw = f"brightness_contrast {contrast}, {'max' if by_max else 'mean'}", (contrast, brightness)
            case(label, ROUNDED, lit(*draw, by_max), draw, by_max=by_max)
            case(f"{label}, formula", FORMULA, lit_by_formula(*draw, by_max), draw, by_max=by_max)
    for shifts in (
        (20 / 180, 30.0, 20.0),
        (-17 / 180, -25.0, -13.0),
        (0.1234, -12.345, 7.891),
        (-0.4567, 100.5, 0.0),
        (0.0, 0.0, -19.9),
        (0.0, 44.4, 0.0),
    ):
        label = "hue_saturation_value " + " ".join(f"{shift:.3g}" for shift in shifts)
        case(label, hsv, shifted_hsv(*shifts), shifts)
    for levels in ((13.7, -20.0, 5.4), (-3.7, 3.7, 0.0), (-120.2, 255.0, 77.7)):
        label = f"rgb_shift by {levels[0]}"
        case(f"{label} by Albumentations", ROUNDED, shifted_rgb(*levels), levels, photos=COLOURED)
        case(f"{label}, formula", FORMULA, shifted_by_formula(*levels), levels)
    for level in (20.3, -33.7, 0.4, -0.6, 200.0):
        case(f"channel_shift by {level}", EXACT, shifted_within(level), (level,), photos=FLAT)
    for order in itertools.permutations(range(3)):
        label = "channel_shuffle " + "".join("rgb"[channel] for channel in order)
        case(label, EXACT, permuted(order), (order,), photos=COLOURED)

    for name, tolerance in (("invert", EXACT), ("autocontrast", whole), ("equalize", EXACT)):
        case(f"{name} by Pillow", EXACT, by_ops(name), photos=FLAT)
        case(f"{name} by torchvision", tolerance, by_functional(name), photos=FLAT)
    for bits in range(1, 9):
        case(f"posterize {bits}", EXACT, by_functional("posterize", bits), (bits,))
    for bits in (1, 5):
        case(f"posterize {bits} by Pillow", EXACT, by_ops("posterize", bits), (bits,))
    for threshold in (0, 1, 77.5, 128, 178.5, 255):
        case(f"solarize {threshold}", EXACT, by_functional("solarize", threshold), (threshold,))
    for threshold in (0, 77.5, 128, 256):
        case(f"solarize {threshold} by Pillow", EXACT, by_ops("solarize", threshold), (threshold,))
    for factor in (0.0, 0.4321, 0.8765, 1.2345, 2.0, 3.7):
        case(f"sharpness {factor}", ROUNDED, by_functional("adjust_sharpness", factor), (factor,))
        case(f"sharpness {factor} by Pillow", ROUNDED, sharpened(factor), (factor,))
