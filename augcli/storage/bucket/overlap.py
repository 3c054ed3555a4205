"""Reads ahead of the work and writes behind it, within a chunk: a bucket answers slowly, and many calls at once."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from augcli.storage.addresses import Place
from augcli.storage.bucket.listing import PAGE, below
from augcli.storage.bucket.reading import fetch

AHEAD = 4
"""So many files are read before they are asked for."""
BEHIND = 16
"""So many files are being written at once."""
MOST_BYTES = 64 << 20
"""What waits to be used, or to be written, may have so many bytes; a single file may be larger."""

_THREADS = 8


class Overlap:
    """The calls of a chunk that are under way."""

    def __init__(self, threads: ThreadPoolExecutor, reads: Iterable[str], sizes: dict[str, int]) -> None:
        """Read files ahead, in this order; `sizes` tells what is known of files, -1 of those that are not there."""
        self._threads = threads
        self._wanted = iter(reads)
        self._read: deque[tuple[str, Future[bytes]]] = deque()
        self._written: dict[str, tuple[Future[None], int]] = {}
        self.sizes = sizes
        self._read_on()

    def _read_on(self) -> None:
        waiting = sum(len(one.result()) for _, one in self._read if one.done() and one.exception() is None)
        if waiting < MOST_BYTES:
            for path in islice(self._wanted, AHEAD - len(self._read)):
                self._read.append((path, self._threads.submit(fetch, path)))

    def has(self, path: str) -> bool:
        return any(one == path for one, _ in self._read)

    def take(self, path: str) -> bytes:
        """Return what was read ahead; what nobody has asked for before it is given up. Raises as `fetch`."""
        while True:
            found, future = self._read.popleft()
            if found == path:
                break
        try:
            return future.result()
        finally:
            self._read_on()

    def write(self, path: str, size: int, call: Callable[[], None]) -> None:
        """Write a file behind the work. Raises what one of those before it has raised."""
        self.wait_for(path)
        for done in [one for one, (future, _) in self._written.items() if future.done()]:
            self.wait_for(done)
        while self._written and (
            len(self._written) >= BEHIND or sum(of for _, of in self._written.values()) + size > MOST_BYTES
        ):
            self.wait_for(next(iter(self._written)))
        self.sizes[path] = size
        self._written[path] = self._threads.submit(call), size

    def wait_for(self, path: str) -> None:
        """Wait until a file is written, if it is being written."""
        if path in self._written:
            self._written.pop(path)[0].result()

    def finish(self) -> None:
        """Wait until all is written. Raises what one of the calls has raised."""
        for path in list(self._written):
            self.wait_for(path)

    def leave(self) -> None:
        """Give up what is not begun, and wait for the rest."""
        for _, read in self._read:
            read.cancel()
        for written, _ in self._written.values():
            written.cancel()
        for written, _ in self._written.values():
            if not written.cancelled():
                written.exception()


_here = threading.local()
"""The overlap of this thread, while it works on a chunk."""

_threads: dict[int, ThreadPoolExecutor] = {}
"""By process: a fork has none of them."""


def _overlap() -> Overlap | None:
    return getattr(_here, "overlap", None)


@contextmanager
def overlapping(reads: Iterable[str], out: Place, names: Iterable[str]) -> Iterator[None]:
    """Read these files ahead and write others behind the work of this thread; at the end all are written.

    Of the `names` in `out`, if it is in a bucket, it is found out at once which are there, and how large.
    """
    with ahead(reads, sizes_of(out, names)) as overlap:
        before, _here.overlap = _overlap(), overlap
        try:
            yield
            overlap.finish()
        finally:
            _here.overlap = before


@contextmanager
def ahead(reads: Iterable[str], sizes: dict[str, int] | None = None) -> Iterator[Overlap]:
    """Read files ahead for whoever takes them from what is given here."""
    if os.getpid() not in _threads:
        _threads[os.getpid()] = ThreadPoolExecutor(_THREADS, "augcli-bucket")
    overlap = Overlap(_threads[os.getpid()], reads, sizes or {})
    try:
        yield overlap
    finally:
        overlap.leave()


def sizes_of(out: Place, names: Iterable[str]) -> dict[str, int]:
    """Return the sizes of files by their paths, -1 of those that are not there: a listing tells of a thousand."""
    by_folder: dict[str, set[str]] = {}
    for name in names:
        folder, _, last = name.rpartition("/")
        by_folder.setdefault(folder, set()).add(last)
    found: dict[str, int] = {}
    for folder, wanted in by_folder.items():
        top = os.path.join(out, folder) if folder else os.fspath(out)
        paths = {name: os.path.join(top, name) for name in wanted}
        told = dict.fromkeys(paths.values(), -1)
        first, last = min(wanted), max(wanted)
        listed = below(top, first[:-1])  # which comes before it, and hardly anything between them
        for name, size in islice(listed, 4 * PAGE + 4 * len(wanted)):
            if name in wanted:
                told[paths[name]] = size
            if name > last:
                break
        else:
            if next(listed, None) is not None:  # much else lies between them
                told = {path: size for path, size in told.items() if size >= 0}
        found |= told
    return found


def has(path: Place) -> bool:
    """Tell whether a file is being read ahead."""
    overlap = _overlap()
    return overlap is not None and overlap.has(os.fspath(path))


def take(path: Place) -> bytes:
    """Return what was read ahead."""
    overlap = _overlap()
    assert overlap is not None
    return overlap.take(os.fspath(path))


def write(path: str, data: bytes, call: Callable[[], None]) -> None:
    """Write a file, behind the work if there is a chunk that is worked on."""
    overlap = _overlap()
    if overlap is None:
        call()
    else:
        overlap.write(path, len(data), call)


def known_size(path: Place) -> int | None:
    """Return the size of a file as far as it is known without a call, -1 where there is none, after it is written."""
    overlap = _overlap()
    if overlap is None:
        return None
    overlap.wait_for(os.fspath(path))
    return overlap.sizes.get(os.fspath(path))


def forget(path: Place) -> None:
    """Know a file to be gone, after it was written."""
    overlap = _overlap()
    if overlap is not None:
        overlap.wait_for(os.fspath(path))
        overlap.sizes[os.fspath(path)] = -1
