"""What transforms of all kinds of data have in common: a name, settings, and draws that a manifest can hold."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast, get_args, get_type_hints

from augcli.settings import Settings

Draw = TypeVar("Draw", bound=tuple[Any, ...])


class AnyTransform(Settings, ABC, Generic[Draw]):
    """One augmentation: a frozen group of settings. What it does is said where its kind of data is known."""

    data_kind: ClassVar[Literal["image", "text"]]
    """The kind of data that it is for."""
    default_p: ClassVar[float] = 1.0
    changes_range: ClassVar[bool] = False
    """Whether it gives float32 numbers instead of bytes."""
    mixes: ClassVar[bool] = False
    """Whether it needs other sources."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Settings that show it at work, where the defaults do not."""

    @classmethod
    def name(cls) -> str:
        """The name in a spec: that of its file."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def package(cls) -> str:
        """The package that it comes from, with its version, as `old-tv 0.1.0`; empty for one of ours."""
        return ""

    @classmethod
    @cache
    def draw_type(cls) -> type[Draw]:
        """The type of its draws, which is what `sample` says that it returns."""
        returned = get_type_hints(cls.sample)["return"]  # type: ignore[attr-defined]
        (kind,) = (one for one in get_args(returned) or (returned,) if one is not type(None))
        return cast("type[Draw]", kind)

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


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
