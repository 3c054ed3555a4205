"""Hands chunks to an executor, keeps its window short, and survives workers that die.

The executor is anything with the interface of `concurrent.futures`: joblib's loky pool on one machine. What is done
with a chunk is the caller's affair. The parent holds what planning needs and nothing that grows with the outputs.
"""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TypeAlias

from augcli.forks import DirectForks, Forks, deaf_to_interrupts
from augcli.plan import Item
from augcli.stock import Known
from augcli.work import Chunk, Done
from augcli.workers import Setup, start_worker

CHUNK_SECONDS = 0.4
LARGEST_CHUNK = 256
FEW = 100
"""Up to so many files one worker is enough, forked from this process: to start more takes longer than the work."""

Task: TypeAlias = Callable[[Chunk], Done]


def pool(jobs: int, setup: Setup, few: bool = False) -> Executor:
    """Start a pool of worker processes, deaf to Ctrl-C and to modules in the current folder.

    With `few` there is one worker, forked from this process if that has started no threads.
    """
    # A `signal.py` in the current folder would otherwise be imported by every worker.
    os.environ["PYTHONSAFEPATH"] = "1"
    # Workers multiply no large matrices: a thread pool in each would only cost time and memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from joblib.externals.loky import ProcessPoolExecutor

    # Two interrupts at once reach the program that loky looks for workers' children with; it kills them all the same.
    warnings.filterwarnings("ignore", "Failed to kill subprocesses")
    context = DirectForks() if few and _threads() == 1 else Forks()
    if isinstance(context, Forks):
        context.set_forkserver_preload(["augcli.forked"])
    return ProcessPoolExecutor(  # type: ignore[no-any-return]
        max_workers=1 if few else jobs, timeout=60, context=context, initializer=start_worker, initargs=(setup,)
    )


def _threads() -> int | None:
    """Return how many threads this process has, those of libraries included; None where there is no way to tell."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return None


KILLED = "its worker crashed, or was killed for using too much memory"
SLOW = "takes far too long to be opened, as damaged or malicious files do"


def cpus() -> int:
    """Return how many CPUs this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


class Chunks:
    """Cuts planned items into chunks, each about `CHUNK_SECONDS` of work by what earlier ones took."""

    def __init__(
        self,
        like: Chunk,
        items: Sequence[Item],
        known: Iterator[Known],
        jobs: int,
        part: Callable[[int], str] = lambda number: "",
    ) -> None:
        """Cut chunks that are as `like` but for their number, items, part, and what is known of them.

        `known` is in the order of the sources, as `items` are; `part` names the part of a chunk by its number.
        """
        self._like, self._part = like, part
        self._known = known
        self._next_known: Known | None = next(self._known, None)
        self._items = iter(items)
        self._most = max(1, min(LARGEST_CHUNK, len(items) // (4 * jobs)))
        self._per_source = max(0.1, 0.005 * like.spec.copies)  # until the first chunk has told
        self.number = 0
        self.crashing: frozenset[str] = frozenset()
        """Sources that have killed their worker."""

    def learn(self, done: Done, sources: int) -> None:
        """Take into account how long a chunk took."""
        self._per_source += 0.5 * (done.seconds / max(1, sources) - self._per_source)

    def __iter__(self) -> Iterator[Chunk]:
        while True:
            count = max(1, min(self._most, int(CHUNK_SECONDS / max(self._per_source, 1e-5))))
            items = list(islice(self._items, count))
            if not items:
                return
            self.number += 1
            yield self._like._replace(
                number=self.number,
                items=items,
                part=self._part(self.number),
                known=self._known_of(items),
                crashing=self.crashing,
            )

    def _known_of(self, items: list[Item]) -> dict[str, Known]:
        """Return what is known of these items; both run in the order of the sources' bytes."""
        known = {}
        last = os.fsencode(items[-1].source.path)
        while self._next_known is not None and os.fsencode(self._next_known.source) <= last:
            known[self._next_known.source] = self._next_known
            self._next_known = next(self._known, None)
        return {item.source.path: known[item.source.path] for item in items if item.source.path in known}


def run(
    task: Task,
    chunks: Chunks,
    setup: Setup,
    jobs: int,
    few: bool,
    report: Callable[[Done], None],
    on_crash: Callable[[str], None],
) -> None:
    """Do a task with all chunks, reporting each as it is done. Stops early when `report` raises.

    When workers die, the pool is made anew and the chunks that were under way are run again one by one,
    source by source; a source that kills its worker again becomes a `failed` row.
    """
    pending = iter(chunks)
    while True:
        executor = pool(jobs, setup, few)
        try:
            lost = _run_window(task, executor, pending, chunks, jobs, report)
        except BaseException:
            _kill(executor)
            raise
        if lost is None:
            executor.shutdown(wait=True)
            return
        _kill(executor)
        number = sum(len(chunk.items) for chunk in lost)
        on_crash("a worker died; " + (f"trying its {number} sources one by one" if number > 1 else "trying again"))
        for chunk in lost:
            chunks.crashing |= _run_singly(task, chunk, chunks.crashing, report, setup)


def _run_window(
    task: Task, executor: Executor, pending: Iterator[Chunk], chunks: Chunks, jobs: int, report: Callable[[Done], None]
) -> list[Chunk] | None:
    """Run chunks until there are none; return those that were under way if a worker died."""
    window: dict[Future[Done], Chunk] = {}
    submitted: Chunk | None = None  # taken from the plan, but in no one's hands yet
    try:
        while True:
            for chunk in islice(pending, 2 * jobs - len(window)):
                submitted = chunk
                window[executor.submit(task, chunk)] = chunk
                submitted = None
            if not window:
                return None
            finished, _ = wait(window, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=lambda future: window[future].number):
                done = future.result()
                chunk = window.pop(future)
                chunks.learn(done, len(chunk.items))
                report(done)
    except BrokenExecutor:
        unfinished = [chunk for future, chunk in window.items() if not _succeeded(future, report)]
        unfinished += [submitted] if submitted is not None else []
        return sorted(unfinished, key=lambda chunk: chunk.number)


def _succeeded(future: Future[Done], report: Callable[[Done], None]) -> bool:
    if future.cancelled() or not future.done() or future.exception() is not None:
        return False
    report(future.result())
    return True


def _run_singly(
    task: Task, chunk: Chunk, crashing: frozenset[str], report: Callable[[Done], None], setup: Setup
) -> frozenset[str]:
    """Run a chunk whose worker died source by source, each with a part of its own; return the culprits' paths.

    A source that kills its worker becomes a `failed` row. Where it was another that was to be mixed in, it is
    passed over from then on.
    """
    if chunk.part:
        with suppress(FileNotFoundError):
            os.unlink(chunk.part)
    executor = pool(1, setup)
    folder = tempfile.TemporaryDirectory(prefix="augcli-")
    under_way = os.path.join(folder.name, "under-way")
    try:
        for number, item in enumerate(chunk.items):
            part = f"{chunk.part}-{number:04d}" if chunk.part else ""
            single = chunk._replace(items=[item], part=part, under_way=under_way)
            while True:
                try:
                    done = executor.submit(task, single._replace(crashing=crashing)).result()
                    break
                except BrokenExecutor as death:
                    if single.items[0].error in (KILLED, SLOW):
                        raise  # it is not even opened any more: no worker lives long enough
                    _kill(executor)
                    executor = pool(1, setup)
                    reason = SLOW if "SIGPROF" in str(death) else KILLED
                    culprit = _read(under_way) or item.source.path
                    if culprit == item.source.path or culprit in crashing:
                        blamed = item._replace(error=reason)
                        single, culprit = single._replace(items=[blamed]), item.source.path
                    crashing |= {culprit}
            report(done)
    finally:
        _kill(executor)
        folder.cleanup()
    return crashing


def _read(path: str) -> str:
    """Return the name that a worker left in a file; empty if there is none."""
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.read())
    except FileNotFoundError:
        return ""


@contextmanager
def _silent_threads() -> Iterator[None]:
    """Let threads that end in an error say nothing of it."""
    before, threading.excepthook = threading.excepthook, lambda _: None
    try:
        yield
    finally:
        threading.excepthook = before


def _kill(executor: Executor) -> None:
    # loky looks for workers' children by means of another program, and is surprised if work has just come
    with deaf_to_interrupts(), _silent_threads():
        executor.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]
