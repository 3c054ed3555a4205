"""Results in the order of what they come from, whatever is ready first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(submit: Callable[[T], Future[R]], given: Iterable[T], most: int) -> Iterator[R]:
    """Submit things, at most so many at once, and give the results in their order."""
    window: deque[Future[R]] = deque()
    for one in given:
        window.append(submit(one))
        if len(window) >= most:
            yield window.popleft().result()
    while window:
        yield window.popleft().result()
