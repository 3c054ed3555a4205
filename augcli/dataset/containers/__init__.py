"""Containers of IN: tar shards and Parquet files that hold many images, each of which is a source. None is unpacked.

`shards` lists them, `members` reads one image, `tar_shards` and `parquet_images` know the two kinds. Here is what all
of them agree on.
"""

from __future__ import annotations

from collections.abc import Iterable

from augcli.dataset.sources import in_shard
from augcli.problems import Unusable
from augcli.storage.names import byte_order

SUFFIXES = {"webdataset": ".tar", "parquet": ".parquet"}
"""The suffixes of shards, by layout."""

CUT_OFF, NO_CLASS, UNKNOWN_NUMBER, NO_FOLDER = -1, -2, -3, -4
"""Members that are known to fail when they are listed, in the place of where they stand."""

_REASONS = {
    CUT_OFF: "its shard is damaged or cut off here; copy or download it again",
    NO_CLASS: "it has no class, and others of its split have one",
    UNKNOWN_NUMBER: "its class is a number that `classes.txt` has no line for",
    NO_FOLDER: "its class cannot be the name of a folder",
}


def shards_among(layout: str, paths: Iterable[str]) -> list[str]:
    """Return the shards of a layout, in the order in which the paths of what they hold stand."""
    found = (path for path in paths if path.lower().endswith(SUFFIXES[layout]))
    return sorted(found, key=lambda path: byte_order(f"{path}#"))


def is_table(path: str) -> bool:
    """Tell whether a shard, or an image in it, is of Parquet."""
    return (in_shard(path) or (path, ""))[0].lower().endswith(".parquet")


def refuse_failing(member: int) -> None:
    """Raise `Unusable` for an image that is known to fail since it was listed."""
    if member < 0:
        raise Unusable(_REASONS[member])
