"""Ops that change each pixel by itself, and the pass that runs them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from augcli.image import colour, native
from augcli.image.arrays import Image, Matrix, Picture, Vector
from augcli.image.values import Value


class Recolour(Value):
    """Ops that change each pixel by itself; neighbours are run in one pass."""

    @property
    def reads_mean(self) -> bool:
        """Whether the mean of the image must be known first."""
        return False

    @abstractmethod
    def stage(self, picture: Picture) -> native.Stage | None:
        """Return what is done to the pixels of this picture; None where they become grey, or are and stay it."""

    def run(self, picture: Picture) -> Picture:
        return recolour(picture, [self])


@dataclass(frozen=True, eq=False)
class Mix(Recolour):
    """Linear colour: y = by_pixel x + by_mean mean(x) + constant, rounded (or truncated) once, clipped."""

    by_pixel: Matrix
    by_mean: Matrix = colour.ZERO
    constant: Vector = colour.NONE
    truncate: bool = False

    @property
    def reads_mean(self) -> bool:
        return self.by_mean != colour.ZERO

    def stage(self, picture: Picture) -> native.Stage | None:
        return colour.mix_stage(picture.image, self.by_pixel, self.by_mean, self.constant, self.truncate, picture.alpha)


@dataclass(frozen=True, eq=False)
class Table(Recolour):
    """Value to value: `lut` is (256, 1) for all channels or (256, 3), uint8."""

    lut: Image

    def stage(self, picture: Picture) -> native.Stage:
        return native.TableStage(self.lut)


@dataclass(frozen=True, eq=False)
class Hue(Recolour):
    """Turn the hue by a fraction of the full circle."""

    turns: float

    def stage(self, picture: Picture) -> native.Stage | None:
        return None if picture.image.shape[2] == 1 else colour.hue_stage(self.turns)


def recolour(picture: Picture, ops: Iterable[Recolour], fresh: bool = False) -> Picture:
    """Apply ops that change each pixel by itself: those between two that read the mean in one pass.

    The picture's image may be written to where it is `fresh`.
    """
    image, alpha, _ = picture
    stages: list[native.Stage] = []
    for op in ops:
        if stages and op.reads_mean:
            image, stages, fresh = native.colour(image, stages, fresh), [], True
        stage = op.stage(Picture(image, alpha))
        if stage is not None and image.shape[2] == 3:
            stages.append(stage)
            continue
        if stages:
            image, stages = native.colour(image, stages, fresh), []
        before = image
        image = colour.look_up(image, stage.lut) if isinstance(stage, native.TableStage) else colour.greyscale(image)
        fresh = fresh or image is not before
    return Picture(native.colour(image, stages, fresh) if stages else image, alpha)
