"""Tar files as they are written by tar itself, Python, webdataset and img2dataset: where their members stand.

Heads are read one after another and what lies between them is skipped: nothing is unpacked. Understood are the old
format, ustar, GNU's long names and pax; a later member of a name replaces an earlier one, as when it is unpacked.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, cast

from augcli.dataset.file_kinds import LINKS, NOT_REGULAR
from augcli.storage import files

BLOCK = 512
_LONGEST_NAME = 1 << 20
"""Bytes of a header that holds names; a path has 4096 at most."""
_BUFFER = 8192
"""Small members beside an image, such as its class, come with its head in one read."""

FILE, CUT, SPARSE = "file", "cut off", "sparse files in shards"
_KINDS = {
    **dict.fromkeys((b"0", b"\0", b"7"), FILE),
    **dict.fromkeys((b"1", b"2"), LINKS),
    **dict.fromkeys((b"3", b"4", b"6"), NOT_REGULAR),
    b"5": "",
    b"S": SPARSE,
}
_ABOUT_NEXT = (b"x", b"X", b"L", b"K", b"g")
_WITHOUT_DATA = (b"1", b"2", b"3", b"4", b"5", b"6")


class NoTar(Exception):
    """The file does not begin like a tar file."""


class Head(NamedTuple):
    """A member: where its `length` bytes stand. `kind` is `FILE`, `CUT`, or the reason why it is left out."""

    name: str
    offset: int
    length: int
    kind: str


class Tar:
    """A tar file that is read forward."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, offset: int, length: int) -> bytes:
        """Read a place, at best of the member that came last, or just before it. Raises OSError."""
        self._file.seek(offset)
        return self._file.read(length)

    def heads(self) -> Iterator[Head]:
        """Give the members that are not folders, in their order.

        What is cut off or damaged ends the list with one of the kind `CUT`, whose name is empty where it is not known.
        Raises `NoTar` and OSError.
        """
        end, at = self._file.seek(0, os.SEEK_END), 0
        said: dict[str, str] = {}  # by headers that stand before the one that they are about
        while True:
            head = self.read(at, BLOCK)
            if not head and at:
                yield Head("", at, 0, CUT)  # cut off just between two: the mark of the end is missing
                return
            if len(head) == BLOCK and not head.strip(b"\0"):
                return
            found = _fields(head, said.pop("size", ""))
            if found is None:
                if not at:
                    raise NoTar
                yield Head("", at, 0, CUT)
                return
            type, length = found
            start = at + BLOCK + (self._sparse_map(head, at + BLOCK) if type == b"S" else 0)
            stored = 0 if type in _WITHOUT_DATA else length
            at = start + -(-stored // BLOCK) * BLOCK
            is_about_next = type in _ABOUT_NEXT
            if start + stored > end or (is_about_next and length > _LONGEST_NAME):
                yield Head("" if is_about_next else said.get("path") or _name(head), start, length, CUT)
                return
            if is_about_next:
                said |= _said(type, self.read(start, length))
                continue
            is_sparse = "GNU.sparse.major" in said or "GNU.sparse.map" in said
            kind = SPARSE if is_sparse else _KINDS.get(type, NOT_REGULAR)
            name = said.get("path") or _name(head)
            said = {}
            if kind and not name.endswith("/"):  # as folders were written before there was a type for them
                yield Head(name, start, length, kind)

    def _sparse_map(self, head: bytes, start: int) -> int:
        """Return how long the map of an old sparse file is, that goes on behind its header."""
        length, more = 0, head[482]
        while more:
            block = self.read(start + length, BLOCK)
            length += BLOCK
            more = block[504] if len(block) == BLOCK else 0
        return length


@contextmanager
def opened(where: str) -> Iterator[Tar]:
    """Open a tar file. Raises `Unusable` if it cannot be opened."""
    with io.BufferedReader(cast("io.RawIOBase", files.regular(where)), _BUFFER) as file:
        yield Tar(file)


def _fields(head: bytes, size: str) -> tuple[bytes, int] | None:
    """Return the type of a header and the length that it states; None where it is none. `size` is pax's word of it."""
    if len(head) < BLOCK or not _holds(head):
        return None
    try:
        return head[156:157], _number(size or head[124:136])
    except ValueError:
        return None


def _holds(head: bytes) -> bool:
    """Tell whether the checksum of a header is right; some count bytes as signed."""
    try:
        stated = _number(head[148:156])
    except ValueError:
        return False
    total = sum(head) - sum(head[148:156]) + 8 * 32
    return stated == total or stated == total - 256 * sum(byte > 127 for byte in head[:148] + head[156:])


def _number(field: bytes | str) -> int:
    """Read a number: octal digits, or with the first bit set binary; of pax decimal ones. Raises ValueError."""
    if isinstance(field, str):
        number = int(field)
    elif field[0] == 0x80:
        number = int.from_bytes(field[1:], "big")
    else:
        digits = field.partition(b"\0")[0].strip()
        number = int(digits, 8) if digits else 0
    if not 0 <= number < 1 << 60:
        raise ValueError
    return number


def _name(head: bytes) -> str:
    name = head[:100].partition(b"\0")[0]
    prefix = head[345:500].partition(b"\0")[0] if head[257:263] == b"ustar\0" else b""
    return os.fsdecode(prefix + b"/" + name if prefix else name)


def _said(type: bytes, data: bytes) -> dict[str, str]:
    """Return what a header says of the member behind it: `path`, `size`, and that it is sparse."""
    if type == b"L":
        return {"path": os.fsdecode(data.partition(b"\0")[0])}
    found: dict[str, str] = {}
    while type in (b"x", b"X") and data:
        length, blank, _ = data.partition(b" ")
        if not blank or not length.isdigit() or len(length) > 8 or not int(length) > len(length):
            break
        keyword, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
        data = data[int(length) :]
        found[keyword.decode("ascii", "replace")] = os.fsdecode(value)
    if not found.get("size", "0").isdecimal():
        found["size"] = "-1"  # which ends the list
    return found


def plain_name(name: str) -> str:
    """Return the name of a member as a path without `.` and empty parts; empty where it leads out of the shard."""
    parts = name.split("/")
    if name.startswith("/") or "\0" in name or ".." in parts:
        return ""
    return "/".join(part for part in parts if part not in ("", ".")) if "" in parts or "." in parts else name
