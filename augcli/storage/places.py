"""What stands on the disk under a name: it is looked at, listed, renamed and removed here.

An error is never taken for something that is not there. `os.path.exists` and `Path.glob` say "no"
to every error: a folder in the network that cannot be read for a moment would seem to be empty, or gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path
from typing import TypeAlias

from augcli.storage.names import byte_order

Place: TypeAlias = Path | str

_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)
"""What the system says of a name that nothing has, or can have: the last is a link that leads to itself."""


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


def is_file(path: Place) -> bool:
    found = status(path)
    return found is not None and stat.S_ISREG(found.st_mode)


def is_folder(path: Place) -> bool:
    found = status(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


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


def names(folder: Place) -> list[str]:
    """Return the names in a folder in the order of their bytes; none where there is no such folder."""
    try:
        with os.scandir(folder) as found:
            return sorted((entry.name for entry in found), key=byte_order)
    except FileNotFoundError:
        return []


def entries(folder: Place) -> list[tuple[str, str]]:
    """Return the names in a folder in the order of their bytes, each with what has it. Raises OSError.

    That is a `folder`, a `file`, a `link`, or something `other`, such as a pipe.
    """
    with os.scandir(folder) as found:
        return sorted([(entry.name, _kind(entry)) for entry in found], key=lambda entry: byte_order(entry[0]))


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "link" if entry.is_symlink() else "other"


def size(path: Place) -> int:
    """Return the bytes of a file. Raises OSError."""
    return os.stat(path).st_size


def free(folder: Place) -> int:
    """Return how many bytes may still be written to the disk of a folder."""
    return shutil.disk_usage(folder).free


def real(path: Place) -> str:
    """Return a path without links, as far as it leads to anything.

    `Path.resolve` would raise at links to themselves and at names that are too long.
    """
    return os.path.realpath(path)


def absolute(path: Path) -> Path:
    """Return a path that means the same wherever a process is."""
    return path.absolute()


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


def stop_if_gone(root: Place) -> None:
    """Raise OSError where IN itself is gone: without it every source would seem to be.

    A disk that is no longer mounted leaves an empty folder.
    """
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        if next(entries, None) is not None:
            return
    raise FileNotFoundError(errno.ENOENT, "gone, or no longer mounted", os.fspath(root))


def make_folder(path: Path) -> None:
    """Make a folder, and those around it that are missing."""
    path.mkdir(parents=True, exist_ok=True)


def rename(path: Place, name: Place) -> None:
    """Give a file another name, at once and in place of what had it."""
    os.replace(path, name)


def remove(path: Place) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def remove_if_empty(folder: Place) -> bool:
    """Remove a folder that holds nothing; tell whether it is gone."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


def remove_with_all(folder: Place) -> None:
    """Remove a folder with everything in it."""
    shutil.rmtree(folder)
