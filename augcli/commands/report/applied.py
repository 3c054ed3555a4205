"""What a step has drawn, as the manifest tells it: how often it was applied, and how its values are spread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from augcli.commands.applied import UNTOLD
from augcli.commands.report.distributions import Numbers, Words

_LONGEST = 4
"""Numbers of a list that have a name of their own each, such as the corners of a box."""


class Applied:
    """One step: how many images or texts it was applied to, and its values by their names."""

    def __init__(self) -> None:
        self.number = 0
        self.numbers: dict[str, Numbers] = {}
        self.words: dict[str, Words] = {}

    def add(self, entry: Mapping[str, Any]) -> None:
        """Take in the values of one application; of a record, a step may be applied to several columns."""
        for key, value in entry.items():
            if key not in UNTOLD:
                self._add(key, value)

    def _add(self, key: str, value: Any) -> None:
        if isinstance(value, (bool, str)):
            self.words.setdefault(key, Words()).add(str(value).lower() if isinstance(value, bool) else value)
        elif isinstance(value, (int, float)) and math.isfinite(value):
            self.numbers.setdefault(key, Numbers()).add(value)
        elif isinstance(value, list):
            self._add_list(key, value)

    def _add_list(self, key: str, values: list[Any]) -> None:
        """Count what a list holds: each of a few numbers, words, the words that lists begin with, or how many."""
        if all(isinstance(one, (int, float)) for one in values) and 0 < len(values) <= _LONGEST:
            for at, one in enumerate(values, 1):
                self._add(f"{key} {at}" if len(values) > 1 else key, one)
            return
        first = [one[0] if isinstance(one, list) and one else one for one in values]
        if first and all(isinstance(one, str) for one in first):
            for one in first:
                self._add(key, one)
        else:
            self._add(f"number of {key}", len(values))
