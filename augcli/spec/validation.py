"""The settings of one mapping of a spec, read by their class; every problem with its place and what may be meant."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from augcli.problems import Enough, Problem, flow, nearest
from augcli.settings import Settings
from augcli.settings.groups import Invalid
from augcli.spec.strict_yaml import YamlNode

_S = TypeVar("_S", bound=Settings)

_EXAMPLES = {
    "size": 224,
    "model": "bert-base-uncased",
    "to": "Helsinki-NLP/opus-mt-en-de",
    "back": "Helsinki-NLP/opus-mt-de-en",
}
"""What may be written for settings that must be."""


class Mistake(NamedTuple):
    """What is wrong with a node, before `complain` decides whether it becomes a problem."""

    node: YamlNode
    what: str
    help: str | None = None


@dataclass
class SettingsReader:
    """Turns mappings into settings, and collects what is wrong."""

    problems: list[Problem]

    def __post_init__(self) -> None:
        self.unread = {problem.where for problem in self.problems}

    def complain(self, node: YamlNode, what: str, help: str | None = None) -> None:
        # One mistake, one problem: what could not be read is not complained of once more for its value.
        if not any(inner.where in self.unread for inner in node.walk()):
            self.problems.append(Problem(what, help, node.where))
        if len(self.problems) >= Enough.MOST:
            raise Enough

    def settings(
        self, model: type[_S], node: YamlNode, known: list[str], of: str = "", extra: Mapping[str, Any] = {}
    ) -> _S | None:
        """Validate a mapping node as a settings model, or complain and return None.

        `known` are the keys that may stand in the mapping, `of` says in messages whose settings they are, and `extra`
        replaces settings of the node.
        """
        try:
            return model(**{**node.plain(), **extra})
        except Invalid as invalid:
            unknown = [fault.path[0] for fault in invalid.faults if fault.kind == "unknown" and len(fault.path) == 1]
            nearly = {nearest(key, [name for name in known if name not in node.value]) for key in unknown}
            for path, what, help, kind, given in invalid.faults:
                if kind == "unknown":
                    parent = node.find(path[:-1])
                    names = known
                    if len(path) > 1:
                        inner = model.fields[path[0]].annotation
                        assert isinstance(inner, type)
                        assert issubclass(inner, Settings)
                        names = list(inner.fields)
                    near = _SAID.get(path) or near_key(path[-1], names, parent.value)
                    self.complain(parent.value[path[-1]][0], f"unknown setting `{path[-1]}`{of}", near)
                    continue
                if kind == "no mapping":
                    help = _as_section(model, path, given)
                if not path:  # settings that do not go together
                    self.complain(node, what, help)
                    continue
                if kind == "missing":
                    if path[-1] in nearly:
                        continue
                    what = f"`{path[-1]}`{of} is missing"
                    help = f"write {path[-1]}: {_EXAMPLES.get(path[-1], 1)}"
                else:
                    what = f"`{path[-1]}`: {what}"
                if path[0] in extra:  # which stands nowhere in the text
                    self.problems.append(Problem(what, help))
                    continue
                self.complain(node.find(path), what, help)
            return None


_SAID: Mapping[tuple[str, ...], str] = {
    ("split", "train"): "leave it out: what `val` and `test` leave over is trained on"
}
"""What to say of keys that nothing near them means."""


def _as_section(model: type[Settings], path: tuple[str, ...], given: Any) -> str | None:
    """Say how a value is written as a mapping: as the first setting that takes it, or all that are turned on."""
    section = model.fields[path[0]].annotation
    if not isinstance(section, type) or not issubclass(section, Settings):
        return None
    ways: list[dict[str, Any]] = []
    if given is True:
        ways.append({key: True for key, field in section.fields.items() if field.annotation is bool})
    elif isinstance(given, list) and len(given) == 3 and path == ("split",):  # train, val, test
        ways.append(dict(zip(("val", "test"), given[1:], strict=True)))
    ways += [{key: given} for key in section.fields]
    for way in ways:
        if way and _is_accepted(section, way):
            return f"write {path[0]}: {flow(way)}"
    return None


def _is_accepted(section: type[Settings], settings: dict[str, Any]) -> bool:
    try:
        section(**settings)
    except Invalid:
        return False
    return True


def near_key(word: str, known: list[str], given: Container[str], listed: list[str] | None = None) -> str:
    """Say what an unknown key may mean: one of those that are `known`, or else all that are to be `listed`."""
    near = nearest(word, known)
    if near in given:
        return f"leave it out; `{near}` stands there already"
    return f"did you mean `{near}`?" if near else f"known: {', '.join(listed or known)}"
