"""Rain, fog, sun, snow and shadow, as Albumentations names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into, range_from
from augcli.spec.dialects.entry import Entries, Steps
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number, numbers, whole
from augcli.spec.dialects.parameters.ranges import pair, whole_pair
from augcli.spec.dialects.parameters.words import choice
from augcli.spec.dialects.units import FRACTION, Bounds

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


@entry(
    "RandomRain",
    p=0.5,
    slant_range=pair([-10, 10]),
    slant_lower=number(None),
    slant_upper=number(None),
    drop_length=whole(None),
    drop_width=whole(1),
    drop_color=colour([200, 200, 200]),
    blur_value=whole(7),
    brightness_coefficient=number(0.7, within=FRACTION),
    rain_type=choice("default", "drizzle", "heavy", "torrential", default=None),
)
def _rain(call: Any) -> Steps:
    length = {} if call.drop_length is None else {"drop_length": call.drop_length}
    settings = {"drop_width": call.drop_width, "color": call.drop_color, "brightness": call.brightness_coefficient}
    slant = range_from(call, "slant_range", "slant_lower", "slant_upper")
    kind = call.rain_type or "default"
    return [{"rain": {"kind": kind, "slant": slant, **length, **settings, "blur": call.blur_value}}]


@entry(
    "RandomFog",
    p=0.5,
    fog_coef_range=pair([0.3, 1], within=Bounds(0.01, 1)),
    fog_coef_lower=number(None),
    fog_coef_upper=number(None),
    alpha_coef=number(0.08, within=FRACTION),
)
def _fog(call: Any) -> Steps:
    density = range_from(call, "fog_coef_range", "fog_coef_lower", "fog_coef_upper")
    return [{"fog": {"density": density, "alpha": call.alpha_coef}}]


@entry(
    "RandomSunFlare",
    p=0.5,
    flare_roi=numbers(4, default=[0, 0, 1, 0.5]),
    angle_range=pair([0, 1], within=FRACTION),
    angle_lower=number(None),
    angle_upper=number(None),
    num_flare_circles_range=whole_pair([6, 10], within=Bounds(1, 100)),
    num_flare_circles_lower=whole(None),
    num_flare_circles_upper=whole(None),
    src_radius=whole(400),
    src_color=colour([255, 255, 255]),
    method=choice("overlay", default="overlay", others={"physics_based": "leave it out"}),
)
def _sun_flare(call: Any) -> Steps:
    angle = range_from(call, "angle_range", "angle_lower", "angle_upper")
    lower, upper = "num_flare_circles_lower", "num_flare_circles_upper"
    circles = range_from(call, "num_flare_circles_range", lower, upper)
    settings = {"roi": call.flare_roi, "radius": call.src_radius, "color": call.src_color}
    return [{"sun_flare": {"angle": angle, "circles": circles, **settings}}]


@entry(
    "RandomSnow",
    p=0.5,
    snow_point_range=pair([0.1, 0.3], within=FRACTION),
    snow_point_lower=number(None),
    snow_point_upper=number(None),
    brightness_coeff=number(2.5),
    method=choice("bleach", default="bleach", others={"texture": "leave it out"}),
)
def _snow(call: Any) -> Steps:
    point = range_from(call, "snow_point_range", "snow_point_lower", "snow_point_upper")
    return [{"snow": {"point": point, "brightness": call.brightness_coeff}}]


@entry(
    "RandomShadow",
    p=0.5,
    shadow_roi=numbers(4, default=[0, 0.5, 1, 1]),
    num_shadows_limit=whole_pair([1, 2], within=Bounds(1, 100)),
    num_shadows_lower=whole(None),
    num_shadows_upper=whole(None),
    shadow_dimension=whole(5),
    shadow_intensity_range=pair([0.5, 0.5], within=FRACTION),
)
def _shadow(call: Any) -> Steps:
    count = range_from(call, "num_shadows_limit", "num_shadows_lower", "num_shadows_upper")
    settings = {"corners": call.shadow_dimension, "intensity": call.shadow_intensity_range}
    return [{"shadow": {"roi": call.shadow_roi, "count": count, **settings}}]
