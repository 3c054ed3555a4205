"""A picture becomes a whole file: over a background where the format has no alpha, with its profile embedded."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from augcli.image import native
from augcli.image.arrays import Image, Picture, as_colour, with_channels
from augcli.image.lazy_imports import cv2, pillow
from augcli.image.pictures import jpegs, pngs
from augcli.image.pictures.formats import open_by_pillow
from augcli.image.pictures.limits import STRIP
from augcli.image.transparency import inpainted
from augcli.problems import Unusable
from augcli.settings.values import Colour

_LONGEST_WEBP = 16383


def flatten(picture: Picture, background: Colour) -> Picture:
    """Lay a picture with alpha over a background colour."""
    if picture.alpha is None:
        return picture
    image = picture.image if len(set(background)) == 1 else as_colour(picture.image)
    behind = np.array(background[: image.shape[2]], dtype=np.float32)
    laid = np.empty_like(image)
    rows = max(1, STRIP // image.shape[1])
    for top in range(0, image.shape[0], rows):
        share = picture.alpha[top : top + rows].astype(np.float32) / np.float32(255)
        laid[top : top + rows] = np.rint(image[top : top + rows] * share + behind * (1 - share))
    return Picture(laid)


def encode(
    picture: Picture, format: str, quality: int, subsampling: str, optimize: bool, profile: bytes = b""
) -> bytes:
    """Encode a picture as a whole file. JPEG and NPY take no alpha: flatten first; NPY is float32 (H, W, 3).

    A `profile` is embedded where it is one for such a picture and the format has a place for it.
    """
    if format == "npy":
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(as_colour(picture.image), np.float32))
        return buffer.getvalue()
    image, alpha = np.ascontiguousarray(picture.image), picture.alpha
    profile = _fitting(profile, image)
    if format == "webp" and max(picture.size) > _LONGEST_WEBP:
        width, height = picture.size
        raise Unusable(f"{width}x{height} is too large for WebP, which ends at a side of {_LONGEST_WEBP}")
    if format == "jpeg":
        return jpegs.with_profile(_jpeg(image, quality, subsampling, optimize), profile)
    if format == "png":
        pixels = image if alpha is None else np.concatenate([image, alpha], axis=2)
        return pngs.with_profile(pngs.encoded(pixels), profile)
    if format == "webp" and alpha is not None:
        image = inpainted(picture)  # its blocks let hidden colours bleed, as those of JPEG do
    channels = image if alpha is None else np.concatenate([image, alpha], axis=2)
    file = pillow.fromarray(channels[:, :, 0] if channels.shape[2] == 1 else channels)
    embedded = {"icc_profile": profile} if profile else {}
    buffer = io.BytesIO()
    if format == "webp":  # which has no grey
        file.save(buffer, "WEBP", quality=quality, **({} if image.shape[2] == 1 else embedded))
    else:
        file.save(buffer, "TIFF", compression="tiff_adobe_deflate", **embedded)
    return buffer.getvalue()


def _fitting(profile: bytes, image: Image) -> bytes:
    """Return a profile where it is one for such an image, else none: steps may have brought colours to grey."""
    return profile if profile[16:20] == (b"GRAY" if image.shape[2] == 1 else b"RGB ") else b""


def encode_like(picture: Picture, jpeg: bytes, optimize: bool, profile: bytes = b"") -> bytes:
    """Encode a picture as good and as small as a JPEG file, with its quantisation tables and subsampling."""
    from PIL.JpegImagePlugin import get_sampling  # dear to import

    like = open_by_pillow(io.BytesIO(jpeg), "jpeg")
    tables = like.quantization  # type: ignore[attr-defined]
    image = picture.image
    options: dict[str, Any] = {"qtables": [tables[min(tables)]]} if image.shape[2] == 1 else {"qtables": tables}
    sampling = get_sampling(like)
    if image.shape[2] == 3 and sampling >= 0:
        options["subsampling"] = sampling
    buffer = io.BytesIO()
    file = pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    file.save(buffer, "JPEG", optimize=optimize, **options)
    return jpegs.with_profile(buffer.getvalue(), _fitting(profile, image))


def _jpeg(image: Image, quality: int, subsampling: str, optimize: bool) -> bytes:
    compiled = None if optimize else native.encode_jpeg(image, quality, subsampling)
    if compiled is not None:
        return compiled
    # simplejpeg is a tenth faster, but up to quality 95 with a coarser DCT, whatever it is told
    bgr = image if image.shape[2] == 1 else with_channels(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{subsampling.replace(':', '')}")
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
    done, encoded = cv2.imencode(".jpg", bgr, [*options, cv2.IMWRITE_JPEG_OPTIMIZE, int(optimize)])
    assert done, "OpenCV encodes any image of bytes"
    return encoded.tobytes()
