"""Locks that end with their process: on a disk by `flock` on a file that is made for it, in a bucket by a lease."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from weakref import WeakSet

from augcli.storage import places
from augcli.storage.addresses import Place, on_disk

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What the system says where a disk has no locks."""

_AGAIN = 0.05  # seconds between two tries


_held: WeakSet[TextIO] = WeakSet()
"""The files of all locks. A process that is forked from this one closes them, or it would hold the locks as well."""


def _close_held() -> None:
    for file in _held:
        file.close()


os.register_at_fork(after_in_child=_close_held)


class Lock:
    """A lock that this process holds until it is released; a process that is forked from it holds none."""

    def __init__(self, file: TextIO) -> None:
        _held.add(file)
        self._file = file

    def say(self, text: str) -> None:
        """Leave a text for others who want the lock; `said` returns it."""
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()

    def share(self) -> None:
        """Let others hold the lock, too, who share it."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def ensure_held(self) -> None:
        """Raise `Refused` with code 3 where somebody else has taken the lock over, which on a disk nobody can."""

    def release(self) -> None:
        self._file.close()


@on_disk
def lock(path: Path, shared: bool = False, wait: float = 0.0) -> Lock | None:
    """Lock the file of that name, which is made where there is none; None where others hold it for `wait` seconds.

    Those who share a lock hold it together. Raises OSError.
    """
    deadline = time.monotonic() + wait
    while True:
        is_new = not places.anything(path)
        file = path.open("a")
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            if time.monotonic() >= deadline:
                return None
            time.sleep(_AGAIN)
            continue
        except OSError as error:
            file.close()
            if error.errno in NO_LOCKS and is_new:
                places.remove(path)  # nobody can hold it
            raise
        # Who held it may have removed its file: what is locked must still be the file of that name.
        named = places.status(path)
        if named is not None and os.path.samestat(os.fstat(file.fileno()), named):
            return Lock(file)
        file.close()
        path.parent.mkdir(exist_ok=True)


@on_disk
def said(path: Path) -> str:
    """Return what who holds a lock has left for others. Raises OSError."""
    return path.read_text()


@on_disk
@contextlib.contextmanager
def shared(path: Place) -> Iterator[None]:
    """Hold a lock together with others who share it, however long it takes to get it. Raises OSError."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
