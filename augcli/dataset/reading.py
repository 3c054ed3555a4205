"""Reads the bytes of a source whole, and tells a missing source from a missing IN."""

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
