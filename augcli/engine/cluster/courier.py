"""What runs in a Dask worker: it answers for itself, and hands chunks to processes of ours that it starts beside it.

Those processes end when their run dismisses them, when nothing has come for a while (the driver may have died), and
with the Dask worker.
"""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from augcli import __version__
from augcli.engine.pool import Pool
from augcli.modality import Modality
from augcli.spec.spec import Spec
from augcli.storage import places

IDLE = 30.0  # seconds without a call after which a process is ended


class Question(NamedTuple):
    """What a driver asks a worker before it gives it work: what it would work with, and where."""

    modality: Modality | None
    spec: Spec | None
    must_see: tuple[str, ...]
    """Places that a worker must see as the driver does."""


class Answer(NamedTuple):
    """What a worker says of itself."""

    augcli: str
    versions: Mapping[str, Any]
    unseen: tuple[str, ...]


def answer(question: Question) -> Answer:
    """Answer for this process."""
    modality, spec = question.modality, question.spec
    versions = {} if modality is None or spec is None else modality.versions(spec)
    return Answer(__version__, versions, tuple(place for place in question.must_see if not _sees(place)))


def _sees(place: str) -> bool:
    try:
        return places.anything(place)
    except OSError:
        return False


@dataclass
class _Run:
    """The processes of one run on this worker, and when it was last heard of."""

    idle: list[Pool] = field(default_factory=list)
    busy: list[Pool] = field(default_factory=list)
    heard: float = 0.0


_runs: dict[str, _Run] = {}
_lock = threading.Lock()
_sweeping = False


def unchanged(job: bytes) -> bytes:
    """Return a job as it is: the result of a task is known to all workers, and found again if its holder dies."""
    return job


def carry(key: str, job: bytes, watched: bool, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Let a process of the run `key` call a function. Raises what it raises, and `Death` where the process died."""
    pool = _taken(key) or _started(key, job, watched)
    try:
        result = pool.submit(function, *given).result()
    except BaseException:
        _forget(key, pool)
        pool.kill()  # it may be dead, and a new one costs half a second
        raise
    with _lock:
        run = _runs.get(key)
        if run is not None and pool in run.busy:
            run.busy.remove(pool)
            run.idle.append(pool)
            run.heard = time.monotonic()
    return result


def _taken(key: str) -> Pool | None:
    """Take a process of a run that is free."""
    with _lock:
        run = _runs.setdefault(key, _Run())
        run.heard = time.monotonic()
        if not run.idle:
            return None
        run.busy.append(run.idle.pop())
        return run.busy[-1]


def _started(key: str, job: bytes, watched: bool) -> Pool:
    global _sweeping
    pool = Pool(1, pickle.loads(job), watched)
    with _lock:
        _runs.setdefault(key, _Run()).busy.append(pool)
        if not _sweeping:
            _sweeping = True
            threading.Thread(target=_sweep, name="augcli-sweeper", daemon=True).start()
    return pool


def _forget(key: str, pool: Pool) -> None:
    with _lock:
        run = _runs.get(key)
        if run is not None and pool in run.busy:
            run.busy.remove(pool)


def dismiss(key: str) -> None:
    """End the processes of a run at once, whatever they are doing."""
    with _lock:
        run = _runs.pop(key, _Run())
    for pool in [*run.idle, *run.busy]:
        pool.kill()


def _sweep() -> None:
    """End processes for which nothing has come for a while, as long as there are runs."""
    global _sweeping
    while True:
        time.sleep(1)
        now = time.monotonic()
        with _lock:
            left = [key for key, run in _runs.items() if not run.busy and now - run.heard > IDLE]
            idle = [pool for key in left for pool in _runs.pop(key).idle]
            _sweeping = bool(_runs)
            goes_on = _sweeping
        for pool in idle:
            pool.kill()
        if not goes_on:
            return


def _after_fork() -> None:
    _runs.clear()


os.register_at_fork(after_in_child=_after_fork)
