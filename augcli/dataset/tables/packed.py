"""Tables that may be packed with gzip: read in one stream, and by their places in what they unpack to."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from augcli.dataset.reading import read_places
from augcli.problems import Unusable
from augcli.storage import files

PACKED = ".gz"


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
        try:
            yield gzip.GzipFile(fileobj=file)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise Unusable("damaged: it cannot be unpacked") from None


def read_place(root: str, path: str, offset: int, length: int) -> bytes:
    """Read a place of a file that may be packed. Raises `Unusable` where it cannot be read."""
    if without_gz(path) == path:
        return read_places(root, path, [(offset, length)])[0]
    with stream(os.path.join(root, path)) as file:
        while offset:
            offset -= len(file.read(min(offset, 1 << 20))) or offset
        return file.read(length)
