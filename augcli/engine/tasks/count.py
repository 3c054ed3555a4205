"""Count: what the labels of sources say, and what copies would have of it; nothing is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from augcli.engine.chunks import Chunk
from augcli.engine.jobs import Job
from augcli.modality import Maker
from augcli.modality.objects import Objects
from augcli.problems import reason_of


@dataclass(frozen=True)
class Count:
    """Counts objects, of up to so many copies of each source."""

    copies: int

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Objects:
        found = Objects()
        for item in chunk.items:
            try:
                found.add(maker.objects(item, self.copies))
            except OSError:
                raise
            except Exception as error:  # the worker boundary
                failed = {item.source.path: reason_of(error)}
                found.add(Objects(Counter([item.source.split]), failed=failed))
        return found
