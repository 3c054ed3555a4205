"""Channels of files, how many and how deep: those that Pillow would clip or mistake are refused."""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

from augcli.image.lazy_imports import pillow
from augcli.image.pictures import jxls
from augcli.image.pictures.formats import Format
from augcli.problems import Unusable

_COLOURS = {0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3, 9: 3, 10: 3}
"""Channels by TIFF's photometric interpretation."""
_ALPHA = (1, 2, 999)  # associated, unassociated, and as Corel Draw writes it


def refuse_bands(file: BinaryIO, head: bytes, format: Format) -> None:
    """Refuse a file of more channels than colours and alpha, such as infrared, before Pillow drops or mistakes them."""
    bands = 0
    if format == "tiff":
        bands = _tiff_bands(file, head)
    elif format == "jp2":
        count = len(_jp2_depths(head))
        is_cmyk = b"colr\1\0\0\0\0\0\x0c" in head
        bands = 0 if count in (0, 1, 3) or is_cmyk or (count in (2, 4) and b"cdef" in head) else count
    if bands:
        what = f"{bands} bands, which are neither grey nor colours with alpha"
        raise Unusable(f"{what}; save the 1 or 3 that are wanted as a file of their own")


def _tiff_bands(file: BinaryIO, head: bytes) -> int:
    """Return the number of bands of a TIFF file if it has other ones than grey or colours, and alpha; else 0."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2  # dear to import

    try:
        tags = ImageFileDirectory_v2(head[:16] if head[2:4] in (b"+\0", b"\0+") else head[:8])
        file.seek(tags.next)
        tags.load(file)
        bands = int(tags.get(277, 1))
        colours = _COLOURS.get(tags.get(262, 1), bands)
        extra = tuple(tags.get(338, ()))
    except Exception:  # as for any broken header
        return 0
    finally:
        file.seek(0)
    beyond = bands - colours
    return bands if beyond > 1 or (beyond == 1 and extra[:1] not in [(kind,) for kind in _ALPHA]) else 0


def _jp2_depths(head: bytes) -> list[int]:
    """Return the bits of each component of a JPEG 2000 file."""
    at = head.find(b"\xff\x4f\xff\x51")
    if at < 0 or at + 42 > len(head):
        return []
    (count,) = struct.unpack_from(">H", head, at + 40)
    return [1 + (bits & 0x7F) for bits in head[at + 42 : at + 42 + 3 * count : 3]]


def _heif_depth(head: bytes) -> int:
    """Return the most bits that an AVIF or HEIC file says to have in a channel."""
    depths = [8]
    for box, place in ((b"av1C", 6), (b"hvcC", 21)):  # from the name of the box to the byte that tells
        at = head.find(box)
        while 0 <= at < len(head) - place:
            byte = head[at + place]
            depths.append((12 if byte & 0x20 else 10 if byte & 0x40 else 8) if box == b"av1C" else 8 + (byte & 7))
            at = head.find(box, at + 4)
    return max(depths)


def _pnm_white(head: bytes) -> int:
    """Return the number that stands for white in a PNM file of grey or colours; 0 where there is none."""
    words = re.sub(rb"#[^\r\n]*[\r\n]", b"", head).split(maxsplit=4)  # P6, width, height, white
    return int(words[3]) if words[0] not in (b"P1", b"P4") and len(words) > 3 and words[3].isdigit() else 0


def is_deep(image: pillow.Image, head: bytes, format: Format) -> bool:
    """Tell whether a file has more than 8 bits per channel."""
    if format == "png":
        if head[12:16] != b"IHDR":
            raise Unusable("damaged: the header of this PNG does not come first")
        return head[24] > 8
    if format == "tiff":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return bool(max(bits if isinstance(bits, tuple) else (bits,)) > 8)
    if format == "pnm":
        return image.mode.startswith("I") or _pnm_white(head) > 255
    if format in ("avif", "heic"):
        return _heif_depth(head) > 8
    if format == "jp2":
        return max(_jp2_depths(head), default=8) > 8
    if format == "jxl":
        return jxls.header(head).bits > 8 or image.mode.startswith("I")
    return image.mode.startswith("I") or image.mode == "F"
