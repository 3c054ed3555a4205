"""Containers as files: hashed while they are written, and read once from beginning to end."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from augcli.output.containers import Stored
from augcli.problems import Unusable
from augcli.storage import files


class Hashed(io.RawIOBase):
    """A file that is written through, and hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest, self.size = hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


class Former:
    """The container that stands there already, read once from its beginning to its end."""

    def __init__(self, read: Any, path: Path | None) -> None:
        self._read, self._path = read, path
        self._file: Any = None
        self._samples: Iterator[tuple[str, Stored]] = iter(())

    def __enter__(self) -> Former:
        if self._path is not None:
            try:
                self._file = files.regular(str(self._path))
                self._samples = self._read(self._file)
            except Unusable:
                self._samples = iter(())
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def take(self, key: str) -> Stored | None:
        """Return the sample of a key, and pass over those before it; None where it does not come any more."""
        try:
            for own, stored in self._samples:
                if own == key:
                    return stored
        except Unusable:
            pass
        self._samples = iter(())
        return None
