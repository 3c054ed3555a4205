"""What lies on a disk under a name, told or raised: an error is never taken for something that is not there.

`os.path.exists` and `Path.glob` say "no" to every error, so that a folder in the network that cannot be read for a
moment seems to be empty, or gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TypeAlias

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


def names(folder: Place) -> list[str]:
    """Return the names in a folder, sorted; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except FileNotFoundError:
        return []


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


def stop_if_gone(root: Path | str) -> None:
    """Raise OSError where IN itself is gone: without it every source would seem to be.

    A disk that is no longer mounted leaves an empty folder.
    """
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        if next(entries, None) is not None:
            return
    raise FileNotFoundError(errno.ENOENT, "gone, or no longer mounted", os.fspath(root))
