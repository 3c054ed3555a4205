"""The transforms, one file each; a file is known by being here, and its name is the transform's."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from typing import Any

from augcli.image.transform import Transform


@cache
def names() -> list[str]:
    """Return the names of all transforms, sorted, without importing any."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


@cache
def find(name: str) -> type[Transform[Any]]:
    """Import the transform of that name. Raises KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    (only,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Transform)
        # pydantic leaves `Transform[Draw]`, which is abstract, in the module as well
        if value.__module__ == module.__name__ and not isabstract(value)
    )
    return only
