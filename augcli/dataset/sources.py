"""Sources: the images of IN, each with the files that say something of it, and what those files have in common.

Layouts find them; whoever reads what the files say is in `labels`. Paths are relative to IN with `/` between folders.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


def place_of(table: str, number: int) -> str:
    """Return what stands for the path of a record where paths are compared: such places sort as the records do."""
    return f"{table}#{number:012d}"


class LabelFile(NamedTuple):
    """A file that says something of one image, or the places of a shared file that do.

    `format` is a module of `labels.formats`, that reads and writes it. `slot` tells the files of one image apart where
    it has several: two images that are mixed have their labels mixed slot by slot. It is empty for the only one, and
    the path for a shared file. `core` is the part of the path that the image's path shares,
    behind which a copy gets its tag: `X` of `X_leftImg8bit.png`, of `X/images/X.png`; None is the stem of the name.
    """

    format: str
    path: str
    slot: str = ""
    spans: bytes = b""
    """Of a shared file: the places that speak of this image, as `packed` made them; empty for a file of one image."""
    core: tuple[int, int] | None = None
    is_missing: bool = False
    """The format takes a missing file for an image without objects; it is written where a copy has some."""

    @property
    def is_shared(self) -> bool:
        return bool(self.spans)


class Block(NamedTuple):
    """Records of a table that stand together: so many `records`, the `first` with that number, from 1 on.

    They are `length` bytes of the unpacked file, from `offset` on; of Parquet, rows.
    """

    table: str
    offset: int
    length: int
    first: int
    records: int

    @property
    def path(self) -> str:
        """What stands for its path: the place of its first record."""
        return place_of(self.table, self.first)

    @property
    def end(self) -> str:
        """The place of its last record."""
        return place_of(self.table, self.first + self.records - 1)


class Source(NamedTuple):
    """One file of IN, an image or a text, or a block of a table's records, whose path then is the block's.

    `split` is the name of its folder, empty where there are no splits.

    `label` is its class folder; sets whose labels stand in files have none. `core` is a part of its path as for
    `LabelFile`. An image in a tar shard or a Parquet file has the path `train-000000.tar#a.jpg`.
    """

    path: str
    split: str
    role: str
    label: str
    labels: tuple[LabelFile, ...] = ()
    core: tuple[int, int] | None = None
    place: Block | int | None = None
    """Where it stands in a file that holds many: a block, or what `packed_member` packed; None for one of its own."""
    is_assigned: bool = False
    """The spec has put it into its split, which is no folder of IN."""

    @property
    def block(self) -> Block | None:
        return self.place if isinstance(self.place, Block) else None

    @property
    def member(self) -> int | None:
        """The place of an image in a shard."""
        return self.place if isinstance(self.place, int) else None

    @property
    def name(self) -> str:
        """Its path, below its split; for an image in a shard the path that it would have as a file: `train/cat/a.jpg`.

        By this name its draws are keyed, and outputs are called: it does not matter in which shard an image is.
        """
        if not isinstance(self.place, int):
            return f"{self.split}/{self.path}" if self.is_assigned else self.path
        inside = name_in_shard(self.path)
        if self.split:
            inside = inside.removeprefix(f"{self.split}/")
        if self.label and not inside.startswith(f"{self.label}/"):
            inside = f"{self.label}/{inside}"
        return f"{self.split}/{inside}" if self.split else inside


SHARDS = (".tar", ".parquet")
"""The suffixes of files that hold many images."""

_LENGTH_BITS, _FORMAT_BITS = 40, 4


def in_shard(path: str) -> tuple[str, str] | None:
    """Split the path of an image in a shard into the shard and the rest; None for any other path."""
    shard, mark, rest = path.partition("#")  # shards with the sign in their own paths are refused
    return (shard, rest) if mark and shard.lower().endswith(SHARDS) else None


def name_in_shard(path: str) -> str:
    """Return the name that an image has in its shard.

    In a table it is called by its row, `train.parquet#00000017.jpg`, or by that and what the row calls it,
    `train.parquet#00000017:a.jpg`.
    """
    shard, rest = in_shard(path) or ("", path)
    if not shard.lower().endswith(".parquet"):
        return rest
    _, mark, name = rest.partition(":")
    return name if mark else f"{os.path.splitext(os.path.basename(shard))[0]}_{rest}"


def packed_member(offset: int, length: int, format: int = 0) -> int:
    """Pack the place of an image in a shard, in bytes; of a table its row, and about how many bytes it has.

    `format` is a number from 1 to 15, where it is known.
    """
    return (offset << _LENGTH_BITS | min(length, (1 << _LENGTH_BITS) - 1)) << _FORMAT_BITS | format


def unpacked_member(member: int) -> tuple[int, int]:
    """Return the place that `packed_member` packed."""
    place = member >> _FORMAT_BITS
    return place >> _LENGTH_BITS, place & ((1 << _LENGTH_BITS) - 1)


def format_number(member: int) -> int:
    """Return the format that `packed_member` packed; 0 where it is not known."""
    return member & ((1 << _FORMAT_BITS) - 1) if member > 0 else 0


class LabelSet(NamedTuple):
    """A file of IN that is about many images: classes, a list of images, or annotations of all of them.

    Of a format with a file for each image it is what these have in common, and `path` a folder around them, or empty.
    `about` is plain data (what JSON can say), which the format's reader and writer need besides what is said of single
    images: class names, keypoints, the rest of the file word by word.
    """

    format: str
    path: str
    about: Mapping[str, Any]
    digest: str
    """SHA-256 of all that it says besides what is said of single images."""


class Hints(NamedTuple):
    """What the spec says of where labels are, for a tree that is odd; paths relative to IN."""

    images: str = ""
    annotations: str = ""


NO_HINTS = Hints()


@dataclass
class Labelled:
    """What a layout has found: images with their labels. `what` follows `looks like`, as `a YOLO data set`."""

    layout: str
    what: str
    sources: list[Source]
    sets: list[LabelSet] = field(default_factory=list)
    unpaired: dict[str, list[str]] = field(default_factory=dict)
    """Images without labels and labels without image, by reason: `images without a label file`."""
    used: set[str] = field(default_factory=set)
    """Other files that belong to the set, and are not left out: licences, caches that are made anew."""


def packed(spans: Iterable[tuple[int, int]]) -> bytes:
    """Pack places in a file, each (offset, length) in bytes."""
    return array("Q", [number for span in spans for number in span]).tobytes()


def unpacked(spans: bytes) -> list[tuple[int, int]]:
    """Return the places that `packed` packed."""
    numbers = array("Q")
    numbers.frombytes(spans)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def core_of(path: str, core: tuple[int, int] | None) -> tuple[str, str, str]:
    """Split a path into what stands before the core, the core, and what follows."""
    name = path.rfind("/") + 1
    start, end = (name, len(os.path.splitext(path)[0])) if core is None else (name + core[0], name + core[1])
    return path[:start], path[start:end], path[end:]
