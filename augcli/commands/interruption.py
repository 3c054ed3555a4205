"""Orderly ends of commands that are stopped, by SIGTERM or by an error of the machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from augcli.image import process
from augcli.problems import Problem, Refused, Terminated, Unreachable


@contextmanager
def stopped_by_errors(out: Path) -> Iterator[None]:
    """Turn what stops a run into a refusal that says where, why, and how to go on (exit 3)."""
    try:
        yield
    except BrokenExecutor:
        help = "free memory or use fewer --jobs, then rerun to resume"
        raise Refused(Problem("workers keep dying", help), exit_code=3) from None
    except BrokenPipeError:
        raise  # whoever read our output has gone
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else str(out)
        reason = (error.strerror or "cannot be written").lower()
        first = error.help if isinstance(error, Unreachable) else "free space or fix it"
        help = f"{first}, then rerun to resume"
        raise Refused(Problem(f"{where}: {reason}", help), exit_code=3) from None


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
