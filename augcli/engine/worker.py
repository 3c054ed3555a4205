"""A worker: a process that carries out one job, chunk by chunk, and ends when its run ends."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import threading
import time
import traceback
import warnings
from multiprocessing.connection import Connection
from typing import Any, Generic

from augcli.engine import container_files, profile
from augcli.engine.chunks import Chunk
from augcli.engine.jobs import Done, Job, R_co
from augcli.modality import Modality
from augcli.output import manifest
from augcli.storage import files, hashes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_LARGEST_KEPT = 32 << 20  # the most that glibc takes

_STAGES: dict[str, list[tuple[Any, str]]] = {
    "read": [(files, "read")],
    "hash": [(hashes, "sha256")],
    "write": [(files, "write_whole"), (manifest, "write_part"), (container_files.Hashed, "write")],
}
"""Of every kind of data."""


class Worker(Generic[R_co]):
    """A job, and what one process keeps for all of its chunks."""

    def __init__(self, job: Job[R_co]) -> None:
        self._job, self._maker = job, job.maker()
        if job.profile:
            profile.attach({**_STAGES, **job.modality.stages})

    def do(self, chunk: Chunk) -> Done[R_co]:
        """Do the job's task with a chunk."""
        self._job.refuse_if_over()
        started = time.perf_counter()
        result = self._job.task(self._job, self._maker, chunk)
        seconds = time.perf_counter() - started
        return Done(chunk.number, result, seconds, profile.peak(), profile.taken())


_worker: Worker[Any] | None = None
"""Of this process, where it is a worker's."""


def do(chunk: Chunk) -> Done[Any]:
    """Do a chunk of the job that this process was started for."""
    assert _worker is not None
    return _worker.do(chunk)


def work_afresh(descriptor: int) -> None:
    """Work for a run in a new interpreter: its connection is inherited, and the job comes first."""
    run = Connection(descriptor)
    with contextlib.suppress(EOFError, ConnectionError):  # as below
        work_for(run, run.recv())


def work_for(run: Connection, job: Job[Any]) -> None:
    """Answer the calls of a run in a process of its own, one after another, until there is no more."""
    gc.freeze()  # or its collections would touch, and so copy, all that the run remembers
    with contextlib.suppress(EOFError, ConnectionError):  # there is no more, or the run has died
        try:
            start_worker(run, job)
        except Exception as error:  # a limit of the machine: for the run to tell
            return run.send((None, error))
        run.send((None, None))
        while True:
            function, *given = run.recv()
            try:
                run.send((function(*given), None))
            except Exception as error:  # the worker boundary: as above
                error.add_note(traceback.format_exc())
                run.send((None, error))


def start_worker(run: Connection, job: Job[Any]) -> None:
    """Make this process a worker: deaf to Ctrl-C, which is the run's affair, and ending when the run does."""
    global _worker
    threading.Thread(target=_end_with, args=(run,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    prepare(job.modality)
    _worker = Worker(job)


def _end_with(run: Connection) -> None:
    """Leave at once when the run has died: an orphan writes nothing more, and what it leaves is as after a kill."""
    other_end = select.poll()
    other_end.register(run, select.POLLHUP)
    other_end.poll()
    os._exit(1)


def prepare(modality: Modality) -> None:
    """Prepare a process for work on a kind of data: it has one thread, shows no warnings, and keeps its memory."""
    modality.prepare()
    warnings.simplefilter("ignore")
    _keep_memory()


def _keep_memory() -> None:
    """Let glibc keep the memory of freed images instead of asking the kernel for zeroed pages each time.

    Without it a third of the time at 500x375 goes into page faults. Elsewhere than on glibc: nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        libc.mallopt(_M_TRIM_THRESHOLD, 4 * _LARGEST_KEPT)
