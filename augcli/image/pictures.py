"""The only module that knows file formats: reads upright, encodes, and writes whole or not at all.

Formats are told by content. Decoding never touches a path: bytes in, a `Picture` out. A file that cannot
be used raises `Unusable` in our own words; the words of other libraries can hold addresses.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import re
import signal
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

import cv2
import numpy as np
import PIL.Image
import simplejpeg

from augcli.image.arrays import Image, Picture, Size, as_colour, with_channels
from augcli.kinds import Colour
from augcli.problems import Unusable

Format: TypeAlias = Literal["jpeg", "png", "webp", "tiff", "bmp", "pnm"]

_MAGIC: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (re.compile(rb"BM"), "bmp"),
    (re.compile(rb"P[1-6]\s"), "pnm"),
)
_PILLOW = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF", "bmp": "BMP", "pnm": "PPM"}
MAGIC_LENGTH = 16
SUFFIX = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "tiff": ".tif", "npy": ".npy"}
_SUFFIXES = {
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "npy": (".npy",),
}
LONGEST_SIDE = 32766  # OpenCV counts warped pixels in 16 bits
_NO_IMAGE = "not an image: the content is neither JPEG, PNG, WebP, BMP, TIFF nor PNM"
_ORIENTATION = 0x0112
_LONGEST_WEBP = 16383
TEMPORARY = ".augcli-"
_HEAD = 256 * 1024
"""Bytes at the start of a JPEG file that nearly always hold its header."""
_LARGEST_FILE = 512 << 20  # 100 megapixels with alpha take 400 MB where nothing is compressed
_STRIP = 1 << 22
"""Pixels that are taken from Pillow at a time."""

# The cap is ours, from the header, before anything is allocated.
PIL.Image.MAX_IMAGE_PIXELS = None
# What is wrong with a file is told in our own words, once.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
logging.getLogger("PIL").addHandler(logging.NullHandler())


SLOWEST = 5.0
"""Seconds of processor time that a picture may take to be opened, and a twentieth more for each megapixel."""

_seconds = 0.0  # no limit, but in a process that may be lost


def limit_time() -> None:
    """End this process by SIGPROF where a picture takes longer than `SLOWEST`; decoders cannot be stopped otherwise."""
    global _seconds
    _seconds = SLOWEST


@contextmanager
def _limited(megapixels: float = 0.0) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, _seconds * (1 + megapixels / (20 * SLOWEST)))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class Header(NamedTuple):
    """What is known before any pixel: the upright size, and which conversions reading will do."""

    format: Format
    size: Size
    orientation: int
    mode: str
    converted: tuple[str, ...]


def read(path: str) -> bytes:
    """Read a regular file. Raises `Unusable` if it is none or cannot be read."""
    with _regular(path) as file:
        if os.fstat(file.fileno()).st_size > _LARGEST_FILE:
            raise Unusable(f"a file of more than {_LARGEST_FILE >> 20} MB, which no image that is read needs")
        try:
            return file.read()
        except OSError as error:
            raise _unread(error) from None


def _regular(path: str) -> io.FileIO:
    """Open a regular file, without waiting for what is none. Raises `Unusable` if it is none or cannot be opened."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unread(error) from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Unusable("not a regular file")
    return io.FileIO(file)


def _unread(error: OSError) -> Unusable:
    return Unusable(f"cannot be read ({(error.strerror or 'unknown').lower()})")


def format_of(start: bytes) -> Format | None:
    """Tell the format from a file's first bytes; None if it is none that is read."""
    return next((name for magic, name in _MAGIC if magic.match(start)), None)


def written_format(source: str, wanted: str) -> str:
    """Return the format of the output for a source's format and the spec's `output.format`."""
    if wanted != "source":
        return wanted
    return "png" if source in ("bmp", "pnm") else source


def suffix_for(format: str, present: str) -> str:
    """Return the file suffix for a format: the present one where it fits."""
    return present if present.lower() in _SUFFIXES[format] else SUFFIX[format]


def _open(file: BinaryIO, format: Format) -> PIL.Image.Image:
    try:
        return PIL.Image.open(file, formats=[_PILLOW[format]])
    except Exception:  # Pillow raises nine kinds of errors for broken headers
        raise Unusable(f"damaged, or of a rare kind: the header of this {format.upper()} cannot be read") from None


def read_header(data: bytes, max_megapixels: float) -> Header:
    """Read the header of an image file. Raises `Unusable` for what is not to be decoded at all."""
    if not data:
        raise Unusable("the file is empty")
    format = format_of(data)
    if format is None:
        raise Unusable(_NO_IMAGE)
    plain = _plain_jpeg(data) if format == "jpeg" else None
    if plain is not None and _fits(*plain.size, max_megapixels):
        return plain
    late = format == "png" and not _ends_with_pixels(data)
    return _header(io.BytesIO(data), data[:_HEAD], format, max_megapixels, late)


def peek(path: str, max_megapixels: float) -> Header:
    """Read the header of a picture in a file, and hardly more. Raises `Unusable` as `read_header` does.

    Damage behind the header goes unseen, and so does an orientation that a PNG file has behind its pixels.
    """
    with _regular(path) as file:
        try:
            head = file.read(_HEAD)
            if not head:
                raise Unusable("the file is empty")
            format = format_of(head)
            if format is None:
                raise Unusable(_NO_IMAGE)
            plain = _plain_jpeg(head) if format == "jpeg" else None
            if plain is not None and _fits(*plain.size, max_megapixels):
                return plain
            file.seek(0)
            return _header(file, head, format, max_megapixels)
        except OSError as error:
            raise _unread(error) from None


def _header(file: BinaryIO, head: bytes, format: Format, max_megapixels: float, late: bool = False) -> Header:
    """Return what Pillow finds in a header; `late` also in what a PNG file has behind its pixels."""
    with _limited():
        image = _open(file, format)
    width, height = image.size
    if not _fits(width, height, max_megapixels):
        raise Unusable(f"{width}x{height} is too large; `max_megapixels` is {max_megapixels:g}, a side {LONGEST_SIDE}")
    if width < 1 or height < 1:
        raise Unusable("damaged: the image has no pixels")
    tile = _tile(image) if format == "tiff" else (0, 0)
    if not _fits(*tile, max_megapixels):
        what = f"its tiles of {tile[0]}x{tile[1]} are too large"
        raise Unusable(f"{what}; `max_megapixels` is {max_megapixels:g}, a side {LONGEST_SIDE}")
    if _is_deep(image, head, format):
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
        with _limited(width * height / 1e6):
            exif = image.getexif() if late else PIL.Image.Image.getexif(image)
            orientation = int(exif.get(_ORIENTATION, 1)) if format != "bmp" else 1
            several = format != "jpeg" and bool(getattr(image, "is_animated", False))
    except Exception:
        if format == "png":
            raise Unusable("damaged: this PNG cannot be decoded to its end") from None
        orientation, several = 1, False
    if several and format == "webp" and not _fits(width, height, max_megapixels / 4):
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
    return Header(format, Size(width, height), orientation, image.mode, tuple(converted))


def _tile(image: PIL.Image.Image) -> tuple[int, int]:
    """Return the size of the pieces that a TIFF file is decoded in; the image itself may be far smaller."""
    width, height = (image.tag_v2.get(tag, 0) for tag in (322, 323))  # type: ignore[attr-defined]
    return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)


def _fits(width: int, height: int, max_megapixels: float) -> bool:
    return width * height <= max_megapixels * 1e6 and max(width, height) <= LONGEST_SIDE


def _ends_with_pixels(png: bytes) -> bool:
    """Tell whether nothing but its end is behind the pixels of a PNG file."""
    at = png.find(b"IDAT") - 4
    while 0 <= at <= len(png) - 12:
        length, kind = _PNG_CHUNK.unpack_from(png, at)
        if kind != b"IDAT":
            return bool(kind == b"IEND")
        at += length + 12
    return False


_PNG_CHUNK = struct.Struct(">I4s")
_SEGMENT = struct.Struct(">BBH")
_FRAME = struct.Struct(">BHHB")
_UNUSUAL = frozenset((0xE1, 0xE2, 0xEE, 0xC3, 0xC5, 0xC6, 0xC7, *range(0xC8, 0xCC), 0xCD, 0xCE, 0xCF))
"""Segments of EXIF, of several pictures, of Adobe's colours, and of rare ways to code."""


def _plain_jpeg(data: bytes) -> Header | None:
    """Return the header of an 8-bit grey or YCbCr JPEG file without EXIF, in a tenth of Pillow's time; else None."""
    at, header = 2, None
    while data[:4] == b"\xff\xd8\xff\xe0" and at + 10 <= len(data):
        start, kind, length = _SEGMENT.unpack_from(data, at)
        if kind == 0xDA:  # here the pixels begin
            return header
        if start != 0xFF or kind in _UNUSUAL or not 0xC0 <= kind <= 0xFE or length < 2:
            return None
        if kind in (0xC0, 0xC1, 0xC2):
            bits, height, width, channels = _FRAME.unpack_from(data, at + 4)
            if header or bits != 8 or not width or not height or channels not in (1, 3):
                return None
            header = Header("jpeg", Size(width, height), 1, "L" if channels == 1 else "RGB", ())
        at += 2 + length
    return None


def stored_size(data: bytes) -> Size:
    """Return the size of an image as its file stores it, orientation aside. Raises `Unusable` if it is none."""
    if not data:
        raise Unusable("the file is empty")
    format = format_of(data)
    if format is None:
        raise Unusable(_NO_IMAGE)
    return Size(*_open(io.BytesIO(data), format).size)


def _is_deep(image: PIL.Image.Image, head: bytes, format: Format) -> bool:
    if format == "png":
        if head[12:16] != b"IHDR":
            raise Unusable("damaged: the header of this PNG does not come first")
        return head[24] > 8
    if format == "tiff":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return bool(max(bits if isinstance(bits, tuple) else (bits,)) > 8)
    if format == "pnm":
        args = image.tile[0][3] if image.tile else ()  # type: ignore[attr-defined]
        return image.mode.startswith("I") or any(isinstance(arg, int) and arg > 255 for arg in tuple(args or ()))
    return image.mode.startswith("I") or image.mode == "F"


def decode(data: bytes, header: Header, pitch: int = 1) -> Picture:
    """Decode an image upright: greyscale stays (H, W, 1), everything else becomes RGB, alpha is kept.

    With a `pitch` of 2, 4 or 8 a JPEG file may come out smaller by that, rounded up; the picture says whether.

    Raises `Unusable` for anything damaged, truncated files included.
    """
    with _limited(header.size.width * header.size.height / 1e6):
        return _decode(data, header, pitch)


def _decode(data: bytes, header: Header, pitch: int) -> Picture:
    if header.format == "jpeg" and header.mode in ("L", "RGB"):
        width, height = header.size if header.orientation < 5 else header.size[::-1]
        while header.orientation != 1 and (width % pitch or height % pitch):
            pitch //= 2  # a last pixel that is only half there would come first
        least = {"min_height": -(-height // pitch), "min_width": -(-width // pitch)} if pitch > 1 else {}
        try:
            image = simplejpeg.decode_jpeg(data, "GRAY" if header.mode == "L" else "RGB", strict=True, **least)
        except ValueError:
            pass  # Pillow decides whether it is damaged or only unusual
        else:
            assert not least or image.shape[:2] == (least["min_height"], least["min_width"])
            return Picture(upright(image, header.orientation), pitch=pitch)
    if header.format == "webp" and "first frame" not in header.converted:
        found = _webp(data, header)  # of the same library, but Pillow holds four copies
        if found is not None:
            return found
    try:
        opened = _open(io.BytesIO(data), header.format)
        with _silent() if header.format == "tiff" else contextlib.nullcontext():
            opened.load()
        picture = _from_pillow(opened)
        del opened  # its pixels are no longer wanted, and to turn a picture takes two
        if header.format == "tiff":  # Pillow has turned it already
            return picture
        alpha = picture.alpha if picture.alpha is None else upright(picture.alpha, header.orientation)
        return Picture(upright(picture.image, header.orientation), alpha)
    except Unusable:
        raise
    except MemoryError:
        raise Unusable("not enough memory to decode it") from None
    except Exception:  # see _open
        raise Unusable(f"damaged: this {header.format.upper()} cannot be decoded to its end") from None


@contextmanager
def _silent() -> Iterator[None]:
    """Let libtiff say nothing to the terminal, which it does by itself."""
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _webp(data: bytes, header: Header) -> Picture | None:
    """Decode a WebP file of one frame with OpenCV; None where that does not give what the header says."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    width, height = header.size if header.orientation < 5 else header.size[::-1]
    if image is None or image.shape != (height, width, len(header.mode)):
        return None
    if header.mode == "RGB":
        return Picture(upright(with_channels(cv2.cvtColor(image, cv2.COLOR_BGR2RGB, image)), header.orientation))
    alpha = with_channels(cv2.extractChannel(image, 3))
    colours = with_channels(cv2.cvtColor(image, cv2.COLOR_BGRA2RGB))
    return Picture(upright(colours, header.orientation), upright(alpha, header.orientation))


def _from_pillow(image: PIL.Image.Image) -> Picture:
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    grey = image.mode in ("L", "LA", "La", "1")
    target = ("LA" if has_alpha else "L") if grey else ("RGBA" if has_alpha else "RGB")
    width, height = image.size
    colours = np.empty((height, width, 1 if grey else 3), np.uint8)
    alpha = np.empty((height, width, 1), np.uint8) if has_alpha else None
    rows = max(1, _STRIP // max(width, 1))  # Pillow copies at each step, and a picture at the limit is large
    for top in range(0, height, rows):
        strip = image if rows >= height else image.crop((0, top, width, min(height, top + rows)))
        values = with_channels(np.asarray(strip if strip.mode == target else strip.convert(target)))
        colours[top : top + rows] = values[:, :, : colours.shape[2]]
        if alpha is not None:
            alpha[top : top + rows] = values[:, :, -1:]
    return Picture(colours, alpha)


def upright(image: Image, orientation: int) -> Image:
    """Undo an EXIF orientation (1 to 8)."""
    code = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if orientation >= 5:
        image = with_channels(cv2.transpose(image))
        # flipped where it is: a third copy of a large picture would be one too many
        return image if code is None else with_channels(cv2.flip(image, code, image))
    return image if code is None else with_channels(cv2.flip(image, code))


def flatten(picture: Picture, background: Colour) -> Picture:
    """Lay a picture with alpha over a background colour."""
    if picture.alpha is None:
        return picture
    image = picture.image if len(set(background)) == 1 else as_colour(picture.image)
    behind = np.array(background[: image.shape[2]], dtype=np.float32)
    laid = np.empty_like(image)
    rows = max(1, _STRIP // image.shape[1])
    for top in range(0, image.shape[0], rows):
        share = picture.alpha[top : top + rows].astype(np.float32) / np.float32(255)
        laid[top : top + rows] = np.rint(image[top : top + rows] * share + behind * (1 - share))
    return Picture(laid)


def encode(picture: Picture, format: str, quality: int, subsampling: str, optimize: bool) -> bytes:
    """Encode a picture as a whole file. JPEG and NPY take no alpha: flatten first; NPY is float32 (H, W, 3)."""
    if format == "npy":
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(as_colour(picture.image), np.float32))
        return buffer.getvalue()
    image, alpha = np.ascontiguousarray(picture.image), picture.alpha
    if format == "webp" and max(picture.size) > _LONGEST_WEBP:
        width, height = picture.size
        raise Unusable(f"{width}x{height} is too large for WebP, which ends at a side of {_LONGEST_WEBP}")
    if format == "jpeg":  # simplejpeg is a tenth faster, but up to quality 95 with a coarser DCT, whatever it is told
        bgr = image if image.shape[2] == 1 else with_channels(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{subsampling.replace(':', '')}")
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        return _by_opencv(".jpg", bgr, [*options, cv2.IMWRITE_JPEG_OPTIMIZE, int(optimize)])
    if format == "png" and (alpha is None or image.shape[2] == 3):
        if image.shape[2] == 3:
            code = cv2.COLOR_RGB2BGR if alpha is None else cv2.COLOR_RGB2BGRA
            image = with_channels(cv2.cvtColor(image, code))
            if alpha is not None:
                image[:, :, 3:] = alpha
        return _by_opencv(".png", image, [])
    channels = image if alpha is None else np.concatenate([image, alpha], axis=2)
    pillow = PIL.Image.fromarray(channels[:, :, 0] if channels.shape[2] == 1 else channels)
    buffer = io.BytesIO()
    if format == "webp":
        pillow.save(buffer, "WEBP", quality=quality)
    elif format == "tiff":
        pillow.save(buffer, "TIFF", compression="tiff_adobe_deflate")
    else:
        pillow.save(buffer, "PNG")
    return buffer.getvalue()


def _by_opencv(suffix: str, image: Image, options: list[int]) -> bytes:
    done, encoded = cv2.imencode(suffix, image, options)
    assert done, "OpenCV encodes any image of bytes"
    return encoded.tobytes()


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


def _opened(out: str, name: str) -> int:
    for _ in range(5):  # another worker may be removing the folder while it is empty
        try:
            return os.open(os.path.join(out, name), _NEW, 0o666)
        except FileNotFoundError:
            _make_folders(out, os.path.dirname(name))
    return os.open(os.path.join(out, name), _NEW, 0o666)


def _make_folders(out: str, name: str) -> None:
    """Make the folders of a name, those that are missing, but never `out` itself: who removed that had a reason."""
    made = out
    for part in name.split("/") if name else ():
        made = os.path.join(made, part)
        with contextlib.suppress(FileExistsError):
            os.mkdir(made)


def write_whole(out: str, name: str, data: bytes) -> None:
    """Give the file `name` of the folder `out` these bytes, all or none: a temporary file beside it, then a rename.

    Folders that are missing below `out` are made. Raises OSError that names the file, or `out` where that is missing;
    the temporary file is removed.
    """
    folder, base = os.path.split(name)
    short = hashlib.blake2b(os.fsencode(base), digest_size=8).hexdigest()
    temporary = os.path.join(folder, TEMPORARY + short)
    try:
        file = _opened(out, temporary)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
        finally:
            os.close(file)
        os.replace(os.path.join(out, temporary), os.path.join(out, name))
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(out, temporary))
        where = os.path.join(out, name) if os.path.isdir(out) else out
        raise OSError(error.errno, error.strerror, where) from None
