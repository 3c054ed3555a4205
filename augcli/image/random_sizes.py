"""Random lengths, given in pixels or as a share of a side, and random boxes, given by area and aspect ratio."""

from __future__ import annotations

import math

from augcli.image.arrays import Size
from augcli.random_streams import Stream
from augcli.settings.values import Range


def random_length(stream: Stream, bounds: Range, side: int) -> int:
    """Draw a whole number of pixels.

    Where the upper end of `bounds` is below 1, both are shares of `side`, and what is drawn between them is
    rounded down. Else they are pixels, both included and all equally likely.
    """
    low, high = bounds
    if high < 1:
        return int(side * stream.uniform(bounds))
    most = math.floor(high)
    return stream.integer(min(math.ceil(low), most), most)


def tried_box(stream: Stream, size: Size, scale: Range, ratio: Range) -> Size | None:
    """Draw a box up to ten times until its sides are below those of `size`, as torchvision does; None where none fits.

    `scale` is its share of the area, `ratio` its height / width, log-uniform.
    """
    for _ in range(10):
        area, tall = size.width * size.height * stream.uniform(scale), stream.log_uniform(ratio)
        height, width = round(math.sqrt(area * tall)), round(math.sqrt(area / tall))
        if 0 < height < size.height and 0 < width < size.width:
            return Size(width, height)
    return None


def fitted_box(stream: Stream, size: Size, scale: Range, ratio: Range) -> Size | None:
    """Draw a box that fits into `size`: an area that fits at every ratio, then the ratio; None where none fits.

    `scale` is its share of the area, `ratio` its height / width.
    """
    narrow, wide = 1 / ratio.high, 1 / ratio.low
    least = size.width * size.height * scale.low
    most = min(size.width * size.height * scale.high, size.height**2 * narrow, size.width**2 / wide)
    if most < least:
        return None
    area = stream.uniform((least, most))
    across = stream.uniform((max(narrow, area / size.height**2), min(wide, size.width**2 / area)))
    width, height = round(math.sqrt(area * across)), round(math.sqrt(area / across))
    return Size(width, height) if width and height else None
