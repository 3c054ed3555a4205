"""Files that are read if they are regular, and written whole or not at all, on the disk or in a bucket."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from augcli.problems import Unread, Unusable
from augcli.storage import places
from augcli.storage.addresses import in_bucket, on_disk

TEMPORARY = ".augcli-"
"""How the name of a file begins that is not whole yet."""

_token = ""
"""Of this process: another that makes the same file at the same time, as on a cluster, uses a name of its own."""


def _renew_token() -> None:
    global _token
    _token = os.urandom(4).hex()


_numbers = itertools.count()
"""Of the files that this process writes; threads write at the same time."""

_renew_token()
os.register_at_fork(after_in_child=_renew_token)

_LARGEST_FILE = 512 << 20  # 100 megapixels with alpha take 400 MB where nothing is compressed
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # what was listed as a file may be a pipe by now
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
_TRIES = 1000  # to make a file in a folder that other workers remove while it is empty


@on_disk
def read(path: str) -> bytes:
    """Read a regular file. Raises `Unusable` if it is none or cannot be read."""
    file, length = _opened_regular(path)
    try:
        refuse_size(length)
        data = os.read(file, length + 1)
        if len(data) == length:  # the end was reached
            return data
        with io.FileIO(file, closefd=False) as rest:
            return data + rest.readall()
    except OSError as error:
        raise unread(error) from None
    finally:
        os.close(file)


def refuse_size(length: int) -> None:
    """Raise `Unusable` for what is longer than any source."""
    if length > _LARGEST_FILE:
        raise Unusable(f"a file of more than {_LARGEST_FILE >> 20} MB, which no image and no text needs")


@on_disk
def regular(path: str) -> BinaryIO:
    """Open a regular file, without waiting for what is none. Raises `Unusable` if it is none or cannot be opened."""
    return io.FileIO(_opened_regular(path)[0])


def _opened_regular(path: str) -> tuple[int, int]:
    """Return an open file, and its length."""
    try:
        file = os.open(path, _READ)
    except OSError as error:
        raise unread(error) from None
    about = os.fstat(file)
    if not stat.S_ISREG(about.st_mode):
        os.close(file)
        raise Unusable("not a regular file")
    return file, about.st_size


@on_disk
def stamp(path: str) -> tuple[int, ...]:
    """Return what tells a file from another one that was put in its place. Raises OSError."""
    about = os.stat(path)
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


@on_disk
def start(path: str, length: int) -> bytes:
    """Read the first bytes of a file. Raises OSError."""
    file = os.open(path, _READ)
    try:
        return os.read(file, length)
    finally:
        os.close(file)


def unread(error: OSError) -> Unread:
    """Say that a file cannot be read, and why."""
    return Unread(f"cannot be read ({(error.strerror or 'unknown').lower()})")


def _opened(out: str, name: str, temporary: str) -> int:
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            return os.open(temporary, _NEW, 0o666)
        _make_folders(out, os.path.dirname(name))
    return os.open(temporary, _NEW, 0o666)


def _make_folders(out: str, name: str) -> None:
    """Make the folders of a name, those that are missing, but never `out` itself: who removed that had a reason."""
    made = out
    for part in name.split("/") if name else ():
        made = os.path.join(made, part)
        try:
            os.mkdir(made)
        except FileExistsError:
            pass
        except FileNotFoundError:  # the folder above has been removed again
            if places.seems(out) != "folder":
                raise
            return


@on_disk
def write_whole(out: str, name: str, data: bytes) -> None:
    """Give the file `name` of the folder `out` these bytes, all or none: a temporary file beside it, then a rename.

    Folders that are missing below `out` are made. Raises OSError that names the file, or `out` where that is missing;
    the temporary file is removed.
    """
    target = os.path.join(out, name)
    temporary = f"{target[: target.rfind('/') + 1]}{TEMPORARY}{_token}-{next(_numbers)}"
    try:
        file = _opened(out, name, temporary)
        try:
            written = os.write(file, data)
            while written < len(data):
                written += os.write(file, memoryview(data)[written:])
        finally:
            os.close(file)
        os.replace(temporary, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            places.remove(temporary)
        where = target if places.seems(out) == "folder" else out
        raise OSError(error.errno, error.strerror, where) from None


@on_disk
@contextmanager
def whole_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name only when it is written to its end and synced."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{_token}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        places.rename(temporary, path)
    except BaseException:
        places.remove(temporary)
        raise


@contextmanager
def whole_text(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that gets its name only when it is written to its end and synced."""
    with whole_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()


@on_disk
def parts(path: Path, length: int = 1 << 20) -> Iterator[bytes]:
    """Read a file of our own, part by part. Raises OSError."""
    with path.open("rb") as file:
        while data := file.read(length):
            yield data


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write JSON whole and synced."""
    with whole_text(path) as file:
        json.dump(data, file, indent=2, ensure_ascii=False)
        file.write("\n")


def read_json(path: Path) -> Any:
    """Read JSON back. Raises OSError, ValueError and RecursionError."""
    with text(path) as file:
        return json.load(file)


@on_disk
def text(path: Path, errors: str = "strict") -> TextIO:
    """Open a UTF-8 text file to be read, with its line ends as they are. Raises OSError."""
    return path.open(encoding="utf-8", newline="", errors=errors)


def texts(paths: Sequence[Path]) -> Iterator[TextIO]:
    """Open UTF-8 texts one after another; in a bucket the next ones are read ahead. Raises OSError."""
    if paths and in_bucket(paths[0]):
        from augcli.storage.bucket.files import texts as texts_ahead

        yield from texts_ahead(paths)
        return
    for path in paths:
        with text(path) as file:
            yield file


def new_text(path: Path) -> TextIO:
    """Open a UTF-8 text file of our own to be written, where bytes of others may pass through. Raises OSError."""
    return path.open("w", encoding="utf-8", newline="", errors="surrogateescape")


@on_disk
@contextmanager
def scratch(state: Path) -> Iterator[Path]:
    """Give a folder for what is not whole yet: the state folder itself, where it lies on a disk."""
    yield state


@contextmanager
def overlapping(root: str, reads: Iterable[str], out: str, names: Iterable[str]) -> Iterator[None]:
    """Work on a chunk: in buckets, files are read ahead, in this order, and written behind the work.

    At the end all are written. `names` are those in `out` that will be asked for. On a disk nothing changes.
    """
    if not in_bucket(root) and not in_bucket(out):
        yield
        return
    from augcli.storage.bucket import overlap

    ahead = (os.path.join(root, path) for path in reads) if in_bucket(root) else ()
    with overlap.overlapping(ahead, out, names if in_bucket(out) else ()):
        yield


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file whole or not at all, into a folder that is there. Raises OSError."""
    if in_bucket(source) or in_bucket(target):
        with whole_bytes(target) as file:
            file.writelines(parts(source))
        return
    temporary = target.with_name(f"{TEMPORARY}{target.name}-{_token}")
    try:
        shutil.copyfile(source, temporary)
        places.rename(temporary, target)
    except BaseException:
        places.remove(temporary)
        raise


@on_disk
def read_places(path: str, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """Read places of a regular file, each (offset, length). Raises `Unusable` if it cannot be read, or has shrunk."""
    if not any(length for _, length in places):
        return [b""] * len(places)
    with regular(path) as file:
        try:
            found = [os.pread(file.fileno(), length, offset) for offset, length in places]
        except OSError as error:
            raise unread(error) from None
    if any(len(data) != length for data, (_, length) in zip(found, places, strict=True)):
        raise Unusable("has changed since it was listed")
    return found
