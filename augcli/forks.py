"""How worker processes come to be: forked from one that has imported everything and started nothing.

To import it all costs each of them half a second otherwise, and memory of its own. For a few files that one is the run
itself, which saves starting another.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import popen_fork, popen_forkserver
from multiprocessing.context import ForkContext, ForkProcess, ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any


@contextmanager
def deaf_to_interrupts(*signals: signal.Signals) -> Iterator[None]:
    """Put off Ctrl-C, or these signals; processes that are started meanwhile never hear them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(signals) or {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Launch(popen_forkserver.Popen):
    """Starts a worker deaf to Ctrl-C, and without telling it which script is running here: it would run that, too."""

    def _launch(self, process_obj: BaseProcess) -> None:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            with deaf_to_interrupts():
                super()._launch(process_obj)  # type: ignore[misc]
        finally:
            sys.modules["__main__"] = script


class _Worker(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802  multiprocessing's name for it
        return _Launch(process_obj)


class _DirectLaunch(popen_fork.Popen):
    """Starts a worker deaf to Ctrl-C."""

    def _launch(self, process_obj: BaseProcess) -> None:
        with deaf_to_interrupts(signal.SIGINT, signal.SIGTERM):
            super()._launch(process_obj)  # type: ignore[misc]


class _DirectWorker(ForkProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802  multiprocessing's name for it
        return _DirectLaunch(process_obj)


class Forks(ForkServerContext):
    """The context of `multiprocessing` that forks workers from a process of their own."""

    Process = _Worker


class DirectForks(ForkContext):
    """The one that forks them from this process, which must not have threads: their locks would stay locked."""

    Process = _DirectWorker
