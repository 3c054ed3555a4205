"""Parameters that are colours."""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled, write, write_number
from augcli.spec.dialects.entry import REQUIRED, Parameter, Untranslatable
from augcli.spec.dialects.parameters.reading import a_number, check_count, each
from augcli.spec.dialects.units import BYTE


def _level(value: Any, wanted: str) -> int:
    level = a_number(value, wanted)
    if level != round(level):
        raise Untranslatable(f"`{level:g}` is no whole level", write(round(level)))
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
            raise Untranslatable(
                f"expected {wanted}, got {spelled(value)}", write_number(value) or write(_COLOURS.get(value.lower(), 0))
            )
        check_count(value, (1, 3), wanted)
        levels = each(value, lambda part: _level(part, wanted))
        BYTE.check(*levels, written=value)
        return levels[0] if len(levels) == 1 else levels

    return Parameter(read, default, words=" or ".join([wanted, *words]))
