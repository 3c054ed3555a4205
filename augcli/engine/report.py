"""What came of a run: counts, failures, warnings and the exit code, and the lines that report them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from augcli.engine.failures import Failure
from augcli.engine.jobs import Done
from augcli.engine.progress import Progress
from augcli.output.manifest import NOTED
from augcli.problems import Problem, Refused, counted, printable, say


class Files(Protocol):
    """What came of a chunk whose task makes files, or would."""

    @property
    def made(self) -> int: ...
    @property
    def kept(self) -> int: ...
    @property
    def failures(self) -> Sequence[Failure]: ...


class Report(Progress):
    """The progress of a run that remembers what came of it, and knows the exit code."""

    def __init__(
        self,
        planned: int,
        quiet: bool,
        fail_fast: bool,
        tell: Callable[[str], object] = say,
        clock: Callable[[], float] = time.monotonic,
        thing: str = "image",
    ) -> None:
        super().__init__(planned, quiet, tell, clock, thing)
        self.made = self.kept = self.rows = self.objects = 0
        self.dropped: Counter[str] = Counter()
        self.empty_copies = 0
        """Copies that are left out because they show no object."""
        self.failed: list[Failure] = []
        self.removed: list[str] = []
        self.moved: Counter[tuple[str, str]] = Counter()
        """Sources by the splits that they were in and are in now, where the spec has moved them."""
        self.converted: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self.left_out: dict[str, int] = {}
        self.warnings: list[Problem] = []
        self.crashed = False
        self.compared = "sizes"
        """What decided that a file is there already: its size alone, or its `bytes`."""
        self._fail_fast = fail_fast
        self._busy = 0.0
        self._peak = 0
        self._stages: dict[str, float] = {}

    def done(self, done: Done[Files]) -> None:
        """Take in a finished chunk and tell its failures. Raises `Refused` with exit code 3 if one ends the run."""
        self.count(done)
        for failure in done.result.failures:
            self.tell(f"{printable(failure.source)}: {printable(failure.reason)}")
        if self.failed and self._fail_fast:
            raise Refused(Problem("stopped at the first failure, as --fail-fast asks"), exit_code=3)

    def count(self, done: Done[Files]) -> None:
        """Take in a finished chunk without a word."""
        files = done.result
        self.made += files.made
        self.kept += files.kept
        self.failed += files.failures
        self._busy += done.seconds
        self._peak = max(self._peak, done.peak)
        for stage, seconds in done.stages.items():
            self._stages[stage] = self._stages.get(stage, 0.0) + seconds
        self.advance(files.made + files.kept, len(files.failures))

    def warn(self, warnings: Sequence[Problem]) -> None:
        """Print warnings, and keep them for the summary."""
        self.warnings += warnings
        for warning in warnings:
            self.tell(str(warning))

    def crash(self, text: str) -> None:
        """Tell that a worker died."""
        self.crashed = True
        self.tell(text)

    def summary(self, out: str, is_shard: bool) -> str:
        """Say in a line what came of it."""
        rate = f", {self.made / self.seconds:.0f} {self.thing}s/s" if self.made and self.seconds > 0 else ""
        parts = [f"{counted(self.made, self.thing)} written to {out} in {self.seconds:.1f} s{rate}"]
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
        told = [text, *self._labels(out, is_shard), *self._noted(out, is_shard)]
        return "\n".join([*told, self._conversions(out, is_shard)] if self.converted else told)

    def _labels(self, out: str, is_shard: bool) -> list[str]:
        """Say how many labelled objects the images show, and which were dropped, the most frequent reason first."""
        if not self.objects and not self.dropped:
            return []
        reasons = sorted(self.dropped.items(), key=lambda item: (-item[1], item[0]))
        parts = [f"labels: {counted(self.objects, 'object')} written"]
        if reasons:
            shown = ", ".join(f"{number} {word}" for word, number in reasons)
            where = "" if is_shard else f" (columns `dropped`, `drop_reasons` of {out}/manifest.csv)"
            parts.append(f"{sum(self.dropped.values())} dropped: {shown}{where}")
        if self.empty_copies:
            parts.append(f"{counted(self.empty_copies, 'image')} left out, as `on_empty: skip` says")
        return [printable("; ".join(parts))]

    def _noted(self, out: str, is_shard: bool) -> list[str]:
        """Say how many texts came out unlike what is asked for, and how."""
        where = "" if is_shard else f" (column `notes` of {out}/manifest.csv)"
        return [
            printable(f"{word}: {counted(number, self.thing)} {NOTED[word]}{where}")
            for word, number in sorted(self.noted.items())
        ]

    def _conversions(self, out: str, is_shard: bool) -> str:
        """Say what reading changed, the most frequent first."""
        words = sorted(self.converted.items(), key=lambda item: (-item[1], item[0]))
        shown = ", ".join(f"{number} {word}" for word, number in words)
        return printable(f"converted: {shown}" + ("" if is_shard else f" (column `converted` of {out}/manifest.csv)"))

    def profile(self) -> str:
        """Return a table of where the workers' time went, summed over all of them, and how much memory one took."""
        if not self.made:
            return f"no {self.thing} was made, so there is no profile"
        spent = {**self._stages, "other": max(0.0, self._busy - sum(self._stages.values()))}
        each, whole = 1e3 / self.made, max(self._busy, 1e-9)
        lines = [f"{'stage':8} {f'ms per {self.thing}':>13}  share"]
        for stage, seconds in sorted(spent.items(), key=lambda item: -item[1]):
            lines.append(f"{stage:8} {seconds * each:13.3f} {seconds / whole:6.1%}")
        lines.append(f"{'all':8} {whole * each:13.3f}")
        return "\n".join([*lines, f"memory of a worker: at most {self._peak / 1e6:.0f} MB"])

    @property
    def exit_code(self) -> int:
        return 1 if self.failed else 0
