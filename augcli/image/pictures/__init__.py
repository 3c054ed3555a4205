"""The only package that knows file formats: reads upright, encodes, and writes whole or not at all.

Formats are told by content. Decoding never touches a path: bytes in, a `Picture` out. A file that cannot
be used raises `Unusable` in our own words; the words of other libraries can hold addresses.
"""

from __future__ import annotations

import logging

import cv2
import PIL.Image

from augcli.image.pictures.decoding import decode, decode_rest, upright
from augcli.image.pictures.encoding import encode, encode_alike, flatten
from augcli.image.pictures.formats import MAGIC_LENGTH, Format, format_of, suffix_for, written_format
from augcli.image.pictures.headers import Header, peek, read_header, refuse_size, stored_size
from augcli.image.pictures.limits import LONGEST_SIDE, limit_time
from augcli.image.pictures.profiles import kept, way
from augcli.image.process import where_ours
from augcli.storage.files import TEMPORARY, read, unread, write_whole

__all__ = [
    "LONGEST_SIDE",
    "MAGIC_LENGTH",
    "TEMPORARY",
    "Format",
    "Header",
    "decode",
    "decode_rest",
    "encode",
    "encode_alike",
    "flatten",
    "format_of",
    "kept",
    "limit_time",
    "peek",
    "read",
    "read_header",
    "refuse_size",
    "stored_size",
    "suffix_for",
    "unread",
    "upright",
    "way",
    "write_whole",
    "written_format",
]


@where_ours
def _rely_on_us() -> None:
    # The cap is ours, from the header, before anything is allocated.
    PIL.Image.MAX_IMAGE_PIXELS = None
    # What is wrong with a file is told in our own words, once.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    logging.getLogger("PIL").addHandler(logging.NullHandler())
