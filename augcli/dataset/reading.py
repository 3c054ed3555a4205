"""Reads the bytes of a source whole, and tells a missing source from a missing IN."""

from __future__ import annotations

import os
from collections.abc import Sequence

from augcli.problems import Unusable
from augcli.storage import files
from augcli.storage.places import stop_if_gone


def read_source(root: str, path: str) -> bytes:
    """Read a file of IN. Raises `Unusable` if it cannot be read, and OSError where IN itself is gone."""
    try:
        return files.read(os.path.join(root, path))
    except Unusable:
        stop_if_gone(root)
        raise


def read_places(root: str, path: str, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """Read places of a file of IN, each (offset, length). Raises as `read_source`."""
    try:
        return files.read_places(os.path.join(root, path), places)
    except Unusable:
        stop_if_gone(root)
        raise
