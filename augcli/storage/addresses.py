"""Where IN or OUT lies, as somebody writes it: a path on the disk, or the address of a place in a bucket."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path, PosixPath
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from augcli.problems import Problem, Refused

Place: TypeAlias = Path | str
"""A path on the disk, or a place in a bucket; as a string the latter is its whole address."""

SCHEMES = ("s3://", "gs://", "az://")
"""How the addresses of buckets begin."""

P = ParamSpec("P")
R = TypeVar("R")


class BucketPath(PosixPath):
    """A place in a bucket: `out / name` and `os.path.join(out, name)` are places again.

    What a path of the disk asks of the disk it cannot answer: that is the affair of `storage.bucket`.
    """

    def __str__(self) -> str:
        return super().__str__().replace(":/", "://", 1)

    def __fspath__(self) -> str:
        return str(self)


def place(given: str | os.PathLike[str]) -> Path:
    """Return a path on the disk, or of a place in a bucket where that is what the text begins with.

    Raises `Refused` for the address of anything else.
    """
    text = os.fspath(given)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", text):
        return Path(given)
    if not re.fullmatch("(?:s3|gs|az)://[^/]+(?:/[^/]+)*/?", text) or ".." in text.split("/"):
        what = f"{text}: not the address of a place in a bucket"
        raise Refused(Problem(what, "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"))
    return BucketPath(given)


def in_bucket(path: Place | os.PathLike[str]) -> bool:
    """Tell whether a path lies in a bucket."""
    return path.startswith(SCHEMES) if isinstance(path, str) else isinstance(path, BucketPath)


def on_disk(function: Callable[P, R]) -> Callable[P, R]:
    """Keep a function to the disk: of a path in a bucket the one of its name does it, in `storage.bucket`."""
    module = function.__module__.rpartition(".")[2]

    @wraps(function)
    def chosen(*given: P.args, **named: P.kwargs) -> R:
        first: Any = given[0]
        if in_bucket(first):
            there = importlib.import_module(f"augcli.storage.bucket.{module}")
            return cast(R, getattr(there, function.__name__)(*given, **named))
        return function(*given, **named)

    return chosen
