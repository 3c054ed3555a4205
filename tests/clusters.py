"""A Dask cluster on this machine's loopback for tests: a scheduler and workers, processes that always end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.buckets import free_port
from tests.kill_trials import alive

ROOT = Path(__file__).parents[1]

SITE = """
import hashlib, os, signal, time
import PIL
import augcli.image.pictures as pictures
from augcli.engine import worker
from augcli.engine.cluster import courier

courier.IDLE = 2
PIL.__version__ = os.environ.get("OTHER_PILLOW") or PIL.__version__
real = pictures.read_header

def read_header(data, most):
    if worker._worker is not None:
        with open(os.environ["SEEN"], "a") as file:
            print(os.getpid(), file=file)
        if hashlib.sha256(data).hexdigest() == os.environ.get("DEADLY"):
            with open(os.environ["SEEN"] + "-died", "a") as file:
                print(os.getpid(), file=file)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(float(os.environ.get("SLOW", "0")))
        while os.path.exists(os.path.join(os.path.dirname(os.environ["SEEN"]), "hold")):
            time.sleep(0.05)
    return real(data, most)

pictures.read_header = read_header
"""
"""What Python reads when it starts: each image that a worker process opens is noted in a file of this worker, takes a
while, and longer as long as there is a file `hold` beside it, and kills if it is the deadly one."""


class LoopbackCluster:
    """A scheduler at `address`, and the workers that were started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hold = folder, folder / "hold"
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        (folder / "site").mkdir()
        (folder / "site/sitecustomize.py").write_text(SITE)
        self.start_scheduler()

    def environment(self, name: str) -> dict[str, str]:
        """Return what a process needs to do as `SITE` says, under a name for its notes."""
        return {"PYTHONPATH": f"{self.folder / 'site'}:{ROOT}", "SEEN": str(self.folder / f"seen-{name}")}

    def _start(self, name: str, *command: str, within: Sequence[str] = (), **more: str) -> subprocess.Popen[bytes]:
        here = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "0"}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*within, sys.executable, "-m", *command],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=here | more,
                start_new_session=True,
            )

    def start_scheduler(self) -> None:
        self.scheduler_file = self.folder / "scheduler.json"
        self.scheduler_file.unlink(missing_ok=True)
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--scheduler-file", str(self.scheduler_file))
        self.scheduler = self._start("scheduler", "distributed.cli.dask_scheduler", *where, "--no-dashboard")
        wait_until(self.scheduler_file.exists)

    def start_worker(
        self, threads: int = 1, nanny: bool = False, within: Sequence[str] = (), **more: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker, which registers when it is ready, with more in its environment, `within` another command."""
        number = len(self.workers)
        own = ("--nthreads", str(threads), "--host", "127.0.0.1", "--no-dashboard")
        own += ("--nanny" if nanny else "--no-nanny", "--local-directory", str(self.folder / f"space-{number}"))
        name, more = f"worker-{number}", self.environment(str(number)) | more
        worker = self._start(name, "distributed.cli.dask_worker", self.address, *own, within=within, **more)
        self.workers.append(worker)
        return worker

    def registered(self, number: int) -> bool:
        return "Registered to" in (self.folder / f"worker-{number}.log").read_text()

    def seen(self, number: int | str) -> list[str]:
        """Return the process that opened an image, for each that those of a worker opened."""
        path = self.folder / f"seen-{number}"
        return path.read_text().split() if path.exists() else []

    def processes(self) -> list[int]:
        """Return the processes of ours that the workers have started, and that are still there."""
        return [pid for pid in alive([worker.pid for worker in self.workers]) if pid not in self._own()]

    def _own(self) -> set[int]:
        return {worker.pid for worker in self.workers}

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """Kill a process that was started here with all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def loopback_cluster(folder: Path, workers: int = 0, **more: str) -> Iterator[LoopbackCluster]:
    """Give a cluster with so many workers of one thread each, with more in their environment, and end it.

    All have registered by then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cluster = LoopbackCluster(folder)
    try:
        for _ in range(workers):
            cluster.start_worker(**more)
        wait_until(lambda: all(map(cluster.registered, range(workers))))
        yield cluster
    finally:
        cluster.end()


def started(*arguments: object, **more: str) -> subprocess.Popen[str]:
    """Start `augcli` in a session of its own, with more in its environment."""
    command = [sys.executable, "-m", "augcli", *map(str, arguments)]
    environment = {**os.environ, **more}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ended(run: subprocess.Popen[str], seconds: float = 120) -> tuple[int, str]:
    """Wait until a command ends; return its exit code and what it said."""
    try:
        said = run.communicate(timeout=seconds)[1]
        return run.returncode, said
    finally:
        kill(run)


def lose_workers(cluster: LoopbackCluster, **more: str) -> None:
    """Kill the two workers of a cluster one after the other, as soon as both are at work, while a third one joins."""
    wait_until(lambda: cluster.seen(0) and cluster.seen(1))
    cluster.hold.touch()  # or all might be done before the third one has started
    cluster.workers[0].kill()  # Dask's own process: what it has started must end by itself
    cluster.start_worker(**more)
    wait_until(lambda: cluster.registered(2))
    cluster.hold.unlink()
    wait_until(lambda: len(cluster.seen(2)) >= 2)
    cluster.workers[1].kill()


def wait_until(happened: Callable[[], object], seconds: float = 120) -> None:
    """Wait for what happens in a few seconds; other work may run here."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds"
        time.sleep(0.05)
