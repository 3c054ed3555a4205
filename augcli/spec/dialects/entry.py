"""What is known of one name of another library: its parameters, and the canonical steps that it stands for.

A library's file has a table of entries. It declares each by a function that writes canonical steps as plain data, as a
spec would have them, under a decorator that `register_into` makes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeAlias

from augcli.problems import Suggestion

Steps: TypeAlias = list[dict[str, Any]]
"""Canonical steps as plain data: `[{"rotate": {"degrees": [-15, 15]}}]`."""

Translation: TypeAlias = Callable[[Any], Steps]
"""What writes the steps of a call whose parameters were read."""

REQUIRED: Any = object()
"""The default of a parameter that has none."""


class Untranslatable(Exception):
    """A name or a value cannot be translated: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, help: str | None = None, parameter: str | None = None) -> None:
        self.what, self.help, self.parameter = what, help, parameter
        super().__init__(what)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call: `read` turns a YAML value into what the entry wants, or raises `Untranslatable`.

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
        except Untranslatable:
            return False
        return True

    def with_example(self, example: Any) -> Parameter:
        """Return the parameter with the value that `augcli show` writes for it."""
        return replace(self, example=example)


@dataclass(frozen=True)
class Entry:
    """One name of a library: the parameters in their order, and the canonical steps that a call stands for."""

    parameters: Mapping[str, Parameter]
    translate: Translation
    p: float = 1.0
    p_is_weight: bool = False
    """Whether `p` is the weight of a call where one of several is chosen, as in Albumentations."""
    refusal: Untranslatable | None = None
    """Why the name is known and not offered, and what to write instead."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Parameters that the library has renamed: the old name, and the one of today."""

    @property
    def note(self) -> str:
        """What is different here, if anything."""
        return inspect.getdoc(self.translate) or ""

    @property
    def example(self) -> dict[str, Any]:
        """Values that show it at work, with some for all that is required."""
        return {
            name: 0.1 if parameter.example is None else parameter.example
            for name, parameter in self.parameters.items()
            if parameter.example is not None or parameter.default is REQUIRED
        }

    @property
    def required(self) -> list[str]:
        return [name for name, parameter in self.parameters.items() if parameter.default is REQUIRED]

    def read(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Untranslatable]]:
        """Read what is given, and the defaults of the rest; the list says what cannot be read."""
        values: dict[str, Any] = {}
        wrong: list[Untranslatable] = []
        for name, parameter in self.parameters.items():
            value = given.get(name, parameter.default)
            if value is REQUIRED:
                continue
            try:
                values[name] = None if value is parameter.default is None else parameter.read(value)
            except Untranslatable as found:
                help = found.help.accepted(parameter.accepts) if isinstance(found.help, Suggestion) else found.help
                wrong.append(Untranslatable(found.what, help, name))
        return values, wrong

    def steps(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> Steps:
        """Translate values that were read; `given` tells the translation which of them are no defaults.

        Raises `Untranslatable`, with the name of the parameter where there is one.
        """
        return self.translate(SimpleNamespace(**values, given=frozenset(given)))

    @property
    def step_names(self) -> list[str]:
        """The names of the canonical steps that its example stands for."""
        values, _ = self.read(self.example)
        return [next(iter(step)) if isinstance(step, dict) else step for step in self.steps(self.example, values)]


Entries: TypeAlias = dict[str, Entry]
"""A table of entries by their names, without that of the library."""

Decorator: TypeAlias = Callable[..., Callable[[Translation], Translation]]
"""What puts a translation into a table, given the names and the parameters of its call."""


def register_into(
    entries: Entries,
    common: Mapping[str, Parameter] = {},
    *,
    p_is_weight: bool = False,
    renamed: Mapping[str, str] = {},
) -> Decorator:
    """Return the decorator by which a file puts its entries into its table.

    It takes the names of a call, `p` (the library's default; 1 where it has none) and the parameters, to which `common`
    are added. Old names that are `renamed` are refused with those of today. The docstring of a translation says what is
    different here; `augcli show` prints it.
    """

    def entry(*names: str, p: float | Parameter = 1.0, **parameters: Parameter) -> Callable[[Translation], Translation]:
        if isinstance(p, Parameter):  # of another meaning there
            parameters, p = {**parameters, "p": p}, 1.0

        def register(translate: Translation) -> Translation:
            for name in names:
                entries[name] = Entry({**parameters, **common}, translate, p, p_is_weight, renamed=renamed)
            return translate

        return register

    return entry


def refuse(names: Mapping[str, tuple[str, str]]) -> Entries:
    """Return entries of names that are known and not offered: why each is not, and what to write instead."""
    return {name: Entry({}, lambda call: [], refusal=Untranslatable(*reason)) for name, reason in names.items()}
