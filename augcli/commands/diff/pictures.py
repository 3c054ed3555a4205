"""Pictures of a pair: both versions, and where they differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from augcli.commands.diff.pairs import Version
from augcli.commands.preview.copies import stored_picture
from augcli.image import pictures
from augcli.image.arrays import Picture
from augcli.problems import Unusable
from augcli.spec.spec import Spec

BRIGHTEST = 255
MOST_GAIN = 16
"""How often a difference is brightened at most, or the noise of a new encoding would look like a picture."""


class Difference(NamedTuple):
    """Where two pictures differ, the brighter the more, and how much, in words; no picture where none can be drawn."""

    picture: Picture | None
    said: str


def picture_of(version: Version, spec: Spec) -> Picture:
    """Decode a version; `spec` has the steps that made numbers of it, if any did. Raises `Unusable`."""
    data = version.content
    if version.error or not isinstance(data, bytes):
        raise Unusable(version.error or "not an image")
    if version.name.endswith(".npy"):
        return stored_picture(data, spec, version.role, version.params)[0]
    return pictures.decode(data, pictures.read_header(data, float("inf")))


def difference(one: Picture, other: Picture) -> Difference:
    """Return the largest difference of each pixel over its colours, brightened by a whole factor that is told."""
    images = [pictures.flatten(picture, (128, 128, 128)).image for picture in (one, other)]
    sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in images]
    if sizes[0] != sizes[1]:
        return Difference(None, f"another size: {sizes[0]} -> {sizes[1]}")
    apart = np.abs(images[0].astype(np.int16) - images[1]).max(axis=2, keepdims=True)
    most = int(apart.max())
    if not most:
        return Difference(None, "the same pixels")
    gain = max(1, min(MOST_GAIN, BRIGHTEST // most))
    share = 100 * float((apart > 0).mean())
    about = f"{share:.0f}" if share >= 1 else "less than 1"
    said = (
        f"{about} % of the pixels differ, by {float(apart[apart > 0].mean()):.1f} levels on average and {most} at most"
    )
    brightened = f"; {gain} times as bright" if gain > 1 else ""
    return Difference(Picture((apart * gain).astype(np.uint8)), said + brightened)
