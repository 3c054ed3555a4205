"""What a YAML value must be, and what is said of another one: the parts that parameters are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from augcli.problems import Suggestion, spelled, write, write_number
from augcli.spec.dialects.entry import Untranslatable
from augcli.spec.dialects.units import ANY, Bounds


def a_number(value: Any, wanted: str = "a number") -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Untranslatable(f"expected {wanted}, got {spelled(value)}", write_number(value))
    return value


def a_whole_number(value: Any, wanted: str = "a whole number") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Untranslatable(f"expected {wanted}, got {spelled(value)}", write_number(value))
    return value


def each(value: Any, read: Callable[[Any], Any]) -> list[Any]:
    """Read the parts of a list, or a value alone. What to write instead of a part is said of the whole list."""
    if not isinstance(value, (list, tuple)):
        return [read(value)]
    found: list[Any] = []
    for at, part in enumerate(value):
        try:
            found.append(read(part))
        except Untranslatable as wrong:
            if not isinstance(wrong.help, Suggestion):
                raise
            whole = [[*value[:at], other, *value[at + 1 :]] for other in wrong.help.values]
            raise Untranslatable(wrong.what, write(*whole)) from None
    return found


def check_count(value: Any, counts: tuple[int, ...], wanted: str) -> None:
    """Refuse a list of another count; a value alone counts as one."""
    if (len(value) if isinstance(value, (list, tuple)) else 1) not in counts:
        raise Untranslatable(f"expected {wanted}, got {spelled(value)}")


def with_bounds(what: str, within: Bounds) -> str:
    """Say what may be written, and within which bounds."""
    return what if within == ANY else f"{what}; {within.words}"
