"""The operations that the policies choose from, under the names of AutoAugment, and how strong each is.

A magnitude is in the operation's own unit: a slope for the shears, pixels, degrees, what is added to a factor of 1,
bits, a threshold. Magnitudes and meanings are those of torchvision's policies.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from augcli.image.arrays import Matrix, Size
from augcli.image.blurs import sharpen_or_blur
from augcli.image.histograms import equalize_histogram, stretch_histogram
from augcli.image.matrices import about_centre, rotation, translation
from augcli.image.ops import Filter, Op, Warp
from augcli.image.transform import Nothing
from augcli.image.transforms.brightness import scaled
from augcli.image.transforms.contrast import spread
from augcli.image.transforms.invert import Invert
from augcli.image.transforms.posterize import Depth, Posterize
from augcli.image.transforms.saturation import purified
from augcli.image.transforms.solarize import Solarize, Threshold
from augcli.random_streams import Stream, rounded
from augcli.settings import Border

Primitive: TypeAlias = tuple[str, float | None]
"""A name and a magnitude; None where the operation has none."""


class Chosen(NamedTuple):
    """The draw of a policy: what it applies, in order."""

    operations: tuple[Primitive, ...]


SIGNED = frozenset(
    ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness")
)
FACTORS = ("Brightness", "Color", "Contrast", "Sharpness")
RANDOM = (
    *("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast"),
    *("Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"),
)
"""What RandAugment and TrivialAugment choose from."""


def magnitude(name: str, bin: int, bins: int, size: Size) -> float | None:
    """Return the magnitude of a bin, of AutoAugment and RandAugment."""
    share = bin / (bins - 1)
    greatest = {"ShearX": 0.3, "ShearY": 0.3, "Rotate": 30.0} | dict.fromkeys(FACTORS, 0.9)
    greatest |= {"TranslateX": 150 / 331 * size.width, "TranslateY": 150 / 331 * size.height}
    if name in greatest:
        return greatest[name] * share
    return {"Posterize": 8 - round(bin * 4 / (bins - 1)), "Solarize": 255 * (1 - share)}.get(name)


def wide_magnitude(name: str, bin: int, bins: int) -> float | None:
    """Return the magnitude of a bin, of TrivialAugmentWide."""
    share = bin / (bins - 1)
    greatest = {"ShearX": 0.99, "ShearY": 0.99, "Rotate": 135.0, "TranslateX": 32.0, "TranslateY": 32.0}
    greatest |= dict.fromkeys(FACTORS, 0.99)
    if name in greatest:
        return greatest[name] * share
    return {"Posterize": 8 - round(bin * 6 / (bins - 1)), "Solarize": 255 * (1 - share)}.get(name)


def gentle_magnitude(name: str, bin: int, size: Size) -> float | None:
    """Return the magnitude of one of ten bins, of AugMix."""
    greatest = {"TranslateX": size.width / 3, "TranslateY": size.height / 3}
    if name in greatest:
        return greatest[name] * bin / 9
    return 4 - round(bin * 4 / 9) if name == "Posterize" else magnitude(name, bin, 10, size)


def drawn(name: str, strength: float | None, stream: Stream) -> Primitive:
    """Toss the sign of a magnitude, and write it as it is applied: translations and bits are whole numbers."""
    if strength is None:
        return name, None
    if name in SIGNED and stream.random() < 0.5:
        strength = -strength
    if name in ("TranslateX", "TranslateY", "Posterize"):
        return name, int(round(strength, 6))  # 54.99999999999999 of a width of 331 is 55
    return name, rounded(strength)


def lowered(primitive: Primitive, size: Size, border: Border, interpolation: str) -> Op | None:
    """Return the op of a primitive for an image of `size`; None for the identity."""
    name, strength = primitive
    if name in _PLAIN:
        return _PLAIN[name]()
    if name == "Identity":
        return None
    assert strength is not None
    if name in _MAGNIFIED:
        return _MAGNIFIED[name](strength)
    motions: dict[str, Callable[[float], Matrix]] = {
        "ShearX": lambda slope: Matrix(1.0, slope, 0.0, 0.0, 1.0, 0.0),
        "ShearY": lambda slope: Matrix(1.0, 0.0, 0.0, slope, 1.0, 0.0),
        "TranslateX": lambda x: translation(-x, 0),
        "TranslateY": lambda y: translation(0, -y),
        "Rotate": lambda degrees: about_centre(rotation(-degrees), size),
    }
    return Warp(motions[name](strength), size, border, interpolation)


def all_lowered(chain: tuple[Primitive, ...], size: Size, border: Border, interpolation: str) -> tuple[Op, ...]:
    """Return the ops of primitives in order; none of them changes the size."""
    ops = (lowered(primitive, size, border, interpolation) for primitive in chain)
    return tuple(op for op in ops if op is not None)


_NOTHING: Any = Nothing()
_PLAIN: dict[str, Callable[[], Op]] = {
    "AutoContrast": lambda: Filter(stretch_histogram, "all"),
    "Equalize": lambda: Filter(equalize_histogram, "all"),
    "Invert": lambda: Invert().lower(_NOTHING, Size(1, 1)),
}
_MAGNIFIED: dict[str, Callable[[float], Op]] = {
    "Brightness": lambda strength: scaled(1 + strength),
    "Color": lambda strength: purified(1 + strength),
    "Contrast": lambda strength: spread(1 + strength),
    "Sharpness": lambda strength: Filter(partial(sharpen_or_blur, factor=1 + strength), "mean"),
    "Posterize": lambda bits: Posterize().lower(Depth(int(bits)), Size(1, 1)),
    "Solarize": lambda threshold: Solarize().lower(Threshold(threshold), Size(1, 1)),
}
