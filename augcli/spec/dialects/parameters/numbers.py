"""Parameters that are numbers, or lists of so many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from augcli.problems import spelled, write
from augcli.spec.dialects.entry import REQUIRED, Parameter, Untranslatable
from augcli.spec.dialects.parameters.reading import a_number, a_whole_number, check_count, each, with_bounds
from augcli.spec.dialects.units import ANY, PIXELS, Bounds


def number(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    def read(value: Any) -> float:
        found = a_number(value)
        within.check(found, written=value)
        return found

    return Parameter(read, default, words=with_bounds("a number", within))


def whole(default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    def read(value: Any) -> int:
        found = a_whole_number(value)
        within.check(found, written=value)
        return found

    return Parameter(read, default, words=with_bounds("a whole number", within))


def _list_of(counts: tuple[int, ...], default: Any, one: Callable[..., Any], kind: str, within: Bounds) -> Parameter:
    many = " or ".join(f"{count}" for count in counts if count > 1)
    wanted = f"a {kind} or a list of {many}" if 1 in counts else f"a list of {many} {kind}s"

    def read(value: Any) -> list[Any]:
        found = each(value, lambda part: one(part, wanted))
        if 1 in counts and one is a_number and isinstance(value, (list, tuple)) and len(found) == 1:
            raise Untranslatable(f"expected {wanted}, got {spelled(value)}", write(found[0]))
        if len(found) not in counts:
            help = write(found * min(counts)) if len(found) == 1 and counts[0] in (2, 3) else None
            raise Untranslatable(f"expected {wanted}, got {spelled(value)}", help)
        within.check(*found, written=value)
        return found

    return Parameter(read, default, words=with_bounds(wanted, within))


def numbers(*counts: int, default: Any = REQUIRED, within: Bounds = ANY) -> Parameter:
    """Read a list of so many numbers; a single one stands alone where 1 is among `counts`."""
    return _list_of(counts, default, a_number, "number", within)


def wholes(*counts: int, default: Any = REQUIRED, within: Bounds = ANY) -> Parameter:
    """Read a list of so many whole numbers, as `numbers` does."""
    return _list_of(counts, default, a_whole_number, "whole number", within)


def equal_numbers(count: int, default: Any = REQUIRED, *, within: Bounds = ANY) -> Parameter:
    """Read a number, or `count` equal ones."""
    wanted = f"a number or a list of {count}"

    def read(value: Any) -> Any:
        check_count(value, (1, count), wanted)
        parts = each(value, lambda part: a_number(part, wanted))
        if len({*parts}) > 1:
            raise Untranslatable(f"{spelled(value)} differs between the sides", write(*parts, note=" for both sides"))
        within.check(parts[0], written=value)
        return parts[0]

    return Parameter(read, default, words=with_bounds("one number for both sides", within))


def size(default: Any = REQUIRED) -> Parameter:
    """Read a whole number, or [height, width]."""
    wanted = "a whole number or [height, width]"

    def read(value: Any) -> int | list[int]:
        check_count(value, (1, 2), wanted)
        sides = each(value, lambda side: a_whole_number(side, wanted))
        PIXELS.check(*sides, written=value)
        return sides[0] if len(sides) == 1 else sides

    return Parameter(read, default, example=224, words=with_bounds(wanted, PIXELS))
