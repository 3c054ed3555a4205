"""What numbers other libraries allow, in their own units, and what to write for numbers in another unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from augcli.image.dialects import Unsuited
from augcli.problems import Instead, write


def tidy(value: float) -> float:
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
                raise Unsuited(f"`{end:g}` is out of bounds; {self._range} is allowed{self._in_unit}", help)


INFINITY = float("inf")
ANY = Bounds(-INFINITY, INFINITY)


def at_least(low: float, instead: str | None = None) -> Bounds:
    return Bounds(low, INFINITY, instead=instead)


def _written(parts: list[float]) -> str:
    """Write one number or a pair as they stand in a spec."""
    shown = [f"{part:.3g}" for part in parts]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def counted(per_unit: float, name: str, most: float | None = None) -> Callable[[list[float]], str | None]:
    """Make the help for numbers in another unit, of which `per_unit` are one; None for more than `most` of them."""

    def help(parts: list[float]) -> str | None:
        if max(map(abs, parts)) > (per_unit if most is None else most):
            return None
        there = [float(f"{part / per_unit:.3g}") for part in parts]
        return write(there[0] if len(there) == 1 else there, note=f" for {_written(parts)} {name}")

    return help


def shift_of_factors(parts: list[float]) -> str | None:
    """Help with factors about 1, written where what is added to 1 belongs."""
    if len(parts) != 2 or not 0 <= parts[0] <= parts[1] <= 2:
        return None
    return write([tidy(part - 1) for part in parts], note=f" for the factors {_written(parts)}")


def _a_tenth(parts: list[float]) -> Instead:
    return write(0.1 if len(parts) == 1 else [0.1] * len(parts), note=" for a tenth of the side")


def factors_or_levels(parts: list[float]) -> str | None:
    return shift_of_factors(parts) or counted(255, "levels of 255")(parts)


def around_one(value: float) -> Instead:
    """Help with one number where a pair of factors belongs: a spread about 1, or one end of it."""
    spread = value if value <= 0.5 else abs(1 - value)
    return write([tidy(max(0.0, 1 - spread)), tidy(1 + spread)])


def share_up_to(low: float) -> Callable[[float], Instead]:
    """Make the help with one number where a pair of shares belongs, from one to the other."""
    return lambda value: write([min(low, value), max(low, value)])


TURNS = Bounds(-1, 1, "parts of a full turn", counted(360, "degrees", 720))
HALF_TURNS = Bounds(-0.5, 0.5, "parts of the full circle", counted(360, "degrees", 180))
DEGREES = Bounds(-360, 360, "degrees")
SHEARS = Bounds(-80, 80, "degrees", "less than 90 degrees, where nothing is left")
SHARES = Bounds(-1, 1, "shares of the side", _a_tenth)
LIGHT = Bounds(-1, 1, "shares of the full range", factors_or_levels)
LEVELS = Bounds(-255, 255, "levels")
SHIFTS = Bounds(0, 1, "shares of the side", _a_tenth)
LEVELS_OF_NOISE = Bounds(0, 1, "shares of the full range", counted(255, "levels of 255"))
SHARE = Bounds(0, 1)
AREA = Bounds(1e-4, 1, "shares of the area", counted(100, "percent"))
RATIO = Bounds(0.01, 100)
FACTOR = Bounds(0, 100)
QUALITY = Bounds(1, 100)
SIGMA = Bounds(0.01, 100, "pixels")
ADDED_TO_ONE = Bounds(-0.95, 19, "what is added to 1", shift_of_factors)
PIXELS = Bounds(1, 32766, "pixels")
BYTE = Bounds(0, 255)
