"""Damage to image files: by bytes, by numbers, and by the parts of their formats."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from random import Random

from tests.fuzz.samples import ORIENTATION, chunk, whole

NUMBERS = (0, 1, 2, 3, 7, 8, 16, 255, 256, 2000, 4000, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _span(rng: Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 2, 4, 8, 16, 64, 256)))


def _flip(rng: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8)) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _set_bytes(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + bytes([rng.choice((0, 255, rng.randrange(256)))]) * (end - start) + data[end:]


def _cut(rng: Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _insert(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + rng.randbytes(end - start) + data[start:]


def _remove(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _double(rng: Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:end] + data[start:]


def _swap(rng: Random, data: bytes) -> bytes:
    (a, b), (c, d) = sorted((_span(rng, data), _span(rng, data)))
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _number(rng: Random, data: bytes) -> bytes:
    """Replace a number of 16 or 32 bits, more often near the start, where headers are."""
    width, order = rng.choice((2, 4)), rng.choice(("little", "big"))
    start = rng.randrange(max(1, min(len(data), rng.choice((32, 64, 256, 1 << 30)))))
    old = int.from_bytes(data[start : start + width], order)
    new = rng.choice((*NUMBERS, old + 1, old - 1, old * 2, len(data))) % (1 << 8 * width)
    return data[:start] + new.to_bytes(width, order) + data[start + width :]


def _splice(rng: Random, data: bytes) -> bytes:
    """Go on with another file from some place on."""
    other = rng.choice(whole())
    start = rng.randrange(len(data) + 1)
    return data[:start] + other[rng.choice((start, rng.randrange(len(other)))) :]


def _rearranged(rng: Random, parts: list[bytes], change: Callable[[Random, bytes], bytes]) -> list[bytes]:
    """Drop, repeat, move or change one of some parts, or put one of another place there."""
    at, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    match rng.randrange(6):
        case 0:
            return parts[:at] + parts[at + 1 :]
        case 1:
            return [*parts[:other], parts[at], *parts[other:]]
        case 2:
            parts[at], parts[other] = parts[other], parts[at]
            return parts
        case _:
            return [*parts[:at], change(rng, parts[at]), *parts[at + 1 :]]


_PARTS = (_flip, _set_bytes, _cut, _insert, _remove, _double, _number)


def _png_chunk(rng: Random, data: bytes) -> bytes:
    """Damage the chunks of a PNG file, with checksums that are right again."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append(data[at + 4 : at + 8 + length])
        at += 12 + length

    def change(rng: Random, chunk: bytes) -> bytes:
        kind, inside = chunk[:4], chunk[4:]
        if kind in (b"IDAT", b"zTXt") and rng.random() < 0.5:
            try:
                return kind + zlib.compress(rng.choice(_PARTS)(rng, zlib.decompress(inside)))
            except zlib.error:
                pass
        if rng.random() < 0.1:
            kind = rng.choice(
                (b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"gAMA", b"iCCP")
            )
        return kind + rng.choice(_PARTS)(rng, inside)

    if not chunks:
        return data
    return data[:8] + b"".join(chunk(part[:4], part[4:]) for part in _rearranged(rng, chunks, change))


def _jpeg_segment(rng: Random, data: bytes) -> bytes:
    """Damage the segments of a JPEG file, with lengths that are right again, but for some."""
    segments, at = [], 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda" and at + 4 <= len(data):
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append(data[at + 1 : at + 2] + data[at + 4 : at + 2 + length])
        at += 2 + length

    def change(rng: Random, segment: bytes) -> bytes:
        kind = segment[:1] if rng.random() < 0.9 else rng.choice((b"\xc0", b"\xc1", b"\xc2", b"\xc4", b"\xdb", b"\xee"))
        return kind + rng.choice(_PARTS)(rng, segment[1:])

    if not segments:
        return data
    made = data[:2]
    for segment in _rearranged(rng, segments, change):
        length = len(segment) + 1 if rng.random() < 0.95 else rng.choice(NUMBERS)
        made += b"\xff" + segment[:1] + (length % 65536).to_bytes(2, "big") + segment[1:]
    return made + data[at:]


def _tiff_entry(rng: Random, data: bytes) -> bytes:
    """Change the tag, the kind, the count or the value of an entry of a TIFF file's directory, or of EXIF's."""
    starts = [found.start() for found in re.finditer(rb"II\*\0|MM\0\*", data)]
    if not starts:
        return data
    start = rng.choice(starts)
    order = "little" if data[start : start + 1] == b"I" else "big"
    directory = start + int.from_bytes(data[start + 4 : start + 8], order)
    count = int.from_bytes(data[directory : directory + 2], order)
    entry = directory + 2 + 12 * rng.randrange(max(1, min(count, 40)))
    place, width, values = rng.choice(
        (
            (0, 2, (256, 257, 258, 259, 262, ORIENTATION, 273, 277, 278, 279, 284, 317, 320, 338, 339, 322, 324, 347)),
            (2, 2, tuple(range(14))),
            (4, 4, NUMBERS),
            (8, 2, (*range(1, 10), 32773, 34712)),
            (8, 4, NUMBERS),
        )
    )
    at = entry + place
    return data[:at] + (rng.choice(values)).to_bytes(width, order) + data[at + width :]


def _pnm_number(rng: Random, data: bytes) -> bytes:
    """Change a number that is written in digits."""
    found = [*re.finditer(rb"\d+", data[:40])]
    if not found:
        return data
    chosen = rng.choice(found)
    new = rng.choice((*(b"%d" % number for number in NUMBERS), b"-1", b"", b"1" * 30, b"1.5", b"\n", b"#"))
    return data[: chosen.start()] + new + data[chosen.end() :]


_BY_BYTES = (_flip, _set_bytes, _cut, _insert, _remove, _double, _swap, _number, _number, _splice)
_BY_PARTS = {
    b"\x89PNG": _png_chunk,
    b"\xff\xd8\xff": _jpeg_segment,
    b"II": _tiff_entry,
    b"MM": _tiff_entry,
    b"P": _pnm_number,
}


def damaged(rng: Random) -> bytes:
    """Return one of the whole files with some damage; another one for each state of `rng`."""
    data = rng.choice(whole())
    by_parts = next((found for start, found in _BY_PARTS.items() if data.startswith(start)), _number)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice((rng.choice(_BY_BYTES), by_parts, by_parts, _tiff_entry if b"Exif" in data else by_parts))(
            rng, data
        )
    return data
