"""Lengths that may be given in pixels or as a share of a side."""

from __future__ import annotations

import math

from augcli.kinds import Range
from augcli.streams import Stream


def length(stream: Stream, bounds: Range, side: int) -> int:
    """Draw a whole number of pixels.

    With the upper end of `bounds` below 1 both are shares of `side`, and what is drawn between them is
    rounded down; else they are pixels, equally likely and both included.
    """
    low, high = bounds
    if high < 1:
        return int(side * stream.uniform(bounds))
    most = math.floor(high)
    return stream.integer(min(math.ceil(low), most), most)
