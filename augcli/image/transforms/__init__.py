"""The transforms, one file each; a file is known by being here, and its name is the transform's.

Those of other packages are found beside them, by the names that `packages` knows.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augcli.image import packages
from augcli.problems import Problem, Refused

if TYPE_CHECKING:
    from augcli.image.transform import Transform


@cache
def names() -> list[str]:
    """Return the names of all transforms of ours, sorted, without importing any."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


@cache
def find(name: str) -> type[Transform[Any]]:
    """Import the transform of that name, ours or another package's.

    Raises KeyError if there is none, and `Refused` for one of another package that cannot be used.
    """
    if packages.package_of(name):
        return _of_package(name)
    if name not in names():
        raise KeyError(name)
    from augcli.image.transform import Transform  # a spec for texts asks for names alone

    module = import_module(f"{__name__}.{name}")
    (only,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Transform)
        if value.__module__ == module.__name__ and not isabstract(value)
    )
    return only


def _of_package(name: str) -> type[Transform[Any]]:
    from augcli.image.contract import fault_of
    from augcli.image.package_steps import in_a_line

    entry = packages.offered()[name]
    try:
        found = entry.load()
    except (Exception, SystemExit) as error:  # whatever another's code may raise
        fault: str | None = f"cannot be imported ({in_a_line(error)})"
    else:
        fault = fault_of(found)
        if fault is None and found.name() != name:
            fault = f"is defined elsewhere: the entry point is {found.__module__}:{found.__qualname__}"
    if fault is not None:
        package = packages.package_of(name)
        what = f"`{name}`: {entry.value} of {package} {packages.version_of(package)} {fault}"
        raise Refused(Problem(what, f"tell who made {package}, or install another version"))
    return found  # type: ignore[no-any-return]
