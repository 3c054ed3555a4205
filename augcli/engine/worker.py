"""What a process needs before it works on images: one thread, memory that it keeps, and an end when its run ends."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

import cv2

from augcli.dataset.listing import Source
from augcli.engine import profile as stopwatch
from augcli.engine.tasks import make
from augcli.image import ops, pictures, process
from augcli.plan.partners import mixes
from augcli.plan.request import Asked
from augcli.spec.model import Spec

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_LARGEST_KEPT = 32 << 20  # the most that glibc takes


class Setup(NamedTuple):
    """What every process of a run is told once; `sources` are empty where the spec mixes none."""

    spec: Spec
    root: str
    sources: list[Source]
    profile: bool = False


def setup_of(wanted: Asked, profile: bool = False) -> Setup:
    """Return what workers must know of a run; all sources are named to them only where they may be mixed."""
    spec, sources = wanted.spec, wanted.listing.sources
    mixed = [source for source in sources if spec.treatment(source.role) == "augment"] if mixes(spec) else []
    return Setup(spec, str(wanted.root), mixed, profile)


def work_for(run: Connection, others: Sequence[Connection], setup: Setup) -> None:
    """Do one task after another of a run in a process of its own, until there is no more.

    `others` are ends of the run's connections that a fork has a copy of, and would keep open.
    """
    for connection in others:
        connection.close()
    gc.freeze()  # or its collections would touch, and so copy, all that the run remembers
    with contextlib.suppress(EOFError, ConnectionError):  # there is no more, or the run has died
        try:
            start_worker(setup)
        except Exception as error:  # a limit of the machine: for the run to tell
            return run.send((None, error))
        run.send((None, None))
        while True:
            task, *given = run.recv()
            try:
                run.send((task(*given), None))
            except Exception as error:  # the worker boundary: as above
                error.add_note(traceback.format_exc())
                run.send((None, error))


def start_worker(setup: Setup) -> None:
    """Prepare a worker process: deaf to Ctrl-C, which is the run's affair, and ending when the run does."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    process.take_over()
    pictures.limit_time()
    prepare(setup)


def _end_with_the_run() -> None:
    """Leave at once when the run has died: an orphan writes nothing more, and what it leaves is as after a kill."""
    run = multiprocessing.parent_process()
    assert run is not None
    run.join()
    os._exit(1)


def prepare(setup: Setup) -> None:
    """Prepare any process that works on images: one thread, and no other library's warnings."""
    make.introduce(setup.spec, setup.root, setup.sources)
    if setup.profile:
        stopwatch.attach(
            {
                "read": [(pictures, "read")],
                "decode": [(pictures, "read_header"), (pictures, "decode")],
                "draw": [(make, "recipe")],
                "warp": [(ops.Warp, "run")],
                "colour": [(ops, "recolour")],
                "filter": [(ops.Filter, "run"), (ops.Erase, "run"), (ops.Parallel, "run")],
                "encode": [(make, "encode")],
                "hash": [(make, "sha256")],
                "write": [(pictures, "write_whole"), (make, "write_part")],
            }
        )
    cv2.setNumThreads(1)
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
