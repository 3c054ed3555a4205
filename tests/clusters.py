"""A Dask cluster on this machine's loopback for tests: a scheduler and workers, processes that always end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class LoopbackCluster:
    """A scheduler at `address`, and the workers that were started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()

    def _start(self, name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        here = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "0"}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=here | environment,
                start_new_session=True,
            )

    def start_scheduler(self) -> None:
        self.scheduler_file = self.folder / "scheduler.json"
        self.scheduler_file.unlink(missing_ok=True)
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--scheduler-file", str(self.scheduler_file))
        self.scheduler = self._start("scheduler", "distributed.cli.dask_scheduler", *where, "--no-dashboard")
        deadline = time.monotonic() + 60
        while not self.scheduler_file.exists():
            assert time.monotonic() < deadline, (self.folder / "scheduler.log").read_text()
            time.sleep(0.05)

    def start_worker(self, threads: int = 1, nanny: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker, which registers when it is ready."""
        number = len(self.workers)
        own = ("--nthreads", str(threads), "--host", "127.0.0.1", "--no-dashboard")
        own += ("--nanny" if nanny else "--no-nanny", "--local-directory", str(self.folder / f"space-{number}"))
        worker = self._start(f"worker-{number}", "distributed.cli.dask_worker", self.address, *own, **environment)
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that was started here with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def loopback_cluster(folder: Path, workers: int = 0) -> Iterator[LoopbackCluster]:
    """Give a cluster with so many workers of one thread each, and end it."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = LoopbackCluster(folder)
    try:
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.end()


def summary(path: Path) -> dict[str, object]:
    return json.loads(path.read_text())
