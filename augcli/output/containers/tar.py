"""Tar shards as WebDataset reads them: the files of a sample stand one after another, and share their name up to a dot.

The form is ustar with no times, users or rights of anybody: equal samples give equal bytes. Nothing is compressed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from augcli.output.containers import Sample, Stored
from augcli.output.manifest import escaped
from augcli.problems import Unusable

BLOCK = 512


class Tar:
    """Writes and reads tar shards. Beside its own files, a sample has `cls`, its class's number, and `json`."""

    suffix = ".tar"

    def write(self, file: BinaryIO, samples: Iterable[Sample], classes: Sequence[str]) -> None:
        """Write samples as they come, the files of each in the order of their suffixes."""
        for sample in samples:
            members = {**sample.files, "json": _about(sample)}
            if sample.class_index is not None:
                members["cls"] = b"%d" % sample.class_index
            for suffix in sorted(members):
                _write_member(file, f"{sample.key}.{suffix}", members[suffix])
        file.write(bytes(2 * BLOCK))

    def read(self, file: BinaryIO) -> Iterator[tuple[str, Stored]]:
        """Give the samples of a shard as they stand in it, each by its key. Raises `Unusable` where it is cut off."""
        key = ""
        members: dict[str, bytes] = {}
        for name, data in _members(file):
            folder, slash, base = name.rpartition("/")
            stem, _, suffix = base.partition(".")
            if (own := folder + slash + stem) != key and members:
                yield key, _stored(members)
                members = {}
            key, members[suffix] = own, data
        if members:
            yield key, _stored(members)


def _stored(members: dict[str, bytes]) -> Stored:
    members.pop("cls", None)
    try:
        about = json.loads(members.pop("json", b"{}"))
        objects = about.get("objects")
    except (ValueError, AttributeError):
        raise Unusable("a sample's `.json` is not what augcli wrote") from None
    return Stored(members, objects)


def _about(sample: Sample) -> bytes:
    """Return what the manifest says of an image, with the objects that it shows."""
    told: dict[str, Any] = {name: value for name, value in sample.row._asdict().items() if value}
    told |= {name: escaped(told[name]) for name in _NAMES if name in told}
    for name in ("copy", "width", "height", "bytes", "objects", "dropped"):
        if name in told:
            told[name] = int(told[name])
    for name in ("params", "soft_label", "drop_reasons"):
        if name in told:
            told[name] = json.loads(told[name])
    if sample.objects is not None:
        told["objects"] = list(sample.objects)
    return json.dumps(told, ensure_ascii=False).encode()


_NAMES = ("file_name", "source", "split", "label")


def _write_member(file: BinaryIO, name: str, data: bytes) -> None:
    file.write(header(os.fsencode(name), len(data)))
    file.write(data)
    if left := -len(data) % BLOCK:
        file.write(bytes(left))


def header(path: bytes, size: int) -> bytes:
    """Return the head of a regular file: POSIX.1-1988 (ustar), with mode 644 and nothing else of anybody."""
    prefix, name = _divided(path)
    sized = b"%011o" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")  # larger ones as GNU tar does
    head = name.ljust(100, b"\0") + _FIXED + sized.ljust(12, b"\0") + b"%011o\0" % 0 + b"        0" + bytes(100)
    head += b"ustar\x0000" + bytes(80) + prefix.ljust(155, b"\0") + bytes(12)
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


_FIXED = b"0000644\0" + b"0000000\0" * 2


def _divided(path: bytes) -> tuple[bytes, bytes]:
    """Divide a path into what fits into the two places that a head has for it. Raises ValueError if it does not."""
    if len(path) <= 100:
        return b"", path
    at = path.find(b"/", len(path) - 101)
    if at < 1 or at > 155 or len(path) - at - 1 > 100:
        raise ValueError("a name is too long for a tar file")
    return path[:at], path[at + 1 :]


def _members(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Give the files of a shard that was written here. Raises `Unusable` for any other."""
    while True:
        head = file.read(BLOCK)
        if head == bytes(BLOCK):
            return
        try:
            size = int.from_bytes(head[125:136], "big") if head[124] == 0x80 else int(head[124:135], 8)
            prefix, name = head[345:500].rstrip(b"\0"), head[:100].rstrip(b"\0")
            path = prefix + b"/" + name if prefix else name
            if header(path, size) != head:
                raise ValueError
        except (ValueError, IndexError):
            raise Unusable("cut off, or not a shard that augcli wrote") from None
        data = file.read(size + -size % BLOCK)
        if len(data) != size + -size % BLOCK:
            raise Unusable("cut off")
        yield os.fsdecode(path), data[:size]
