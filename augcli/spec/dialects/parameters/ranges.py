"""Parameters that are ranges, read as `[low, high]`; what one number means there, each says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from augcli.problems import Suggestion, spelled, write
from augcli.spec.dialects.entry import REQUIRED, Parameter, Untranslatable
from augcli.spec.dialects.parameters.reading import a_number, a_whole_number, each, with_bounds
from augcli.spec.dialects.units import ANY, Bounds, rounded

Span: TypeAlias = list[float]

_PAIR = "a pair [low, high]"
_NUMBER_OR_PAIR = f"a number or {_PAIR}"


def _span(
    said: str,
    single: Callable[[float], tuple[float, float]] | None,
    default: Any,
    end: Callable[..., float],
    within: Bounds,
    around: Callable[[float], Suggestion] | None = None,
) -> Parameter:
    """Read a range. Without `single` one number is refused; `around` makes the pair that may have been meant then."""
    wanted = _NUMBER_OR_PAIR if single else _PAIR

    def read(value: Any) -> Span:
        if not isinstance(value, (list, tuple)):
            try:
                one = end(value, wanted)
            except Untranslatable as wrong:
                if single is None and isinstance(wrong.help, Suggestion):
                    raise Untranslatable(wrong.what, around(wrong.help.values[0]) if around else None) from None
                raise
            if single is None:
                raise Untranslatable(f"expected {wanted}, got {spelled(value)}", around(one) if around else None)
            ends = [*single(one)]
        else:
            parts = each(value, lambda part: end(part, wanted))
            if len(parts) != 2:
                help = None
                if len(parts) == 1:
                    help = write(parts[0]) if single else around(parts[0]) if around else None
                raise Untranslatable(f"expected {wanted}, got {spelled(list(value))}", help)
            ends = parts
        if ends[0] > ends[1]:
            raise Untranslatable(f"the range `[{ends[0]:g}, {ends[1]:g}]` is upside down", write([ends[1], ends[0]]))
        within.check(*ends, written=value)
        return [rounded(part) for part in ends]

    return Parameter(read, default, words=with_bounds(said, within))


def _exactly(value: float) -> Suggestion:
    return write([value, value], note=f" for exactly {value:g}")


def limit(default: Any = REQUIRED, *, within: Bounds = ANY, signed: bool = True) -> Parameter:
    """Read a range; one number v is -v to v. Where it is not `signed`, v below 0 is refused, as by its library."""

    def single(v: float) -> tuple[float, float]:
        if v < 0 and not signed:
            what = f"one number is a limit and not negative, got `{v:g}`"
            raise Untranslatable(what, write(-v, [v, v], note=f"; {-v:g} is {v:g} to {-v:g}"))
        return -abs(v), abs(v)

    return _span("a number v: -v to v; [a, b]: a to b", single, default, a_number, within)


def factor(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of factors; one number v is 1-v, at least 0, to 1+v."""

    def single(v: float) -> tuple[float, float]:
        if v < 0:
            what = f"one number is a spread about 1 and not negative, got `{v:g}`"
            help = write([rounded(1 + v), 1]) if v >= -1 else write(-v)
            raise Untranslatable(what, help)
        return max(0.0, 1 - v), 1 + v

    return _span("a number v: 1-v to 1+v; [a, b]: factors a to b", single, default, a_number, within)


def value(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range; one number v is exactly v."""
    return _span("a number v: exactly v; [a, b]: a to b", lambda v: (v, v), default, a_number, within)


def pair(
    default: Any = REQUIRED, *, within: Bounds = ANY, around: Callable[[float], Suggestion] | None = _exactly
) -> Parameter:
    """Read a range that must have both its ends, as its library demands."""
    return _span("[a, b]: a to b", None, default, a_number, within, around)


def whole_pair(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers that must have both its ends."""
    return _span("[a, b]: whole numbers a to b", None, default, a_whole_number, within, _exactly)


def up_to(low: float, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range; one number v is `low` to v."""
    said = f"a number v: {low:g} to v; [a, b]: a to b"
    return _span(said, lambda v: (min(low, v), v), default, a_number, within)


def whole_value(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers; one number n is exactly n."""
    said = "a whole number n: exactly n; [a, b]: a to b"
    return _span(said, lambda v: (v, v), default, a_whole_number, within)


def whole_up_to(low: int, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a range of whole numbers; one number n is `low` to n."""
    said = f"a whole number n: {low} to n; [a, b]: a to b"
    return _span(said, lambda v: (min(low, v), v), default, a_whole_number, within)


def per_axis(one: Parameter, default: Any = REQUIRED) -> Parameter:
    """Read `{x: ..., y: ...}`, or one value for both; an axis that is left out is None."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            return {"x": one.read(value), "y": one.read(value)}
        for key in value:
            if key not in ("x", "y"):
                raise Untranslatable(f"expected the keys `x` and `y`, got `{key}`")
        return {axis: one.read(value[axis]) if axis in value else None for axis in ("x", "y")}

    return Parameter(read, default, words=f"{{x: ..., y: ...}} or for both {one.words}")


def negated(span: Span) -> Span:
    return [rounded(-end) for end in reversed(span)]


def times(span: Span, by: float) -> Span:
    return [rounded(end * by) for end in span]
