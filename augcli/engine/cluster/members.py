"""Which workers of a cluster there are, and which of them may be given work: each is asked once, when it is seen."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from augcli import __version__
from augcli.engine.cluster.courier import Answer, Question, answer
from augcli.output.run_record import differences
from augcli.problems import Problem, Refused, counted

_GLANCE = 0.2  # seconds between two looks at the cluster
ANSWER = 20.0  # seconds that others wait for a worker that does not answer
LOST = 15.0  # seconds without a scheduler after which it is gone


class Members:
    """The workers of a cluster, looked after by a thread of its own until it is closed."""

    def __init__(self, client: Any, address: str, question: Question, patience: float, tell: Callable[[str], object]):
        """Ask every worker a question, also those that join later; `tell` gets what is wrong with some of them."""
        self._client, self.address, self._question, self._patience, self._tell = (
            *(client, address, question, patience),
            tell,
        )
        self._expected = answer(question)._replace(unseen=())
        self._lock = threading.Lock()
        self._asked: dict[str, Any] = {}
        self.fit: Mapping[str, int] = {}
        """Workers that may be given work, with how many threads each has."""
        self._unfit: dict[str, str] = {}
        self._answers: dict[str, int] = {}
        self._seen = time.monotonic()
        self._has_had_some = False
        self._connected = time.monotonic()
        self.problem: Refused | None = None
        """Why nothing more will come of it."""
        self._listeners: list[Callable[[], None]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="augcli-members")
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        self._thread.join(5)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` from time to time, and whenever workers have come or gone."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def ask(self, question: Question) -> None:
        """Ask all workers anew, as from now on there is more to see."""
        with self._lock:
            self._question = question
            self._asked.clear()
            self._answers, self.fit, self._unfit = {}, {}, {}
            self._seen = time.monotonic()

    @property
    def threads(self) -> int:
        return sum(self.fit.values())

    def wait_for_some(self) -> None:
        """Wait until all workers that are there have answered, or some for a while.

        Raises `Refused` where none may be given work.
        """
        started = time.monotonic()
        while True:
            with self._lock:
                if self.problem is not None:
                    raise self.problem
                all_answered = len(self._answers) + len(self._unfit) >= len(self._asked)
                if self.fit and (all_answered or time.monotonic() - started > ANSWER):
                    return
            time.sleep(0.05)

    def _watch(self) -> None:
        while not self._ends.wait(_GLANCE) and self.problem is None:
            try:
                self._look()
            except Exception:  # whatever Dask raises while its scheduler comes and goes: time decides
                self._find_lost()
            for listener in list(self._listeners):
                with contextlib.suppress(Exception):  # as above
                    listener()

    def _look(self) -> None:
        if self._client.status != "running":
            self._find_lost()
            return
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        self._connected = now = time.monotonic()
        threads = {name: int(about["nthreads"]) for name, about in workers.items()}
        with self._lock:
            for name in threads.keys() - self._asked.keys():
                self._asked[name] = self._client.submit(
                    answer, self._question, workers=[name], allow_other_workers=False, pure=False, priority=10
                )
            for name in self._asked.keys() - threads.keys():
                self._asked.pop(name).cancel()
                self._answers.pop(name, None)
                self._unfit.pop(name, None)
            for name, future in self._asked.items():
                if name not in self._answers and name not in self._unfit and future.done():
                    self._hear(name, future, threads[name])
            self.fit = {name: threads[name] for name in self._answers}
            if self.fit:
                self._seen, self._has_had_some = now, True
            elif not self._has_had_some and threads and len(self._unfit) == len(self._asked):
                what = f"{self.address}: none of its {counted(len(threads), 'worker')} can be used"
                self.problem = Refused(Problem(what, "give them the same versions, IN and OUT as the driver has"))
            elif now - self._seen > self._patience:
                what = f"{self.address}: no worker for {self._patience:g} seconds"
                help = "start some with `dask worker`, then rerun to resume; --wait-for-workers waits longer"
                self.problem = Refused(Problem(what, help), exit_code=3)

    def _find_lost(self) -> None:
        if time.monotonic() - self._connected > LOST:
            what = f"{self.address}: the Dask scheduler is gone"
            self.problem = Refused(Problem(what, "start it again, then rerun to resume"), exit_code=3)

    def _hear(self, name: str, future: Any, threads: int) -> None:
        """Take in the answer of a worker."""
        if future.status != "finished":
            if future.status == "error":
                self._unfit[name] = reason = _unable(future.exception())
                self._tell(f"worker {name} is not used: {reason}")
            return
        said: Answer = future.result()
        if reason := self._reason(said):
            self._unfit[name] = reason
            self._tell(f"worker {name} is not used: {reason}")
            return
        self._answers[name] = threads
        if threads > 1:
            self._tell(f"worker {name}: {threads} threads, each of which gets a process of its own")

    def _reason(self, said: Answer) -> str:
        """Say why a worker may not be given work; empty if it may."""
        if said.augcli != __version__:
            return f"augcli {said.augcli}, here {__version__}"
        if others := differences(dict(self._expected.versions), dict(said.versions)):
            return f"other versions than here: {'; '.join(others[:8])}"
        return f"it does not see {said.unseen[0]}" if said.unseen else ""


def _unable(error: BaseException | None) -> str:
    if isinstance(error, ImportError | AttributeError):
        return "augcli is not installed there, or an other version of it"
    if isinstance(error, Refused):
        return "; ".join(problem.what for problem in error.problems)
    return f"it cannot answer ({type(error).__name__})"
