"""Boxes that are blotted out, as Albumentations names them."""

from __future__ import annotations

from typing import Any

from augcli.spec.dialects.albumentations.declaration import entry_into
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable
from augcli.spec.dialects.parameters.colours import colour
from augcli.spec.dialects.parameters.numbers import number, whole
from augcli.spec.dialects.parameters.ranges import Span, pair, whole_pair
from augcli.spec.dialects.parameters.words import fixed, flag, ignored, not_offered
from augcli.spec.dialects.units import AREA, FRACTION, RATIO, Bounds, pair_up_to, rounded

ENTRIES: Entries = {}
entry = entry_into(ENTRIES)


def _filled() -> Parameter:
    read = colour(None, random="random").read

    def offered(value: Any) -> Any:
        if isinstance(value, str) and value in ("random_uniform", "inpaint_telea", "inpaint_ns"):
            raise Untranslatable(f"`{value}` is not offered", "write random, or a colour")
        return read(value)

    return Parameter(offered, None, words="a level 0 to 255, [red, green, blue] or random")


def _fill(call: Any) -> Any:
    """Return the fill under either of its names; black where it has none."""
    fill = call.fill if call.fill is not None else call.fill_value
    return 0 if fill is None else fill


_HOLES = Bounds(0, 10000, "shares of the side below 1, else pixels")
_OLD_HOLES = ("max_holes", "max_height", "max_width", "min_holes", "min_height", "min_width")


@entry(
    "CoarseDropout",
    p=0.5,
    num_holes_range=whole_pair([1, 2], within=Bounds(1, 1000)),
    hole_height_range=pair([0.1, 0.2], within=_HOLES),
    hole_width_range=pair([0.1, 0.2], within=_HOLES),
    fill=_filled(),
    fill_mask=ignored(),
    **dict.fromkeys(_OLD_HOLES, number(None)),
    fill_value=_filled(),
    mask_fill_value=ignored(),
)
def _coarse_dropout(call: Any) -> Steps:
    """The names of old, `max_holes` and the like, had a least value of its own: left out it is the greatest, so that
    `max_holes: 8` is exactly 8. One of them given, those left out are 8 each.
    """
    today = ("num_holes_range", "hole_height_range", "hole_width_range")
    old = [name for name in _OLD_HOLES if name in call.given]
    spans: list[Span] = [getattr(call, name) for name in today]
    if old:
        for name in today:
            if name in call.given:
                raise Untranslatable("stands beside names of old", f"leave {old[0]} out", name)
        spans = []
        for kind in ("holes", "height", "width"):
            high, low = getattr(call, f"max_{kind}"), getattr(call, f"min_{kind}")
            high = 8 if high is None else high
            spans.append([high if low is None else low, high])
    holes, height, width = spans
    settings = {"holes": holes, "height": height, "width": width, "fill": _fill(call)}
    return [{"coarse_dropout": settings}]


@entry("Cutout", p=0.5, num_holes=whole(8), max_h_size=whole(8), max_w_size=whole(8), fill_value=_filled())
def _cutout(call: Any) -> Steps:
    """Boxes lie inside the image here; there their middles did."""
    settings = {"holes": call.num_holes, "height": call.max_h_size, "width": call.max_w_size}
    return [{"coarse_dropout": {**settings, "fill": call.fill_value or 0}}]


@entry(
    "GridDropout",
    p=0.5,
    ratio=number(0.5, within=FRACTION),
    random_offset=flag(True),
    unit_size_range=whole_pair(None),
    unit_size_min=whole(None),
    unit_size_max=whole(None),
    holes_number_xy=not_offered("leave it out, and write unit_size_range: [32, 64]"),
    holes_number_x=not_offered("leave it out, and write unit_size_range: [32, 64]"),
    holes_number_y=not_offered("leave it out, and write unit_size_range: [32, 64]"),
    shift_xy=fixed([0, 0], "leave it out, or set random_offset: true"),
    shift_x=fixed(0, "leave it out, or set random_offset: true"),
    shift_y=fixed(0, "leave it out, or set random_offset: true"),
    fill=_filled(),
    fill_mask=ignored(),
    fill_value=_filled(),
    mask_fill_value=ignored(),
)
def _grid_dropout(call: Any) -> Steps:
    unit = call.unit_size_range
    if unit is None and None not in (call.unit_size_min, call.unit_size_max):
        unit = [call.unit_size_min, call.unit_size_max]
    settings = {"ratio": call.ratio, "random_offset": call.random_offset, "fill": _fill(call)}
    return [{"grid_dropout": settings | ({} if unit is None else {"unit": unit})}]


@entry(
    "Erasing",
    p=0.5,
    scale=pair([0.02, 0.33], within=AREA, around=pair_up_to(0.02)),
    ratio=pair([0.3, 3.3], within=RATIO),
    fill=_filled(),
    fill_mask=ignored(),
)
def _erasing(call: Any) -> Steps:
    """The ratio is width / height there, height / width here."""
    ratio = [rounded(1 / end) for end in reversed(call.ratio)]
    settings = {"sampler": "fitted", "scale": call.scale, "ratio": ratio}
    return [{"random_erasing": {**settings, "fill": call.fill or 0}}]
