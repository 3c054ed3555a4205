"""How the text of a joined table becomes its file: as it is, packed with gzip, or as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from augcli.dataset.tables import packed


def write(path: str, parts: Iterable[bytes], target: BinaryIO) -> None:
    """Write the parts of a file of that path, of which the suffix says how."""
    if packed.without_gz(path) != path:
        packed.pack(parts, target)
    elif path.lower().endswith(".parquet"):
        from augcli.dataset.tables import parquet

        parquet.pack(_lines(parts), target)
    else:
        target.writelines(parts)


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Cut parts into lines."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from lines
    if rest:
        yield rest
