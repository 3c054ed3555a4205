"""What may be given to a call: whole numbers, and a word for a split. Errors are ValueError and TypeError."""

from __future__ import annotations

import operator
from typing import Any

from augcli.dataset.layouts.words import ROLE_OF_FOLDER
from augcli.problems import listed, quoted
from augcli.spec.spec import ROLES


def whole_number(name: str, value: Any, least: int) -> int:
    """Return an argument as an int. Raises TypeError where it is no whole number, ValueError where it is too small."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is a whole number, not {value!r}") from None
    if number < least:
        raise ValueError(f"{name} is {number}; it is at least {least}")
    return number


def jobs_of(jobs: int | None) -> int | None:
    """Return a number of processes; None for one for each CPU."""
    return None if jobs is None else whole_number("jobs", jobs, 1)


def split_of(split: str | None) -> str | None:
    """Return the role of a split, or None. Raises ValueError where it is none."""
    if split is None or split in ROLES:
        return split
    near = ROLE_OF_FOLDER.get(str(split).lower())
    help = f"; did you mean `{near}`?" if near else ""
    raise ValueError(f"split is {quoted(split)}; {listed(ROLES)} is allowed{help}")
