"""Bytes become a picture: upright, grey or RGB in sRGB, with alpha where there is one."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Iterator

import numpy as np
import simplejpeg

from augcli.image.arrays import Image, Picture, with_channels
from augcli.image.lazy_imports import cv2, pillow
from augcli.image.pictures import jpegs, pngs
from augcli.image.pictures.formats import name_of, open_by_pillow
from augcli.image.pictures.headers import Header
from augcli.image.pictures.limits import STRIP, time_limit
from augcli.image.pictures.profiles import ColorProfiles, ColourConversion, colour_conversion
from augcli.image.process import is_ours
from augcli.problems import Unusable


def decode(data: bytes, header: Header, pitch: int = 1, profiles: ColorProfiles = "convert") -> Picture:
    """Decode an image upright: greyscale stays (H, W, 1), everything else becomes RGB, alpha is kept.

    With a `pitch` of 2, 4 or 8 a JPEG file may come out smaller by that, rounded up; the picture says whether.
    A file that lacks its end marker alone is whole.

    Raises `Unusable` for anything damaged, truncated files included.
    """
    with time_limit(header.size.width * header.size.height / 1e6):
        try:
            return _decode(data, header, pitch, profiles)
        except Unusable:
            ended = _with_end(data, header)
            if ended is None:
                raise
            if header.format == "jpeg" and not _is_whole(ended, header):
                raise _cut_off(header) from None
            try:
                return _decode(ended, header, pitch, profiles)
            except Unusable:
                raise _cut_off(header) from None


_lenient = threading.Lock()


def decode_truncated(data: bytes, header: Header, pitch: int = 1, profiles: ColorProfiles = "convert") -> Picture:
    """Decode what is there of a file that `decode` refuses because it is cut off; the missing pixels may be anything.

    Raises `Unusable` for files that are damaged otherwise.
    """
    from PIL import ImageFile

    if header.format in ("jpeg", "png"):
        ended = _with_end(data, header)
        if ended is None:
            raise Unusable(_damaged(header))
        data = ended
    # under a lock, or one thread would leave behind what another has set
    with time_limit(header.size.width * header.size.height / 1e6), _lenient:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            return _decode(data, header, pitch, profiles, strict=False)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _with_end(data: bytes, header: Header) -> bytes | None:
    if header.format == "jpeg":
        return jpegs.with_end(data)
    return pngs.with_end(data) if header.format == "png" else None


def _is_whole(ended: bytes, header: Header) -> bool:
    """Tell whether a JPEG file whose end marker was missing has every row: decoders warn where bits run out."""
    if ended.endswith(bytes(8), 0, -2) or not jpegs.has_all_scans(ended):  # zeros: space that was never written
        return False
    try:
        simplejpeg.decode_jpeg(ended, {"L": "GRAY", "CMYK": "CMYK"}.get(header.mode, "RGB"), strict=True)
    except ValueError:
        return False
    return True


def _cut_off(header: Header) -> Unusable:
    what = f"cut off: this {name_of(header.format)} ends before its pixels do"
    return Unusable(f"{what}; `input: {{truncated: accept}}` reads what is there")


def _damaged(header: Header) -> str:
    return f"damaged: this {name_of(header.format)} cannot be decoded to its end"


def _decode(data: bytes, header: Header, pitch: int, profiles: ColorProfiles, strict: bool = True) -> Picture:
    change = colour_conversion(header.profile, header.mode, profiles)
    if header.format == "jpeg" and header.mode in ("L", "RGB"):
        width, height = header.size if header.orientation < 5 else header.size[::-1]
        while header.orientation != 1 and (width % pitch or height % pitch):
            pitch //= 2  # a last pixel that is only half there would come first
        least = {"min_height": -(-height // pitch), "min_width": -(-width // pitch)} if pitch > 1 else {}
        try:
            image = simplejpeg.decode_jpeg(data, "GRAY" if header.mode == "L" else "RGB", strict=strict, **least)
        except ValueError:
            pass  # Pillow decides whether it is damaged or only unusual
        else:
            assert not least or image.shape[:2] == (least["min_height"], least["min_width"])
            return change.apply(Picture(upright(image, header.orientation), pitch=pitch))
    if header.plain is not None and strict:
        pixels = pngs.plain_pixels(data, header.plain)
        if pixels is not None:
            return change.apply(_split(pixels))
    if header.format == "webp" and "first frame" not in header.converted:
        found = _webp(data, header)  # of the same library, but Pillow holds four copies
        if found is not None:
            return change.apply(found)
    try:
        opened = open_by_pillow(io.BytesIO(data), header.format)
        with _quiet_libtiff() if header.format == "tiff" else contextlib.nullcontext():
            opened.load()
        picture = _from_pillow(opened, change)
        del opened  # its pixels are no longer wanted, and to turn a picture takes two
        if header.format == "tiff":  # Pillow has turned it already
            return picture
        alpha = picture.alpha if picture.alpha is None else upright(picture.alpha, header.orientation)
        return Picture(upright(picture.image, header.orientation), alpha)
    except Unusable:
        raise
    except MemoryError:
        raise Unusable("not enough memory to decode it") from None
    except Exception:  # Pillow raises many kinds of errors for broken files
        raise Unusable(_damaged(header)) from None


@contextlib.contextmanager
def _quiet_libtiff() -> Iterator[None]:
    """Let libtiff say nothing to the terminal, to which it writes by itself."""
    if not is_ours():  # other threads of another program may write there meanwhile
        yield
        return
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


def _split(pixels: Image) -> Picture:
    """Take alpha, the last of 2 or 4 channels, from the colours."""
    if pixels.shape[2] in (1, 3):
        return Picture(pixels)
    return Picture(np.ascontiguousarray(pixels[:, :, :-1]), np.ascontiguousarray(pixels[:, :, -1:]))


def _from_pillow(image: pillow.Image, change: ColourConversion) -> Picture:
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    grey = image.mode in ("L", "LA", "La", "1")
    target = ("LA" if has_alpha else "L") if grey else ("RGBA" if has_alpha else "RGB")
    width, height = image.size
    colours = np.empty((height, width, 1 if grey else 3), np.uint8)
    alpha = np.empty((height, width, 1), np.uint8) if has_alpha else None
    rows = max(1, STRIP // max(width, 1))  # Pillow copies at each step, and a picture at the limit is large
    for top in range(0, height, rows):
        strip = image if rows >= height else image.crop((0, top, width, min(height, top + rows)))
        if strip.mode == "CMYK" and change.transform is not None:
            strip = change.transform.apply(strip)
        values = with_channels(np.asarray(strip if strip.mode == target else strip.convert(target)))
        colours[top : top + rows] = values[:, :, : colours.shape[2]]
        if alpha is not None:
            alpha[top : top + rows] = values[:, :, -1:]
    return Picture(colours, alpha) if image.mode == "CMYK" else change.apply(Picture(colours, alpha))


def upright(image: Image, orientation: int) -> Image:
    """Undo an EXIF orientation (1 to 8)."""
    code = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if orientation >= 5:
        image = with_channels(cv2.transpose(image))
        # flipped where it is: a third copy of a large picture would be one too many
        return image if code is None else with_channels(cv2.flip(image, code, image))
    return image if code is None else with_channels(cv2.flip(image, code))
