"""The ends and the middles of a transform's ranges, for pictures that show what its settings do."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from augcli.random_streams import rounded
from augcli.settings.ranges import ODD, WHOLE
from augcli.settings.transform import AnyTransform
from augcli.settings.value_types import ValueType
from augcli.settings.values import PerAxis, Range

End: TypeAlias = Literal["low", "middle", "high"]
ENDS: tuple[End, ...] = get_args(End)


def values(transform: AnyTransform[Any], end: End) -> dict[str, Range | PerAxis]:
    """Return one value for each setting that is a range: its low end, its middle or its high end.

    A middle is a value that may be drawn: whole numbers stay whole and odd ones odd, rounded down.
    """
    found: dict[str, Range | PerAxis] = {}
    for key, field in type(transform).fields.items():
        value = getattr(transform, key)
        if isinstance(value, Range):
            found[key] = _one(value, end, field.value_type)
        elif isinstance(value, PerAxis):
            found[key] = PerAxis(*(_one(bounds, end, None) for bounds in value))
    return {key: value for key, value in found.items() if value != getattr(transform, key)}


def _one(bounds: Range, end: End, kind: ValueType | None) -> Range:
    low, high = bounds
    step = 2 if kind is ODD else 1
    middle = low + (high - low) / 2 // step * step if kind in (ODD, WHOLE) else rounded((low + high) / 2)
    value = {"low": low, "middle": middle, "high": high}[end]
    return Range(value, value)
