"""How far a run is: a bar on a terminal, a line a minute in a log; both go to stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from augcli.engine.bar import Bar
from augcli.problems import counted, say

SILENT = 60.0
"""Seconds between two lines of a log that say that work goes on."""


class Progress:
    """Counts things that are done of those that are planned: images or texts, as `thing` says.

    A context manager, whose bar is shown while it is open.
    """

    def __init__(
        self,
        planned: int,
        quiet: bool,
        tell: Callable[[str], object] = say,
        clock: Callable[[], float] = time.monotonic,
        thing: str = "image",
    ) -> None:
        self.thing = thing
        self._done = self._failed = 0
        self._say = tell
        self._clock = clock
        self._started = clock()
        hidden = quiet or tell is not say or not sys.stderr.isatty()
        self._planned, self._hidden = planned, hidden
        self._writes_lines = not quiet and hidden
        self._told = self._started, 0
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        self._started = self._clock()
        self._told = self._started, 0
        if not self._hidden:
            from augcli.engine.bar import Bar  # dear to import

            self._bar = Bar(total=self._planned, unit=self.thing, dynamic_ncols=True, smoothing=0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, number: int, failed: int = 0) -> None:
        """Count things that are done, and sources that failed."""
        self._done += number
        self._failed += failed
        if self._bar is not None:
            if failed:
                self._bar.set_postfix_str(f"{self._failed} failed")
            self._bar.update(number)
        if self._writes_lines and self._clock() - self._told[0] >= SILENT:
            self._tell_how_far()

    def _tell_how_far(self) -> None:
        """Say in a line how far the work is, for those who read no bar."""
        (before, had), now, there = self._told, self._clock(), self._done
        self._told = now, there
        rate = (there - had) / (now - before)
        minutes = round((self._planned - there) / max(rate, 1e-9) / 60)
        left = "less than a minute left" if not minutes else f"about {counted(minutes, 'minute')} left"
        failed = f", {self._failed} failed" if self._failed else ""
        speed = f"{rate:.0f} a second" if rate >= 1 else f"{60 * rate:.0f} a minute"
        self.tell(
            f"{there} of {counted(self._planned, self.thing)}{failed}, {speed}, {left if there > had else 'waiting'}"
        )

    def tell(self, text: str) -> None:
        """Print a line to stderr without breaking the bar."""
        with nullcontext() if self._bar is None else self._bar.external_write_mode(file=sys.stderr):
            self._say(text)

    @property
    def seconds(self) -> float:
        return self._clock() - self._started
