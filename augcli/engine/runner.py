"""Hands chunks to workers, keeps its window short, and survives workers that die.

`Machines` start workers: anything with the interface of `concurrent.futures.Executor` that was started with the job.
The parent holds what planning needs and nothing that grows with the outputs.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from itertools import chain, islice
from typing import Any, TypeVar

from augcli.engine import worker
from augcli.engine.chunks import Chunk, Cut
from augcli.engine.executors import Machines
from augcli.engine.failures import KILLED, SLOW
from augcli.engine.jobs import Done, Job
from augcli.engine.pool import Death, Workers
from augcli.plan.output_names import Item
from augcli.storage import places

R = TypeVar("R")


def run(
    job: Job[R],
    chunks: Cut,
    machines: Machines,
    files: int,
    report: Callable[[Done[R]], None],
    on_crash: Callable[[str], None],
) -> None:
    """Do a job with all chunks, which make about so many files, reporting each as it is done.

    Stops early when `report` raises.

    When a worker dies, the others end what they are doing, the pool is made anew, and the chunk that it had is run
    again source by source; a source that kills its worker again becomes a `failed` row.
    """
    pending = iter(chunks)
    while True:
        executor = machines.start(job, files)
        try:
            lost, untouched = _run_window(executor, pending, chunks, report)
        except BaseException:
            executor.kill()
            raise
        executor.shutdown()
        if not lost:
            return
        number = sum(len(chunk.items) for chunk in lost)
        on_crash("a worker died; " + (f"trying its {number} sources one by one" if number > 1 else "trying again"))
        for chunk in lost:
            job = replace(job, crashing=_run_singly(job, chunk, machines, report))
        pending = chain(untouched, pending)


def _run_window(
    executor: Workers, pending: Iterator[Chunk], chunks: Cut, report: Callable[[Done[R]], None]
) -> tuple[list[Chunk], list[Chunk]]:
    """Run chunks until there are none, or until a worker has died.

    Returns the chunks that died with their worker, and those that were handed over and not begun.
    """
    window: dict[Future[Done[R]], Chunk] = {}
    lost: list[Chunk] = []
    untouched: list[Chunk] = []
    while True:
        if not lost:
            for chunk in islice(pending, max(0, 2 * executor.size - len(window))):
                window[executor.submit(worker.do, chunk)] = chunk
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
            chunks.learn(done.seconds, len(chunk.items))
            report(done)
        if lost:
            untouched += [window.pop(future) for future in list(window) if future.cancel()]


def _run_singly(job: Job[R], chunk: Chunk, machines: Machines, report: Callable[[Done[R]], None]) -> frozenset[str]:
    """Run a chunk whose worker died source by source, each with a part of its own; return all known culprits' paths.

    A source that kills its worker becomes a `failed` row. Where it was another that was to be mixed in, it is
    passed over from then on. A container is made whole, when it is known who the culprits are.
    """
    if chunk.part and not chunk.pack:
        places.remove(chunk.part)
    tried: list[Item] = []
    trial: Job[Any] = job
    if chunk.pack:
        from augcli.engine.tasks.pack import TryOut  # with all that knows containers

        trial = replace(trial, task=TryOut())
    executor = machines.start_one(trial)
    try:
        for number, item in enumerate(chunk.items):
            part = f"{chunk.part}-{number:04d}" if chunk.part and not chunk.pack else chunk.part
            single = chunk._replace(items=[item], part=part)
            while True:
                try:
                    done = executor.submit(worker.do, single).result()
                    break
                except Death as death:
                    if single.items[0].error in (KILLED, SLOW):
                        raise  # it is not even opened any more: no worker lives long enough
                    executor.kill()
                    reason = SLOW if death.by == signal.SIGPROF else KILLED
                    culprit = death.over or item.source.path
                    if culprit == item.source.path or culprit in trial.crashing:
                        single, culprit = single._replace(items=[item._replace(error=reason)]), item.source.path
                    trial = replace(trial, crashing=trial.crashing | {culprit})
                    executor = machines.start_one(trial)
            tried += single.items
            if not chunk.pack:
                report(done)
        if chunk.pack:
            executor.kill()
            executor = machines.start_one(replace(job, crashing=trial.crashing))
            report(executor.submit(worker.do, chunk._replace(items=tried)).result())
    finally:
        executor.kill()
    return trial.crashing
