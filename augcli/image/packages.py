"""Which transforms other packages offer: their entry points in the group `augcli.transforms`.

The name in a spec is that of the package, as pip writes it, a dot, and the entry point's: `augcli-vignette.vignette`.
So it says by itself what must be installed, and never clashes with a name of ours. Packages are looked for once, and
only for a name with a dot that is of no library we know, for one that is unknown, or where all are listed. None is
imported here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "augcli.transforms"


@cache
def offered() -> dict[str, EntryPoint]:
    """Return the entry points of all installed packages, by the names of their transforms, sorted."""
    from importlib.metadata import distributions  # dear to import, here and below

    found: dict[str, EntryPoint] = {}
    for package in distributions():
        try:
            entries = package.entry_points.select(group=GROUP)
            names = [f"{canonical(package.name)}.{entry.name}" for entry in entries]
        except Exception:  # a file of any package's that is not what it should be, and none of our business
            continue
        for name, entry in zip(names, entries, strict=True):
            found.setdefault(name, entry)  # of two of one name, the first on the path is imported
    return dict(sorted(found.items()))


def canonical(package: str) -> str:
    """Return the one spelling of a package's name, by which pip knows it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def package_of(name: str) -> str:
    """Return the package that a transform's name begins with; empty for one of ours."""
    return name.partition(".")[0] if "." in name else ""


def version_of(package: str) -> str | None:
    """Return the version of an installed package, None where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def name_of(target: str) -> str | None:
    """Return the name of the transform whose entry point is `module:Class`; None where no package offers it."""
    return next((name for name, entry in offered().items() if f"{entry.module}:{entry.attr}" == target), None)
