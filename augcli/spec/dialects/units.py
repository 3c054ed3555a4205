"""The units of other libraries: which numbers are allowed in each, and what to write for numbers in another unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from augcli.problems import Suggestion, write
from augcli.spec.dialects.entry import Untranslatable


def rounded(value: float) -> float:
    """Drop the dust of binary arithmetic, as of 1 - 0.9; whole numbers become int."""
    value = round(value, 12)
    return int(value) if float(value).is_integer() else value


@dataclass(frozen=True)
class Bounds:
    """What a number may be, the unit that it is in there, and the help for numbers that lie outside.

    `instead` is shown as help; it may be made of the numbers that were written, or be None where nothing fits them.
    """

    low: float
    high: float
    unit: str = ""
    instead: Callable[[list[float]], str | None] | str | None = None

    @property
    def words(self) -> str:
        return self._range + self._in_unit

    @property
    def _range(self) -> str:
        return f"{self.low:g} or more" if self.high == INFINITY else f"{self.low:g} to {self.high:g}"

    @property
    def _in_unit(self) -> str:
        return f", in {self.unit}" if self.unit else ""

    def check(self, *ends: float, written: Any) -> None:
        """Refuse ends that lie outside, of what was `written`."""
        for end in reversed(ends):
            if not self.low <= end <= self.high:
                parts = written if isinstance(written, (list, tuple)) else [written]
                help = self.instead(list(parts)) if callable(self.instead) else self.instead
                raise Untranslatable(f"`{end:g}` is out of bounds; {self._range} is allowed{self._in_unit}", help)


INFINITY = float("inf")
ANY = Bounds(-INFINITY, INFINITY)


def at_least(low: float) -> Bounds:
    return Bounds(low, INFINITY)


# What to write instead


def _written(parts: list[float]) -> str:
    """Write one number or a pair as they stand in a spec."""
    shown = [f"{part:.3g}" for part in parts]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def converted(per_unit: float, name: str, most: float | None = None) -> Callable[[list[float]], str | None]:
    """Make the help for numbers in another unit, of which `per_unit` are one; None for more than `most` of them."""

    def help(parts: list[float]) -> str | None:
        if max(map(abs, parts)) > (per_unit if most is None else most):
            return None
        there = [float(f"{part / per_unit:.3g}") for part in parts]
        return write(there[0] if len(there) == 1 else there, note=f" for {_written(parts)} {name}")

    return help


def from_factors(parts: list[float]) -> str | None:
    """Help with factors about 1, written where what is added to 1 belongs."""
    if len(parts) != 2 or not 0 <= parts[0] <= parts[1] <= 2:
        return None
    return write([rounded(part - 1) for part in parts], note=f" for the factors {_written(parts)}")


def from_factors_or_levels(parts: list[float]) -> str | None:
    return from_factors(parts) or converted(255, "levels of 255")(parts)


def _a_tenth(parts: list[float]) -> Suggestion:
    return write(0.1 if len(parts) == 1 else [0.1] * len(parts), note=" for a tenth of the side")


def pair_around_one(value: float) -> Suggestion:
    """Help with one number where a pair of factors belongs: a spread about 1, or one end of it."""
    spread = value if value <= 0.5 else abs(1 - value)
    return write([rounded(max(0.0, 1 - spread)), rounded(1 + spread)])


def pair_up_to(end: float) -> Callable[[float], Suggestion]:
    """Make the help with one number where a pair of shares belongs: from the one to the other end."""
    return lambda value: write([min(end, value), max(end, value)])


DEGREES = Bounds(-360, 360, "degrees")
SHEAR = Bounds(-80, 80, "degrees", "less than 90 degrees, where nothing is left")
TURNS = Bounds(-1, 1, "parts of a full turn", converted(360, "degrees", 720))
HUE = Bounds(-0.5, 0.5, "parts of the full circle", converted(360, "degrees", 180))
SHIFT = Bounds(-1, 1, "shares of the side", _a_tenth)
SHIFT_LIMIT = Bounds(0, 1, "shares of the side", _a_tenth)
BRIGHTNESS = Bounds(-1, 1, "shares of the full range", from_factors_or_levels)
INTENSITY = Bounds(0, 1, "shares of the full range", converted(255, "levels of 255"))
LEVELS = Bounds(-255, 255, "levels")
BYTE = Bounds(0, 255)
FRACTION = Bounds(0, 1)
AREA = Bounds(1e-4, 1, "shares of the area", converted(100, "percent"))
RATIO = Bounds(0.01, 100)
FACTOR = Bounds(0, 100)
ADDED_TO_ONE = Bounds(-0.95, 19, "what is added to 1", from_factors)
QUALITY = Bounds(1, 100)
SIGMA = Bounds(0.01, 100, "pixels")
PIXELS = Bounds(1, 32766, "pixels")
