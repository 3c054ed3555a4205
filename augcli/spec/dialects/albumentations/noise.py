"""Noise, as Albumentations names it."""

from __future__ import annotations

import math
from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.entry import Entries, Steps, Untranslatable
from augcli.spec.dialects.parameters.ranges import pair, times, up_to, value
from augcli.spec.dialects.parameters.words import fixed, flag
from augcli.spec.dialects.units import BRIGHTNESS, FRACTION, INTENSITY, LEVELS, Bounds, rounded

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


@entry(
    "GaussNoise",
    p=0.5,
    std_range=pair([0.2, 0.44], within=INTENSITY),
    mean_range=pair([0, 0], within=BRIGHTNESS),
    var_limit=up_to(0, None, within=Bounds(0, 65025, "squared levels")),
    mean=value(None, within=LEVELS),
    per_channel=flag(True),
    noise_scale_factor=fixed(1, "leave it out; every pixel has noise of its own"),
)
def _gauss_noise(call: Any) -> Steps:
    """The `var_limit` of old is a variance in levels: [10, 50] is a deviation of 3.16 to 7.07 levels. The variance was
    uniform in its range, the deviation is here. The `mean` of old is in levels too.
    """
    for old, new in (("var_limit", "std_range"), ("mean", "mean_range")):
        if getattr(call, old) is not None and new in call.given:
            raise Untranslatable("stands beside its new name", f"leave it out; {new} says it", old)
    std = call.std_range
    if call.var_limit is not None:
        std = [rounded(math.sqrt(max(0, variance)) / 255) for variance in call.var_limit]
    mean = call.mean_range if call.mean is None else times(call.mean, 1 / 255)
    return [{"gauss_noise": {"std": std, "mean": mean, "per_channel": call.per_channel}}]


@entry(
    "ISONoise", p=0.5, color_shift=pair([0.01, 0.05], within=FRACTION), intensity=pair([0.1, 0.5], within=Bounds(0, 2))
)
def _iso_noise(call: Any) -> Steps:
    """The formula of 1.3; 2.0.8 has lost its scales."""
    return [{"iso_noise": {"color_shift": call.color_shift, "intensity": call.intensity}}]


@entry(
    "SaltAndPepper", p=0.5, amount=pair([0.01, 0.06], within=FRACTION), salt_vs_pepper=pair([0.4, 0.6], within=FRACTION)
)
def _salt_and_pepper(call: Any) -> Steps:
    return [{"salt_and_pepper": {"amount": call.amount, "salt": call.salt_vs_pepper}}]
