"""Albumentations 2.0.8, and the parameters that its versions up to 1.3 had, with the meaning that they had there.

Hue is in half degrees, gamma in percent, a blur's limit one number for `3 to it`. What a default depends on the
version, it is today's. Parameters for masks, boxes and keypoints are known and say nothing about an image.
"""

from __future__ import annotations

from augcli.image.dialects.albumentations import (
    blur,
    colour,
    containers,
    dropout,
    geometry,
    noise,
    quality,
    refusals,
    sizes,
    values,
    weather,
)
from augcli.image.dialects.entry import Entries

ENTRIES: Entries = {
    **containers.ENTRIES,
    **sizes.ENTRIES,
    **geometry.ENTRIES,
    **colour.ENTRIES,
    **blur.ENTRIES,
    **noise.ENTRIES,
    **quality.ENTRIES,
    **weather.ENTRIES,
    **dropout.ENTRIES,
    **values.ENTRIES,
    **refusals.ENTRIES,
}
