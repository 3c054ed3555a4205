"""Where the workers of a run are: on this machine, or on a cluster, which is found by its address."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from augcli.engine.jobs import Job
from augcli.engine.ordered import in_order
from augcli.engine.pool import Pool, Workers
from augcli.modality import Modality
from augcli.plan.request import Options
from augcli.spec.spec import Spec

T = TypeVar("T")
R = TypeVar("R")

FEW = 16
"""So many files are worth a worker of their own: with fewer it takes longer to start than to work."""


class Machines(Protocol):
    """What starts workers for a job."""

    @property
    def jobs(self) -> int:
        """How many chunks are worked on at once, as far as it is known now."""

    def start(self, job: Job[Any], files: int) -> Workers:
        """Start workers that make about so many files. Raises `Refused` (exit code 3) where none can be had."""

    def start_one(self, job: Job[Any]) -> Workers:
        """Start workers that are given one call at a time, to find out who dies over what."""

    def each(self, function: Callable[[T], R], given: Iterable[T]) -> Iterator[R]:
        """Call a function that only reads with many things, with several at once; give the results in order."""


class ThisMachine:
    """Workers are processes of this machine, at most `jobs` at once."""

    def __init__(self, jobs: int | None) -> None:
        """Allow so many processes; None for as many as this one may use CPUs."""
        self.jobs = jobs or cpus()

    def start(self, job: Job[Any], files: int) -> Workers:
        return Pool(max(1, min(self.jobs, files // FEW)), job)

    def start_one(self, job: Job[Any]) -> Workers:
        return Pool(1, job, watched=True)

    def each(self, function: Callable[[T], R], given: Iterable[T]) -> Iterator[R]:
        """As `Machines` says; in threads, which hashing keeps as busy as processes."""
        with ThreadPoolExecutor(self.jobs) as executor:
            yield from in_order(lambda one: executor.submit(function, one), given, 4 * self.jobs)


@contextmanager
def machines_of(
    options: Options,
    spec: Spec | None,
    modality: Modality | None,
    must_see: Sequence[str],
    out: Path | None,
    tell: Callable[[str], object],
) -> Iterator[Machines]:
    """Give the machines that the command line asks for, ready for work on a spec, or for reading without one.

    Those of a cluster `must_see` some places as this one does, and OUT, once there is one. Raises `Refused`.
    """
    if options.cluster is None:
        yield ThisMachine(options.jobs)
        return
    from augcli.engine.cluster.courier import Question
    from augcli.engine.cluster.driver import cluster

    question = Question(modality, spec, tuple(must_see))
    with cluster(options.cluster, question, out, options.wait_for_workers, tell) as machines:
        yield machines


def cpus() -> int:
    """Return how many CPUs this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
