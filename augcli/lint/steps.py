"""Pitfalls of a single step: ranges that change nothing which could be seen, and ranges that leave nothing to see.

What a number does to an image is an `Effect`; a table says which setting has which. Tests hold the table to the
transforms' settings, and every transform's defaults to the limits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from augcli.image.transform import Transform
from augcli.problems import Problem
from augcli.settings import plain
from augcli.settings.values import PerAxis, Range
from augcli.spec.pipeline import Step

StepRule: TypeAlias = Callable[[Step], Iterator[Problem]]


class Effect(NamedTuple):
    """What a number does: where it does nothing, how near to that nobody sees it, and where the subject is gone."""

    neutral: float | None = None
    """None: no value of this setting alone leaves the image as it is."""
    unseen: float = 0.0
    least: tuple[float, str] = (-math.inf, "")
    most: tuple[float, str] = (math.inf, "")
    """The limit that the subject survives, and what is beyond it."""
    only: tuple[str, str] | None = None
    """The setting and its value without which this one is not used."""
    remedy: str | None = None
    """A step that does something, where the defaults do not say it."""


_AWAY = "the middle of the image leaves the canvas"
_FLAT = "everything is nearly the same"
_BLACK = "the image is nearly black"
_WHITE = "most of the image is white"
_COVERED = "little of the subject is left"
_SMEARED = "outlines are gone"

TURN = Effect(0, 0.5)  # degrees: the rim of a 224 px image moves by one pixel
SLANT = Effect(0, 0.5, (-60, "the image is a streak"), (60, "the image is a streak"))
SHIFT = Effect(0, 0.002, (-0.5, _AWAY), (0.5, _AWAY))  # of a side: half a pixel of 224
GROWTH = Effect(1, 0.005, (0.2, "the subject is a speck"), (5, "only a detail of the subject is left"))
SHOWN = Effect(1, 0.005, (0.2, "only a detail of the subject is left"), (5, "the subject is a speck"))
BEND = Effect(0, 0.005)
CROP = Effect(least=(0.05, "the crop seldom holds the subject"))  # share of the area: 50 of 224 px a side
PIXELS = Effect(0)
LIGHT = Effect(1, 0.01, (0.1, _BLACK), (4, _WHITE))  # a camera's four stops down, two up
ADDED_LIGHT = Effect(0, 0.004, (-0.7, _BLACK), (0.7, _WHITE))  # of the full range
SPREAD = Effect(1, 0.01, (0.1, _FLAT), (10, "only black and white are left"))
PURITY = Effect(1, 0.02)
HUE = Effect(0, 0.005)  # turns: two degrees
LEVELS = Effect(0, 1, (-180, _BLACK), (180, _WHITE))
TINT = Effect(0, 1)  # levels of one colour, or of the saturation: what is there stays to be seen
EXPONENT = Effect(1, 0.02, (0.1, _WHITE), (10, _BLACK))
BITS = Effect(8, 0, least=(2, "the image is black and white"))
SHARPNESS = Effect(1, 0.02)
STRENGTH = Effect(0, 0.01)
NOISE = Effect(0, 0.002, most=(0.3, "the noise is stronger than most subjects"))  # of the full range
SPECKS = Effect(0, 0.0001, most=(0.3, "the specks are denser than most outlines"))  # share of the pixels
KERNEL = Effect(1, 0, most=(63, _SMEARED))  # px: letters and eyes in a 224 px image are smaller
BLUR = Effect(0, 0.25, most=(18, _SMEARED), remedy="gaussian_blur: {kernel_size: 5, sigma: [0.1, 2]}")  # px: as KERNEL
COVER = Effect(0, most=(0.6, _COVERED), remedy="coarse_dropout: {height: 0.2, width: 0.2}")  # share of the area
HIDDEN = Effect(most=(0.6, _COVERED))
GRID = Effect(0, 0.01, most=(0.8, _COVERED))  # share of a cell's side: 0.64 of its area
DETAIL = Effect(1, 0, least=(0.05, "the subject is a few pixels"))  # of a side: 11 of 224 px
QUALITY = Effect(least=(5, "little but the blocks of JPEG is left"))
ELASTIC = Effect(0, 0.1, most=(30, "outlines are scattered"), remedy="elastic: {alpha: 120, sigma: 6}")

EFFECTS: Mapping[str, Mapping[str, Effect]] = {
    "affine": {"degrees": TURN, "translate": SHIFT, "scale": GROWTH, "shear": SLANT},
    "box_blur": {"kernel_size": KERNEL},
    "brightness": {
        "factor": LIGHT._replace(only=("mode", "multiply")),
        "delta": ADDED_LIGHT._replace(only=("mode", "add")),
    },
    "brightness_contrast": {"brightness": ADDED_LIGHT, "contrast": SPREAD},
    "channel_shift": {"shift": LEVELS},
    "coarse_dropout": {"covered area": COVER},
    "color_jitter": {"brightness": LIGHT, "contrast": SPREAD, "saturation": PURITY, "hue": HUE},
    "contrast": {"factor": SPREAD},
    "downscale": {"scale": DETAIL},
    "elastic": {"displacement": ELASTIC},
    "gamma": {"gamma": EXPONENT},
    "gauss_noise": {"std": NOISE, "mean": ADDED_LIGHT},
    "gaussian_blur": {"standard deviation": BLUR},
    "grid_distortion": {"distortion": BEND},
    "grid_dropout": {"ratio": GRID},
    "hue": {"turns": HUE},
    "hue_saturation_value": {"hue": HUE, "saturation": TINT, "value": LEVELS},
    "iso_noise": {"intensity": STRENGTH},
    "jpeg_compression": {"quality": QUALITY},
    "median_blur": {"kernel_size": KERNEL},
    "motion_blur": {"kernel_size": KERNEL},
    "optical_distortion": {"distortion": BEND},
    "pad": {"padding": PIXELS, "size": PIXELS},
    "perspective": {
        "distortion_scale": Effect(0, 0.005, only=("sampler", "inward")),
        "scale": Effect(0, 0.002, only=("sampler", "zoom")),
    },
    "posterize": {"bits": BITS},
    "random_erasing": {"scale": HIDDEN},
    "random_resized_crop": {"scale": CROP},
    "rgb_shift": {"red": TINT, "green": TINT, "blue": TINT},
    "rotate": {"degrees": TURN},
    "rotate90": {"times": Effect(0)},
    "salt_and_pepper": {"amount": SPECKS},
    "saturation": {"factor": PURITY},
    "sharpen": {"alpha": STRENGTH},
    "sharpness": {"factor": SHARPNESS},
    "shear": {"degrees": SLANT},
    "shift_scale_rotate": {"shift": SHIFT, "scale": GROWTH, "degrees": TURN},
    "solarize": {"threshold": Effect(256)},
    "translate": {"shift": SHIFT},
    "zoom": {"factor": SHOWN},
}


def displacement(elastic: Any) -> Range:
    """The standard deviation, in pixels, by which noise in -1 to 1 moves after its blur."""
    shrunk = 1 / math.sqrt(3) / (2 * math.sqrt(math.pi))
    return Range(shrunk * elastic.alpha.low / elastic.sigma.high, shrunk * elastic.alpha.high / elastic.sigma.low)


def covered_area(dropout: Any) -> Range:
    """The share of the image that holes cover; of holes in pixels, which may be any share, nothing is said."""
    sides = (dropout.height, dropout.width)
    if any(side.high >= 1 for side in sides):
        return Range(math.nan, math.nan)
    return Range(*(math.prod(getattr(part, end) for part in (dropout.holes, *sides)) for end in ("low", "high")))


def standard_deviation(blur: Any) -> Range:
    """That of a Gaussian blur in pixels, which is at most that of a flat kernel of its size."""
    return Range(
        *(min(getattr(blur.sigma, e), math.sqrt((getattr(blur.kernel_size, e) ** 2 - 1) / 12)) for e in ("low", "high"))
    )


def enlargement(affine: Any) -> Range:
    """That of any side."""
    return Range(*(choose(affine.scale + (affine.scale_y or affine.scale)) for choose in (min, max)))


COMPUTED: Mapping[tuple[str, str], Callable[[Any], Range]] = {
    ("affine", "scale"): enlargement,
    ("elastic", "displacement"): displacement,
    ("coarse_dropout", "covered area"): covered_area,
    ("gaussian_blur", "standard deviation"): standard_deviation,
}
"""What follows from several settings at once."""


def reaches(transform: Transform[Any]) -> dict[str, tuple[Range, Effect]]:
    """Return the settings of a transform whose effect is known and used, and the range of each over all axes."""
    found = {}
    for key, effect in EFFECTS.get(transform.name(), {}).items():
        if effect.only is None or getattr(transform, effect.only[0]) == effect.only[1]:
            compute = COMPUTED.get((transform.name(), key))
            found[key] = (compute(transform) if compute else _range_of(getattr(transform, key)), effect)
    return found


def _range_of(value: Any) -> Range:
    if isinstance(value, PerAxis):
        return Range(min(value.x.low, value.y.low), max(value.x.high, value.y.high))
    numbers = value if isinstance(value, tuple) else (value or 0,)
    return Range(min(numbers), max(numbers))


def does_nothing(step: Step) -> Iterator[Problem]:
    """Copies that look like their source add weight to it and nothing else."""
    known = {key: found for key, found in reaches(step.transform).items() if found[1].neutral is not None}
    if known and all(_is_unseen(reach, effect) for reach, effect in known.values()):
        shown = ", ".join(f"`{key}` {_shown(reach)}" for key, (reach, _) in known.items())
        what = f"`{step.name}` does nothing that could be seen: {shown}"
        yield Problem(what, f"write {_stronger(step.transform, known)}, or leave `{step.name}` out")


def _is_unseen(reach: Range, effect: Effect) -> bool:
    return effect.neutral is not None and all(abs(end - effect.neutral) <= effect.unseen for end in reach)


def _shown(reach: Range) -> str:
    low, high = (f"{end:.3g}" for end in reach)
    return low if low == high else f"{low} to {high}"


def _stronger(transform: Transform[Any], known: Mapping[str, tuple[Range, Effect]]) -> str:
    """Write a step of that transform which does something: its example, or its defaults."""
    for _, effect in known.values():
        if effect.remedy is not None:
            return effect.remedy
    fields = type(transform).fields
    settings = transform.example or {key: plain(fields[key].default) for key in known}
    return f"{transform.name()}: {json.dumps(settings).replace(chr(34), '')}"


def subject_gone(step: Step) -> Iterator[Problem]:
    """An image on which nobody could tell its class teaches something wrong under that label."""
    for key, (reach, effect) in reaches(step.transform).items():
        help = None
        if isinstance(getattr(step.transform, key, None), Range):
            low, high = (f"{min(max(end, effect.least[0]), effect.most[0]):g}" for end in reach)
            help = f"write {key}: [{low}, {high}]"
        for end, (limit, why), side in ((reach.low, effect.least, "below"), (reach.high, effect.most, "above")):
            if (end < limit) if side == "below" else (end > limit):
                what = f"`{key}` of `{step.name}` reaches {end:.3g}, but {side} {limit:g} {why}"
                yield Problem(what, help or f"keep it at {limit:g} or {'more' if side == 'below' else 'less'}")


STEP_RULES: tuple[StepRule, ...] = (does_nothing, subject_gone)
