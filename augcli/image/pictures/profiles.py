"""Colour profiles: LittleCMS converts the numbers of a file to sRGB.

Relative colorimetric with black point compensation, whatever intent a profile names: colours that sRGB has stay what
they are. One conversion per profile and process; a profile that changes no colour by more than a level costs nothing.
"""

from __future__ import annotations

import io
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from augcli.image.arrays import Image, Picture, with_channels
from augcli.image.lazy_imports import cv2, pillow
from augcli.image.pictures import icc
from augcli.image.pictures.limits import STRIP

ColorProfiles: TypeAlias = Literal["convert", "keep", "ignore"]


class ColourConversion(NamedTuple):
    """How numbers become sRGB: by a table for grey, by LittleCMS for colours; with neither they stay."""

    word: str = ""
    table: Image | None = None
    transform: Any = None

    def apply(self, picture: Picture) -> Picture:
        """Convert a picture of grey or RGB; alpha stays."""
        if self.table is not None:
            return picture._replace(image=with_channels(cv2.LUT(picture.image, self.table)))
        if self.transform is None:
            return picture
        done = np.empty_like(picture.image)
        rows = max(1, STRIP // picture.image.shape[1])
        for top in range(0, done.shape[0], rows):
            done[top : top + rows] = _applied(self.transform, picture.image[top : top + rows])
        return picture._replace(image=done)


_UNCHANGED = ColourConversion()
_BROKEN = ColourConversion("bad icc")
_SPACES = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}


def _channels(mode: str) -> str:
    """Return what a profile must be for, given a mode of Pillow."""
    return "L" if mode in ("1", "L", "LA", "La") else mode if mode in ("CMYK", "LAB", "HSV") else "RGB"


def colour_conversion(profile: bytes, mode: str, wanted: ColorProfiles) -> ColourConversion:
    """Return the conversion for the numbers of a file of this profile and this mode of Pillow.

    Its word is `icc` where they change, `bad icc` where the profile is broken or for another kind of picture.
    """
    if not profile or wanted == "ignore" or kept_profile(profile, mode, wanted):
        return _UNCHANGED
    return _built(profile, _channels(mode))


def kept_profile(profile: bytes, mode: str, wanted: ColorProfiles) -> bytes:
    """Return the profile that the output keeps with the numbers; empty where there is none.

    Numbers of CMYK, and of grey with a profile for colours, cannot be kept: they are converted.
    """
    if wanted != "keep" or mode == "CMYK" or _SPACES.get(_channels(mode)) != profile[16:20]:
        return b""
    return profile if _built(profile, _channels(mode)) is not _BROKEN else b""


@lru_cache(32)
def _built(profile: bytes, channels: str) -> ColourConversion:
    """Build the conversion, and see whether it changes anything."""
    from PIL import ImageCms

    space = profile[16:20]
    if (channels, space) == ("LAB", b"Lab "):
        return _UNCHANGED  # those numbers need no profile
    if channels not in _SPACES or space not in (_SPACES[channels], b"RGB " if channels == "L" else b""):
        return _BROKEN
    grey_to_grey = space == b"GRAY"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
        if channels == "L":  # a table is made of it: exactly, where LittleCMS would be 9 levels off in linear darks
            flags |= ImageCms.Flags.NOOPTIMIZE
        modes = ("L", "L") if grey_to_grey else (channels if channels == "CMYK" else "RGB", "RGB")
        transform = ImageCms.buildTransform(source, _target(grey_to_grey), *modes, intent, flags)
        if channels == "CMYK":
            return ColourConversion("icc", transform=transform)
        samples = _levels() if grey_to_grey else np.concatenate([np.repeat(_levels(), 3, axis=2), _cube()], axis=1)
        found = _applied(transform, samples)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _BROKEN
    change = np.abs(found.astype(int) - samples)
    table = np.ascontiguousarray(found[:, :256, 1 if found.shape[2] == 3 else 0])
    if channels == "L":
        return ColourConversion("icc", table=table) if change[:, :256].max() > 1 else _UNCHANGED
    return ColourConversion("icc", transform=transform) if change.max() > 1 else _UNCHANGED


@cache
def _target(grey: bool) -> Any:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(io.BytesIO(icc.srgb_grey())) if grey else ImageCms.createProfile("sRGB")


def _levels() -> Image:
    return np.arange(256, dtype=np.uint8).reshape(1, 256, 1)


def _cube() -> Image:
    """Colours all over the cube, more of them dark."""
    steps = np.array((0, 4, 12, 32, 64, 104, 152, 208, 255), np.uint8)
    return np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)


def _applied(transform: Any, image: Image) -> Image:
    numbers = pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    return with_channels(np.asarray(transform.apply(numbers)))
