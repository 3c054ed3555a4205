"""The types of settings that a draw is made from: one number, which means a range to each in its way, or two ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from augcli.problems import write
from augcli.settings.value_types import (
    Schema,
    ValueType,
    Within,
    Wrong,
    as_part,
    bounded,
    check_limits,
    each,
    list_of,
    number,
    one_or_list,
    pair,
    whole,
)
from augcli.settings.values import PerAxis, Range

# Ranges of numbers


def _range_of_numbers(words: str, single: Callable[[float, Within], Range]) -> ValueType:
    """Make a type of ranges; `single` says which range one number means."""
    wanted = "a number or a pair [low, high]"

    def read(value: Any, within: Within) -> Range:
        ends = pair(value, wanted)
        if ends is None:
            found = single(number(value, wanted), within)
        else:
            found = Range(*each(ends, lambda end: number(end, wanted)))
        check_limits(*found, within)
        return found

    def schema(within: Within) -> Schema:
        return {"anyOf": [{"type": "number"}, list_of(bounded("number", within), 2)]}

    return ValueType(words, read, schema)


def _limit(value: float, within: Within) -> Range:
    if value < 0:
        raise Wrong(f"a limit is not negative, got `{value:g}`", write(-value, note=f" for {value:g} to {-value:g}"))
    return Range(-value if value else 0.0, value)


def _factor(value: float, within: Within) -> Range:
    if value < 0:
        raise Wrong(f"a factor's spread is not negative, got `{value:g}`", write(-value))
    low = round(1 - value, 12)
    if low < 0 == within[0]:
        low = 0.0  # as torchvision and Keras: a factor is not negative
    if low < within[0]:
        help = write([value, value], note=f" for exactly {value:g}")
        raise Wrong(f"one number is a spread about 1, and 1 - {value:g} is below {within[0]:g}", help)
    return Range(low, round(1 + value, 12))


LIMIT = _range_of_numbers("a number v: -v to v; [a, b]: a to b", _limit)
FACTOR = _range_of_numbers("a number v: 1-v to 1+v; [a, b]: a to b", _factor)
VALUE = _range_of_numbers("a number v: exactly v; [a, b]: a to b", lambda value, within: Range(value, value))


# Ranges of whole numbers


def _whole_ends(value: Any, wanted: str, within: Within) -> tuple[int, int]:
    ends = pair(value, wanted)
    low, high = [whole(value, wanted)] * 2 if ends is None else each(ends, lambda end: whole(end, wanted))
    check_limits(low, high, within)
    return low, high


def _read_whole(value: Any, within: Within) -> Range:
    return Range(*_whole_ends(value, "a whole number or a pair of them", within))


def _read_odd(value: Any, within: Within) -> Range:
    low, high = _whole_ends(value, "an odd whole number or a pair of them", within)

    def odd(end: int) -> int:
        if end % 2 == 0:
            raise Wrong(f"`{end}` is even; a kernel has a middle pixel", write(end - 1, end + 1))
        return end

    if isinstance(value, (list, tuple)):
        return Range(*each(value, odd))
    return Range(odd(low), odd(high))


def _whole_schema(within: Within) -> Schema:
    return one_or_list(bounded("integer", within), 2)


ODD = ValueType("an odd whole number k: exactly k; [a, b]: an odd one from a to b", _read_odd, _whole_schema)
WHOLE = ValueType("a whole number n: exactly n; [a, b]: one from a to b", _read_whole, _whole_schema)


# One range for each axis


def _per_axis(words: str, one: ValueType) -> ValueType:
    """Make the type of a setting with a range of type `one` for each axis; an axis left out is neutral."""
    wanted = "a number or {x: ..., y: ...}"

    def read(value: Any, within: Within) -> PerAxis:
        if isinstance(value, PerAxis):
            return value
        if isinstance(value, (list, tuple)):
            what = "a bare pair does not say whether it means two axes or a range"
            both_ways = [dict(zip("xy", value, strict=False)), {"x": value, "y": value}]
            raise Wrong(what, write(*both_ways) if len(value) == 2 else None)
        if not isinstance(value, Mapping):
            both = one.read(value, within)
            return PerAxis(both, both)
        for key in value:
            if key not in ("x", "y"):
                raise Wrong(f"expected {wanted}, got the key `{key}`")
        axes = []
        for axis in ("x", "y"):
            with as_part(lambda other, axis=axis: {**value, axis: other}):  # type: ignore[misc]
                axes.append(one.read(value.get(axis, 0), within))
        return PerAxis(*axes)

    def schema(within: Within) -> Schema:
        entry = one.schema(within)
        both = {"type": "object", "properties": {"x": entry, "y": entry}, "additionalProperties": False}
        return {"anyOf": [{"type": "number"}, both]}

    return ValueType(words, read, schema)


AXES = _per_axis("a number v: -v to v on both axes; {x: ..., y: ...}: one entry each", LIMIT)
FACTORS = _per_axis("a number v: 1-v to 1+v on both axes; {x: ..., y: ...}: one entry each", FACTOR)
