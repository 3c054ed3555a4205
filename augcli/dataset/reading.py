"""Reads the bytes of sources, files or images in shards, and tells a missing source from a missing IN."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

from augcli.dataset.containers import members
from augcli.problems import Unusable
from augcli.storage import files, places
from augcli.storage.places import stop_if_gone


def read_source(root: str, path: str, member: int | None = None) -> bytes:
    """Read a file of IN, or an image in a shard, whole; `member` is its place, which is looked for if it is not given.

    Raises `Unusable` if it cannot be read, and OSError where IN itself is gone.
    """
    try:
        if member is None and "#" in path:
            member = members.find(root, path)
        return files.read(os.path.join(root, path)) if member is None else members.read(root, path, member)
    except Unusable:
        stop_if_gone(root)
        raise


def opened(root: str, path: str, member: int | None = None) -> BinaryIO:
    """Open a file of IN, or an image in a shard, of which hardly more is read than is asked for. Raises `Unusable`."""
    return files.regular(os.path.join(root, path)) if member is None else members.opened(root, path, member)


def size_of(root: str, path: str, member: int | None = None) -> int:
    """Return how many bytes a source has; of an image in a table, about how many. Raises OSError."""
    return places.size(os.path.join(root, path)) if member is None else members.size(path, member)


def read_places(root: str, path: str, spans: Sequence[tuple[int, int]]) -> list[bytes]:
    """Read places of a file of IN, each (offset, length). Raises as `read_source`."""
    try:
        return files.read_places(os.path.join(root, path), spans)
    except Unusable:
        stop_if_gone(root)
        raise
