"""What loses quality: compression and low resolution, as Albumentations names it."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into, range_from
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.ranges import pair, whole_pair
from augcli.spec.dialects.parameters.words import word
from augcli.spec.dialects.units import QUALITY, Bounds

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)

_JPEG = {0: "jpeg", "jpeg": "jpeg"}
_WEBP = "leave it out; webp is not offered"


@entry(
    "ImageCompression",
    p=0.5,
    compression_type=word(_JPEG, "jpeg", {1: _WEBP, "webp": _WEBP}),
    quality_range=whole_pair([99, 100], within=QUALITY),
    quality_lower=whole(None, within=QUALITY),
    quality_upper=whole(None, within=QUALITY),
)
@entry(
    "JpegCompression",
    p=0.5,
    quality_range=whole_pair([99, 100], within=QUALITY),
    quality_lower=whole(None, within=QUALITY),
    quality_upper=whole(None, within=QUALITY),
)
def _compression(call: Any) -> Steps:
    return [{"jpeg_compression": {"quality": range_from(call, "quality_range", "quality_lower", "quality_upper")}}]


def _pair_of_interpolations(value: Any) -> str:
    pair = value if isinstance(value, dict) else {"downscale": value, "upscale": value}
    known = {
        0: "nearest",
        "inter_nearest": "nearest",
        1: "bilinear",
        "inter_linear": "bilinear",
        3: "area",
        "inter_area": "area",
    }
    down, up = (word(known).read(pair.get(way, 0)) for way in ("downscale", "upscale"))
    if (down, up) == ("nearest", "nearest"):
        return "nearest"
    if (down, up) == ("area", "bilinear"):
        return "bilinear"
    raise Untranslatable(f"shrinking by {down} and growing by {up} is not offered", "write {downscale: 3, upscale: 1}")


_SMALLER = Bounds(0.01, 1)
_PAIR = Parameter(_pair_of_interpolations, None, words="0, 3 or {downscale: 3, upscale: 1}")


@entry(
    "Downscale",
    p=0.5,
    scale_range=pair([0.25, 0.25], within=_SMALLER),
    scale_min=number(None, within=_SMALLER),
    scale_max=number(None, within=_SMALLER),
    interpolation_pair=_PAIR,
    interpolation=_PAIR,
)
def _downscale(call: Any) -> Steps:
    scale = range_from(call, "scale_range", "scale_min", "scale_max")
    interpolation = call.interpolation_pair or call.interpolation or "nearest"
    return [{"downscale": {"scale": scale, "interpolation": interpolation, "grid": "corner"}}]
