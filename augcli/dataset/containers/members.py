"""One image of a shard: its bytes, or as much of them as is asked for."""

from __future__ import annotations

import io
import os
from functools import lru_cache
from typing import BinaryIO

from augcli.dataset.containers import is_table, refuse_failing, tar_shards
from augcli.dataset.sources import in_shard, packed_member, unpacked_member
from augcli.problems import Unreachable, Unusable
from augcli.storage import files, places


def read(root: str, path: str, member: int) -> bytes:
    """Return the bytes of an image in a shard. Raises `Unusable`."""
    where, offset, length = _place(root, path, member)
    if is_table(path):
        from augcli.dataset.containers import parquet_images  # loads pyarrow

        return parquet_images.read(where, offset)
    files.refuse_size(length)
    return files.read_places(where, [(offset, length)])[0]


def opened(root: str, path: str, member: int) -> BinaryIO:
    """Open an image in a shard, of which hardly more is read than is asked for. Raises `Unusable`."""
    if is_table(path):
        return io.BytesIO(read(root, path, member))
    where, offset, length = _place(root, path, member)
    return io.BufferedReader(_Member(files.regular(where), offset, length))


def size(path: str, member: int) -> int:
    """Return how many bytes an image in a shard has; of a table, how many they have on average."""
    return 0 if member < 0 else unpacked_member(member)[1]


def find(root: str, path: str) -> int | None:
    """Return the place of an image in a shard of which only the path is known; None where it is a file of its own.

    The heads of the shard are read, once for all of its images. Raises `Unusable` where it holds none of that name.
    """
    inside = in_shard(path)
    if inside is None or places.is_file(os.path.join(root, path)):
        return None
    shard, rest = inside
    if is_table(path):
        row = rest.partition(":")[0].partition(".")[0]
        if not row.isdecimal():
            raise Unusable("names no row of the table")
        return packed_member(int(row), 0)
    where = os.path.join(root, shard)
    try:
        found = _members(where, files.stamp(where)).get(rest)
    except Unreachable:
        raise
    except OSError as error:
        raise files.unread(error) from None
    except tar_shards.NoTar:
        raise Unusable("its shard is no tar file") from None
    if found is None:
        raise Unusable("its shard holds no image of that name")
    return found


@lru_cache(maxsize=2)
def _members(where: str, stamp: tuple[int, ...]) -> dict[str, int]:
    """Return the places of all members of a tar file by their names; `stamp` tells that it is still the same."""
    with tar_shards.opened(where) as tar:
        found = (head for head in tar.heads() if head.kind == tar_shards.FILE)
        return {tar_shards.plain_name(head.name): packed_member(head.offset, head.length) for head in found}


def _place(root: str, path: str, member: int) -> tuple[str, int, int]:
    """Return where a shard is, and the place of an image in it. Raises `Unusable` where it is known to fail."""
    refuse_failing(member)
    shard, _ = in_shard(path) or (path, "")
    return os.path.join(root, shard), *unpacked_member(member)


class _Member(io.RawIOBase):
    """An image in a tar file as a file of its own."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file, self._offset, self._length, self._at = file, offset, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._offset + self._at)
        data = self._file.read(max(0, min(len(buffer), self._length - self._at))) or b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
