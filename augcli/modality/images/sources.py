"""Sources opened as a run opens them: decoded upright, as the spec's `input` says, no finer than its steps need."""

from __future__ import annotations

from augcli.image import pictures
from augcli.image.arrays import Picture
from augcli.image.pictures import Header
from augcli.plan.output_names import Item
from augcli.plan.recipes import pitch
from augcli.problems import Unusable
from augcli.spec.spec import Spec

OPAQUE = ("jpeg", "npy")
"""The formats of outputs that have no transparency."""


def open_picture(spec: Spec, item: Item, data: bytes, header: Header) -> tuple[Picture, str]:
    """Decode a source upright, without alpha where the format of the item's output has none; say what was converted."""
    shrink = pitch(spec.steps_of(item.source.role), spec.fusion, header.size) if header.format == "jpeg" else 1
    picture, converted = decode_as_spec_says(spec, data, header, shrink)
    if picture.alpha is not None and item.format in OPAQUE:
        picture = over_background(spec, picture)
        converted.append("alpha")
    return picture, " ".join(converted)


def over_background(spec: Spec, picture: Picture) -> Picture:
    """Lay a picture with transparency over the spec's background."""
    return pictures.flatten(picture, spec.output.background or spec.border.fill)


def decode_as_spec_says(spec: Spec, data: bytes, header: Header, shrink: int = 1) -> tuple[Picture, list[str]]:
    """Decode a source as the spec's `input` says, at 1/`shrink`; say what was converted."""
    profiles = spec.input.color_profiles
    converted = list(header.converted)
    try:
        picture = pictures.decode(data, header, shrink, profiles)
    except Unusable:
        if spec.input.truncated == "refuse":
            raise
        picture = pictures.decode_truncated(data, header, shrink, profiles)
        converted.append("truncated")
    if word := pictures.colour_conversion(header.profile, header.mode, profiles).word:
        converted.append(word)
    return picture, converted
