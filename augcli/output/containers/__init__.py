"""Containers: files of OUT that hold many samples each, such as tar shards, which a run writes instead of loose files.

A sample is an image of OUT with all that belongs to it. `tar` and `parquet` write samples and read them back; which go
into which container is planned in `plan.packs`. The rows of a container stand beside it, in a file of the same name
with the suffix `.csv`, which is written last: it is to a container what a part is to a chunk of loose files. `packed`
says what such a file holds, `gathering` makes the manifest of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from augcli.output.manifest import Row

ROWS_SUFFIX = ".csv"


class Sample(NamedTuple):
    """An image of OUT, and what belongs to it.

    `key` is its name in the container, without dots; `files` are by their suffix without a dot, the image first, and
    files of labels behind it (`jpg`, `txt`, `mask.png`). `class_index` is the number of its class in `classes.txt`.
    `objects` are plain data (what JSON can say), None where nothing is said of objects.
    """

    key: str
    row: Row
    files: Mapping[str, bytes]
    class_index: int | None = None
    objects: Sequence[Mapping[str, Any]] | None = None


class Stored(NamedTuple):
    """What a container holds of a sample, by suffix, and the objects that it tells of."""

    files: Mapping[str, bytes]
    objects: Sequence[Mapping[str, Any]] | None = None


class Container(Protocol):
    """A kind of container. What it writes depends on the samples and the classes alone, byte for byte."""

    suffix: str
    """With a dot."""

    def write(self, file: BinaryIO, samples: Iterable[Sample], classes: Sequence[str]) -> None:
        """Write a container, one sample after another; `file` need not be seekable."""

    def read(self, file: BinaryIO) -> Iterator[tuple[str, Stored]]:
        """Give the samples of a container as they stand in it, each by its key; `file` is seekable.

        Raises `Unusable` where it is none, or cut off.
        """
