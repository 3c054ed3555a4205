"""Worker processes: each is forked from this one, or started afresh, and given one call at a time over its own socket.

They share no lock, queue or file with anybody, nothing has a name that could be left behind, and no other process
helps. A worker that dies is missed at once, with the call that it was at and no other. The pool has the face of
`concurrent.futures.Executor`; for each worker a thread waits, and all are forked before the first thread starts.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from subprocess import DEVNULL, Popen
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakSet

from augcli.engine.jobs import Job
from augcli.engine.worker import work_for
from augcli.problems import Problem, Refused

Order: TypeAlias = tuple[Any, ...]
"""A future, a function, and what that is given."""


class Death(BrokenExecutor):
    """A worker died over a call; `by` is the signal that ended it, None if it was none.

    `over` is the path of another source that it was opening, if it was watched; empty if there was none.
    """

    def __init__(self, by: int | None, over: str = "") -> None:
        super().__init__(f"a worker died ({by})")
        self.by, self.over = by, over

    def __reduce__(self) -> tuple[type[Death], tuple[int | None, str]]:
        return type(self), (self.by, self.over)  # on a cluster it is another process that misses it


_ours: WeakSet[Connection] = WeakSet()
"""Our ends of all connections. A fork of this process closes them, or workers would outlive this one."""


def _close_ours() -> None:
    for connection in _ours:
        connection.close()


os.register_at_fork(after_in_child=_close_ours)


class WorkerProcess(NamedTuple):
    """A process, forked or started afresh, and our end of the connection to it."""

    process: multiprocessing.Process | Popen[bytes]
    connection: Connection

    def hang_up(self) -> None:
        """End the connection, which is how the worker learns that there is no more, whoever else holds our end."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def exit_code(self) -> int | None:
        """Wait for its end; a signal that ended it is a negative number."""
        if isinstance(self.process, Popen):
            return self.process.wait()
        self.process.join()
        return self.process.exitcode


class Workers(Executor, ABC):
    """Workers that were started with a job."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many calls they work on at once; it may change while they work."""

    @abstractmethod
    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""


class Pool(Workers):
    """So many workers, which hear of Ctrl-C only from here."""

    def __init__(self, jobs: int, job: Job[Any], watched: bool = False) -> None:
        """Start the workers and wait until all can work. One that is `watched` leaves a note of what it opens.

        Raises `Refused` (exit code 3) where a limit of this machine is in the way, and BrokenExecutor where none lives.
        """
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._workers: list[WorkerProcess] = []
        self._threads: list[threading.Thread] = []
        self._notes = tempfile.TemporaryDirectory(prefix="augcli-") if watched else None
        self._under_way = "" if self._notes is None else os.path.join(self._notes.name, "under-way")
        job = replace(job, under_way=self._under_way)
        try:
            # The locks of other threads would stay locked in a fork of this process.
            forking = _threads() == 1 and not multiprocessing.current_process().daemon  # which may not fork
            if forking:
                job.modality.share(job.spec)
            for _ in range(jobs):
                self._fork(job) if forking else self._start_afresh(job.modality.environment)
            for worker in () if forking else self._workers:
                with contextlib.suppress(OSError):  # it has died, as its answer will tell
                    worker.connection.send(job)
            self._wait_for_workers()
            with deaf_to_interrupts():  # which are for the main thread
                for worker in self._workers:
                    thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
                    thread.start()
                    self._threads.append(thread)
        except BaseException as error:
            self.kill()
            if (limit := _limit(error)) is not None:
                help = f"use fewer --jobs than {jobs}, or raise the limit" if jobs > 1 else "raise the limit"
                raise Refused(Problem(f"worker processes cannot be started: {limit}", help), exit_code=3) from None
            raise

    @property
    def size(self) -> int:
        return len(self._threads)

    def _wait_for_workers(self) -> None:
        """Wait until all workers can work, and do without those that died; raise the last death where none lives."""
        for worker in list(self._workers):
            try:
                _answer(worker)
            except Death:
                self._workers.remove(worker)
                worker.hang_up()
                if not self._workers:
                    raise

    def _fork(self, job: Job[Any]) -> None:
        """Start a worker as a copy of this process, which costs nothing and shares what is in memory."""
        ours, theirs = multiprocessing.Pipe()
        _ours.add(ours)
        context: Any = multiprocessing.get_context("fork")
        process = context.Process(target=work_for, args=(theirs, job), daemon=True)
        with deaf_to_interrupts():
            process.start()
        theirs.close()
        self._workers.append(WorkerProcess(process, ours))

    def _start_afresh(self, environment: Mapping[str, str]) -> None:
        """Start a worker in a new interpreter, which finds modules where this one does, and starts no threads.

        `multiprocessing` would let it run the script that runs here, and tell it what to do by the environment of this
        process, which other threads see.
        """
        ours, theirs = multiprocessing.Pipe()
        _ours.add(ours)
        program = f"import sys; sys.path[:] = {list(map(str, sys.path))!a}; "
        program += f"from augcli.engine.worker import work_afresh; work_afresh({theirs.fileno()})"
        command = [sys.executable, *_flags(), "-c", program]
        with deaf_to_interrupts():
            process = Popen(command, stdin=DEVNULL, pass_fds=[theirs.fileno()], env={**os.environ, **environment})
        theirs.close()
        self._workers.append(WorkerProcess(process, ours))

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Let the next worker that is free call a function; what it is given and what it returns are pickled."""
        assert not named
        future: Future[Any] = Future()
        self._orders.put((future, function, *given))
        return future

    def _serve(self, worker: WorkerProcess) -> None:
        """Hand calls to a worker as long as it lives."""
        while (order := self._orders.get()) is not None:
            future, *call = order
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(_answer(worker, call))
            except Death as death:
                future.set_exception(Death(death.by, _noted(self._under_way)))
                return
            except Exception as error:  # the worker's boundary: whoever waits for the answer is told
                future.set_exception(error)
        worker.hang_up()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers end when they have done what was submitted."""
        for _ in self._threads:
            self._orders.put(None)
        if wait:
            self._join()

    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""
        with deaf_to_interrupts():
            for worker in self._workers:
                worker.process.kill()
            self.shutdown()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.hang_up()
            worker.exit_code()
        if self._notes is not None:
            self._notes.cleanup()


def _answer(worker: WorkerProcess, call: object = None) -> Any:
    """Return what a worker answers, to a call if there is one, or raise what it did. Raises `Death` where it died."""
    try:
        if call is not None:
            worker.connection.send(call)
        answer, error = worker.connection.recv()
    except (EOFError, OSError):  # of a message that was cut off there is no error of its own
        code = worker.exit_code()
        raise Death(-code if code is not None and code < 0 else None) from None
    if error is not None:
        raise error
    return answer


def _noted(path: str) -> str:
    """Return the path that a worker left in a file; empty if there is none."""
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.read())
    except FileNotFoundError:
        return ""


def _limit(error: BaseException) -> str | None:
    """Name the limit of this machine because of which no process or thread could be started; None if that is not it."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EMFILE:
        return f"the limit on open files is reached (`ulimit -n` is {resource.getrlimit(resource.RLIMIT_NOFILE)[0]})"
    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    memory = "" if most == resource.RLIM_INFINITY else f"`ulimit -v` is {most >> 10}"
    if number == errno.ENOMEM or isinstance(error, MemoryError):
        return f"there is not enough memory{memory and f' ({memory})'}"
    if number == errno.EAGAIN or type(error) is RuntimeError:  # which is what a thread raises that cannot start
        # a thread needs memory, too
        known = [f"`{name}` is {limit}" for name, limit in _most_processes().items()] + [memory] * bool(memory)
        return f"the limit on processes and threads is reached ({', '.join(known) or 'of this machine'})"
    return None


def _most_processes() -> dict[str, int]:
    """Return the limits on processes that are known: of the user, and of the container."""
    found = {"ulimit -u": resource.getrlimit(resource.RLIMIT_NPROC)[0]}
    with contextlib.suppress(OSError):  # not on Linux
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            folder = f"/sys/fs/cgroup/{'pids' if controllers == 'pids' else ''}{path}"
            if controllers in ("", "pids"):
                with contextlib.suppress(OSError, ValueError):  # `max` is none
                    found["pids.max"] = int(Path(folder, "pids.max").read_text())
    return {name: limit for name, limit in found.items() if limit != resource.RLIM_INFINITY}


def _threads() -> int | None:
    """Return how many threads this process has, those of libraries included; None where there is no way to tell."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return None


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Put off Ctrl-C and SIGTERM; processes and threads that are started meanwhile never hear them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _flags() -> list[str]:
    """Return the options of this interpreter that decide how file names are read, and whether bytecode is written."""
    return ["-X", f"utf8={sys.flags.utf8_mode}"] + ["-B"] * sys.dont_write_bytecode
