"""Resizing, cropping and padding, as Albumentations names it."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.borders import border, border_mode, interpolation, outside
from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.canonical import resized_to_longest_side, same_settings
from augcli.spec.dialects.entry import Entries, Steps, Untranslatable
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import whole, wholes
from augcli.spec.dialects.parameters.ranges import pair
from augcli.spec.dialects.parameters.words import choice, fixed, flag, ignored, not_offered
from augcli.spec.dialects.units import AREA, PIXELS, RATIO, pair_up_to

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)

_SIDES = dict.fromkeys(("height", "width"), whole(within=PIXELS).with_example(224))
_RESIZED = {
    "interpolation": interpolation(),
    "mask_interpolation": ignored(),
    "area_for_downscale": ignored(),
}


@entry("Resize", **_SIDES, **_RESIZED)
def _resize(call: Any) -> Steps:
    """Shrinking is antialiased here."""
    return [{"resize": {"size": [call.height, call.width], "interpolation": call.interpolation}}]


_LONGEST = {
    "max_size": whole(1024, within=PIXELS),
    "max_size_hw": not_offered("leave it out; max_size is offered"),
    **_RESIZED,
}


@entry("SmallestMaxSize", **_LONGEST)
def _smallest(call: Any) -> Steps:
    """The longer side is rounded down here, and to nearest there. Shrinking is antialiased here."""
    return [{"resize": {"size": call.max_size, "interpolation": call.interpolation}}]


@entry("LongestMaxSize", **_LONGEST)
def _longest(call: Any) -> Steps:
    """The shorter side is rounded down here, and to nearest there. Shrinking is antialiased here."""
    return [resized_to_longest_side(call.max_size, call.interpolation)]


_CROPPED = {
    **_SIDES,
    "pad_if_needed": flag(False),
    "pad_position": fixed("center", "leave it out, or put pad before the crop"),
    **outside(resampled=False),
}


def _cropped(name: str, call: Any) -> Steps:
    size_and_border = {"size": [call.height, call.width], "border": border(call)}
    return [*([{"pad": size_and_border}] if call.pad_if_needed else []), {name: size_and_border}]


@entry("RandomCrop", **_CROPPED)
def _random_crop(call: Any) -> Steps:
    return _cropped("random_crop", call)


@entry("CenterCrop", **_CROPPED)
def _center_crop(call: Any) -> Steps:
    """An odd difference is halved to the even neighbour here, and down there: 1 px in one of two such cases."""
    return _cropped("center_crop", call)


@entry(
    "AtLeastOneBBoxRandomCrop",
    **_SIDES,
    erosion_factor=fixed(0.0, "leave it out: the box is kept whole"),
)
def _crop_around_one(call: Any) -> Steps:
    """Kept is a box that fits where there is one, here, and any there; there it may lack a part of a pixel."""
    return [{"random_crop": {"size": [call.height, call.width], "keep": "objects"}}]


@entry(
    "RandomResizedCrop",
    size=wholes(2, default=None).with_example([224, 224]),
    height=whole(None, within=PIXELS),
    width=whole(None, within=PIXELS),
    scale=pair([0.08, 1.0], within=AREA, around=pair_up_to(1)),
    ratio=pair([3 / 4, 4 / 3], within=RATIO),
    **_RESIZED,
)
def _random_resized_crop(call: Any) -> Steps:
    """Shrinking is antialiased here."""
    size = call.size
    if size is None:
        if None in (call.height, call.width):
            raise Untranslatable("neither `size` nor `height` and `width` are given", "write size: [224, 224]")
        size = [call.height, call.width]
    return [{"random_resized_crop": {"size": size, **same_settings(call, "scale", "ratio", "interpolation")}}]


_MODES = {"border_mode": border_mode(0), "fill": colour(0), "fill_mask": ignored()}


@entry("Pad", padding=wholes(1, 2, 4, default=0), **_MODES)
def _pad(call: Any) -> Steps:
    return [{"pad": {"padding": call.padding, "border": {"mode": call.border_mode, "fill": call.fill}}}]


@entry(
    "PadIfNeeded",
    min_height=whole(1024, within=PIXELS),
    min_width=whole(1024, within=PIXELS),
    pad_height_divisor=not_offered("leave it out, and write min_height: 256"),
    pad_width_divisor=not_offered("leave it out, and write min_width: 256"),
    position=choice("center", default="center"),
    **outside(resampled=False),
)
def _pad_if_needed(call: Any) -> Steps:
    return [{"pad": {"size": [call.min_height, call.min_width], "border": border(call)}}]
