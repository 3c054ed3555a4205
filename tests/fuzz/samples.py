"""Small image files of every kind that is read."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import numpy as np
import PIL.Image

ORIENTATION = 0x0112


def _saved(image: PIL.Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _turned(orientation: int) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


@cache
def whole() -> tuple[bytes, ...]:
    """Return files of a kilobyte or two."""
    noise = np.random.default_rng(1).integers(0, 256, (12, 17, 4), dtype=np.uint8)
    rgba = PIL.Image.fromarray(noise).resize((23, 18))
    rgb, grey, bilevel = rgba.convert("RGB"), rgba.convert("L"), rgba.convert("1")
    palette, cmyk, la = rgb.quantize(7), rgb.convert("CMYK"), rgba.convert("LA")
    lab, deep = PIL.Image.new("LAB", (9, 7), (90, 120, 140)), PIL.Image.new("I;16", (9, 7), 40000)
    wide, frames = rgb.resize((300, 200)), [rgb.rotate(90 * turn) for turn in range(3)]
    files = [
        *(_saved(image, "JPEG", quality=60) for image in (rgb, grey, cmyk, wide)),
        *(_saved(rgb, "JPEG", progressive=True, subsampling=subsampling) for subsampling in (0, 1, 2)),
        _saved(rgb, "JPEG", restart_marker_blocks=2, comment=b"a comment", icc_profile=b"\0" * 200),
        *(_saved(rgb, "JPEG", exif=_turned(orientation)) for orientation in range(1, 9)),
        *(_saved(image, "PNG") for image in (rgb, rgba, grey, la, bilevel, palette, deep)),
        _saved(palette, "PNG", transparency=3),
        _saved(palette, "PNG", transparency=bytes(range(0, 210, 30)), bits=4),
        _saved(rgb, "PNG", transparency=(1, 2, 3), exif=_turned(6), icc_profile=b"\0" * 200),
        _saved(grey, "PNG", transparency=9),
        _saved(rgb, "PNG", save_all=True, append_images=frames, exif=_turned(5)),
        _interlaced(),
        *(_saved(image, "WEBP", lossless=lossless) for image in (rgb, rgba) for lossless in (False, True)),
        *(_saved(rgba, "WEBP", exif=_turned(orientation)) for orientation in (3, 6)),
        _saved(rgb, "WEBP", save_all=True, append_images=frames),
        *(_saved(image, "TIFF") for image in (rgb, rgba, grey, la, bilevel, palette, cmyk, lab, deep)),
        *(_saved(rgb, "TIFF", compression=kind) for kind in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")),
        _saved(bilevel, "TIFF", compression="group4"),
        *(_saved(rgb, "TIFF", exif=_turned(orientation)) for orientation in (2, 5, 6, 8)),
        _saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={278: 4, ORIENTATION: 7}),  # strips of 4 rows
        _saved(rgb, "TIFF", save_all=True, append_images=frames),
        _saved(rgb, "TIFF", big_tiff=True),
        _tiled(),
        *(_saved(image, "BMP") for image in (rgb, rgba, grey, bilevel, palette)),
        _saved(palette, "BMP", bitmap_format="BMP"),
        _run_length_bmp(),
        *(_saved(image, "PPM") for image in (rgb, grey, bilevel)),
        b"P1\n# a comment\n3 2\n1 0 1\n0 1 0\n",
        b"P2\n3 2\n255\n1 2 3 4 5 255\n",
        b"P3\n2 1 15 1 2 3 4 5 6\n",
        b"P5 2 2 65535\n" + bytes(8),
    ]
    return tuple(files)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _interlaced() -> bytes:
    """Return a grey PNG file of 8x8 pixels in the seven passes of Adam7."""
    passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)]  # width and height of each
    rows = b"".join((b"\0" + bytes(range(40, 40 + width))) * height for width, height in passes)
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _tiled() -> bytes:
    """Return a grey TIFF file of 20x20 pixels in four tiles of 16x16."""
    tiles = 4
    entries = [(256, 20), (257, 20), (258, 8), (259, 1), (262, 1), (277, 1), (322, 16), (323, 16)]
    after = 8 + 2 + 12 * (len(entries) + 2) + 4
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    directory += struct.pack("<HHII", 324, 4, tiles, after) + struct.pack("<HHII", 325, 4, tiles, after + 4 * tiles)
    offsets = struct.pack("<4I", *(after + 8 * tiles + 256 * tile for tile in range(tiles)))
    counts = struct.pack("<4I", *[256] * tiles)
    start = b"II*\0" + struct.pack("<IH", 8, len(entries) + 2)
    return start + directory + bytes(4) + offsets + counts + bytes(range(256)) * tiles


def _run_length_bmp() -> bytes:
    """Return a BMP file of 4x2 pixels whose rows are written as runs."""
    palette, runs = bytes(range(16)), bytes([4, 1, 0, 0, 2, 2, 2, 3, 0, 1])
    start = 14 + 40 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, 8, 1, len(runs), 0, 0, 4, 0)
    return b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start) + header + palette + runs
