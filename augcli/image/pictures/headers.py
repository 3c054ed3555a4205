"""Headers: the size, orientation and profile of a picture, and what reading will convert, before any pixel."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import BinaryIO, NamedTuple

from augcli.image.arrays import Size
from augcli.image.lazy_imports import pillow
from augcli.image.pictures import icc, jpegs, jxls, pngs
from augcli.image.pictures.channels import is_deep, refuse_bands
from augcli.image.pictures.formats import Format, format_or_reason, open_by_pillow
from augcli.image.pictures.limits import LONGEST_SIDE, fits, time_limit
from augcli.problems import Unreachable, Unusable
from augcli.storage.files import regular, unread

_ORIENTATION, _INTEROPERABILITY = 0x0112, 0xA005
_HEAD = 256 * 1024
"""Bytes at the start of a JPEG file that nearly always hold its header."""


class Header(NamedTuple):
    """What a file says before its pixels: the upright size, and what reading will convert.

    `profile` says what the numbers mean, embedded or made of other tags; empty for sRGB and unknown ones. `plain` is
    what was found of a PNG file without surprises.
    """

    format: Format
    size: Size
    orientation: int
    mode: str
    converted: tuple[str, ...]
    profile: bytes = b""
    plain: pngs.Plain | None = None


def read_header(data: bytes, max_megapixels: float) -> Header:
    """Read the header of an image file. Raises `Unusable` for what is not to be decoded at all."""
    format = format_or_reason(data)
    found = _plain(data, format, max_megapixels)
    if found is not None:
        return found
    is_cut = False
    if format == "png":
        ended = pngs.with_end(data)
        is_cut, data = ended is not None, ended or data
    late = format == "png" and not pngs.ends_with_pixels(data)
    return _header(io.BytesIO(data), data[:_HEAD], format, max_megapixels, late, is_cut)


def peek(path: str, max_megapixels: float) -> Header:
    """Read the header of a picture in a file, as `peek_into` does. Raises `Unusable`."""
    with regular(path) as file:
        return peek_into(file, max_megapixels)


def peek_into(file: BinaryIO, max_megapixels: float) -> Header:
    """Read the header of a picture, and hardly more. Raises `Unusable` as `read_header` does.

    Damage behind the header goes unseen, and so does an orientation that a PNG file has behind its pixels.
    """
    try:
        head = file.read(_HEAD)
        format = format_or_reason(head)
        found = _plain(head, format, max_megapixels)
        if found is not None:
            return found
        file.seek(0)
        return _header(file, head, format, max_megapixels)
    except Unreachable:
        raise
    except OSError as error:
        raise unread(error) from None


def stored_size(data: bytes) -> Size:
    """Return the size of an image as its file stores it, orientation aside. Raises `Unusable` if it is none."""
    format = format_or_reason(data)
    if format == "jxl":
        return jxls.header(data).size
    return Size(*open_by_pillow(io.BytesIO(data), format).size)


def _plain(data: bytes, format: Format, max_megapixels: float) -> Header | None:
    """Read what most JPEG and PNG files say, without Pillow; None for others, and for those that are too large."""
    if format == "png":
        png = pngs.plain(data)
        return Header("png", png.size, 1, png.mode, (), b"", png) if png and fits(*png.size, max_megapixels) else None
    plain = jpegs.plain_header(data) if format == "jpeg" else None
    if plain is None or not fits(*plain.size, max_megapixels):
        return None
    return Header("jpeg", plain.size, 1, plain.mode, (), plain.profile)


def _header(
    file: BinaryIO, head: bytes, format: Format, max_megapixels: float, late: bool = False, is_cut: bool = False
) -> Header:
    """Return what Pillow finds in a header; `late` also in what a PNG file has behind its pixels."""
    refuse_bands(file, head, format)
    if format == "jxl":  # which is decoded when it is opened
        refuse_size(*jxls.header(head).size, max_megapixels)
    with time_limit(max_megapixels if format == "jxl" else 0):
        image = open_by_pillow(file, format)
    width, height = image.size
    refuse_size(width, height, max_megapixels)
    if width < 1 or height < 1:
        raise Unusable("damaged: the image has no pixels")
    tile = tile_size(image) if format == "tiff" else (0, 0)
    if not fits(*tile, max_megapixels):
        what = f"its tiles of {tile[0]}x{tile[1]} are too large"
        raise Unusable(f"{what}; `max_megapixels` is {max_megapixels:g}, a side {LONGEST_SIDE}")
    if is_deep(image, head, format):
        raise Unusable("more than 8 bits per channel, which would be clipped; convert it to 8 bits first")
    converted = []
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        converted.append(image.mode.lower())
    if image.mode in ("P", "PA"):
        converted.append("palette")
    if image.mode == "1":
        converted.append("bilevel")
    try:
        # Pillow turns TIFF upright itself. What a PNG file has behind its pixels is known once they are loaded.
        with time_limit(width * height / 1e6):
            exif = image.getexif() if late else pillow.Image.getexif(image)
            orientation = int(exif.get(_ORIENTATION, 1)) if _is_turned_by_exif(image, format) else 1
            several = _is_animated(image, head, format)
    except Exception:
        if format == "png" and not is_cut:
            raise Unusable("damaged: this PNG cannot be decoded to its end") from None
        orientation, several = 1, False
    if several and format == "webp" and not fits(width, height, max_megapixels / 4):
        # Pillow takes 20 bytes for each pixel of the canvas, whatever the frames hold
        raise Unusable(f"{width}x{height} is too large for several frames; a quarter of `max_megapixels` is the most")
    if not 1 <= orientation <= 8:
        orientation = 1
    if orientation != 1:
        converted.append("exif")
    if several:
        converted.append("first frame")
    if orientation >= 5 and format != "tiff":
        width, height = height, width
    profile = _profile(image, head, format)
    return Header(format, Size(width, height), orientation, image.mode, tuple(converted), profile)


def refuse_size(width: int, height: int, max_megapixels: float) -> None:
    """Raise `Unusable` for an image that is larger than a spec allows."""
    if not fits(width, height, max_megapixels):
        raise Unusable(f"{width}x{height} is too large; `max_megapixels` is {max_megapixels:g}, a side {LONGEST_SIDE}")


def _is_turned_by_exif(image: pillow.Image, format: Format) -> bool:
    """Tell whether a decoder leaves it to us: that of HEIC never does, nor JPEG XL's but for JPEG files inside."""
    return format not in ("bmp", "heic", "jxl") or (format == "jxl" and bool(getattr(image, "jpeg", False)))


def _is_animated(image: pillow.Image, head: bytes, format: Format) -> bool:
    """Tell whether there are more pictures; a JPEG file's are previews and other eyes, which nobody misses."""
    if format == "jxl":
        return jxls.header(head).is_animated
    return format != "jpeg" and bool(getattr(image, "is_animated", False))


def _profile(image: pillow.Image, head: bytes, format: Format) -> bytes:
    """Return the profile of a file's numbers, embedded or made of other tags; empty for sRGB and unknown ones."""
    embedded = image.info.get("icc_profile")
    embedded = embedded if isinstance(embedded, bytes) else b""
    if format == "png":
        return pngs.colours(head, embedded)
    if format == "bmp":
        return _of_bmp(head)
    if format in ("avif", "heic", "jp2") and not embedded:
        return _of_boxes(head)
    if not embedded and b"R03" in image.info.get("exif", b""):  # as cameras tell of Adobe RGB
        with contextlib.suppress(Exception):  # as for the orientation
            if image.getexif().get_ifd(_INTEROPERABILITY).get(1) == "R03":
                return icc.adobe_rgb()
    return embedded


def _of_bmp(head: bytes) -> bytes:
    """Return the profile that the fifth version of BMP's header may point to."""
    if len(head) < 138 or head[14] != 124 or head[70:74] != b"DEBM":
        return b""
    start, length = struct.unpack_from("<II", head, 126)
    return head[14 + start : 14 + start + length]


def _of_boxes(head: bytes) -> bytes:
    """Return what a `colr` box says where Pillow reads none: a profile, or code points."""
    at = head.find(b"colr")
    if at < 4:
        return b""
    content = head[at + 4 : at - 4 + int.from_bytes(head[at - 4 : at], "big")]
    if content[:4] == b"nclx" and len(content) >= 11:
        return icc.by_code_points(*struct.unpack_from(">HH", content, 4))
    if content[:4] in (b"prof", b"rICC"):
        return content[4:]
    return content[3:] if content[:1] == b"\2" else b""


def tile_size(image: pillow.Image) -> tuple[int, int]:
    """Return the size of the pieces that a TIFF file is decoded in; the image itself may be far smaller."""
    width, height = (image.tag_v2.get(tag, 0) for tag in (322, 323))  # type: ignore[attr-defined]
    return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)
