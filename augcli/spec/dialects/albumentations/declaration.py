"""What all calls of Albumentations share: chance, and parameters under their old names."""

from __future__ import annotations

from typing import Any

from augcli.problems import write_settings
from augcli.spec.dialects.entry import Decorator, Entries, Untranslatable, register_into
from augcli.spec.dialects.parameters.ranges import Span
from augcli.spec.dialects.parameters.words import flag


def entry_into(entries: Entries) -> Decorator:
    """Return the decorator for entries of this library, in which `p` may be a weight."""
    return register_into(entries, {"always_apply": flag(False)}, p_is_weight=True)


def take_old_names(call: Any, **names: str) -> None:
    """Take what was written under old names for what it is called today."""
    for old, new in names.items():
        if old in call.given:
            setattr(call, new, getattr(call, old))
            call.given |= {new}


def range_from(call: Any, today: str, lower: str, upper: str) -> Span:
    """Return a range that has one name today, and had one for each end."""
    span: Span = getattr(call, today)
    ends = [getattr(call, lower), getattr(call, upper)]
    for name, end in zip((lower, upper), ends, strict=True):
        if today in call.given and end is not None:
            raise Untranslatable("stands beside its own old name", f"leave it out; {today} says it", name)
    low, high = (default if end is None else end for end, default in zip(ends, span, strict=True))
    if low > high:
        name = lower if lower in call.given else upper
        help = write_settings(**{lower: high, upper: low})
        raise Untranslatable(f"`{lower}` {low:g} is above `{upper}` {high:g}", help, name)
    return [low, high]
