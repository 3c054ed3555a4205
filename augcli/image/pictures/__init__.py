"""Files of pictures: their formats, headers, colours and alpha. Nothing else knows file formats.

Bytes become a `Picture`, upright, grey or RGB in sRGB, and a picture becomes bytes. The content tells the format, and
no decoder sees a path. A file that cannot be used raises `Unusable` in our own words: those of other libraries can
hold addresses.

Label images are read and written by `label_images`, which few need: it is imported by itself.

It imports `arrays`, `lazy_imports`, `native`, `process` and `transparency` of the image, and `augcli.settings`,
`problems` and `storage`.
"""

from __future__ import annotations

from augcli.image.pictures.decoding import decode, decode_truncated, upright
from augcli.image.pictures.encoding import encode, encode_like, flatten
from augcli.image.pictures.formats import (
    FORMATS,
    MAGIC_LENGTH,
    SUFFIX_OF,
    Format,
    format_by_suffix,
    format_of,
    name_of,
    suffix_for,
    written_format,
)
from augcli.image.pictures.headers import Header, peek, peek_into, read_header, refuse_size, stored_size
from augcli.image.pictures.limits import LONGEST_SIDE, limit_time
from augcli.image.pictures.profiles import colour_conversion, kept_profile

__all__ = [
    "FORMATS",
    "LONGEST_SIDE",
    "MAGIC_LENGTH",
    "SUFFIX_OF",
    "Format",
    "Header",
    "colour_conversion",
    "decode",
    "decode_truncated",
    "encode",
    "encode_like",
    "flatten",
    "format_by_suffix",
    "format_of",
    "kept_profile",
    "limit_time",
    "name_of",
    "peek",
    "peek_into",
    "read_header",
    "refuse_size",
    "stored_size",
    "suffix_for",
    "upright",
    "written_format",
]
