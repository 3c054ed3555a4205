"""The types of settings that are not drawn: numbers, words, sizes, colours, parts of an image."""

from __future__ import annotations

from typing import Any, Literal

from augcli.problems import spelled, write, write_number
from augcli.settings.value_types import (
    Schema,
    ValueType,
    Within,
    Wrong,
    bounded,
    check_limits,
    each,
    list_of,
    number,
    one_or_list,
    pair,
    parts_of,
    whole,
    whole_within,
)
from augcli.settings.values import Colour, Region

# Numbers and words


def _read_number(value: Any, within: Within) -> float:
    found = number(value)
    if within[0] >= 0 and within[1] <= 1 and 2 <= found <= 100:  # per cent
        raise Wrong(f"`{found:g}` is out of bounds; {within[0]:g} to {within[1]:g} is allowed", write(found / 100))
    check_limits(found, found, within)
    return found


def _read_count(value: Any, within: Within) -> int:
    found = whole(value)
    check_limits(found, found, within)
    return found


def _read_quality(value: Any, within: Within) -> int | Literal["keep"]:
    if isinstance(value, str) and value != "keep":
        raise Wrong(f"expected a whole number or `keep`, got {spelled(value)}", write_number(value))
    return "keep" if value == "keep" else _read_count(value, within)


def _quality_schema(within: Within) -> Schema:
    return {"anyOf": [bounded("integer", within), {"const": "keep"}]}


def _read_text(value: Any, within: Within) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise Wrong(f"expected a word, got {spelled(value)}")
    return value


NUMBER = ValueType("a number", _read_number, lambda within: bounded("number", within))
COUNT = ValueType("a whole number", _read_count, lambda within: bounded("integer", within))
QUALITY = ValueType("a whole number, or `keep`", _read_quality, _quality_schema)
TEXT = ValueType("a word", _read_text, lambda within: {"type": "string", "minLength": 1})


# Numbers for each channel


def _read_numbers(value: Any, within: Within) -> tuple[float, float, float]:
    wanted = "a number or three of them [red, green, blue]"
    is_list = isinstance(value, (list, tuple))
    parts = list(value) if is_list else [value] * 3
    if len(parts) != 3:
        raise Wrong(f"expected {wanted}, got {spelled(parts)}")
    red, green, blue = each(parts, lambda part: number(part, wanted)) if is_list else [number(value, wanted)] * 3
    for part in (red, green, blue):
        check_limits(part, part, within)
    return red, green, blue


NUMBERS = ValueType(
    "a number, or [red, green, blue]", _read_numbers, lambda within: one_or_list(bounded("number", within), 3)
)


# Sizes


def _read_size(value: Any, within: Within) -> int | tuple[int, int]:
    wanted = "a whole number or [height, width]"
    both = pair(value, wanted)
    sides = [whole(value, wanted)] if both is None else each(both, lambda side: whole(side, wanted))
    for side in sides:
        whole_within(side, wanted, within)
    return sides[0] if both is None else (sides[0], sides[1])


def _read_padding(value: Any, within: Within) -> tuple[int, int, int, int]:
    wanted = "a whole number, [left and right, top and bottom] or [left, top, right, bottom]"
    sides = parts_of(value)
    if len(sides) not in (1, 2, 4):
        raise Wrong(f"expected {wanted}, got {spelled(sides)}")
    left, top, right, bottom = ([whole_within(side, wanted, within) for side in sides] * 4)[:4]
    return left, top, right, bottom


SIZE = ValueType(
    "a whole number or [height, width], as torchvision takes it",
    _read_size,
    lambda within: one_or_list(bounded("integer", within), 2),
)
PADDING = ValueType(
    "a whole number, [left and right, top and bottom] or all four",
    _read_padding,
    lambda within: one_or_list(bounded("integer", within), 2, 4),
)


# Colours

_LEVELS = (0, 255)


def _read_colour(value: Any, within: Within) -> Colour:
    wanted = "a whole number 0 to 255 or three of them [red, green, blue]"
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    if len(parts) != 3:
        raise Wrong(f"expected {wanted}, got {spelled(parts)}")
    red, green, blue = (whole_within(part, wanted, _LEVELS) for part in parts)
    return red, green, blue


def _colour_schema(within: Within) -> Schema:
    return one_or_list(bounded("integer", _LEVELS), 3)


def _read_fill(value: Any, within: Within) -> Colour | Literal["random"]:
    if isinstance(value, str):
        if value != "random":
            raise Wrong(f"expected a level, [red, green, blue] or `random`, got {spelled(value)}")
        return "random"
    return _read_colour(value, within)


def _fill_schema(within: Within) -> Schema:
    return {"anyOf": [*_colour_schema(within)["anyOf"], {"const": "random"}]}


COLOUR = ValueType("a level 0 to 255 or [red, green, blue]", _read_colour, _colour_schema)
FILL = ValueType("a level 0 to 255, [red, green, blue], or `random` for noise", _read_fill, _fill_schema)


# Parts of an image


def _read_region(value: Any, within: Within) -> Region:
    wanted = "four numbers [left, top, right, bottom]"
    parts = parts_of(value)
    if len(parts) != 4:
        raise Wrong(f"expected {wanted}, got {spelled(value)}")
    left, top, right, bottom = each(parts, lambda part: number(part, wanted))
    for low, high in ((left, right), (top, bottom)):
        check_limits(low, high, within)
    return left, top, right, bottom


REGION = ValueType(
    "[left, top, right, bottom] as shares of the sides",
    _read_region,
    lambda within: list_of(bounded("number", within), 4),
)
