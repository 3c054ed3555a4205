"""What to write instead of a step that cannot be read. Every suggestion has been read on trial, and accepted."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from augcli.image import packages
from augcli.problems import Problem, Refused, did_you_mean, flow, listed, nearest
from augcli.settings import plain
from augcli.spec import catalogue, dialects
from augcli.spec.pipeline import GROUPS
from augcli.spec.strict_yaml import is_plain

if TYPE_CHECKING:
    from augcli.spec.python_calls import Call

Accepts: TypeAlias = Callable[[Any], bool]
"""Tells whether a step, as plain data, can be read."""

MOST = 3
"""Ways to write a step that are suggested at once."""

NAMING = ("name", "type", "transform", "op", "class", "function", "step")
"""Keys under which other tools put the name of a step."""

LEFT_TO_TRAINING = "leave it out: training code does it"


def is_known(name: str) -> bool:
    """Tell whether a spec may call a step by this name."""
    if not dialects.library(name):
        return name in GROUPS or name in catalogue.names() or _is_offered(name)
    library, _, call = name.partition(".")
    entry = dialects.entries(library).get(call) if library in dialects.LIBRARIES else None
    return entry is not None and entry.refusal is None


def _is_offered(name: str) -> bool:
    """Tell whether another package has a transform of that name that can be used."""
    if not packages.package_of(name) or name not in packages.offered():
        return False
    try:
        catalogue.find(name)
    except Refused:
        return False
    return True


_OF_PACKAGE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*\.[a-z]\w*")


def of_package(name: str) -> Problem | None:
    """Say why a step cannot be called so whose name begins with a package; None where it begins with none."""
    if name in packages.offered():
        try:
            catalogue.find(name)
        except Refused as refused:
            return refused.problems[0]
    if not _OF_PACKAGE.fullmatch(name):
        return None
    root, _, call = name.partition(".")
    package = packages.canonical(root)
    if theirs := [other for other in packages.offered() if packages.package_of(other) == package]:
        near = nearest(call, [other.partition(".")[2] for other in theirs])
        offers = f"{package} {packages.version_of(package)} offers {', '.join(theirs)}"
        return Problem(f"unknown transform `{name}`", f"did you mean `{package}.{near}`?" if near else offers)
    # `image.resize` and `torchvison.rotate` mean a library that we know
    is_slip = "-" not in package and (counterparts(name) or nearest(package, dialects.LIBRARIES, 0.8))
    if is_slip or _is_module(root) or packages.version_of(package) is not None:
        return None
    # no command: who knows what package of that name a stranger has published
    what = f"unknown transform `{name}`: `{package}` is not installed"
    return Problem(what, f"install the package `{package}` that offers it")


def _is_module(word: str) -> bool:
    """Tell whether it is a module of Python or of what is installed, as `os` and `cv2`, without importing it."""
    return word in sys.stdlib_module_names or ("-" not in word and find_spec(word) is not None)


def one_line(step: Any) -> str:
    """Write a step, as plain data, on one line."""
    return step if isinstance(step, str) else ", ".join(f"{key}: {_inline(value)}" for key, value in step.items())


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return value if is_plain(value) else json.dumps(value, ensure_ascii=False)
    return flow(value)


def with_value(name: str, value: Any, accepts: Accepts) -> str | None:
    """Return a step of a known name with a bare value under the setting that takes it; None where none does."""
    for key in _settings(name, value):
        step = {name: {**_needed(name, key), key: value}}
        if accepts(step):
            return one_line(step)
    return None


def shown(name: str, accepts: Accepts) -> str | None:
    """Return a step of a known name that does something, with one of its settings where it has any."""
    return next((one_line(step) for step in (*_examples(name), name) if accepts(step)), None)


def _settings(name: str, value: Any) -> Iterator[str]:
    """Return the settings that a bare value may be for: numbers come before words, and `p` comes last."""
    if isinstance(value, bool):
        return
    if name in GROUPS:
        yield "steps"
    elif dialects.library(name):
        yield from dialects.find(name).parameters
    else:
        fields = catalogue.find(name).fields
        yield from sorted(fields, key=lambda key: fields[key].value_type is None)
    yield "p"


def _needed(name: str, key: str) -> dict[str, Any]:
    """Return what else a step must have beside one setting."""
    if name == "some_of" and key == "steps":
        return {"n": 1}
    if key != "p" and dialects.library(name) and (entry := dialects.find(name)).parameters[key].holds_steps:
        return {other: value for other, value in entry.example.items() if other != key}
    return {}


def _examples(name: str) -> Iterator[Any]:
    if name in GROUPS:
        yield {name: {**_needed(name, "steps"), "steps": ["horizontal_flip", "rotate"]}}
    elif dialects.library(name):
        entry = dialects.find(name)
        yield {name: entry.example} if entry.example else name
    else:
        found = catalogue.find(name)
        numbers = {key: field for key, field in found.fields.items() if field.value_type is not None}
        for key, value in found.example.items():
            yield {name: {key: value}}
        for key, field in numbers.items():
            yield {name: {key: 224 if field.is_required() else plain(field.default)}}
        yield {name: dict(found.example)}


def counterparts(word: str) -> list[str]:
    """Return the names in a spec for what other libraries and packages call so, in any spelling."""
    theirs = [name for name in packages.offered() if name.partition(".")[2] == word.rpartition(".")[2]]
    return [name for name in (*dialects.like(word), *theirs) if is_known(name)]


def belongs_to_training(word: str) -> bool:
    """Tell whether a name of other libraries makes numbers or tensors, which is left to training code."""
    found = [dialects.find(name) for name in dialects.like(word) if dialects.library(name)]
    return bool(found) and all({*entry.step_names} <= {"rescale", "normalize"} for entry in found)


def _makes_numbers(name: str) -> bool:
    return name in catalogue.names() and catalogue.find(name).changes_range


def for_unknown(name: str, given: Any, accepts: Accepts, gives_numbers: bool) -> str:
    """Say what an unknown name without a library may mean, with the settings or the bare value that were given."""
    if not gives_numbers and belongs_to_training(name):
        return LEFT_TO_TRAINING
    theirs = counterparts(name)
    if not theirs and (refusal := dialects.refused_like(name)) is not None:
        return refusal.help or refusal.what
    similar = similar_names(name, [*catalogue.names(), *GROUPS])
    ours = [word for word in similar.split("`")[1::2] if is_known(word)]
    # Who writes `flip` hardly means another library's `Flip`, unless the settings are of that.
    if not gives_numbers and ours and not theirs and all(_makes_numbers(word) for word in ours):
        return LEFT_TO_TRAINING
    fits = given and isinstance(given, Mapping) and any(accepts({word: given}) for word in theirs)
    is_theirs = fits or not name.islower() or any("." not in word for word in theirs)
    names = theirs if theirs and (is_theirs or not ours) else ours
    if not names:
        return similar
    ways: list[str | None]
    if isinstance(given, Mapping) and given:
        fitting = [word for word in names if accepts({word: given})]
        ways = [*fitting] or [shown(word, accepts) for word in names]
    elif isinstance(given, Mapping):
        ways = [word if accepts(word) else shown(word, accepts) for word in names]
    else:
        ways = [with_value(word, given, accepts) for word in names]
        ways = ways if any(ways) else [shown(word, accepts) for word in names]
    offered = [way for way in ways if way is not None][:MOST]
    if offered and (not isinstance(given, Mapping) or any(way not in names for way in offered)):
        return f"write {' or '.join(offered)}"
    return f"did you mean {listed(offered or names[:MOST])}?"


def for_name(name: str) -> Problem:
    """Say that a name without a library is unknown, and what it may mean, whatever settings are given to it."""
    meant = for_unknown(name, {}, lambda step: True, gives_numbers=True)
    return of_package(name) or Problem(f"unknown transform `{name}`", meant)


def for_call(call: Call, accepts: Accepts, gives_numbers: bool) -> str:
    """Say what a call of Python means: the same as a step, or what there is for its name."""
    if not gives_numbers and belongs_to_training(call.name):
        return LEFT_TO_TRAINING
    name = dialects.shortened(call.name) if dialects.library(call.name) else call.name
    names = [name] if is_known(name) else counterparts(name)
    ways = []
    for word in names:
        settings = call.settings(word)
        if settings is not None and accepts(step := {word: settings} if settings else word):
            ways.append(one_line(step))
    if ways:
        return f"write {' or '.join(ways[:MOST])}"
    return for_unknown(name.rpartition(".")[2], {}, accepts, gives_numbers)


def for_mapping(entries: Mapping[str, Any], accepts: Accepts) -> str | None:
    """Return the step that a mapping of several keys means, where other tools write a name and settings so.

    `{name: rotate, degrees: 15}`, `{type: Resize, size: 224}`, `{rotate: null, degrees: 15}`.
    """
    first, *others = entries
    rest = {key: entries[key] for key in others}
    if entries[first] is None and is_known(first):
        return _accepted([first], rest, accepts)
    for key in NAMING:
        if isinstance(named := entries.get(key), str):
            rest = {other: value for other, value in entries.items() if other != key}
            names = [named] if is_known(named) else counterparts(named)
            return _accepted(names, rest, accepts)
    return None


def _accepted(names: list[str], rest: Mapping[str, Any], accepts: Accepts) -> str | None:
    inner = next(iter(rest.values()), None)
    for settings in (rest, inner) if len(rest) == 1 and isinstance(inner, Mapping) else (rest,):
        for name in names:
            step = {name: dict(settings)} if settings else name
            if accepts(step):
                return one_line(step)
    return None


def near_name(word: str, known: Iterable[str]) -> str | None:
    """Return the name of another library that `word` is a slip of; None where there is none.

    What many names begin with counts for nothing: `RandomHeight` is no slip of `RandomHue`.
    """
    kept = {_bare(name): name for name in known}
    return kept.get(nearest(_bare(word), kept, 0.75) or "")


def _bare(name: str) -> str:
    """Return a name in snake case, without what half of all names begin with."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.rpartition(".")[2]).lower()
    return snake.removeprefix("random_")


def similar_names(word: str, known: Iterable[str]) -> str:
    """Name the transforms that somebody may mean who knows them from another library."""
    names = sorted(known)
    bare = _bare(word)
    if near := did_you_mean(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word), names, 0.8):
        return near
    if related := [name for name in names if bare in name.split("_")]:
        return f"did you mean {listed(related[:4])}?"
    if near := did_you_mean(bare, names, 0.7):
        return near
    stem = bare[:5]
    related = [
        name
        for name in names
        if (len(bare) > 2 and bare in name) or (len(stem) > 3 and name.startswith(stem)) or name in bare.split("_")
    ]
    return f"did you mean {listed(related[:3])}?" if related else "augcli show lists them all"
