"""What lies below a place in a bucket, listed in pages of a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from augcli.storage.addresses import Place
from augcli.storage.bucket.store import MOST_CUT, CutOff, address, client, obstore, told, uncut

PAGE = 1000
"""Objects that are told of in one answer."""


def below(folder: Place, after: str = "") -> Iterator[tuple[str, int]]:
    """Return the relative names of all objects below a place, each with its size, those behind a name alone.

    Names come as the bucket tells them: in the order of their bytes, from S3.
    """
    bucket, prefix = address(folder)
    start = len(prefix) + 1 if prefix else 0
    offset = (f"{prefix}/{after}" if prefix else after) if after else None
    cut = 0
    pages: Any = None
    while True:
        try:
            with told(folder):
                if pages is None:
                    pages = iter(obstore().list(client(bucket), prefix or None, offset=offset, chunk_size=PAGE))
                page = next(pages, None)
        except CutOff:
            if cut == MOST_CUT:
                raise
            pages, cut = None, cut + 1  # on behind the last name that came
            continue
        if page is None:
            return
        cut = 0
        for one in page:
            offset = one["path"]
            yield one["path"][start:], one["size"]


def anything_below(folder: Place) -> bool:
    """Tell whether there is any object below a place."""
    return next(below(folder), None) is not None


def directly_in(folder: Place) -> tuple[list[str], dict[str, int]]:
    """Return the names of the folders directly in a place, and of the objects, with their sizes."""
    bucket, prefix = address(folder)
    start = len(prefix) + 1 if prefix else 0
    found: Any = uncut(folder, lambda: obstore().list_with_delimiter(client(bucket), prefix or None))
    folders = [path[start:] for path in found["common_prefixes"]]
    return folders, {one["path"][start:]: one["size"] for one in found["objects"]}
