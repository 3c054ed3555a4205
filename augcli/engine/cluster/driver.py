"""The driver of a cluster: workers as `engine.runner` wants them, whose calls Dask brings to couriers."""

from __future__ import annotations

import contextlib
import pickle
import threading
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from augcli.engine.cluster import courier
from augcli.engine.cluster.connection import connected
from augcli.engine.cluster.courier import Question
from augcli.engine.cluster.members import Members
from augcli.engine.jobs import Job
from augcli.engine.ordered import in_order
from augcli.engine.pool import Death, Workers
from augcli.output.paths import DRIVER, STATE_FOLDER
from augcli.problems import Refused
from augcli.storage import files, places
from augcli.storage.addresses import place

T = TypeVar("T")
R = TypeVar("R")

_FAREWELL = 5.0  # seconds that couriers have to end what they do for a run that is stopped


class Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, client: Any, members: Members, question: Question, out: Path | None) -> None:
        self._client, self._members, self._question, self._out = client, members, question, out
        self._fence = ""

    @property
    def jobs(self) -> int:
        return max(1, self._members.threads)

    def start(self, job: Job[Any], files: int) -> Workers:
        return CourierWorkers(self._client, self._members, self._fenced(job), watched=False)

    def start_one(self, job: Job[Any]) -> Workers:
        return CourierWorkers(self._client, self._members, self._fenced(job), watched=True)

    def each(self, function: Callable[[T], R], given: Iterable[T]) -> Iterator[R]:
        """As `Machines` says; in Dask's own processes, which reading does no harm to."""
        workers = CourierWorkers(self._client, self._members, None, watched=False)
        try:
            yield from in_order(lambda one: workers.submit(function, one), given, 4 * self.jobs)
        finally:
            workers.shutdown()

    def lift_fence(self) -> None:
        """Let workers that are still at work for this run write nothing more."""
        if self._fence:
            with contextlib.suppress(OSError):  # the run's end has removed it, or the next run will
                places.remove(place(self._fence))

    def _fenced(self, job: Job[Any]) -> Job[Any]:
        """Return a job whose workers see this very OUT, by a file that stands there as long as the run is under way.

        Who takes OUT over removes it, as the end of the run does. Raises `Refused` with code 3 where no worker sees it.
        """
        if self._out is None or not places.is_folder(self._out / STATE_FOLDER):
            return job
        if not self._fence:
            self._fence = str(self._out / STATE_FOLDER / f"{DRIVER}{uuid.uuid4().hex[:12]}")
            files.write_json(place(self._fence), {})
            self._members.ask(self._question._replace(must_see=(*self._question.must_see, self._fence)))
            try:
                self._members.wait_for_some()
            except Refused as refusal:
                raise Refused(refusal.problems, exit_code=3) from None
        return replace(job, fence=self._fence)


@contextmanager
def cluster(
    address: str, question: Question, out: Path | None, patience: float, tell: Callable[[str], object]
) -> Iterator[Cluster]:
    """Connect to a cluster, and wait for workers that answer a question as this process does. Raises `Refused`."""
    client = connected(address)
    try:
        shown = str(client.scheduler.address)
        members = Members(client, shown, question, patience, tell)
        try:
            members.wait_for_some()
            found = Cluster(client, members, question, out)
            try:
                yield found
            finally:
                found.lift_fence()
        finally:
            members.close()
    finally:
        _close(client)


def _close(client: Any) -> None:
    """Leave the cluster, which may be gone."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        client.close(timeout=_FAREWELL)


class CourierWorkers(Workers):
    """Calls functions on all workers of a cluster that may be given work, however many there are just now.

    Those of a job are called in processes of its own, without one in Dask's.
    """

    def __init__(self, client: Any, members: Members, job: Job[Any] | None, watched: bool) -> None:
        self._client, self._members, self._watched = client, members, watched
        self._key = f"augcli-{uuid.uuid4().hex[:12]}"
        self._lock = threading.RLock()
        self._calls: dict[Future[Any], _Call] = {}
        self._times = 0
        self._pickled = b"" if job is None else pickle.dumps(job)
        self._job: Any = None
        members.on_change(self._look_after)

    @property
    def size(self) -> int:
        return 1 if self._watched else max(1, self._members.threads)

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Let a worker that is free call a function; what it is given and what it returns are pickled."""
        assert not named
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # where it stands in Dask's queues is not known
        with self._lock:
            self._calls[future] = _Call(function, given)
        self._look_after()
        return future

    def _look_after(self) -> None:
        """Hand over calls that no living worker has; end all of them where nothing more will come of them."""
        problem, fit = self._members.problem, self._members.fit
        with self._lock:
            for future, call in list(self._calls.items()):
                if problem is not None:
                    del self._calls[future]
                    future.set_exception(problem)
                elif fit and (call.workers.isdisjoint(fit) or _is_lost(call.task)):
                    try:
                        self._hand_over(future, call, frozenset(fit))
                    except Exception as error:  # whatever Dask raises: it is tried again, or the scheduler is lost
                        if self._client.status == "running":
                            del self._calls[future]
                            future.set_exception(error)

    def _hand_over(self, future: Future[Any], call: _Call, workers: frozenset[str]) -> None:
        if call.task is not None:
            call.task.cancel()
        if self._pickled and _is_lost(self._job):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of its size, which is what it is
                self._job = self._client.submit(courier.unchanged, self._pickled, key=self._next_key(), pure=False)
        call.workers = workers
        where: dict[str, Any] = {"workers": [*workers], "allow_other_workers": False}
        given: tuple[Any, ...] = (call.function, *call.given)
        if self._pickled:
            given = (courier.carry, self._key, self._job, self._watched, call.function, call.given)
        call.task = task = self._client.submit(*given, key=self._next_key(), pure=False, **where)
        task.add_done_callback(lambda task: self._done(future, call, task))

    def _next_key(self) -> str:
        self._times += 1
        return f"{self._key}-{self._times}"

    def _done(self, future: Future[Any], call: _Call, task: Any) -> None:
        """Pass on what became of a task, unless it has been handed over once more."""
        if call.task is not task or task.status not in ("finished", "error"):
            return  # the scheduler is gone, or this run has given it up
        result, error = None, None
        try:
            result = task.result()
        except Exception as raised:  # the worker's boundary: whoever waits for the answer is told
            error = Death(None) if type(raised).__name__ == "KilledWorker" else raised
        with self._lock:
            if self._calls.pop(future, None) is None:
                return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the couriers' processes end; all that was submitted is done."""
        self._members.forget(self._look_after)
        with self._lock:
            tasks = [call.task for call in self._calls.values() if call.task is not None]
            self._calls.clear()
        dismissing = threading.Thread(target=self._dismiss, args=(tasks,), daemon=True)
        dismissing.start()
        dismissing.join(_FAREWELL)

    def _dismiss(self, tasks: list[Any]) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone; its couriers end by themselves
            if tasks:
                self._client.cancel(tasks, force=True)
            self._client.run(courier.dismiss, self._key, on_error="ignore")

    def kill(self) -> None:
        self.shutdown()


class _Call:
    """A call, and the task and the workers that it was handed over to last."""

    def __init__(self, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.function, self.given = function, given
        self.task: Any = None
        self.workers: frozenset[str] = frozenset()


def _is_lost(task: Any) -> bool:
    """Tell whether a task was never handed over, or is one of a scheduler that was gone for a moment."""
    return task is None or task.status in ("cancelled", "lost")
