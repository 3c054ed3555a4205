"""What a picture may cost: seconds of processor time, megapixels, and words on the terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from augcli.image.process import is_ours

LONGEST_SIDE = 32766  # OpenCV counts warped pixels in 16 bits
STRIP = 1 << 22
"""Pixels that are taken from Pillow, or worked on, at a time."""

SLOWEST = 5.0
"""Seconds of processor time that a picture may take to be opened, and a twentieth more for each megapixel."""

_seconds = 0.0  # no limit, but in a process that may be lost


def limit_time() -> None:
    """End this process by SIGPROF where a picture takes longer than `SLOWEST`; decoders cannot be stopped otherwise."""
    global _seconds
    _seconds = SLOWEST


@contextmanager
def limited(megapixels: float = 0.0) -> Iterator[None]:
    """Let what is done inside take its time and not more."""
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


@contextmanager
def silent() -> Iterator[None]:
    """Let libtiff say nothing to the terminal, which it does by itself."""
    if not is_ours():  # other threads of another program may want to say something
        yield
        return
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
