"""Containers: files of OUT that hold many samples each, such as tar shards, which a run writes instead of loose files.

A sample is an image of OUT with all that belongs to it. `tar` and `parquet` write samples and find them again; what
goes into which shard is planned in `plan.shards_of_samples`. The rows of a shard stand beside it, in a file of the same
name with the suffix `.csv`, which is written last: it is to a shard what a part is to a chunk of loose files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from augcli.output.manifest import Row


class Sample(NamedTuple):
    """An image of OUT, and what belongs to it.

    `key` is its name in the container, without dots; `files` are by their suffix without a dot, the image first, and
    files of labels behind it (`jpg`, `txt`, `seg.png`). `class_index` is the number of its class in `classes.txt`.
    `objects` are plain data (what JSON can say), None where nothing is said of objects.
    """

    key: str
    row: Row
    files: Mapping[str, bytes]
    class_index: int | None = None
    objects: Sequence[Mapping[str, Any]] | None = None


class Container(Protocol):
    """A kind of container. What it writes depends on the samples and the classes alone, byte for byte."""

    suffix: str
    """With a dot."""

    def write(self, file: BinaryIO, samples: Iterable[Sample], classes: Sequence[str]) -> None:
        """Write a container, one sample after another; `file` need not be seekable."""

    def read(self, path: Any, keys: Iterable[str]) -> Iterable[tuple[str, Mapping[str, bytes]]]:
        """Give the files of the samples of those keys that a container in OUT holds, in its own order.

        Raises `Unusable` where it is none, or cut off.
        """
