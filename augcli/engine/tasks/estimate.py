"""Estimate: the first files of each source are made and thrown away, to tell what all of them will cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine import blocks
from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.modality import Digests, Maker
from augcli.plan.output_names import count_made, outputs
from augcli.problems import Unusable, reason_of
from augcli.storage.hashes import sha256

TRIED = 4  # copies of a source: the first one shows what it costs to open, the others what a copy does

MOST_TRIED = 16  # records of a block


class Estimated(NamedTuple):
    """What all files of a chunk that are made will take, in seconds and in bytes, and the sources that will fail."""

    files: int
    seconds: float
    bytes: int
    failures: list[Failure]


@dataclass(frozen=True)
class Estimate:
    """Tries what sources cost."""

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Estimated:
        seconds = size = 0.0
        count = 0
        failures = []
        for item in chunk.items:
            if item.source.block is not None:
                tried_there = blocks.tried(maker, item, MOST_TRIED)
                count += (of_block := count_made(item, job.spec))
                seconds += of_block * tried_there.seconds / max(1, tried_there.made)
                size += of_block * tried_there.bytes / max(1, tried_there.made)
                failures += tried_there.failures
                continue
            made = [output for output in outputs(item, job.spec) if output.is_made]
            planned = [output for output in made if output.label is None]
            tried = [output for output in made if output.copy in {one.copy for one in planned[:TRIED]}]
            started = time.perf_counter()
            costs: list[tuple[float, int]] = []
            try:
                if item.error:
                    raise Unusable(item.error)
                data = maker.read(item)
                for output, row, _ in maker.make(item, tried, data, Digests(sha256(data))):
                    before = costs.pop() if output.label is not None else (0.0, 0)
                    costs.append((before[0] + time.perf_counter() - started, before[1] + int(row.bytes or 0)))
                    started = time.perf_counter()
            except OSError:
                raise
            except Exception as error:  # the worker boundary
                failures.append(Failure(item.source.path, reason_of(error)))
                continue
            others = costs[1:] or costs
            seconds += costs[0][0] + (len(planned) - 1) * sum(cost for cost, _ in others) / len(others)
            size += len(planned) * sum(length for _, length in costs) / len(costs)
            count += len(planned)
        return Estimated(count, seconds, int(size), failures)
