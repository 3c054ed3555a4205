"""What may be written for a setting: each kind reads a YAML value, or raises its words of what is wrong with it.

A kind knows no setting; unit, limits and help stand where the setting is declared, in `settings`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from pydantic_core import PydanticCustomError

from augcli.problems import Instead, spelled, write


class Range(NamedTuple):
    """Both ends belong to the range."""

    low: float
    high: float


class PerAxis(NamedTuple):
    """One range for each axis of the image."""

    x: Range
    y: Range


Within: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]
Region: TypeAlias = tuple[float, float, float, float]


def wrong(what: str, help: str | None = None) -> PydanticCustomError:
    """Make the error that a reader raises; spec.py puts the place to it."""
    context = {"what": what} | ({"help": help} if help else {})
    return PydanticCustomError("setting", "{what}", context)


def _number(value: Any, wanted: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(f"expected {wanted}, got {spelled(value)}", meant(value))
    return float(value)


def _whole(value: Any, wanted: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"expected {wanted}, got {spelled(value)}", meant(value))
    return value


_ARITHMETIC = re.compile(r"([-+]?[0-9.]+)\s*(?:/\s*([0-9.]+)|(%))?")  # linear, whatever is matched


def _each(parts: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Read the parts of a list; what to write instead of one of them is said of the whole list."""
    found: list[Any] = []
    for at, part in enumerate(parts):
        with _as_part(lambda other, at=at: [*parts[:at], other, *parts[at + 1 :]]):  # type: ignore[misc]
            found.append(read(part))
    return found


@contextmanager
def _as_part(whole: Callable[[Any], Any]) -> Iterator[None]:
    """Say what to write instead of a part as what to write instead of the whole."""
    try:
        yield
    except PydanticCustomError as error:
        help = (error.context or {}).get("help")
        if not isinstance(help, Instead):
            raise
        raise wrong(error.message(), write(*map(whole, help.values))) from None


def meant(value: Any) -> Instead | None:
    """Return what to write for text that stands for a number: `"0.5"`, `1./255`, `10%`."""
    found = _ARITHMETIC.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if found is None:
            return None
        number = float(found[1]) / (float(found[2]) if found[2] else 100 if found[3] else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return write(float(f"{number:.6g}")) if math.isfinite(number) else None


def _exact(number: float) -> str:
    """Write a number as its author would; no power of ten for a number of copies."""
    return str(int(number)) if abs(number) < 1e15 and number == int(number) else f"{number:g}"


def _inside(low: float, high: float, within: Within) -> None:
    if low > high:
        raise wrong(f"the range `[{low:g}, {high:g}]` is upside down", write([high, low]))
    for end in (high, low):
        if not within[0] <= end <= within[1]:
            raise wrong(f"`{_exact(end)}` is out of bounds; {within[0]:g} to {_exact(within[1])} is allowed")


def _pair(value: Any, wanted: str) -> tuple[Any, Any] | None:
    """Return the two entries of a list, or None for anything but a list."""
    if not isinstance(value, (list, tuple)):
        return None
    if len(value) != 2:
        raise wrong(f"expected {wanted}, got {spelled(list(value))}")
    return value[0], value[1]


@dataclass(frozen=True)
class Kind:
    """What may be written for a setting: how it is read, said in words, and as JSON Schema."""

    words: str
    read: Callable[[Any, Within], Any]
    schema: Callable[[Within], dict[str, Any]]


def _ranged(words: str, single: Callable[[float, Within], Range]) -> Kind:
    wanted = "a number or a pair [low, high]"

    def read(value: Any, within: Within) -> Range:
        pair = _pair(value, wanted)
        if pair is None:
            found = single(_number(value, wanted), within)
        else:
            found = Range(*_each(pair, lambda end: _number(end, wanted)))
        _inside(*found, within)
        return found

    def schema(within: Within) -> dict[str, Any]:
        number = {"type": "number"}
        bounded = {**number, "minimum": within[0], "maximum": within[1]}
        pair = {"type": "array", "items": bounded, "minItems": 2, "maxItems": 2}
        return {"anyOf": [number, pair]}

    return Kind(words, read, schema)


def _as_limit(value: float, within: Within) -> Range:
    if value < 0:
        raise wrong(f"a limit is not negative, got `{value:g}`", write(-value, note=f" for {value:g} to {-value:g}"))
    return Range(-value if value else 0.0, value)


def _as_factor(value: float, within: Within) -> Range:
    if value < 0:
        raise wrong(f"a factor's spread is not negative, got `{value:g}`", write(-value))
    low = round(1 - value, 12)
    if low < 0 == within[0]:
        low = 0.0  # as torchvision and Keras: a factor is not negative
    if low < within[0]:
        help = write([value, value], note=f" for exactly {value:g}")
        raise wrong(f"one number is a spread about 1, and 1 - {value:g} is below {within[0]:g}", help)
    return Range(low, round(1 + value, 12))


LIMIT = _ranged("a number v: -v to v; [a, b]: a to b", _as_limit)
FACTOR = _ranged("a number v: 1-v to 1+v; [a, b]: a to b", _as_factor)
VALUE = _ranged("a number v: exactly v; [a, b]: a to b", lambda value, within: Range(value, value))


def _read_number(value: Any, within: Within) -> float:
    number = _number(value, "a number")
    _inside(number, number, within)
    return number


def _read_count(value: Any, within: Within) -> int:
    number = _whole(value, "a whole number")
    _inside(number, number, within)
    return number


def _read_text(value: Any, within: Within) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise wrong(f"expected a word, got {spelled(value)}")
    return value


def _bounded(kind: str) -> Callable[[Within], dict[str, Any]]:
    return lambda within: {"type": kind, "minimum": within[0], "maximum": within[1]}


NUMBER = Kind("a number", _read_number, _bounded("number"))
COUNT = Kind("a whole number", _read_count, _bounded("integer"))


def _read_quality(value: Any, within: Within) -> int | Literal["keep"]:
    if isinstance(value, str) and value != "keep":
        raise wrong(f"expected a whole number or `keep`, got {spelled(value)}", meant(value))
    return "keep" if value == "keep" else _read_count(value, within)


QUALITY = Kind(
    "a whole number, or `keep`",
    _read_quality,
    lambda within: {"anyOf": [_bounded("integer")(within), {"const": "keep"}]},
)
TEXT = Kind("a word", _read_text, lambda within: {"type": "string", "minLength": 1})


def _read_odd(value: Any, within: Within) -> Range:
    wanted = "an odd whole number or a pair of them"
    low, high = _whole_ends(value, wanted, within)

    def odd(end: int) -> int:
        if end % 2 == 0:
            raise wrong(f"`{end}` is even; a kernel has a middle pixel", write(end - 1, end + 1))
        return end

    if isinstance(value, (list, tuple)):
        return Range(*_each(value, odd))
    return Range(odd(low), odd(high))


def _whole_ends(value: Any, wanted: str, within: Within) -> tuple[int, int]:
    pair = _pair(value, wanted)
    low, high = [_whole(value, wanted)] * 2 if pair is None else _each(pair, lambda end: _whole(end, wanted))
    _inside(low, high, within)
    return low, high


def _read_whole(value: Any, within: Within) -> Range:
    wanted = "a whole number or a pair of them"
    return Range(*_whole_ends(value, wanted, within))


def _whole_schema(within: Within) -> dict[str, Any]:
    whole = {"type": "integer", "minimum": within[0], "maximum": within[1]}
    return {"anyOf": [whole, {"type": "array", "items": whole, "minItems": 2, "maxItems": 2}]}


ODD = Kind("an odd whole number k: exactly k; [a, b]: an odd one from a to b", _read_odd, _whole_schema)
WHOLE = Kind("a whole number n: exactly n; [a, b]: one from a to b", _read_whole, _whole_schema)


def _per_axis(words: str, one: Kind) -> Kind:
    """Make the kind of a setting with an entry of kind `one` for each axis; an axis left out is neutral."""
    wanted = "a number or {x: ..., y: ...}"

    def read(value: Any, within: Within) -> PerAxis:
        if isinstance(value, PerAxis):
            return value
        if isinstance(value, (list, tuple)):
            what = "a bare pair does not say whether it means two axes or a range"
            both_ways = [dict(zip("xy", value, strict=False)), {"x": value, "y": value}]
            raise wrong(what, write(*both_ways) if len(value) == 2 else None)
        if not isinstance(value, Mapping):
            both = one.read(value, within)
            return PerAxis(both, both)
        for key in value:
            if key not in ("x", "y"):
                raise wrong(f"expected {wanted}, got the key `{key}`")
        axes = []
        for axis in ("x", "y"):
            with _as_part(lambda other, axis=axis: {**value, axis: other}):  # type: ignore[misc]
                axes.append(one.read(value.get(axis, 0), within))
        return PerAxis(*axes)

    def schema(within: Within) -> dict[str, Any]:
        entry = one.schema(within)
        both = {"type": "object", "properties": {"x": entry, "y": entry}, "additionalProperties": False}
        return {"anyOf": [{"type": "number"}, both]}

    return Kind(words, read, schema)


AXES = _per_axis("a number v: -v to v on both axes; {x: ..., y: ...}: one entry each", LIMIT)
FACTORS = _per_axis("a number v: 1-v to 1+v on both axes; {x: ..., y: ...}: one entry each", FACTOR)


def _read_numbers(value: Any, within: Within) -> tuple[float, float, float]:
    wanted = "a number or three of them [red, green, blue]"
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    if len(parts) != 3:
        raise wrong(f"expected {wanted}, got {spelled(parts)}")
    red, green, blue = (
        _each(parts, lambda part: _number(part, wanted))
        if isinstance(value, (list, tuple))
        else [_number(value, wanted)] * 3
    )
    for part in (red, green, blue):
        _inside(part, part, within)
    return red, green, blue


def _numbers_schema(within: Within) -> dict[str, Any]:
    number = _bounded("number")(within)
    return {"anyOf": [number, {"type": "array", "items": number, "minItems": 3, "maxItems": 3}]}


NUMBERS = Kind("a number, or [red, green, blue]", _read_numbers, _numbers_schema)


def _read_size(value: Any, within: Within) -> int | tuple[int, int]:
    wanted = "a whole number or [height, width]"
    pair = _pair(value, wanted)
    sides = [_whole(value, wanted)] if pair is None else _each(pair, lambda side: _whole(side, wanted))
    for side in sides:
        if not within[0] <= side <= within[1]:
            raise wrong(f"`{side}` is out of bounds; {within[0]:g} to {within[1]:g} is allowed")
    return sides[0] if pair is None else (sides[0], sides[1])


SIZE = Kind("a whole number or [height, width], as torchvision takes it", _read_size, _whole_schema)


def _read_padding(value: Any, within: Within) -> tuple[int, int, int, int]:
    wanted = "a whole number, [left and right, top and bottom] or [left, top, right, bottom]"
    sides = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(sides) not in (1, 2, 4):
        raise wrong(f"expected {wanted}, got {spelled(sides)}")
    for side in sides:
        if not within[0] <= _whole(side, wanted) <= within[1]:
            raise wrong(f"`{side}` is out of bounds; {within[0]:g} to {within[1]:g} is allowed")
    left, top, right, bottom = (sides * 4)[:4]
    return left, top, right, bottom


def _padding_schema(within: Within) -> dict[str, Any]:
    side = {"type": "integer", "minimum": within[0], "maximum": within[1]}
    return {"anyOf": [side, {"type": "array", "items": side, "minItems": 2, "maxItems": 4}]}


PADDING = Kind("a whole number, [left and right, top and bottom] or all four", _read_padding, _padding_schema)


def _read_colour(value: Any, within: Within) -> Colour:
    wanted = "a whole number 0 to 255 or three of them [red, green, blue]"
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    if len(parts) != 3:
        raise wrong(f"expected {wanted}, got {spelled(parts)}")
    for part in parts:
        if not 0 <= _whole(part, wanted) <= 255:
            raise wrong(f"`{part}` is out of bounds; 0 to 255 is allowed")
    return parts[0], parts[1], parts[2]


def _colour_schema(within: Within) -> dict[str, Any]:
    level = {"type": "integer", "minimum": 0, "maximum": 255}
    return {"anyOf": [level, {"type": "array", "items": level, "minItems": 3, "maxItems": 3}]}


COLOUR = Kind("a level 0 to 255 or [red, green, blue]", _read_colour, _colour_schema)


def _read_fill(value: Any, within: Within) -> Colour | Literal["random"]:
    if isinstance(value, str):
        if value != "random":
            raise wrong(f"expected a level, [red, green, blue] or `random`, got {spelled(value)}")
        return "random"
    return _read_colour(value, within)


FILL = Kind(
    "a level 0 to 255, [red, green, blue], or `random` for noise",
    _read_fill,
    lambda within: {"anyOf": [*_colour_schema(within)["anyOf"], {"const": "random"}]},
)


def _read_region(value: Any, within: Within) -> Region:
    wanted = "four numbers [left, top, right, bottom]"
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(parts) != 4:
        raise wrong(f"expected {wanted}, got {spelled(value)}")
    left, top, right, bottom = _each(parts, lambda part: _number(part, wanted))
    for low, high in ((left, right), (top, bottom)):
        _inside(low, high, within)
    return left, top, right, bottom


def _region_schema(within: Within) -> dict[str, Any]:
    return {"type": "array", "items": _bounded("number")(within), "minItems": 4, "maxItems": 4}


REGION = Kind("[left, top, right, bottom] as shares of the sides", _read_region, _region_schema)
