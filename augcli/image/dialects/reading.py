"""How the parameters of other libraries are read: makers of `Parameter`s, each for one kind of value.

A range is read as `[low, high]`; what one number means there, each maker says. Defaults are written as the library
writes them, and are read like any other value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from augcli.image.dialects import REQUIRED, Parameter, Unsuited
from augcli.kinds import spelled
from augcli.problems import did_you_mean, listed

Span: TypeAlias = list[float]


def tidy(value: float) -> float:
    """Drop the dust of binary arithmetic, as of 1 - 0.9; whole numbers become int."""
    value = round(value, 12)
    return int(value) if float(value).is_integer() else value


def _a_number(value: Any, wanted: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unsuited(f"expected {wanted}, got {spelled(value)}")
    return value


def _a_whole(value: Any, wanted: str = "a whole number") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unsuited(f"expected {wanted}, got {spelled(value)}")
    return value


def _parts(value: Any, counts: tuple[int, ...], wanted: str) -> list[Any]:
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(parts) not in counts:
        raise Unsuited(f"expected {wanted}, got {spelled(value)}")
    return parts


def like(example: Any, parameter: Parameter) -> Parameter:
    """Give a parameter an example for `augcli show`."""
    return replace(parameter, example=example)


def number(default: Any = REQUIRED) -> Parameter:
    return Parameter(_a_number, default)


def whole(default: Any = REQUIRED) -> Parameter:
    return Parameter(_a_whole, default)


def flag(default: Any = REQUIRED) -> Parameter:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise Unsuited(f"expected true or false, got {spelled(value)}")
        return value

    return Parameter(read, default)


def words(known: Mapping[Any, str], default: Any = REQUIRED, others: Mapping[Any, str] = {}) -> Parameter:
    """Read one of some words or numbers into ours; `others` are not offered, each with the help for it.

    What stands before the last dot of a word, as in `InterpolationMode.NEAREST`, is not looked at.
    """

    def read(value: Any) -> str:
        word = value.rpartition(".")[2] if isinstance(value, str) else value
        for form in (word, word.lower() if isinstance(word, str) else word):
            if not isinstance(form, (bool, list, dict)):
                if form in known:
                    return known[form]
                if form in others:
                    raise Unsuited(f"{spelled(value)} is not offered", others[form])
        plain = [str(form) for form in known]
        raise Unsuited(f"expected {listed(plain)}, got {spelled(value)}", did_you_mean(str(word), plain))

    return Parameter(read, default)


def choice(*known: str, default: Any = REQUIRED, others: Mapping[str, str] = {}) -> Parameter:
    return words({word: word for word in known}, default, others)


def _span(single: Callable[[float], tuple[float, float]], default: Any, entry: Callable[..., float]) -> Parameter:
    wanted = "a number or a pair [low, high]"

    def read(value: Any) -> Span:
        parts = [entry(part, wanted) for part in _parts(value, (1, 2), wanted)]
        ends = parts if len(parts) == 2 else single(parts[0])
        return [tidy(end) for end in ends]

    return Parameter(read, default)


def limit(default: Any = REQUIRED) -> Parameter:
    """Read a range; one number v is -v to v."""
    return _span(lambda v: (-abs(v), abs(v)), default, _a_number)


def factor(default: Any = REQUIRED) -> Parameter:
    """Read a range of factors; one number v is 1-v, at least 0, to 1+v."""
    return _span(lambda v: (max(0.0, 1 - v), 1 + v), default, _a_number)


def value(default: Any = REQUIRED) -> Parameter:
    """Read a range; one number v is exactly v."""
    return _span(lambda v: (v, v), default, _a_number)


def up_to(low: float, default: Any = REQUIRED) -> Parameter:
    """Read a range; one number v is `low` to v."""
    return _span(lambda v: (low, v), default, _a_number)


def whole_value(default: Any = REQUIRED) -> Parameter:
    """Read a range of whole numbers; one number n is exactly n."""
    return _span(lambda v: (v, v), default, _a_whole)


def whole_up_to(low: int, default: Any = REQUIRED) -> Parameter:
    """Read a range of whole numbers; one number n is `low` to n."""
    return _span(lambda v: (low, v), default, _a_whole)


def numbers(*counts: int, default: Any = REQUIRED) -> Parameter:
    """Read a list of so many numbers; a single one stands alone where 1 is among `counts`."""
    many = " or ".join(f"{count}" for count in counts if count > 1)
    wanted = f"a number or a list of {many}" if 1 in counts else f"a list of {many} numbers"

    def read(value: Any) -> list[float]:
        return [_a_number(part, wanted) for part in _parts(value, counts, wanted)]

    return Parameter(read, default)


def wholes(*counts: int, default: Any = REQUIRED) -> Parameter:
    """Read a list of so many whole numbers, as `numbers` does."""
    many = " or ".join(f"{count}" for count in counts if count > 1)
    wanted = f"a whole number or a list of {many}" if 1 in counts else f"a list of {many} whole numbers"

    def read(value: Any) -> list[int]:
        return [_a_whole(part, wanted) for part in _parts(value, counts, wanted)]

    return Parameter(read, default)


def same(count: int, help: str, default: Any = REQUIRED) -> Parameter:
    """Read a number, or `count` equal ones; others are refused with `help`."""
    wanted = f"a number or a list of {count}"

    def read(value: Any) -> float:
        parts = [_a_number(part, wanted) for part in _parts(value, (1, count), wanted)]
        if len({*parts}) > 1:
            raise Unsuited(f"{spelled(value)} differs between the sides", help)
        return parts[0]

    return Parameter(read, default)


def size(default: Any = REQUIRED) -> Parameter:
    """Read a whole number, or [height, width]."""
    wanted = "a whole number or [height, width]"

    def read(value: Any) -> int | list[int]:
        sides = [_a_whole(side, wanted) for side in _parts(value, (1, 2), wanted)]
        return sides[0] if len(sides) == 1 else sides

    return Parameter(read, default, example=224)


def per_axis(entry: Parameter, default: Any = REQUIRED) -> Parameter:
    """Read `{x: ..., y: ...}`, or one entry for both; an axis that is left out is None."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            return {"x": entry.read(value), "y": entry.read(value)}
        for key in value:
            if key not in ("x", "y"):
                raise Unsuited(f"expected the keys `x` and `y`, got `{key}`")
        return {axis: entry.read(value[axis]) if axis in value else None for axis in ("x", "y")}

    return Parameter(read, default)


def _level(value: Any, wanted: str) -> int:
    level = _a_number(value, wanted)
    if level != round(level):
        raise Unsuited(f"`{level:g}` is no whole level", f"write {round(level)}")
    return int(level)


def colour(default: Any = REQUIRED, **words: str) -> Parameter:
    """Read a level or [red, green, blue]; a word among `words` is what it stands for here."""
    wanted = "a level 0 to 255 or [red, green, blue]"

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return words[value]
        levels = [_level(part, wanted) for part in _parts(value, (1, 3), wanted)]
        return levels[0] if len(levels) == 1 else levels

    return Parameter(read, default)


def only(default: Any, help: str) -> Parameter:
    """Know a parameter of which one value alone is offered, its default; `help` says what to write instead."""

    def read(value: Any) -> Any:
        if value != default or isinstance(value, bool) != isinstance(default, bool):
            raise Unsuited(f"{spelled(value)} is not offered; {spelled(default)} is", help)
        return value

    return Parameter(read, default)


def absent(help: str) -> Parameter:
    """Know a parameter that is not offered; `help` says what to write instead."""

    def read(value: Any) -> None:
        if value is not None:
            raise Unsuited(f"{spelled(value)} is not offered", help)

    return Parameter(read, None)


def unneeded(default: Any = None) -> Parameter:
    """Know a parameter that says nothing about the image: masks, seeds, memory."""
    return Parameter(lambda value: value, default)


def steps() -> Parameter:
    """Read a list of steps; what an entry gets is to be handed on as the `steps` of a container."""
    return Parameter(lambda value: value, holds_steps=True, example=["horizontal_flip"])


def negated(span: Span) -> Span:
    return [tidy(-end) for end in reversed(span)]


def times(span: Span, by: float) -> Span:
    return [tidy(end * by) for end in span]
