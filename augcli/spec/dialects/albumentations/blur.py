"""Blur and sharpening, as Albumentations names it. One number for a blur's limit means from 3 to it."""

from __future__ import annotations

import math
from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.entry import Entries, Steps
from augcli.spec.dialects.parameters.ranges import Span, pair, up_to, whole_up_to
from augcli.spec.dialects.parameters.words import choice, flag, ignored
from augcli.spec.dialects.units import DEGREES, FRACTION, Bounds, rounded

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


def _odd(span: Span) -> Span:
    """Take a kernel's limits as the library does: at least 3, even ones up to the next odd one."""
    low, high = (max(3, int(end) + (int(end) % 2 == 0)) for end in span)
    return [low, max(low, high)]


_BLUR = whole_up_to(3, [3, 7])


@entry(
    "MotionBlur",
    p=0.5,
    blur_limit=_BLUR,
    allow_shifted=flag(True),
    angle_range=pair([0, 360], within=DEGREES),
    direction_range=pair([-1, 1], within=Bounds(-1, 1)),
)
def _motion_blur(call: Any) -> Steps:
    settings = {"degrees": call.angle_range, "direction": call.direction_range, "shifted": call.allow_shifted}
    return [{"motion_blur": {"kernel_size": _odd(call.blur_limit), **settings}}]


@entry("MedianBlur", p=0.5, blur_limit=_BLUR)
def _median_blur(call: Any) -> Steps:
    return [{"median_blur": {"kernel_size": _odd(call.blur_limit)}}]


@entry("Blur", p=0.5, blur_limit=_BLUR)
def _blur(call: Any) -> Steps:
    return [{"box_blur": {"kernel_size": _odd(call.blur_limit)}}]


@entry(
    "GaussianBlur",
    p=0.5,
    blur_limit=whole_up_to(0, None, within=Bounds(0, 255, "pixels")),
    sigma_limit=up_to(0, None, within=Bounds(0, 100, "pixels")),
)
def _gaussian_blur(call: Any) -> Steps:
    """`blur_limit` alone means what it meant up to 1.3: an odd kernel from 3 on, its sigma by OpenCV's rule.

    Without it the kernel is large enough for the largest sigma.
    """
    blur, sigma = call.blur_limit or [0, 0], call.sigma_limit or [0, 0]
    if (any(sigma) and not any(blur)) or call.blur_limit is call.sigma_limit is None:
        sigma = call.sigma_limit or [0.5, 3.0]
        return [{"gaussian_blur": {"kernel_size": 2 * math.floor(3.5 * sigma[1]) + 1, "sigma": sigma}}]
    low, high = _odd(blur)
    if any(sigma):
        return [{"gaussian_blur": {"kernel_size": [low, high], "sigma": sigma}}]
    sizes = range(int(low), int(high) + 1, 2)
    blurs = [{"gaussian_blur": {"kernel_size": k, "sigma": rounded(0.3 * ((k - 1) / 2 - 1) + 0.8)}} for k in sizes]
    return blurs if len(blurs) == 1 else [{"one_of": {"steps": blurs}}]


@entry(
    "Sharpen",
    p=0.5,
    alpha=pair([0.2, 0.5], within=FRACTION),
    lightness=pair([0.5, 1.0], within=Bounds(0, 10)),
    method=choice("kernel", default="kernel", others={"gaussian": "leave it out, or write sharpness"}),
    kernel_size=ignored(5),
    sigma=ignored(1.0),
)
def _sharpen(call: Any) -> Steps:
    return [{"sharpen": {"alpha": call.alpha, "lightness": call.lightness}}]
