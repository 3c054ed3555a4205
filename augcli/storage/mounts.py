"""What kind of disk a folder lies on, as far as its locks are concerned; Linux tells, elsewhere nothing is known."""

from __future__ import annotations

import os
import re
from pathlib import Path

from augcli.storage.addresses import in_bucket

MOUNTS = Path("/proc/self/mountinfo")
_LOCAL_LOCKS = frozenset(("fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "davfs", "vboxsf", "virtiofs"))
"""Disks that several machines may share and whose locks are each machine's own."""
_OPTIONS = {
    "nfs": {"nolock", "local_lock=all", "local_lock=flock"},
    "nfs4": {"nolock", "local_lock=all", "local_lock=flock"},
    "cifs": {"nobrl"},
    "smb3": {"nobrl"},
    "lustre": {"localflock"},
}
"""Options that keep the locks of other such disks to one machine."""


def without_common_locks(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the kind of a disk on which two machines do not see each other's locks; empty where nothing says so."""
    if in_bucket(path):
        return ""
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    real, kind = os.path.realpath(path), ""
    deepest = -1
    for line in text.splitlines():
        mount, _, disk = line.partition(" - ")
        place = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), mount.split(" ")[4])
        holds = real == place or real.startswith(place.rstrip("/") + "/")
        if holds and len(place) >= deepest:  # the last of those on one place is the one that is seen
            deepest = len(place)
            name, _, options = disk.split(" ", 2)
            both = {*mount.split(" ")[5].split(","), *options.split(",")}
            kind = name if name in _LOCAL_LOCKS or both & _OPTIONS.get(name, set()) else ""
    return kind
