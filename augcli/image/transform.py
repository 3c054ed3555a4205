"""What a transform is: settings, a draw sampled from them, and the ops that the draw stands for.

A transform holds nothing but its settings. `sample` turns a stream into a draw, a NamedTuple of
numbers, strings and tuples that goes into the manifest as it is; `lower` says what a draw means for an
image of a given size. Neither sees a pixel. Whether a step happens at all is the step's affair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeAlias

from augcli.image import packages
from augcli.image.arrays import Size
from augcli.image.matrices import Bounds
from augcli.image.ops import Op
from augcli.random_streams import Stream
from augcli.settings import BLACK, setting
from augcli.settings.transform import AnyTransform, Draw

BORDER: Any = setting(BLACK, "What is read outside the image; left out: the border of the spec.")
INTERPOLATION: Any = setting("bilinear", "How values between pixels are found.")

Ops: TypeAlias = Op | tuple[Op, ...]


class Nothing(NamedTuple):
    """The draw of a transform that has nothing to draw."""


class Transform(AnyTransform[Draw], Generic[Draw]):
    """One augmentation: a frozen group of settings that can sample a draw and lower it to ops."""

    data_kind = "image"

    @classmethod
    def name(cls) -> str:
        """The name in a spec: that of its file, or of another package's entry point with the package before it."""
        if cls.__module__.startswith("augcli."):
            return super().name()
        return packages.name_of(f"{cls.__module__}:{cls.__qualname__}") or super().name()

    @classmethod
    @cache
    def package(cls) -> str:
        package = packages.package_of(cls.name())
        return f"{package} {packages.version_of(package)}" if package else ""

    @abstractmethod
    def sample(self, stream: Stream, size: Size) -> Draw | None:
        """Draw values for an image of `size`; None means that nothing is to be done to it.

        Raises `Unusable` where an image of that size cannot be transformed.
        """

    @property
    def heeds_objects(self) -> bool:
        """Whether its draws depend on where labelled objects are."""
        return False

    def sample_around(self, stream: Stream, size: Size, objects: Sequence[Bounds]) -> Draw | None:
        """Draw as `sample` does, for an image with labelled objects: the boxes around what is seen of each."""
        return self.sample(stream, size)

    @abstractmethod
    def lower(self, draw: Draw, size: Size) -> Ops:
        """Return the op or ops that the draw stands for on an image of `size`."""

    @property
    def keeps_scale(self) -> bool:
        """Whether every draw is a bilinear Warp that neither scales nor changes the size."""
        return False

    def least_shrink(self, size: Size) -> float | None:
        """Return the least factor by which any draw shrinks an image of `size`; None: nothing is promised.

        Who promises it lowers to bilinear Warps alone, which read nothing outside the image; one is antialiased.
        """
        return None


class Mixing(Transform[Draw], Generic[Draw]):
    """A transform that needs other sources; which ones is chosen elsewhere, by `partner`."""

    mixes = True
    partners: ClassVar[int] = 1
    """How many others it needs."""

    partner: Literal["any", "same_class", "other_class"] = setting("any", "Which sources it may be mixed with.")
    fold: bool = setting(True, "Keep the greater share for the image itself, whose folder the file stays in.")

    @abstractmethod
    def shares(self, draw: Draw, size: Size) -> tuple[float, ...]:
        """Return the parts of the label: that of the image itself, then those of the partners."""
