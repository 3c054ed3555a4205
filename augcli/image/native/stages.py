"""The stages that a pass over an image's colours is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from augcli.image.arrays import Image


class TableStage(NamedTuple):
    """Colour stage: every value becomes its entry in `lut`, (256, 1) for all channels or (256, 3)."""

    lut: Image


class MixStage(NamedTuple):
    """Colour stage: each channel becomes (a r + b g + c b + offset) >> shift, clipped.

    `weights` are nine numbers of 16 bits, row by row, `offsets` three of 32 bits.
    """

    weights: Sequence[int]
    offsets: Sequence[int]
    shift: int


class HueStage(NamedTuple):
    """Colour stage: turn the hue by step / 2**15 sixths of a turn; see `colour.hue_stage` for the formula.

    `read` says which channels are X, Y and Z, `write` where their turned values go.
    """

    read: Sequence[int]
    write: Sequence[int]
    step: int


Stage: TypeAlias = TableStage | MixStage | HueStage
