"""The lock that a worker holds while it writes, so that a later run can wait for workers of one that was killed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def writing(part: str) -> Iterator[None]:
    """Hold the lock of the folder that a chunk's part lies in. Raises OSError."""
    with open(os.path.join(os.path.dirname(part), "writers"), "a") as writers:
        fcntl.flock(writers, fcntl.LOCK_SH)
        yield
