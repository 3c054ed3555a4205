"""Formats of files: the first bytes that tell them, their names and suffixes, and how Pillow opens them."""

from __future__ import annotations

import importlib
import re
from typing import BinaryIO, Literal, NamedTuple, TypeAlias, get_args

from augcli.image.lazy_imports import pillow
from augcli.problems import Unusable

Format: TypeAlias = Literal["jpeg", "png", "webp", "tiff", "bmp", "pnm", "gif", "avif", "heic", "jp2", "jxl"]

FORMATS: tuple[Format, ...] = get_args(Format)

MAGIC_LENGTH = 64

_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (rb"\xff\xd8\xff", "jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "png"),
    (rb"(?s)RIFF....WEBP", "webp"),
    (rb"II[*+]\0|MM\0[*+]", "tiff"),
    # .dib files lack the first of both headers
    (rb"(?s)BM|\x28\0\0\0.{8}\x01\0[\x01\x04\x08\x10\x18\x20]\0", "bmp"),
    (rb"P[1-6]\s", "pnm"),
    (rb"GIF8[79]a", "gif"),
    (rb"(?s)....ftyp(?:....){0,12}?avi[fs]", "avif"),  # the brand, or one that it is compatible with
    (rb"(?s)....ftyp(?:....){0,12}?(?:he[iv][cxms]|mif1|msf1)", "heic"),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "jp2"),
    (rb"\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a", "jxl"),
)

_NOT_IMAGES: tuple[tuple[bytes, str], ...] = (
    (rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)", "a web page, not an image"),
    (rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!--)", "an SVG drawing or other XML, not pixels"),
    (rb"version https://git-lfs", "a pointer of Git LFS; `git lfs pull` fetches the image"),
    (rb"%PDF-", "a PDF document, not an image"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing, not pixels"),
    (rb"8BPS", "a Photoshop document, which is not read; export it as PNG"),
    (rb"v/1\x01", "OpenEXR, which is not read; convert it to 8 bits first"),
    (rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b", "an archive, not an image; unpack it first"),
    (rb"(?s)....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI ", "a film, not an image"),
    (rb"\s*[{\[]\s*[\"{\[]", "a JSON text, not an image"),
)
_NO_IMAGE = "not an image: neither JPEG, PNG, WebP, TIFF, BMP, PNM, GIF, AVIF, HEIC, JPEG 2000, JPEG XL"


class _Support(NamedTuple):
    """The names of a format, in messages and in Pillow; the plugin and the extra that read it, or the feature."""

    name: str
    pillow: str
    plugin: str = ""
    extra: str = ""
    feature: str = ""


_FORMATS: dict[Format, _Support] = {
    "jpeg": _Support("JPEG", "JPEG"),
    "png": _Support("PNG", "PNG"),
    "webp": _Support("WebP", "WEBP"),
    "tiff": _Support("TIFF", "TIFF"),
    "bmp": _Support("BMP", "BMP DIB"),
    "pnm": _Support("PNM", "PPM"),
    "gif": _Support("GIF", "GIF"),
    "avif": _Support("AVIF", "AVIF", feature="avif"),
    "heic": _Support("HEIC", "HEIF", "pillow_heif", "heic"),
    "jp2": _Support("JPEG 2000", "JPEG2000", feature="jpg_2000"),
    "jxl": _Support("JPEG XL", "JXL", "pillow_jxl", "jxl"),
}

_SUFFIXES = {
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "npy": (".npy",),
}
"""Suffixes of the formats that are written, the usual one first; a source keeps any of them."""


_OF_SUFFIX: dict[str, Format] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg"), "jpeg"),
    **dict.fromkeys((".png", ".apng"), "png"),
    ".webp": "webp",
    **dict.fromkeys((".tif", ".tiff"), "tiff"),
    **dict.fromkeys((".bmp", ".dib"), "bmp"),
    **dict.fromkeys((".ppm", ".pgm", ".pbm", ".pnm"), "pnm"),
    ".gif": "gif",
    ".avif": "avif",
    **dict.fromkeys((".heic", ".heif", ".hif"), "heic"),
    **dict.fromkeys((".jp2", ".j2k", ".j2c"), "jp2"),
    ".jxl": "jxl",
}

SUFFIX_OF: dict[str, str] = {format: suffix for suffix, format in reversed(_OF_SUFFIX.items())}
"""The usual suffix of files of each format."""


def format_by_suffix(suffix: str) -> Format | None:
    """Tell the format that a suffix promises, for a file that is not opened; None if it is none that is read."""
    return _OF_SUFFIX.get(suffix.lower())


def format_of(start: bytes) -> Format | None:
    """Tell the format from a file's first bytes; None if it is none that is read."""
    return next((name for magic, name in _MAGIC if re.match(magic, start)), None)


def format_or_reason(start: bytes) -> Format:
    """Tell the format from a file's first bytes. Raises `Unusable`, which says what it is instead."""
    if not start:
        raise Unusable("the file is empty")
    format = format_of(start)
    if format is None:
        raise Unusable(next((words for magic, words in _NOT_IMAGES if re.match(magic, start)), _NO_IMAGE))
    return format


def name_of(format: Format) -> str:
    """Return what a format is called in messages."""
    return _FORMATS[format].name


def written_format(source: str, wanted: str) -> str:
    """Return the format of the output for a source's format and the spec's `output.format`.

    What training code does not read becomes what it does: photos JPEG, pictures without loss PNG.
    """
    if wanted != "source":
        return wanted
    if source in ("avif", "heic", "jp2", "jxl"):
        return "jpeg"
    return "png" if source in ("bmp", "pnm", "gif") else source


def suffix_for(format: str, present: str) -> str:
    """Return the file suffix for a format: the present one where it fits."""
    return present if present.lower() in _SUFFIXES[format] else _SUFFIXES[format][0]


def open_by_pillow(file: BinaryIO, format: Format) -> pillow.Image:
    """Let Pillow read a header of this format alone. Raises `Unusable`, also where a plugin is missing."""
    known = _FORMATS[format]
    if known.feature:
        from PIL import features

        if not features.check(known.feature):
            raise Unusable(f"{known.name}, which this Pillow cannot read; pip install --upgrade pillow")
    if known.plugin:
        _load_plugin(known)
    try:
        return pillow.open(file, formats=known.pillow.split())
    except Exception:  # Pillow raises nine kinds of errors for broken headers
        raise Unusable(f"damaged, or of a rare kind: the header of this {known.name} cannot be read") from None


def _load_plugin(known: _Support) -> None:
    """Import a plugin of Pillow when a file needs it; one of them does not register by itself."""
    try:
        plugin = importlib.import_module(known.plugin)
    except ImportError:
        raise Unusable(f"{known.name}, which needs a plugin: pip install 'augcli[{known.extra}]'") from None
    if known.plugin == "pillow_heif":
        plugin.register_heif_opener()
