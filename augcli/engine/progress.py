"""What a run tells its user while it works and at its end; progress and problems go to stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType

from tqdm import tqdm

from augcli.engine.chunks import Done, Failure
from augcli.problems import Problem, Refused, counted, printable, say

SILENT = 60.0
"""Seconds after which who reads a log is told that work goes on."""


class _Bar(tqdm):  # type: ignore[type-arg]
    monitor_interval = 0  # with its thread this process could not fork workers


class Report:
    """Counts what is done, shows a bar on a terminal, and knows the exit code. A context manager."""

    def __init__(
        self,
        planned: int,
        quiet: bool,
        fail_fast: bool,
        tell: Callable[[str], None] = say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.made = self.kept = 0
        self.failed: list[Failure] = []
        self.removed: list[str] = []
        self.converted: Counter[str] = Counter()
        self.left_out: dict[str, int] = {}
        self.warnings: list[Problem] = []
        self.crashed = False
        self.compared = "sizes"
        """What decided that a file is there already: its size alone, or its `bytes`."""
        self._busy = 0.0
        self._peak = 0
        self._stages: dict[str, float] = {}
        self.fail_fast = fail_fast
        self._say = tell
        self._clock = clock
        self._started = clock()
        hidden = quiet or not sys.stderr.isatty()
        self._planned, self._hidden = planned, hidden
        self._writes_lines = not quiet and hidden
        self._told = self._started, 0
        self._bar = _Bar(disable=True)

    def __enter__(self) -> Report:
        self._started = self._clock()
        self._told = self._started, 0
        self._bar = _Bar(total=self._planned, unit="img", disable=self._hidden, dynamic_ncols=True, smoothing=0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.close()

    def done(self, done: Done) -> None:
        """Take in a finished chunk. Raises `Refused` with exit code 3 if it says that the run must stop."""
        if done.stopped is not None:
            raise Refused(done.stopped, exit_code=3)
        self.count(done)
        for note in done.notes:
            self.tell(printable(note))
        for failure in done.failures:
            self.tell(f"{printable(failure.source)}: {printable(failure.reason)}")
        if self.failed and self.fail_fast:
            raise Refused(Problem("stopped at the first failure, as --fail-fast asks"), exit_code=3)

    def count(self, done: Done) -> None:
        """Take in a finished chunk without a word."""
        self.made += done.made
        self._busy += done.seconds
        self._peak = max(self._peak, done.peak)
        for stage, seconds in done.stages.items():
            self._stages[stage] = self._stages.get(stage, 0.0) + seconds
        self.kept += done.kept
        self.failed += done.failures
        self.converted.update(done.converted)
        if done.failures:
            self._bar.set_postfix_str(f"{len(self.failed)} failed")
        self._bar.update(done.made + done.kept)
        if self._writes_lines and self._clock() - self._told[0] >= SILENT:
            self._tell_how_far()

    def _tell_how_far(self) -> None:
        """Say in a line how far the work is, for those who read no bar."""
        (before, had), now, there = self._told, self._clock(), self.made + self.kept
        self._told = now, there
        rate = (there - had) / (now - before)
        minutes = round((self._planned - there) / max(rate, 1e-9) / 60)
        left = "less than a minute left" if not minutes else f"about {counted(minutes, 'minute')} left"
        failed = f", {len(self.failed)} failed" if self.failed else ""
        speed = f"{rate:.0f} a second" if rate >= 1 else f"{60 * rate:.0f} a minute"
        self.tell(
            f"{there} of {counted(self._planned, 'image')}{failed}, {speed}, {left if there > had else 'waiting'}"
        )

    def warn(self, warnings: Sequence[Problem]) -> None:
        """Print warnings, and keep them for the summary."""
        self.warnings += warnings
        for warning in warnings:
            self.tell(str(warning))

    def tell(self, text: str) -> None:
        """Print a line to stderr without breaking the bar."""
        with tqdm.external_write_mode(file=sys.stderr):
            self._say(text)

    @property
    def seconds(self) -> float:
        return self._clock() - self._started

    def crash(self, text: str) -> None:
        """Tell that a worker died."""
        self.crashed = True
        self.tell(text)

    def summary(self, out: str, is_shard: bool) -> str:
        """Say in a line what came of it."""
        rate = f", {self.made / self.seconds:.0f} images/s" if self.made and self.seconds > 0 else ""
        parts = [f"{counted(self.made, 'image')} written to {out} in {self.seconds:.1f} s{rate}"]
        if self.kept:
            how = " (sizes compared; verify reads them)" if self.compared == "sizes" else ""
            parts.append(f"{self.kept} {'was' if self.kept == 1 else 'were'} there already{how}")
        if self.removed:
            are = "is" if len(self.removed) == 1 else "are"
            parts.append(f"{len(self.removed)} removed that {are} no longer asked for")
        if self.failed:
            where = "" if is_shard else f" (status `failed` in {out}/manifest.csv)"
            parts.append(f"{counted(len(self.failed), 'source')} failed{where}")
        if is_shard:
            parts.append(f"when all shards are done: augcli merge {out}")
        text = printable("; ".join(parts))
        return f"{text}\n{self._conversions(out, is_shard)}" if self.converted else text

    def _conversions(self, out: str, is_shard: bool) -> str:
        """Say what reading changed, the most frequent first."""
        words = sorted(self.converted.items(), key=lambda item: (-item[1], item[0]))
        shown = ", ".join(f"{number} {word}" for word, number in words)
        return printable(f"converted: {shown}" + ("" if is_shard else f" (column `converted` of {out}/manifest.csv)"))

    def profile(self) -> str:
        """Return a table of where the workers' time went, summed over all of them, and how much memory one took."""
        if not self.made:
            return "no image was made, so there is no profile"
        spent = {**self._stages, "other": max(0.0, self._busy - sum(self._stages.values()))}
        per_image, whole = 1e3 / self.made, max(self._busy, 1e-9)
        lines = [f"{'stage':8}  ms per image  share"]
        for stage, seconds in sorted(spent.items(), key=lambda item: -item[1]):
            lines.append(f"{stage:8} {seconds * per_image:13.3f} {seconds / whole:6.1%}")
        lines.append(f"{'all':8} {whole * per_image:13.3f}")
        return "\n".join([*lines, f"memory of a worker: at most {self._peak / 1e6:.0f} MB"])

    @property
    def exit_code(self) -> int:
        return 1 if self.failed else 0
