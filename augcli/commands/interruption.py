"""What stops a command before its end, made orderly: SIGTERM, and errors of the machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from augcli.engine.tasks.make import stopping
from augcli.image import process
from augcli.problems import Problem, Refused, Terminated


@contextmanager
def stopped_by_errors(out: Path) -> Iterator[None]:
    """Turn what stops a run into a refusal that says where, why, and how to go on (exit 3)."""
    try:
        yield
    except BrokenExecutor:
        help = "make memory free or use fewer --jobs, then run the same command again: it goes on"
        raise Refused(Problem("workers keep dying", help), exit_code=3) from None
    except OSError as error:
        raise Refused(stopping(error, str(out)), exit_code=3) from None


@contextmanager
def sigterm() -> Iterator[None]:
    """Let SIGTERM end the run in an orderly way, as Ctrl-C does; in another program it keeps its meaning there."""
    if not process.is_ours():
        yield
        return

    def terminate(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
