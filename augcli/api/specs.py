"""A spec from a file, or from the same settings as plain Python data."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeAlias

from augcli.problems import Problem, Refused, SpecError
from augcli.spec import loading
from augcli.spec.spec import Spec
from augcli.spec.strict_yaml import DEEPEST, LARGEST, write
from augcli.storage import places

SpecLike: TypeAlias = Spec | str | os.PathLike[str] | Mapping[str, Any]
"""A spec, the path of a YAML file, or the mapping that such a file holds."""


def load(spec: SpecLike, *, seed: int | None = None, copies: int | None = None) -> Spec:
    """Return a spec, frozen and with every default filled in.

    `spec` is the path of a YAML file, or the mapping that such a file holds, as `yaml.safe_load` returns it. `seed` (0
    to 2**63 - 1) and `copies` (1 to 100000) replace what it says.

    Raises `SpecError`, whose `problems` are everything that is wrong with it, in reading order, each with its place;
    the places of a mapping are those in its text as YAML. TypeError where `spec` is neither path nor mapping.
    """
    if isinstance(spec, Spec):
        if seed is None and copies is None:
            return spec
        spec = spec.resolved()
    try:
        if isinstance(spec, Mapping):
            text = write(_plain(spec, "", 0)).encode("utf-8", "surrogatepass")
            return loading.parse(text, "spec", 64 * LARGEST, 4 * DEEPEST, seed=seed, copies=copies)
        if not isinstance(spec, (str, os.PathLike)):
            raise TypeError(f"a spec is a path or a mapping, {{'pipeline': [...]}}, not {type(spec).__name__}")
        if isinstance(spec, str) and _YAML.search(spec) and not places.is_file(spec):
            raise Refused(Problem("this is the text of a spec, not its path", "augcli.load(yaml.safe_load(text))"))
        return loading.load(Path(spec), seed=seed, copies=copies)
    except Refused as refused:
        raise SpecError(refused.problems) from None


_YAML = re.compile(r":\s|\n")


def _plain(value: Any, place: str, depth: int) -> Any:
    """Return data as YAML knows it; `place` is where in the mapping it stands."""
    if isinstance(value, str):
        return str.__str__(value)  # of a subclass, such as NumPy's, the text alone
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if depth > 4 * DEEPEST:
        raise SpecError(Problem("the spec is nested too deeply", "one of its lists or mappings may hold itself"))
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        dot = "." if place else ""
        return {str.__str__(key): _plain(one, f"{place}{dot}{key}", depth + 1) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, f"{place}[{at}]", depth + 1) for at, one in enumerate(value)]
    what = f"`{place or 'spec'}` holds a Python object ({type(value).__name__}) that YAML does not know"
    raise SpecError(Problem(what, "give numbers, text, true or false, lists, and mappings whose keys are text"))
