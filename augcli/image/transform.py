"""What a transform is: settings, a draw sampled from them, and the ops that the draw stands for.

A transform holds nothing but its settings. `sample` turns a stream into a draw, a NamedTuple of
numbers, strings and tuples that goes into the manifest as it is; `lower` says what a draw means for an
image of a given size. Neither sees a pixel. Whether a step happens at all is the step's affair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast, get_args, get_type_hints

from augcli.image import packages
from augcli.image.arrays import Size
from augcli.image.matrices import Bounds
from augcli.image.ops import Op
from augcli.random_streams import Stream
from augcli.settings import BLACK, Settings, setting

BORDER: Any = setting(BLACK, "What is read outside the image; left out: the border of the spec.")
INTERPOLATION: Any = setting("bilinear", "How values between pixels are found.")

Draw = TypeVar("Draw", bound=tuple[Any, ...])
Ops: TypeAlias = Op | tuple[Op, ...]


class Nothing(NamedTuple):
    """The draw of a transform that has nothing to draw."""


class Transform(Settings, Generic[Draw]):
    """One augmentation: a frozen group of settings that can sample a draw and lower it to ops."""

    default_p: ClassVar[float] = 1.0
    changes_range: ClassVar[bool] = False
    """Whether it gives float32 numbers instead of bytes."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Settings that show it at work, where the defaults do not."""

    @classmethod
    def name(cls) -> str:
        """The name in a spec: that of its file, or of another package's entry point with the package before it."""
        name = cls.__module__.rpartition(".")[2]
        if cls.__module__.startswith("augcli."):
            return name
        return packages.name_of(f"{cls.__module__}:{cls.__qualname__}") or name

    @classmethod
    @cache
    def package(cls) -> str:
        """The package that it comes from, with its version, as `old-tv 0.1.0`; empty for one of ours."""
        package = packages.package_of(cls.name())
        return f"{package} {packages.version_of(package)}" if package else ""

    @classmethod
    @cache
    def draw_type(cls) -> type[Draw]:
        """The type of its draws, which is what `sample` says that it returns."""
        returned = get_type_hints(cls.sample)["return"]
        (kind,) = (one for one in get_args(returned) or (returned,) if one is not type(None))
        return cast("type[Draw]", kind)

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

        Who promises it lowers to bilinear Warps alone, which read nothing outside the image.
        """
        return None

    @classmethod
    def params(cls, draw: Draw) -> dict[str, Any]:
        """Return a draw as the manifest writes it; fields that are None were not applied."""
        return {key: value for key, value in draw._asdict().items() if value is not None}  # type: ignore[attr-defined]

    @classmethod
    def draw_from(cls, params: dict[str, Any]) -> Draw:
        """Return the draw that `params` recorded, from its JSON form."""
        kind = cls.draw_type()
        missing = dict.fromkeys(kind._fields)  # type: ignore[attr-defined]
        return kind(**(missing | {key: _frozen(value) for key, value in params.items()}))


class Mixing(Transform[Draw], Generic[Draw]):
    """A transform that needs other sources; which ones is chosen elsewhere, by `partner`."""

    partners: ClassVar[int] = 1
    """How many others it needs."""

    partner: Literal["any", "same_class", "other_class"] = setting("any", "Which sources it may be mixed with.")
    fold: bool = setting(True, "Keep the greater share for the image itself, whose folder the file stays in.")

    @abstractmethod
    def shares(self, draw: Draw, size: Size) -> tuple[float, ...]:
        """Return the parts of the label: that of the image itself, then those of the partners."""


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
