"""How the parameters of other libraries are read: makers of `Parameter`s, each for one kind of value.

A range is read as `[low, high]`; what one number means there, each maker says. Defaults are written as the library
writes them, and are read like any other value. Bounds are of the number that the user writes, in the library's unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from augcli.image.dialects import REQUIRED, Parameter, Unsuited
from augcli.image.dialects.bounds import ANY, BYTE, PIXELS, Bounds, tidy
from augcli.problems import Instead, did_you_mean, listed, spelled, write
from augcli.settings.kinds import meant

Span: TypeAlias = list[float]


def _a_number(value: Any, wanted: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unsuited(f"expected {wanted}, got {spelled(value)}", meant(value))
    return value


def _a_whole(value: Any, wanted: str = "a whole number") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unsuited(f"expected {wanted}, got {spelled(value)}", meant(value))
    return value


def _each(parts: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Read the parts of a list; what to write instead of one of them is said of the whole list."""
    found: list[Any] = []
    for at, part in enumerate(parts):
        try:
            found.append(read(part))
        except Unsuited as unsuited:
            if not isinstance(unsuited.help, Instead):
                raise
            whole = [[*parts[:at], other, *parts[at + 1 :]] for other in unsuited.help.values]
            raise Unsuited(unsuited.what, write(*whole)) from None
    return found


def _parts(value: Any, counts: tuple[int, ...], wanted: str) -> list[Any]:
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(parts) not in counts:
        raise Unsuited(f"expected {wanted}, got {spelled(value)}")
    return parts


def like(example: Any, parameter: Parameter) -> Parameter:
    """Give a parameter an example for `augcli show`."""
    return replace(parameter, example=example)


def number(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    def read(value: Any) -> float:
        found = _a_number(value)
        within.check(found, written=value)
        return found

    return Parameter(read, default, words=_words("a number", within))


def whole(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    def read(value: Any) -> int:
        found = _a_whole(value)
        within.check(found, written=value)
        return found

    return Parameter(read, default, words=_words("a whole number", within))


def _words(what: str, within: Bounds) -> str:
    return what if within == ANY else f"{what}; {within.words}"


def flag(default: Any = REQUIRED) -> Parameter:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise Unsuited(f"expected true or false, got {spelled(value)}", _FLAGS.get(str(value)))
        return value

    return Parameter(read, default, words="true or false")


_FLAGS = {"True": write(True), "False": write(False), "1": write(True), "0": write(False)}


def words(known: Mapping[Any, str], default: Any = REQUIRED, others: Mapping[Any, str] = {}) -> Parameter:
    """Read one of some words or numbers into ours; `others` are not offered, each with the help for it.

    What stands before the last dot of a word, as in `InterpolationMode.NEAREST`, is not looked at.
    """
    plain = [str(form) for form in known]

    def read(value: Any) -> str:
        word = value.rpartition(".")[2] if isinstance(value, str) else value
        for form in (word, word.lower() if isinstance(word, str) else word):
            if not isinstance(form, (bool, list, dict)):
                if form in known:
                    return known[form]
                if form in others:
                    raise Unsuited(f"{spelled(value)} is not offered", others[form])
        same = next((form for form in plain if form in _ALSO_CALLED.get(str(word).lower(), ())), None)
        help = f"write {same}" if same else did_you_mean(str(word), [form for form in known if isinstance(form, str)])
        raise Unsuited(f"expected {listed(plain)}, got {spelled(value)}", help)

    return Parameter(read, default, words=", ".join(plain))


_ALSO_CALLED = {
    **dict.fromkeys(("zeros", "zero", "black", "fill"), ("constant",)),
    **dict.fromkeys(("edge", "replicate", "border"), ("nearest", "edge")),
    **dict.fromkeys(("mirror", "reflect_101", "reflection"), ("mirror", "reflect")),
    **dict.fromkeys(("symmetric", "symmetry"), ("symmetric", "reflect")),
    **dict.fromkeys(("circular", "tile"), ("wrap",)),
    "linear": ("bilinear",),
    "cubic": ("bicubic",),
}
"""Words of other libraries, and those that mean the same where they are known."""


def choice(*known: str, default: Any = REQUIRED, others: Mapping[str, str] = {}) -> Parameter:
    return words({word: word for word in known}, default, others)


PAIR = "a pair [low, high]"
NUMBER_OR_PAIR = f"a number or {PAIR}"


def _span(
    said: str,
    single: Callable[[float], tuple[float, float]] | None,
    default: Any,
    entry: Callable[..., float],
    within: Bounds,
    around: Callable[[float], Instead] | None = None,
) -> Parameter:
    """Read a range. Without `single` one number is refused; `around` makes the pair that may have been meant then."""
    wanted = NUMBER_OR_PAIR if single else PAIR

    def read(value: Any) -> Span:
        if not isinstance(value, (list, tuple)):
            try:
                one = entry(value, wanted)
            except Unsuited as unsuited:
                if single is None and isinstance(unsuited.help, Instead):
                    raise Unsuited(unsuited.what, around(unsuited.help.values[0]) if around else None) from None
                raise
            if single is None:
                raise Unsuited(f"expected {wanted}, got {spelled(value)}", around(one) if around else None)
            ends = [*single(one)]
        else:
            parts = _each(value, lambda part: entry(part, wanted))
            if len(parts) != 2:
                help = None
                if len(parts) == 1:
                    help = write(parts[0]) if single else around(parts[0]) if around else None
                raise Unsuited(f"expected {wanted}, got {spelled(list(value))}", help)
            ends = parts
        if ends[0] > ends[1]:
            raise Unsuited(f"the range `[{ends[0]:g}, {ends[1]:g}]` is upside down", write([ends[1], ends[0]]))
        within.check(*ends, written=value)
        return [tidy(end) for end in ends]

    return Parameter(read, default, words=_words(said, within))


def _exactly(value: float) -> Instead:
    return write([value, value], note=f" for exactly {value:g}")


def limit(default: Any = REQUIRED, *, within: Bounds = ANY, signed: bool = True) -> Parameter:
    """Read a range; one number v is -v to v. Where it is not `signed`, v below 0 is refused, as by its library."""

    def single(v: float) -> tuple[float, float]:
        if v < 0 and not signed:
            what = f"one number is a limit and not negative, got `{v:g}`"
            raise Unsuited(what, write(-v, [v, v], note=f"; {-v:g} is {v:g} to {-v:g}"))
        return -abs(v), abs(v)

    return _span("a number v: -v to v; [a, b]: a to b", single, default, _a_number, within)


def factor(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of factors; one number v is 1-v, at least 0, to 1+v."""

    def single(v: float) -> tuple[float, float]:
        if v < 0:
            what = f"one number is a spread about 1 and not negative, got `{v:g}`"
            help = write([tidy(1 + v), 1]) if v >= -1 else write(-v)
            raise Unsuited(what, help)
        return max(0.0, 1 - v), 1 + v

    return _span("a number v: 1-v to 1+v; [a, b]: factors a to b", single, default, _a_number, within)


def value(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range; one number v is exactly v."""
    return _span("a number v: exactly v; [a, b]: a to b", lambda v: (v, v), default, _a_number, within)


def pair(
    default: Any = REQUIRED, *, within: Bounds = ANY, around: Callable[[float], Instead] | None = _exactly
) -> Parameter:
    """Read a range that must have both its ends, as its library demands."""
    return _span("[a, b]: a to b", None, default, _a_number, within, around)


def whole_pair(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers that must have both its ends."""
    return _span("[a, b]: whole numbers a to b", None, default, _a_whole, within, _exactly)


def up_to(low: float, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range; one number v is `low` to v."""
    said = f"a number v: {low:g} to v; [a, b]: a to b"
    return _span(said, lambda v: (min(low, v), v), default, _a_number, within)


def whole_value(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers; one number n is exactly n."""
    said = "a whole number n: exactly n; [a, b]: a to b"
    return _span(said, lambda v: (v, v), default, _a_whole, within)


def whole_up_to(low: int, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers; one number n is `low` to n."""
    said = f"a whole number n: {low} to n; [a, b]: a to b"
    return _span(said, lambda v: (min(low, v), v), default, _a_whole, within)


def _list_of(
    counts: tuple[int, ...], default: Any, entry: Callable[..., Any], kind: str, within: Bounds, repeated: bool
) -> Parameter:
    many = " or ".join(f"{count}" for count in counts if count > 1)
    wanted = f"a {kind} or a list of {many}" if 1 in counts else f"a list of {many} {kind}s"

    def read(value: Any) -> list[Any]:
        parts = list(value) if isinstance(value, (list, tuple)) else [value]
        is_list = isinstance(value, (list, tuple))
        found = _each(parts, lambda part: entry(part, wanted)) if is_list else [entry(value, wanted)]
        if 1 in counts and entry is _a_number and isinstance(value, (list, tuple)) and len(parts) == 1:
            raise Unsuited(f"expected {wanted}, got {spelled(value)}", write(parts[0]))
        if len(parts) not in counts:
            help = write([parts[0]] * min(counts)) if len(parts) == 1 and repeated else None
            raise Unsuited(f"expected {wanted}, got {spelled(value)}", help)
        within.check(*found, written=value)
        return found

    return Parameter(read, default, words=_words(wanted, within))


def numbers(*counts: int, default: Any = REQUIRED, within: Bounds = ANY) -> Parameter:
    """Read a list of so many numbers; a single one stands alone where 1 is among `counts`."""
    return _list_of(counts, default, _a_number, "number", within, counts[0] in (2, 3))


def wholes(*counts: int, default: Any = REQUIRED, within: Bounds = ANY) -> Parameter:
    """Read a list of so many whole numbers, as `numbers` does."""
    return _list_of(counts, default, _a_whole, "whole number", within, counts[0] in (2, 3))


def same(count: int, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a number, or `count` equal ones."""
    wanted = f"a number or a list of {count}"

    def read(value: Any) -> Any:
        is_list = isinstance(value, (list, tuple))
        parts = _parts(value, (1, count), wanted)
        parts = _each(parts, lambda part: _a_number(part, wanted)) if is_list else [_a_number(value, wanted)]
        if len({*parts}) > 1:
            raise Unsuited(f"{spelled(value)} differs between the sides", write(*parts, note=" for both sides"))
        within.check(parts[0], written=value)
        return parts[0]

    return Parameter(read, default, words=_words("one number for both sides", within))


def size(default: Any = REQUIRED) -> Parameter:
    """Read a whole number, or [height, width]."""
    wanted = "a whole number or [height, width]"

    def read(value: Any) -> int | list[int]:
        is_list = isinstance(value, (list, tuple))
        sides = _parts(value, (1, 2), wanted)
        sides = _each(sides, lambda side: _a_whole(side, wanted)) if is_list else [_a_whole(value, wanted)]
        PIXELS.check(*sides, written=value)
        return sides[0] if len(sides) == 1 else sides

    return Parameter(read, default, example=224, words=_words(wanted, PIXELS))


def per_axis(entry: Parameter, default: Any = REQUIRED) -> Parameter:
    """Read `{x: ..., y: ...}`, or one entry for both; an axis that is left out is None."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            return {"x": entry.read(value), "y": entry.read(value)}
        for key in value:
            if key not in ("x", "y"):
                raise Unsuited(f"expected the keys `x` and `y`, got `{key}`")
        return {axis: entry.read(value[axis]) if axis in value else None for axis in ("x", "y")}

    return Parameter(read, default, words=f"{{x: ..., y: ...}} or for both {entry.words}")


def _level(value: Any, wanted: str) -> int:
    level = _a_number(value, wanted)
    if level != round(level):
        raise Unsuited(f"`{level:g}` is no whole level", write(round(level)))
    return int(level)


_COLOURS: dict[str, Any] = {"black": 0, "white": 255, "gray": 128, "grey": 128}
_COLOURS |= {"red": [255, 0, 0], "green": [0, 255, 0], "blue": [0, 0, 255]}


def colour(default: Any = REQUIRED, **words: str) -> Parameter:
    """Read a level or [red, green, blue]; a word among `words` is what it stands for here."""
    wanted = "a level 0 to 255 or [red, green, blue]"

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return words[value]
        if isinstance(value, str):
            raise Unsuited(
                f"expected {wanted}, got {spelled(value)}", meant(value) or write(_COLOURS.get(value.lower(), 0))
            )
        is_list = isinstance(value, (list, tuple))
        levels = _parts(value, (1, 3), wanted)
        levels = _each(levels, lambda part: _level(part, wanted)) if is_list else [_level(value, wanted)]
        BYTE.check(*levels, written=value)
        return levels[0] if len(levels) == 1 else levels

    return Parameter(read, default, words=" or ".join([wanted, *words]))


def only(default: Any, help: str) -> Parameter:
    """Know a parameter of which one value alone is offered, its default; `help` says what to write instead."""

    def read(value: Any) -> Any:
        if value != default or isinstance(value, bool) != isinstance(default, bool):
            raise Unsuited(f"{spelled(value)} is not offered; {spelled(default)} is", help)
        return value

    return Parameter(read, default, words="this alone")


def absent(help: str) -> Parameter:
    """Know a parameter that is not offered; `help` says what to write instead."""

    def read(value: Any) -> None:
        if value is not None:
            raise Unsuited(f"{spelled(value)} is not offered", help)

    return Parameter(read, None, words=f"not offered: {help}")


def unneeded(default: Any = None) -> Parameter:
    """Know a parameter that says nothing about the image: masks, seeds, memory."""
    return Parameter(lambda value: value, default, words="anything; says nothing about an image")


def steps() -> Parameter:
    """Read a list of steps; what an entry gets is to be handed on as the `steps` of a container."""
    return Parameter(lambda value: value, holds_steps=True, example=["horizontal_flip"], words="a list of steps")


def negated(span: Span) -> Span:
    return [tidy(-end) for end in reversed(span)]


def times(span: Span, by: float) -> Span:
    return [tidy(end * by) for end in span]
