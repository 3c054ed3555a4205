"""What stands under a name, on the disk or in a bucket: it is looked at, listed, renamed and removed here.

An error is never taken for something that is not there. `os.path.exists` and `Path.glob` say "no"
to every error: a folder in the network that cannot be read for a moment would seem to be empty, or gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from augcli.storage.addresses import Place, in_bucket, on_disk
from augcli.storage.names import byte_order

Statuses: TypeAlias = Callable[[str], os.stat_result | None]
"""What tells the status of a relative name, None where nothing has it."""

_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)
"""What the system says of a name that nothing has, or can have: the last is a link that leads to itself."""


@on_disk
def status(path: Place, follow: bool = True) -> os.stat_result | None:
    """Return what the system says of a name, None where nothing has it. Raises OSError where it cannot be told."""
    try:
        return os.stat(path, follow_symlinks=follow)
    except OSError as error:
        if error.errno in _NOTHING:
            return None
        raise


def anything(path: Place) -> bool:
    """Tell whether a name is taken, if only by a link that leads nowhere."""
    return status(path, follow=False) is not None


@on_disk
def is_file(path: Place) -> bool:
    found = status(path)
    return found is not None and stat.S_ISREG(found.st_mode)


def is_folder(path: Place) -> bool:
    found = status(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


@on_disk
def seems(path: Place) -> str:
    """Return `folder` or `file` for what a name leads to; empty also where that cannot be told.

    It is for names that somebody has just typed or linked, where an error is no more than a wrong name.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ""
    return "folder" if stat.S_ISDIR(found.st_mode) else "file"


def same_file(one: Place, other: Place) -> bool:
    """Tell whether two names are of one file, as on a disk that ignores case."""
    first, second = status(one, follow=False), status(other, follow=False)
    return first is not None and second is not None and os.path.samestat(first, second)


@on_disk
def names(folder: Place) -> list[str]:
    """Return the names in a folder in the order of their bytes; none where there is no such folder."""
    try:
        with os.scandir(folder) as found:
            return sorted((entry.name for entry in found), key=byte_order)
    except FileNotFoundError:
        return []


@on_disk
def entries(folder: Place) -> list[tuple[str, str]]:
    """Return the names in a folder in the order of their bytes, each with what has it. Raises OSError.

    That is a `folder`, a `file`, a `link`, or something `other`, such as a pipe.
    """
    with os.scandir(folder) as found:
        return sorted([(entry.name, _kind(entry)) for entry in found], key=lambda entry: byte_order(entry[0]))


@on_disk
def entries_below(top: Place) -> Callable[[str], list[tuple[str, str]]]:
    """Return what gives the entries of each folder below a place, called by its relative name; each once at most."""
    return lambda folder: entries(os.path.join(top, folder) if folder else top)


@on_disk
def files_below(top: Place, but: str) -> Iterator[str]:
    """Return the relative names of all that is no folder below a place, but for what lies in its folder `but`."""
    pending = [""]
    while pending:
        here = pending.pop()
        for name, kind in entries(os.path.join(top, here)):
            name = f"{here}/{name}" if here else name
            if kind != "folder":
                yield name
            elif name != but:
                pending.append(name)


@on_disk
def statuses(top: Place) -> Statuses:
    """Return what tells the status of any number of relative names below a place: `status`, that follows no links."""
    return lambda name: status(os.path.join(top, name), follow=False)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "link" if entry.is_symlink() else "other"


@on_disk
def size(path: Place) -> int:
    """Return the bytes of a file. Raises OSError."""
    return os.stat(path).st_size


@on_disk
def free(folder: Place) -> int:
    """Return how many bytes may still be written to the disk of a folder."""
    return shutil.disk_usage(folder).free


@on_disk
def real(path: Place) -> str:
    """Return a path without links, as far as it leads to anything.

    `Path.resolve` would raise at links to themselves and at names that are too long.
    """
    return os.path.realpath(path)


def absolute(path: Path) -> Path:
    """Return a path that means the same wherever a process is."""
    return path if in_bucket(path) else path.absolute()


@on_disk
def behind_link(top: Place, name: str) -> bool:
    """Tell whether a relative name leads out of the folder `top` through a link."""
    path = os.fspath(top)
    for part in name.split("/") if name else ():
        path = os.path.join(path, part)
        found = status(path, follow=False)
        if found is None:
            return False
        if stat.S_ISLNK(found.st_mode):
            return True
    return False


@on_disk
def stop_if_gone(root: Place) -> None:
    """Raise OSError where IN itself is gone: without it every source would seem to be.

    A disk that is no longer mounted leaves an empty folder.
    """
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        if next(entries, None) is not None:
            return
    raise FileNotFoundError(errno.ENOENT, "gone, or no longer mounted", os.fspath(root))


@on_disk
def missing_folders(path: Path) -> list[Path]:
    """Return a folder and those around it, as far as they are not there."""
    return [folder for folder in (path, *path.parents) if not anything(folder)]


@on_disk
def make_folder(path: Path) -> None:
    """Make a folder, and those around it that are missing."""
    path.mkdir(parents=True, exist_ok=True)


@on_disk
def rename(path: Place, name: Place) -> None:
    """Give a file another name, at once and in place of what had it."""
    os.replace(path, name)


@on_disk
def remove(path: Place) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def remove_all(paths: Iterable[Place]) -> None:
    """Remove files, as far as they are there; in a bucket many at once."""
    found = list(paths)
    if found and in_bucket(found[0]):
        from augcli.storage.bucket.places import remove_all as remove_objects

        remove_objects(found)
    else:
        for path in found:
            remove(path)


@on_disk
def remove_if_empty(folder: Place) -> bool:
    """Remove a folder that holds nothing; tell whether it is gone."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


@on_disk
def remove_with_all(folder: Place) -> None:
    """Remove a folder with everything in it."""
    shutil.rmtree(folder)
