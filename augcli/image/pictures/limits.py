"""What a picture may cost: seconds of processor time, and megapixels."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SIDE = 32766  # OpenCV counts warped pixels in 16 bits
STRIP = 1 << 22
"""Pixels that are taken from Pillow, or worked on, at a time."""

SLOWEST = 5.0
"""Seconds of processor time that a picture may take to be opened, and a twentieth more for each megapixel."""

_seconds = 0.0  # no limit, but in a process that may be lost


def limit_time() -> None:
    """End this process by SIGPROF where a picture takes too long; nothing else stops a decoder."""
    global _seconds
    _seconds = SLOWEST


@contextmanager
def time_limit(megapixels: float = 0.0) -> Iterator[None]:
    """Let what is done inside take as long as a picture of so many megapixels may."""
    if not _seconds:  # the timer may be that of another program's profiler
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, _seconds * (1 + megapixels / (20 * SLOWEST)))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def fits(width: int, height: int, max_megapixels: float) -> bool:
    return width * height <= max_megapixels * 1e6 and max(width, height) <= LONGEST_SIDE
