"""Other libraries' names: each call becomes canonical steps, with the meaning and the units of its library.

One file per library has a table of entries. An entry declares the parameters of one call, each with its default and
how it is read, and writes canonical steps as plain data, as a spec would have them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any, TypeAlias

from augcli.problems import Instead

LIBRARIES = {"torchvision": "torchvision", "albumentations": "albumentations", "keras": "keras", "tf": "tf_image"}
"""What a name begins with, and the file that knows it."""

Steps: TypeAlias = list[dict[str, Any]]
"""Canonical steps as plain data: `[{"rotate": {"degrees": [-15, 15]}}]`."""

REQUIRED: Any = object()


class Unsuited(Exception):
    """A value cannot be translated: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, help: str | None = None, parameter: str | None = None) -> None:
        self.what, self.help, self.parameter = what, help, parameter
        super().__init__(what)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call: `read` turns a YAML value into what the entry wants, or raises `Unsuited`.

    The default stands as the library has it, and is read like any other; None is not read where it is the default.
    """

    read: Callable[[Any], Any]
    default: Any = REQUIRED
    holds_steps: bool = False
    example: Any = None
    words: str = ""
    """What may be written, as `augcli show` prints it."""

    def accepts(self, value: Any) -> bool:
        try:
            self.read(value)
        except Unsuited:
            return False
        return True


@dataclass(frozen=True)
class Entry:
    """One call of a library: its parameters in their order, and the canonical steps that it stands for."""

    parameters: Mapping[str, Parameter]
    translate: Callable[[Any], Steps]
    p: float = 1.0
    weighs: bool = False
    """Whether `p` is its weight where one of several is chosen, as in Albumentations."""
    refusal: Unsuited | None = None
    """Why the call is known and not offered, and what to write instead."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Names of parameters that were given up, and those of today."""

    @property
    def note(self) -> str:
        """What is different here, if anything."""
        return inspect.getdoc(self.translate) or ""

    @property
    def example(self) -> dict[str, Any]:
        """Values that show it at work; some for all that is required."""
        return {
            name: 0.1 if parameter.example is None else parameter.example
            for name, parameter in self.parameters.items()
            if parameter.example is not None or parameter.default is REQUIRED
        }

    @property
    def required(self) -> list[str]:
        return [name for name, parameter in self.parameters.items() if parameter.default is REQUIRED]

    def read(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Unsuited]]:
        """Read what is given, and the defaults of the rest; what could not be read stands in the list."""
        values: dict[str, Any] = {}
        unsuited: list[Unsuited] = []
        for name, parameter in self.parameters.items():
            value = given.get(name, parameter.default)
            if value is REQUIRED:
                continue
            try:
                values[name] = None if value is parameter.default is None else parameter.read(value)
            except Unsuited as found:
                help = found.help.those(parameter.accepts) if isinstance(found.help, Instead) else found.help
                unsuited.append(Unsuited(found.what, help, name))
        return values, unsuited

    def steps(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> Steps:
        """Translate values that were read; `given` names to the translation what is no default.

        Raises `Unsuited`, with the name of the parameter where there is one.
        """
        return self.translate(SimpleNamespace(**values, given=frozenset(given)))

    @property
    def kinds(self) -> list[str]:
        """The names of the canonical steps that its example stands for."""
        values, _ = self.read(self.example)
        return [next(iter(step)) if isinstance(step, dict) else step for step in self.steps(self.example, values)]


Entries: TypeAlias = dict[str, Entry]


_ROOTS = {"A": "albumentations", "T": "torchvision", "v2": "torchvision", "transforms": "torchvision"}
_ROOTS |= {"layers": "keras", "tensorflow": "tf"} | {library: library for library in LIBRARIES}


def library(name: str) -> str | None:
    """Return the library that a name begins with, `torchvision` of `torchvision.Resize`; None for ours.

    Names as a program imports them, as `T.Resize` or `torchvision.transforms.v2.Resize`, have one too.
    """
    return _ROOTS.get(name.partition(".")[0]) if "." in name else None


def shortened(name: str) -> str:
    """Return the one way to write a name that has a library, whatever a program imports it from."""
    root, *modules, call = name.split(".")
    found = _ROOTS[root]
    if found == "tf":
        if "keras" in modules:
            return f"keras.{call}"
        return f"tf.image.{call}" if modules else f"tf.{call}"
    return f"{found}.{call}"


@cache
def entries(library: str) -> Entries:
    """Return the calls of a library by their names, without its own."""
    found: Entries = import_module(f"{__name__}.{LIBRARIES[library]}").ENTRIES
    return found


def find(name: str) -> Entry:
    """Return the entry of `library.Call`. Raises KeyError if there is none."""
    library, _, call = name.partition(".")
    return entries(library)[call]


def names() -> list[str]:
    """Return all names with their libraries."""
    return [f"{library}.{call}" for library in LIBRARIES for call in entries(library)]


def offered(library: str) -> list[str]:
    """Return the names of a library that stand for steps, without its own."""
    return [name for name, entry in entries(library).items() if entry.refusal is None]


def like(word: str) -> list[str]:
    """Return what a name without a library may mean: that call of each library, and the step that it stands for.

    Case and underscores are not looked at where no name is the very same: `to_tensor` is `ToTensor`.
    """
    every = [f"{library}.{call}" for library in LIBRARIES for call in offered(library)]
    found = [name for name in every if name.rpartition(".")[2] == word]
    found = found or [name for name in every if _folded(name) == _folded(word)]
    kinds = {kind for name in found for kind in find(name).kinds}
    holds = any(parameter.holds_steps for name in found for parameter in find(name).parameters.values())
    return [*found, *(kinds if len(kinds) == 1 and (holds or kinds.isdisjoint(("one_of", "sequence"))) else ())]


def refused_like(word: str) -> Unsuited | None:
    """Return why no library's call of this name is offered; None where none has it."""
    folded = _folded(word)
    return next((found for name in names() if _folded(name) == folded and (found := find(name).refusal)), None)


def _folded(name: str) -> str:
    return name.rpartition(".")[2].replace("_", "").lower()


def registering(
    entries: Entries, *, weighs: bool = False, renamed: Mapping[str, str] = {}, **common: Parameter
) -> Callable[..., Callable[..., Any]]:
    """Return the decorator by which a file puts its entries into its table.

    It takes the names of a call, `p` (the library's default; 1 where it has none) and the parameters, to which `common`
    are added. Names of old that are `renamed` are refused with those of today. The docstring of a translation says what
    is different here; `augcli show` prints it.
    """

    def entry(*names: str, p: float | Parameter = 1.0, **parameters: Parameter) -> Callable[..., Any]:
        if isinstance(p, Parameter):  # of another meaning there
            parameters, p = {**parameters, "p": p}, 1.0

        def register(translate: Callable[[Any], Steps]) -> Callable[[Any], Steps]:
            for name in names:
                entries[name] = Entry({**parameters, **common}, translate, p, weighs, renamed=renamed)
            return translate

        return register

    return entry


def refuse(entries: Entries, name: str, what: str, help: str) -> None:
    """Put a call into a table that is known and not offered: why not, and what to write instead."""
    entries[name] = Entry({}, lambda call: [], refusal=Unsuited(what, help))
