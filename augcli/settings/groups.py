"""Groups of settings that belong together: a class declares them, and reads a mapping of a spec or says what is wrong.

    class Border(Settings):
        mode: Literal["constant", "edge"] = setting("constant", "What is outside.")

A group is frozen, and equal to another of its class with the same values. Defaults are read like values of a spec,
unknown keys are faults. What a class declares is looked at when it is first asked for: most are never used.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeAlias, get_args, get_origin

from augcli.problems import Suggestion, did_you_mean, listed, quoted
from augcli.settings.value_types import ValueType, Within, Wrong

Path: TypeAlias = tuple[str, ...]
"""The way to a setting: its name, after that of the group that it stands in."""


class Fault(NamedTuple):
    """What is wrong with a setting, or with those of a group together, where `path` is empty."""

    path: Path
    what: str
    help: str | None = None
    kind: Literal["value", "unknown", "missing", "no mapping"] = "value"
    given: Any = None
    """What stands where a mapping should."""


class Invalid(ValueError):
    """A mapping is no group of settings; `faults` says why, in the order of the declarations."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(": ".join([*fault.path, fault.what]) for fault in faults))
        self.faults = faults


class Setting:
    """The declaration of a setting; its default is `...` where there is none. Without help it is no part of a spec."""

    def __init__(self, default: Any, help: str, unit: str, within: Within, annotation: Any = None) -> None:
        self.default, self.description, self.unit, self.within = default, help, unit, within
        is_typed = get_origin(annotation) is Annotated
        marks = get_args(annotation)[1:] if is_typed else ()
        self.annotation = get_args(annotation)[0] if is_typed else annotation
        self.value_type: ValueType | None = next((mark for mark in marks if isinstance(mark, ValueType)), None)

    def annotated(self, annotation: Any) -> Setting:
        """Return it as it stands in a class, with what is annotated there."""
        return Setting(self.default, self.description, self.unit, self.within, annotation)

    def is_required(self) -> bool:
        """Tell whether it has no default."""
        return self.default is ...

    @property
    def may_be_null(self) -> bool:
        """Whether it takes null, as its type says."""
        return type(None) in get_args(self.annotation) and not self.is_required()

    @cached_property
    def default_read(self) -> Any:
        """What the default means."""
        return self.read(self.default)

    def read(self, value: Any) -> Any:
        """Return what a value of a spec means. Raises `Wrong`, and `Invalid` for a group."""
        kind = self.annotation
        if self.value_type is not None:
            return None if value is None and self.may_be_null else self._read(self.value_type, value)
        if kind is bool and not isinstance(value, bool):
            raise Wrong(f"expected true or false, got {quoted(value)}")
        if get_origin(kind) is Literal and not (isinstance(value, str) and value in get_args(kind)):
            help = did_you_mean(value, get_args(kind)) if isinstance(value, str) else None
            raise Wrong(f"expected {listed(get_args(kind))}, got {quoted(value)}", help)
        if isinstance(kind, type) and issubclass(kind, Settings) and not isinstance(value, kind):
            if not isinstance(value, Mapping):
                what = f"expected a mapping of settings, got {quoted(value)}"
                raise Invalid([Fault((), what, kind="no mapping", given=value)])
            return kind(**value)
        return value

    def _read(self, kind: ValueType, value: Any) -> Any:
        """Read a value by its type; what is suggested instead is readable itself."""

        def accepts(other: Any) -> bool:
            try:
                kind.read(other, self.within)
            except Wrong:
                return False
            return True

        try:
            return kind.read(value, self.within)
        except Wrong as wrong:
            if not isinstance(wrong.help, Suggestion):
                raise
            raise Wrong(wrong.what, wrong.help.accepted(accepts)) from None


class _Fields:
    """The settings of a class and of those that it is derived from, by their names."""

    def __get__(self, group: Settings | None, kind: Any) -> Mapping[str, Setting]:
        return _fields(kind)


class Settings:
    """A frozen group of settings."""

    fields = _Fields()
    given: frozenset[str] = frozenset()
    """The names of the settings that were given."""

    def __init_subclass__(cls) -> None:
        """Raise TypeError where a setting has the name of something that every group has."""
        super().__init_subclass__()
        for name, value in vars(cls).items():
            if isinstance(value, Setting) and hasattr(Settings, name):
                raise TypeError(f"`{name}` is a name that every group has; choose another for the setting")

    def __init__(self, /, **given: Any) -> None:
        """Read settings. Raises `Invalid`."""
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        fields = self.fields
        for name, field in fields.items():
            if name not in given and field.is_required():
                faults.append(Fault((name,), f"`{name}` is missing", kind="missing"))
                continue
            try:
                values[name] = field.read(given[name]) if name in given else field.default_read
            except Wrong as wrong:
                faults.append(Fault((name,), wrong.what, wrong.help))
            except Invalid as invalid:
                faults += [fault._replace(path=(name, *fault.path)) for fault in invalid.faults]
        faults += [Fault((name,), "unknown setting", kind="unknown") for name in given if name not in fields]
        if not faults:
            self._hold(values, frozenset(given))
            try:
                self._refuse_mismatches()
            except Wrong as wrong:
                faults.append(Fault((), wrong.what, wrong.help))
        if faults:
            raise Invalid(faults)

    def _hold(self, values: Mapping[str, Any], given: frozenset[str]) -> None:
        vars(self).update(values, given=given)

    def _refuse_mismatches(self) -> None:
        """Raise `Wrong` where settings do not go together."""

    def with_values(self, update: Mapping[str, Any]) -> Self:
        """Return it with other values, which are taken as they are."""
        copy = object.__new__(type(self))
        copy._hold({**dict(self._values()), **update}, self.given | {*update})
        return copy

    def _values(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self.fields)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Settings):
            return NotImplemented
        return type(self) is type(other) and dict(self._values()) == dict(other._values())

    def __hash__(self) -> int:
        return hash((type(self), *self._values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._values())})"


@cache
def _fields(kind: Any) -> Mapping[str, Setting]:
    groups = [base for base in reversed(kind.__mro__) if issubclass(base, Settings) and base is not Settings]
    return {name: field for base in groups for name, field in _own_fields(base).items()}


@cache
def _own_fields(kind: Any) -> dict[str, Setting]:
    """Return what a class itself declares.

    Raises TypeError for a setting without a type, and what the evaluation of an annotation raises, such as NameError
    for one that only type checkers understand.
    """
    found = {}
    known = vars(sys.modules[kind.__module__])
    for name, annotation in inspect.get_annotations(kind).items():
        if isinstance(annotation, str):  # most are a name alone
            annotation = known[annotation] if annotation in known else eval(annotation, known)
        origin: Any = get_origin(annotation)
        if ClassVar not in (annotation, origin) and not name.startswith("_"):
            declared = vars(kind).get(name, ...)
            if not isinstance(declared, Setting):
                declared = Setting(declared, "", "", (float("-inf"), float("inf")))
            found[name] = declared.annotated(annotation)
    for name, value in vars(kind).items():
        if isinstance(value, Setting) and name not in found:
            raise TypeError(f"`{name}` has no type")
    return found
