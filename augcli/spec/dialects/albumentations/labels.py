"""Albumentations' `BboxParams`, which are no step: what they come to among the spec's settings of `labels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augcli.problems import flow, spelled
from augcli.spec.dialects.entry import Parameter, Untranslatable
from augcli.spec.dialects.parameters.reading import a_number
from augcli.spec.dialects.units import FRACTION, PIXELS

THRESHOLDS = ("min_area", "min_visibility", "min_width", "min_height", "max_accept_ratio")
"""Parameters that drop boxes; the others say nothing that is not done here anyway."""
PARAMETERS = ("format", "label_fields", *THRESHOLDS[:4])
"""In the order of all versions."""


def settings_of(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of `labels` that have the same meaning, and what is to be known of the others.

    Raises `Untranslatable` where a threshold is no number.
    """
    area, visibility, width, height, ratio = (a_number(given.get(key) or 0) for key in THRESHOLDS)
    FRACTION.check(visibility, written=visibility)
    settings: dict[str, Any] = {"min_visible": visibility}
    notes = []
    if visibility:
        notes.append("`min_visibility` is of the box at each step there, `min_visible` of the whole shape, once")
    if width == height <= PIXELS.high:
        settings |= {"min_pixels": width} if width else {}
    else:
        notes.append("`min_width` and `min_height` differ; `min_pixels` is for both sides")
    if area:
        notes.append("`min_area` is in square pixels; `min_pixels` is the shorter side")
    if ratio:
        notes.append("`max_accept_ratio` is not offered")
    return settings, notes


def bbox_params() -> Parameter:
    """Refuse a value, with the settings of the spec that say the same."""

    def read(value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, Mapping):
            raise Untranslatable(f"expected settings of BboxParams, got {spelled(value)}", "leave it out")
        settings, notes = settings_of(value)
        what = "; ".join(["is said for all steps at the top of a spec", *notes])
        raise Untranslatable(what, f"leave it out, and write labels: {flow(settings)} there")

    return Parameter(read, None, words="not offered: labels at the top of the spec says it")
