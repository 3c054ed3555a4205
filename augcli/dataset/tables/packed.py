"""Tables that may be packed with gzip: read in one stream, by places in what they unpack to, and packed again."""

from __future__ import annotations

import atexit
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, Protocol

from augcli.dataset.reading import read_places
from augcli.problems import Unusable
from augcli.storage import files
from augcli.storage.places import stop_if_gone

PACKED = ".gz"
_STEP = 1 << 20


class Readable(Protocol):
    """A file that can be read on; nothing is read where it ends."""

    def read(self, length: int) -> bytes: ...


def without_gz(path: str) -> str:
    """Return a path without the suffix of a packed file."""
    return path[: -len(PACKED)] if path.lower().endswith(PACKED) else path


@contextmanager
def stream(path: str) -> Iterator[Readable]:
    """Open a file to be read unpacked. Raises `Unusable` where it cannot be read, or unpacked."""
    with files.regular(path) as file:
        if without_gz(path) == path:
            yield file
            return
        with _damage_told():
            yield gzip.GzipFile(fileobj=file)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unusable("damaged: it cannot be unpacked") from None
    except OSError as error:
        raise files.unread(error) from None


class _Unpacking(NamedTuple):
    """A packed file that is read on, and what tells it from another one of its path."""

    path: str
    stamp: tuple[int, ...]
    packed: BinaryIO
    file: gzip.GzipFile


_latest: _Unpacking | None = None
"""The packed file that this process read last, where it stopped: places are mostly asked for in their order."""


def read_place(root: str, path: str, offset: int, length: int) -> bytes:
    """Read a place of a file that may be packed. Raises as `read_source`, and where the file is shorter by now."""
    if without_gz(path) == path:
        return read_places(root, path, [(offset, length)])[0]
    try:
        with _damage_told():
            file = _unpacking(os.path.join(root, path))
            file.seek(offset)
            data = file.read(length)
    except Unusable:
        _close()  # what it would say next is not to be relied on
        stop_if_gone(root)
        raise
    if len(data) < length:
        raise Unusable("has changed since it was listed")
    return data


def _unpacking(path: str) -> gzip.GzipFile:
    """Return a packed file, still open from the last time if it is the same."""
    global _latest
    now = files.stamp(path)
    if _latest is None or (_latest.path, _latest.stamp) != (path, now):
        _close()
        file = files.regular(path)
        _latest = _Unpacking(path, now, file, gzip.GzipFile(fileobj=file))
    return _latest.file


def _close() -> None:
    global _latest
    if _latest is not None:
        _latest.file.close()
        _latest.packed.close()
        _latest = None


atexit.register(_close)  # or Python would tell of a file that nobody closed


def pack(parts: Iterable[bytes], target: BinaryIO) -> None:
    """Write parts packed: the same bytes at any time and under any name."""
    with gzip.GzipFile("", "wb", 6, target, mtime=0) as file:
        for part in parts:
            file.write(part)
