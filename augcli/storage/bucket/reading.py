"""Objects fetched whole, or read like a file: in places, each a request."""

from __future__ import annotations

import io
import os

from augcli.problems import Unreachable, Unusable
from augcli.storage.bucket.failures import is_range
from augcli.storage.bucket.store import address, client, obstore, uncut

LARGEST = 512 << 20  # bytes of a source, as on the disk

_FIRST, _LONGEST = 64 << 10, 8 << 20
"""So many bytes are asked for at once: at first few, as of a header, then ever more while reading goes straight on."""


def fetch(path: str) -> bytes:
    """Read an object whole. Raises OSError, and `Unusable` where it is too large."""
    bucket, key = address(path)

    def whole() -> bytes:
        found = obstore().get(client(bucket), key)
        if found.meta["size"] > LARGEST:
            raise Unusable(f"a file of more than {LARGEST >> 20} MB, which no image and no text needs")
        return bytes(found.bytes().to_bytes())

    return uncut(path, whole)


class Reader(io.RawIOBase):
    """An object that is read like a file."""

    def __init__(self, path: str) -> None:
        """Open an object, reading its beginning. Raises OSError."""
        super().__init__()
        self._path = os.fspath(path)
        self._bucket, self._key = address(path)
        self._at = self._offset = self.size = 0
        self._length = _FIRST
        self._data = b""
        try:
            self.size, self._data = uncut(path, self._beginning)
        except Unreachable as error:
            if not is_range(error):  # there is nothing in it
                raise

    def _beginning(self) -> tuple[int, bytes]:
        found = obstore().get(client(self._bucket), self._key, options={"range": (0, _FIRST)})
        return found.meta["size"], found.bytes().to_bytes()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        length = min(len(buffer), self.size - self._at)
        if length <= 0:
            return 0
        done = 0
        while done < length:
            held = self._offset + len(self._data) - self._at
            if not 0 < held <= len(self._data):
                self._ask(length - done)
                held = len(self._data)
                if not held:
                    break
            begin = self._at - self._offset
            some = self._data[begin : begin + length - done]
            buffer[done : done + len(some)] = some
            done += len(some)
            self._at += len(some)
        return done

    def _ask(self, length: int) -> None:
        """Ask for what stands at the present place and behind it."""
        gap = self._at - self._offset - len(self._data)
        goes_on = 0 <= gap <= self._length and self._data  # heads of a tar file stand behind what is skipped
        self._length = min(2 * self._length, _LONGEST) if goes_on else _FIRST
        end = min(self.size, self._at + max(length, self._length))
        store = client(self._bucket)
        found = uncut(self._path, lambda: obstore().get_range(store, self._key, start=self._at, end=end).to_bytes())
        self._offset, self._data = self._at, found
