"""Sorts more than memory should hold: what does not fit goes to temporary files in sorted runs, which are merged."""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast

AnyItem = TypeVar("AnyItem")

RUN = 100_000
"""Items that are sorted in memory."""
_BATCH = 500


def in_order(items: Iterable[AnyItem], key: Callable[[AnyItem], Any]) -> Iterator[AnyItem]:
    """Give items in the order of `key`, those of one key as they come."""
    items = iter(items)
    runs: list[Iterable[AnyItem]] = [sorted(islice(items, RUN), key=key)]
    with ExitStack() as stack:
        while more := sorted(islice(items, RUN), key=key):
            file = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))
            for at in range(0, len(more), _BATCH):
                pickle.dump(more[at : at + _BATCH], file)
            file.seek(0)
            runs.append(_read(file, -(-len(more) // _BATCH)))
        yield from heapq.merge(*runs, key=key)


def _read(file: BinaryIO, batches: int) -> Iterator[Any]:
    for _ in range(batches):
        yield from pickle.load(file)
