"""PNG files by their chunks: what stands before and behind the pixels, profiles, and files that end too soon."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from augcli.image.pictures import icc

_CHUNK = struct.Struct(">I4s")
_END = b"\0\0\0\0IEND\xaeB`\x82"


def chunks(png: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Return where each chunk begins, its kind and what it holds, which is less than it should for one that is cut."""
    at = 8
    while at + 8 <= len(png):
        length, kind = _CHUNK.unpack_from(png, at)
        yield at, kind, png[at + 8 : at + 8 + length]
        at += length + 12


def chunk(kind: bytes, content: bytes) -> bytes:
    return _CHUNK.pack(len(content), kind) + content + struct.pack(">I", zlib.crc32(kind + content))


def ends_with_pixels(png: bytes) -> bool:
    """Tell whether nothing but its end is behind the pixels of a PNG file."""
    at = png.find(b"IDAT") - 4
    while 0 <= at <= len(png) - 12:
        length, kind = _CHUNK.unpack_from(png, at)
        if kind != b"IDAT":
            return bool(kind == b"IEND")
        at += length + 12
    return False


def with_end(png: bytes) -> bytes | None:
    """Return a file with the end chunk that it lacks; None where it has one, or no pixels."""
    if png.endswith(_END):
        return None
    last = 0, b"", b""
    for last in chunks(png):
        if last[1] == b"IEND":
            return None
    at, kind, content = last
    if b"IDAT" not in png:
        return None
    whole = at + 12 + int.from_bytes(png[at : at + 4], "big") <= len(png)
    if whole:
        return png[: at + 12 + len(content)] + _END
    return png[:at] + (chunk(kind, content) if kind == b"IDAT" else b"") + _END


def colours(head: bytes, embedded: bytes) -> bytes:
    """Return the profile that the colours of a PNG file have, from its first bytes; empty for sRGB or unknown ones.

    As the standard says: cICP before iCCP (which is `embedded`), that before sRGB, that before gAMA and cHRM.
    """
    found = {}
    for _, kind, content in chunks(head):
        if kind == b"IDAT":
            break
        if kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM"):
            found[kind] = content
    if len(found.get(b"cICP", b"")) == 4:
        return icc.by_code_points(found[b"cICP"][0], found[b"cICP"][1])
    if embedded or b"sRGB" in found:
        return embedded
    gamma = int.from_bytes(found.get(b"gAMA", b"")[:4], "big") / 1e5
    numbers = found.get(b"cHRM", b"")
    corners = [number / 1e5 for number in struct.unpack(">8I", numbers)] if len(numbers) == 32 else []
    return icc.by_gamma(gamma, corners) if gamma or corners else b""


def with_profile(png: bytes, profile: bytes) -> bytes:
    """Embed a profile if there is one, behind the header."""
    if not profile:
        return png
    return png[:33] + chunk(b"iCCP", b"icc\0\0" + zlib.compress(profile)) + png[33:]
