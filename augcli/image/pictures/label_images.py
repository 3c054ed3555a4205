"""Label images: files whose numbers are ids, codes or measures, kept as they are stored, and written alike.

Values are (H, W, C) of the file's own type: palette indices, not colours; what a PNG file of 1, 2 or 4 bits holds, not
its grey. BMP, PNM and GIF files become PNG, as those of pictures do. What is lossy is refused.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from augcli.image.arrays import Layer, Size, size_of
from augcli.image.lazy_imports import pillow
from augcli.image.pictures import pngs
from augcli.image.pictures.formats import Format, format_or_reason, name_of, open_by_pillow, written_format
from augcli.image.pictures.headers import stored_size, tile_size
from augcli.image.pictures.limits import fits, time_limit
from augcli.problems import Unusable

_KEPT = (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"tEXt", b"zTXt", b"iTXt")
"""Chunks of a PNG file that say the same of its pixels wherever these are."""
_LONGEST_CHUNKS = 1 << 17  # or a comment of 100 MB would be in each copy
_COLOUR_TYPES = {"L": 0, "I;16": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}
_DEEPEST = 32
_LARGEST_TILE = 16  # megapixels; those that are written anywhere have 1024 pixels a side or less
_TIFF_BITS = {"1": (1,), "L": (8,), "P": (8,), "I;16": (16,), "I": (32,), "F": (32,), "LA": (8, 8)} | {
    "RGB": (8, 8, 8),
    "RGBA": (8, 8, 8, 8),
}
_PNM_NUMBERS = re.compile(rb"P[1-6]" + rb"(?:\s*#[^\n\r]*)*\s+(\d{1,9})" * 3)
_MOST_COLOURS = 1 << 18


class Stored(NamedTuple):
    """How a label image is stored: the format that it is written in, Pillow's mode, bits of a value, and chunks of PNG.

    `palette` is that of formats without chunks.
    """

    format: str
    mode: str
    bits: int
    chunks: bytes = b""
    palette: bytes = b""

    @property
    def largest(self) -> int:
        """The largest whole number that it can hold."""
        return (1 << min(self.bits, _DEEPEST - 1)) - 1

    def with_colours(self, number: int) -> Stored:
        """Return it with at least so many colours in its palette, if it has one; the new ones are black.

        A file of few colours may have fewer bits than others of its set.
        """
        if self.mode != "P" or number > 256:
            return self
        if self.palette:
            return self._replace(palette=self.palette.ljust(3 * number, b"\0"))
        kinds = [(kind, content) for _, kind, content in pngs.chunks(bytes(8) + self.chunks)]
        longer = [(kind, content.ljust(3 * number, b"\0") if kind == b"PLTE" else content) for kind, content in kinds]
        bits = next(bits for bits in (1, 2, 4, 8) if bits >= self.bits and number <= 1 << bits)
        return self._replace(bits=bits, chunks=b"".join(pngs.chunk(kind, content) for kind, content in longer))


class ValuesSeen(NamedTuple):
    """The values of a label image, those of a pixel as a tuple; None where they are too many to be ids."""

    mode: str
    bits: int
    pixels: int
    values: frozenset[tuple[int, ...]] | None


def read_label_image(data: bytes, sizes: Collection[Size]) -> tuple[Layer, Stored]:
    """Decode a label image that is of one of these sizes, as it is stored. Raises `Unusable`."""
    format = format_or_reason(data)
    if format in ("jpeg", "avif", "heic", "jp2", "jxl") or (format == "webp" and not _is_lossless_webp(data)):
        raise Unusable(f"{name_of(format)}, which changes values; save masks as PNG, drawn anew or with a threshold")
    found = stored_size(data)
    if found not in sizes:
        known = " or ".join(f"{width}x{height}" for width, height in dict.fromkeys(sizes))
        raise Unusable(f"{found.width}x{found.height}, but its image is {known}")
    with time_limit(found.width * found.height / 1e6):
        try:
            opened = open_by_pillow(io.BytesIO(data), format)
            if getattr(opened, "is_animated", False):
                raise Unusable("several pictures in a file; save each as a mask of its own")
            head = _head(data, format, opened)
            opened.load()
            values = _as_stored(np.asarray(opened), data, format, head)
        except Unusable:
            raise
        except MemoryError:
            raise Unusable("not enough memory to decode it") from None
        except Exception:  # Pillow raises many kinds of errors for broken files
            raise Unusable(f"damaged: this {name_of(format)} cannot be decoded to its end") from None
    if size_of(values) not in sizes:  # of a TIFF file that says how it is turned
        raise Unusable("turned by its own EXIF; save it upright")
    return values, head


def _is_lossless_webp(data: bytes) -> bool:
    """Tell whether the first picture in a WebP file is stored without loss."""
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] in (b"VP8 ", b"VP8L"):
            return data[at : at + 4] == b"VP8L"
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    return False


def _head(data: bytes, format: Format, opened: pillow.Image) -> Stored:
    """Return how a file stores its values. Raises `Unusable` for what could not be stored again."""
    written, mode = written_format(format, "source"), opened.mode
    if format == "png":
        bits, colour_type = data[24], data[25]
        if bits == 16 and colour_type:
            raise Unusable("16 bits in each of several channels, which labels are not read from; save one channel")
        chunks = _chunks_ahead(data)
        mode = {0: "I;16" if bits == 16 else "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}[colour_type]
        return Stored(written, mode, bits, chunks)
    if format == "tiff":
        tags = opened.tag_v2  # type: ignore[attr-defined]
        mode = "I;16" if mode == "I;16B" else mode
        if tags.get(258, (1,)) != _TIFF_BITS.get(mode):
            raise Unusable("a TIFF of a rare kind; save masks as TIFF of 8, 16 or 32 bits, or as PNG")
        if str(opened.info.get("compression", "")).endswith("jpeg"):
            raise Unusable("a TIFF with pixels as in JPEG, which changes values; save masks as PNG")
        if not fits(*tile_size(opened), _LARGEST_TILE):
            raise Unusable("a TIFF whose tiles are too large; save masks as PNG")
        return Stored(written, mode, _TIFF_BITS[mode][0], palette=_palette(opened))
    if mode == "I":  # of a PNM file
        return Stored(written, "I;16", 16)
    if mode not in ("1", *_COLOUR_TYPES):
        raise Unusable(f"a {name_of(format)} of a rare kind; save masks as PNG")
    chunks = pngs.chunk(b"PLTE", _palette(opened)) if mode == "P" else b""
    hidden = opened.info.get("transparency")
    if mode == "P" and isinstance(hidden, int):
        chunks += pngs.chunk(b"tRNS", b"\xff" * hidden + b"\0")
    return Stored(written, "L" if mode == "1" else mode, 1 if mode == "1" else 8, chunks)


def _chunks_ahead(data: bytes) -> bytes:
    """Return the chunks before the pixels that are kept."""
    found = b""
    for _, kind, content in pngs.chunks(data):
        if kind == b"IDAT":
            break
        if kind in _KEPT and len(found) + len(content) < _LONGEST_CHUNKS:
            found += pngs.chunk(kind, content)
    return found


def _palette(opened: pillow.Image) -> bytes:
    colours = opened.getpalette() if opened.mode == "P" else None
    return bytes(colours or ())


def _as_stored(values: Layer, data: bytes, format: Format, stored: Stored) -> Layer:
    """Undo what Pillow does to values so that they look like grey."""
    values = values if values.ndim == 3 else values[:, :, np.newaxis]
    if format == "png" and stored.mode == "L" and stored.bits in (2, 4):
        values = values // np.uint8(255 // stored.largest)
    if format == "pnm" and stored.bits > 1:
        numbers = _PNM_NUMBERS.match(data)
        most, grey = int(numbers[3]) if numbers else 255, 255 if stored.bits == 8 else 65535
        if most != grey:
            values = (values.astype(np.int64) * most + grey // 2) // grey
    if stored.mode == "I" and values.size and int(values.min()) < 0 and stored.format == "tiff":
        raise Unusable("values below 0, or beyond 2147483647, which are no ids; save masks as 32-bit real numbers")
    types = {"I": np.int32, "F": np.float32, "I;16": np.uint16}
    return np.ascontiguousarray(values, types.get(stored.mode, np.uint8))


def write_label_image(values: Layer, stored: Stored) -> bytes:
    """Encode values (H, W, C) as another label image is stored."""
    if stored.format == "png":
        return _png(values, stored)
    buffer = io.BytesIO()
    plane = values[:, :, 0] if values.shape[2] == 1 else values
    image = pillow.fromarray(plane.astype(bool) if stored.mode == "1" else np.ascontiguousarray(plane))
    if stored.palette:
        image.putpalette(stored.palette)
    if stored.format == "webp":
        image.save(buffer, "WEBP", lossless=True, exact=True, quality=0)
    else:
        image.save(buffer, "TIFF", compression="tiff_adobe_deflate")
    return buffer.getvalue()


def _png(values: Layer, stored: Stored) -> bytes:
    """Write a PNG file whose rows are stored as their difference from the row above.

    Run lengths suit labels: a third faster than OpenCV's encoder, and a quarter smaller.
    """
    height, width = values.shape[:2]
    if stored.bits == 16:
        values = values.astype(">u2")
    rows = values.reshape(height, -1).view(np.uint8)
    if stored.bits < 8:
        bits = np.unpackbits(rows[:, :, np.newaxis], axis=2)[:, :, 8 - stored.bits :]
        rows = np.packbits(bits.reshape(height, -1), axis=1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    pack = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    head = (
        width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((stored.bits, _COLOUR_TYPES[stored.mode], 0, 0, 0))
    )
    pixels = pack.compress(filtered.tobytes()) + pack.flush()
    ends = pngs.chunk(b"IDAT", pixels) + pngs.chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + pngs.chunk(b"IHDR", head) + stored.chunks + ends


def label_values(data: bytes, max_megapixels: float) -> ValuesSeen:
    """Return the values that occur in a label image; of many colours those of a sample. Raises `Unusable`."""
    size = stored_size(data)
    if not fits(*size, max_megapixels):
        raise Unusable(f"{size.width}x{size.height} is too large")
    values, (_, mode, bits, *_) = read_label_image(data, (size,))
    number = size.width * size.height
    if values.dtype.itemsize > 2:
        return ValuesSeen(mode, bits, number, None)
    if values.shape[2] == 1:
        seen = frozenset((int(one),) for one in np.flatnonzero(np.bincount(values.ravel())))
        return ValuesSeen(mode, bits, number, seen)
    pixels = values.reshape(-1, values.shape[2])
    pixels = pixels[:: -(-len(pixels) // _MOST_COLOURS)]
    codes = np.zeros((len(pixels), 4), np.uint8)
    codes[:, : pixels.shape[1]] = pixels
    found = np.unique(codes.view(np.uint32)).view(np.uint8).reshape(-1, 4)[:, : pixels.shape[1]]
    few = frozenset(map(tuple, found.tolist())) if len(found) <= 4096 else None
    return ValuesSeen(mode, bits, number, few)
