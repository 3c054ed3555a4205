"""Where time and memory go. In a process that was asked to, functions are replaced by ones that take their own time.

Processes that were not asked run the functions themselves: it costs nothing when off.
"""

from __future__ import annotations

import functools
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_spent: dict[str, float] = {}
_running = False


def attach(stages: Mapping[str, Iterable[tuple[Any, str]]]) -> None:
    """Time functions, each given as (owner, name), under the name of their stage, as long as this process lives.

    Where one calls another, the time is that of the outer one alone.
    """
    for stage, functions in stages.items():
        for owner, name in functions:
            if not hasattr(getattr(owner, name), "timed"):
                setattr(owner, name, _timed(stage, getattr(owner, name)))


def _timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        global _running
        if _running:
            return function(*args, **kwargs)
        _running = True
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            _running = False
            _spent[stage] = _spent.get(stage, 0.0) + time.perf_counter() - started

    timed.timed = True  # type: ignore[attr-defined]
    return timed


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def taken() -> dict[str, float]:
    """Return the seconds of each stage since the last time, and start again."""
    spent = dict(_spent)
    _spent.clear()
    return spent
