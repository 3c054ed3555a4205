"""Albumentations 2.0.8, and the parameters of its versions up to 1.3 with the meaning that they had there.

Where a default depends on the version, it is today's. Parameters for masks, boxes and keypoints are taken and say
nothing about an image.
"""

from __future__ import annotations

from augcli.spec.dialects.albumentations import (
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
from augcli.spec.dialects.entry import Entries

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
