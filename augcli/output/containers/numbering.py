"""Parquet files say in their names how many there are. When that changes, those that stand there get new names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from augcli.storage import places

_NUMBERED = re.compile(r"(.+-\d{5,})-of-\d{5,}(\.[a-z]+)")


def renumber(out: Path, obsolete: Iterable[str], planned: Iterable[tuple[str, list[str]]]) -> None:
    """Give files that nothing asks for under their names those of the planned ones with their number.

    They are to be made again, and what still holds of them is taken over, as from any container of the same name.
    """
    former = {_place(name): name for name in obsolete}
    former.pop("", None)
    if not former:
        return
    for _, names in planned:
        for name in names:
            found = former.get(_place(name))
            if found is not None and places.is_file(out / found) and not places.anything(out / name):
                places.rename(out / found, out / name)


def _place(name: str) -> str:
    """Return a name without how many there are; empty for one that does not say it."""
    found = _NUMBERED.fullmatch(name)
    return found[1] + found[2] if found else ""
