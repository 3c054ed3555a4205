"""Small photos (H, W, C) uint8 made from sample_data by averaging areas; only `square` is one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import PIL.Image

from augcli.image.arrays import Image

SOURCES = Path(__file__).parents[2] / "sample_data" / "train"
_FILES = {
    "portrait": ("space/rocket.jpg", (48, 64)),
    "landscape": ("everyday/cat.jpg", (60, 45)),
    "odd": ("everyday/coffee.jpg", (41, 27)),
    "grey": ("everyday/clock.jpg", (31, 23)),
    "large": ("space/astronaut.jpg", (160, 120)),
    "square": ("everyday/cat.jpg", (45, 45)),
}
NAMES = (*_FILES, "flat")


@cache
def photo(name: str) -> Image:
    """Return a photo by name, or `flat`, mid-grey all over, for statistics."""
    if name == "flat":
        return np.full((300, 401, 3), 128, np.uint8)
    path, size = _FILES[name]
    with PIL.Image.open(SOURCES / path) as file:
        pixels = np.asarray(file.resize(size, PIL.Image.Resampling.BOX))
    pixels = pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
    pixels.flags.writeable = False
    return pixels


def partners(image: Image) -> tuple[Image, Image, Image]:
    """Return the images that are mixed with one: made of it, so that no file has to be decoded for them."""
    return (255 - image)[::-1], image[::-1, ::-1], np.roll(255 - image, 7, axis=1)
