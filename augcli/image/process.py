"""What augcli changes of the process that it works in: only where that is its own, the command's or a worker's.

Whoever imports augcli keeps the settings of their process; each module says here what it would change.
"""

from __future__ import annotations

import os
from collections.abc import Callable

ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # no large matrices are multiplied here, and a process with threads forks no workers
    "OPENCV_FOR_THREADS_NUM": "1",  # for a step of another package that loads OpenCV by itself
}
"""What libraries read when they are loaded."""

_ours = False
_changes: list[Callable[[], None]] = []


def take_over() -> None:
    """Make this process augcli's own: do all that modules have asked for, and from now on what they will."""
    global _ours
    _ours = True
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for change in _changes:
        change()


def is_ours() -> bool:
    """Tell whether this process is augcli's own, and not that of a program that imports it."""
    return _ours


def where_ours(change: Callable[[], None]) -> Callable[[], None]:
    """Do this in a process that is augcli's own, now or when it becomes so."""
    _changes.append(change)
    if _ours:
        change()
    return change
