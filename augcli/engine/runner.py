"""Hands chunks to an executor, keeps its window short, and survives workers that die.

The executor is anything with the interface of `concurrent.futures`: our own pool on one machine. What is done with a
chunk is the caller's affair. The parent holds what planning needs and nothing that grows with the outputs.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import chain, islice
from typing import TypeAlias

from augcli.engine.chunks import Chunk, Done
from augcli.engine.pool import Death, Pool
from augcli.engine.worker import Setup
from augcli.output.inventory import Existing
from augcli.plan.output_names import Item
from augcli.storage import disk

CHUNK_SECONDS = 0.4
LARGEST_CHUNK = 256
FEW = 100
"""Up to so many files one worker is enough: to start more takes longer than the work."""

Task: TypeAlias = Callable[[Chunk], Done]

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
        known: Iterator[Existing],
        jobs: int,
        part: Callable[[int], str] = lambda number: "",
    ) -> None:
        """Cut chunks that are as `like` but for their number, items, part, and what is known of them.

        `known` is in the order of the sources, as `items` are; `part` names the part of a chunk by its number.
        """
        self._like, self._part = like, part
        self._known = known
        self._next_known: Existing | None = next(self._known, None)
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

    def _known_of(self, items: list[Item]) -> dict[str, Existing]:
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

    When a worker dies, the others end what they are doing, the pool is made anew, and the chunk that it had is run
    again source by source; a source that kills its worker again becomes a `failed` row.
    """
    pending = iter(chunks)
    while True:
        executor = Pool(1 if few else jobs, setup)
        try:
            lost, untouched = _run_window(task, executor, pending, chunks, jobs, report)
        except BaseException:
            executor.kill()
            raise
        executor.shutdown()
        if not lost:
            return
        number = sum(len(chunk.items) for chunk in lost)
        on_crash("a worker died; " + (f"trying its {number} sources one by one" if number > 1 else "trying again"))
        for chunk in lost:
            chunks.crashing |= _run_singly(task, chunk, chunks.crashing, report, setup)
        pending = chain((chunk._replace(crashing=chunks.crashing) for chunk in untouched), pending)


def _run_window(
    task: Task, executor: Executor, pending: Iterator[Chunk], chunks: Chunks, jobs: int, report: Callable[[Done], None]
) -> tuple[list[Chunk], list[Chunk]]:
    """Run chunks until there are none, or until a worker has died.

    Returns the chunks that died with their worker, and those that were handed over and not begun.
    """
    window: dict[Future[Done], Chunk] = {}
    lost: list[Chunk] = []
    untouched: list[Chunk] = []
    while True:
        if not lost:
            for chunk in islice(pending, 2 * jobs - len(window)):
                window[executor.submit(task, chunk)] = chunk
        if not window:
            return lost, untouched
        finished, _ = wait(window, return_when=FIRST_COMPLETED)
        for future in sorted(finished, key=lambda future: window[future].number):
            chunk = window.pop(future)
            try:
                done = future.result()
            except Death:
                lost.append(chunk)
                continue
            chunks.learn(done, len(chunk.items))
            report(done)
        if lost:
            untouched += [window.pop(future) for future in list(window) if future.cancel()]


def _run_singly(
    task: Task, chunk: Chunk, crashing: frozenset[str], report: Callable[[Done], None], setup: Setup
) -> frozenset[str]:
    """Run a chunk whose worker died source by source, each with a part of its own; return the culprits' paths.

    A source that kills its worker becomes a `failed` row. Where it was another that was to be mixed in, it is
    passed over from then on.
    """
    if chunk.part:
        disk.remove(chunk.part)
    executor = Pool(1, setup)
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
                except Death as death:
                    if single.items[0].error in (KILLED, SLOW):
                        raise  # it is not even opened any more: no worker lives long enough
                    executor.kill()
                    executor = Pool(1, setup)
                    reason = SLOW if death.by == signal.SIGPROF else KILLED
                    culprit = _read(under_way) or item.source.path
                    if culprit == item.source.path or culprit in crashing:
                        blamed = item._replace(error=reason)
                        single, culprit = single._replace(items=[blamed]), item.source.path
                    crashing |= {culprit}
            report(done)
    finally:
        executor.kill()
        folder.cleanup()
    return crashing


def _read(path: str) -> str:
    """Return the name that a worker left in a file; empty if there is none."""
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.read())
    except FileNotFoundError:
        return ""
