"""The steps for texts, one file each; a file is known by being here, and its name is the step's."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from augcli.text.transform import TextTransform


@cache
def names() -> list[str]:
    """Return the names of all steps for texts, sorted, without importing any."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


@cache
def find(name: str) -> type[TextTransform[Any]]:
    """Import the step of that name. Raises KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    from augcli.text.transform import TextTransform  # here: every spec is asked for names, few have texts

    module = import_module(f"{__name__}.{name}")
    (only,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, TextTransform)
        if value.__module__ == module.__name__ and not isabstract(value)
    )
    return only
