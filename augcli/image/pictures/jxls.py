"""The header of JPEG XL files (ISO 18181-1, annex D), bit by bit: the plugin of Pillow decodes whatever it opens."""

from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.problems import Unusable

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


class JxlHeader(NamedTuple):
    """Bits are of a channel; the size is upright."""

    size: Size
    bits: int
    is_animated: bool


class _Bits:
    """Reads numbers from the lowest bit on."""

    def __init__(self, data: bytes) -> None:
        self.number, self.length, self.at = int.from_bytes(data, "little"), 8 * len(data), 0

    def take(self, count: int) -> int:
        if self.at + count > self.length:
            raise Unusable("damaged, or of a rare kind: the header of this JPEG XL cannot be read")
        found = self.number >> self.at & ((1 << count) - 1)
        self.at += count
        return found

    def choice(self, *kinds: tuple[int, int]) -> int:
        """Read one of four kinds of number: so much, and so many bits more."""
        base, bits = kinds[self.take(2)]
        return base + self.take(bits)


def header(data: bytes) -> JxlHeader:
    """Read what comes first in a file. Raises `Unusable` for what is cut or rare."""
    bits = _Bits(_codestream(data)[2:66])
    size = _size(bits)
    depth, is_animated = 8, False
    if not bits.take(1):
        orientation = 1
        if bits.take(1):
            orientation += bits.take(3)
            if bits.take(1):
                _size(bits)
            if bits.take(1):
                _preview(bits)
            is_animated = bool(bits.take(1))
            if is_animated:
                bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
                bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
                bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
                bits.take(1)
        is_float = bits.take(1)
        depth = (
            bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
            if is_float
            else bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
        )
        if orientation >= 5:
            size = Size(size.height, size.width)
    return JxlHeader(size, depth, is_animated)


def _codestream(data: bytes) -> bytes:
    """Return the file from the first byte of its codestream on, which may lie in boxes."""
    at = 0
    while data[:2] != b"\xff\x0a" and at + 16 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if kind in (b"jxlc", b"jxlp"):
            return data[at + head + (4 if kind == b"jxlp" else 0) :]
        if length < 8:
            break
        at += length
    return data if data[:2] == b"\xff\x0a" else b""


def _size(bits: _Bits) -> Size:
    is_small = bits.take(1)

    def side() -> int:
        return 8 * (1 + bits.take(5)) if is_small else 1 + bits.choice((0, 9), (0, 13), (0, 18), (0, 30))

    height = side()
    ratio = bits.take(3)
    if not ratio:
        return Size(side(), height)
    wide, high = _RATIOS[ratio - 1]
    return Size(height * wide // high, height)


def _preview(bits: _Bits) -> None:
    is_small = bits.take(1)
    kinds = ((16, 0), (32, 0), (1, 5), (33, 9)) if is_small else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.choice(*kinds)
    if not bits.take(3):
        bits.choice(*kinds)
