"""Objects that are read and written whole, or read in places."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from augcli.problems import Unreachable, Unread, Unusable
from augcli.storage.addresses import Place
from augcli.storage.bucket import overlap
from augcli.storage.bucket.failures import is_range
from augcli.storage.bucket.reading import Reader, fetch
from augcli.storage.bucket.store import MOST_CUT, CutOff, address, client, key_to_write, obstore, told, uncut

_IN_MEMORY = 8 << 20  # bytes of a file of our own that are held before the disk is used


def read(path: str) -> bytes:
    """Read an object. Raises `Unusable` if there is none or it is too large, OSError where the bucket fails."""
    try:
        return overlap.take(path) if overlap.has(path) else fetch(path)
    except FileNotFoundError as error:
        raise _unread(error) from None


def _unread(error: OSError) -> Unread:
    return Unread(f"cannot be read ({(error.strerror or 'unknown').lower()})")


def regular(path: str) -> BinaryIO:
    """Open an object, to be read in places. Raises `Unusable` if there is none, OSError where the bucket fails."""
    try:
        return cast(BinaryIO, Reader(path))
    except FileNotFoundError as error:
        raise _unread(error) from None


def stamp(path: str) -> tuple[int, ...]:
    """Return what tells an object from another one that was put in its place. Raises OSError."""
    bucket, key = address(path)
    with told(path):
        about = obstore().head(client(bucket), key)
    tag = about["e_tag"] or about["last_modified"].isoformat()
    return int.from_bytes(blake2b(tag.encode(), digest_size=8).digest()), about["size"]


def start(path: str, length: int) -> bytes:
    with Reader(path) as file:
        return file.read(length) or b""


def read_places(path: str, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """Read places of an object, those that lie near each other at once. Raises `Unusable` if it has shrunk or gone."""
    wanted = [place for place in places if place[1]]
    if not wanted:
        return [b""] * len(places)
    bucket, key = address(path)
    try:
        offsets, lengths = [offset for offset, _ in wanted], [length for _, length in wanted]
        read = iter(uncut(path, lambda: obstore().get_ranges(client(bucket), key, starts=offsets, lengths=lengths)))
    except FileNotFoundError as error:
        raise _unread(error) from None
    except Unreachable as error:
        if not is_range(error):
            raise
        raise Unusable("has changed since it was listed") from None
    found = [next(read).to_bytes() if length else b"" for _, length in places]
    if any(len(data) != length for data, (_, length) in zip(found, places, strict=True)):
        raise Unusable("has changed since it was listed")
    return found


def write_whole(out: str, name: str, data: bytes) -> None:
    """Give an object these bytes, all or none; within a chunk that may go on behind the work."""
    path = os.path.join(out, name)
    target = key_to_write(path)
    overlap.write(path, data, lambda: put(path, target.bucket, target.key, data))


def put(path: Place, bucket: str, key: str, data: Any) -> None:
    """Put an object. Raises OSError."""
    with told(path):
        obstore().put(client(bucket), key, data)


@contextmanager
def whole_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file on the disk whose bytes the object gets when it is written to its end."""
    target = key_to_write(path)
    with tempfile.NamedTemporaryFile(prefix="augcli-") as file:
        yield cast(BinaryIO, file)
        file.flush()
        file.seek(0)
        small = os.fstat(file.fileno()).st_size <= _IN_MEMORY
        put(path, target.bucket, target.key, file.read() if small else file)


def parts(path: Path, length: int = 1 << 20) -> Iterator[bytes]:
    """Read an object, part by part. Raises OSError."""
    bucket, key = address(path)
    pieces: Any = None
    at = cut = 0
    while True:
        try:
            with told(path):
                if pieces is None:
                    options = {"range": {"offset": at}} if at else None
                    pieces = iter(obstore().get(client(bucket), key, options=options).stream(length))
                piece = next(pieces, None)
        except CutOff:
            if cut == MOST_CUT:
                raise
            pieces, cut = None, cut + 1  # on behind what has come
            continue
        if piece is None:
            return
        at += len(piece)
        yield bytes(piece)


def text(path: Path, errors: str = "strict") -> TextIO:
    """Read a UTF-8 text, which is held on the disk where it is large. Raises OSError."""
    if overlap.has(path):
        file: Any = io.BytesIO(overlap.take(path))
    else:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="augcli-")  # noqa: SIM115  who reads it closes it
        for part in parts(path):
            file.write(part)
        file.seek(0)
    return io.TextIOWrapper(file, encoding="utf-8", newline="", errors=errors)


def texts(paths: Sequence[Path]) -> Iterator[TextIO]:
    """Read UTF-8 texts one after another, the next ones ahead. Raises OSError."""
    with overlap.ahead(map(str, paths)) as under_way:
        for path in paths:
            yield io.TextIOWrapper(io.BytesIO(under_way.take(str(path))), encoding="utf-8", newline="")


@contextmanager
def scratch(state: Path) -> Iterator[Path]:
    """Give a folder of the disk for what is not whole yet."""
    folder = tempfile.mkdtemp(prefix="augcli-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
