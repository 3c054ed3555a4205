"""PNG files by their chunks: plain ones without Pillow, profiles, files that end too soon; and whole ones, written."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from augcli.image import native
from augcli.image.arrays import Image, Size
from augcli.image.pictures import icc

_START = b"\x89PNG\r\n\x1a\n"
_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_END = b"\0\0\0\0IEND\xaeB`\x82"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by the number of channels
_MODES = {0: "L", 4: "LA", 2: "RGB", 6: "RGBA"}
_HARMLESS = {b"pHYs": 9, b"sRGB": 1}
"""Chunks that say nothing of numbers that have no profile, and how long they are."""
_LONGEST = 1 << 30
"""Bytes of a chunk that we write; the standard has 2**31 - 1."""
_MOST = 1 << 24
"""Bytes of pixels that are held twice; more are left to Pillow."""


class Plain(NamedTuple):
    """What a PNG file of 8 bits and no surprises says before its pixels, and where those are."""

    size: Size
    mode: str
    deflated: tuple[tuple[int, int], ...]
    """Each piece of the pixels: from where to where."""


def plain(png: bytes) -> Plain | None:
    """Read a whole PNG file of 8-bit grey or RGB, with alpha or without, without Pillow.

    None where it is anything else, or there is anything that Pillow may refuse or heed.
    """
    if len(png) < 57 or png[:16] != _START + b"\0\0\0\rIHDR" or not png.endswith(_END) or not _is_sound(png, 8, 13):
        return None
    width, height, bits, colours, *ways = _HEADER.unpack_from(png, 16)
    mode = _MODES.get(colours)
    if bits != 8 or mode is None or any(ways) or not 0 < width * height * len(mode) <= _MOST:
        return None
    at, behind, deflated = 33, len(png) - 12, []
    while at < behind:
        length, kind = _CHUNK.unpack_from(png, at)
        if kind == b"IDAT" and length:
            deflated.append((at + 8, at + 8 + length))
        elif deflated or _HARMLESS.get(kind) != length or not _is_sound(png, at, length):
            return None
        at += length + 12
    return Plain(Size(width, height), mode, tuple(deflated)) if deflated and at == behind else None


def _is_sound(png: bytes, at: int, length: int) -> bool:
    """Tell whether the checksum of a chunk is that of what it holds."""
    return zlib.crc32(png[at + 4 : at + 8 + length]) == int.from_bytes(png[at + 8 + length : at + 12 + length], "big")


def plain_pixels(png: bytes, found: Plain) -> Image | None:
    """Decode what `plain` has found, with all channels; None where the pixels are damaged in any way.

    And where nothing is compiled: Pillow is the twin.
    """
    if native.library() is None:
        return None
    (width, height), channels = found.size, len(found.mode)
    length = height * (width * channels + 1)
    start, stop = found.deflated[0]
    pieces = png[start:stop] if len(found.deflated) == 1 else b"".join(png[slice(*piece)] for piece in found.deflated)
    unpack = zlib.decompressobj()
    try:
        filtered = unpack.decompress(pieces, length + 1)
    except zlib.error:
        return None
    if len(filtered) != length or not unpack.eof or unpack.unused_data:
        return None
    return native.unpacked_png(filtered, found.size, channels)


def encoded(pixels: Image) -> bytes:
    """Encode an image of 1 to 4 channels, the last of 2 or 4 of them alpha."""
    packed = native.packed_png(pixels)
    if len(packed) <= _LONGEST:
        return b"".join((_head(*pixels.shape), *_parts(b"IDAT", packed), _END))
    pieces = (packed[at : at + _LONGEST] for at in range(0, len(packed), _LONGEST))
    return b"".join((_head(*pixels.shape), *(chunk(b"IDAT", piece) for piece in pieces), _END))


@lru_cache(256)
def _head(height: int, width: int, channels: int) -> bytes:
    """Return what a file begins with."""
    return _START + chunk(b"IHDR", _HEADER.pack(width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0))


def chunks(png: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Return where each chunk begins, its kind and what it holds, which is less than it should for one that is cut."""
    at = 8
    while at + 8 <= len(png):
        length, kind = _CHUNK.unpack_from(png, at)
        yield at, kind, png[at + 8 : at + 8 + length]
        at += length + 12


def chunk(kind: bytes, content: bytes) -> bytes:
    return b"".join(_parts(kind, content))


def _parts(kind: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the parts of a chunk: what stands before its content, that, and the checksum."""
    return _CHUNK.pack(len(content), kind), content, zlib.crc32(content, zlib.crc32(kind)).to_bytes(4, "big")


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
