"""The bytes of a source, read whole; a source that is missing is told from an IN that is."""

from __future__ import annotations

import os

from augcli.problems import Unusable
from augcli.storage import files
from augcli.storage.disk import stop_if_gone


def read_source(root: str, path: str) -> bytes:
    """Read a file of IN. Raises `Unusable` if it cannot be read, and OSError where IN itself is gone."""
    try:
        return files.read(os.path.join(root, path))
    except Unusable:
        stop_if_gone(root)
        raise
