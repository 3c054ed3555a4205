"""Calls of other libraries as nodes of our steps, and where chance belongs in them."""

from __future__ import annotations

from typing import Any

from augcli.image import dialects
from augcli.problems import near_name
from augcli.spec.strict_yaml import YamlNode

Entry = tuple[YamlNode, YamlNode]
"""A key and its value."""


def with_chance(
    steps: list[YamlNode], place: YamlNode, p: Entry, about: dict[str, Entry], choosing: bool, weighs: bool
) -> list[YamlNode]:
    """Give the steps of a call its `p`, and what else it says `about` a step: name and weight.

    Where one of several is chosen, `p` is the weight of a call that `weighs`. Any other call may there do nothing
    although it was chosen, as in its library: what has a `p` then stands in a sequence of its own.
    """
    if weighs:
        about = {"weight": p, **about}
    elif len(steps) == 1 and "p" not in settings(steps[0]):
        steps = [with_entries(steps[0], {"p": p})]
    elif not is_one(p):
        steps = [with_entries(sequence(steps, place), {"p": p})]
    if choosing and (len(steps) != 1 or "p" in settings(steps[0])):
        certain = len(steps) == 1 and is_one(settings(steps[0])["p"])
        steps = [without_p(steps[0]) if certain else sequence(steps, place)]
    if about:
        steps = [with_entries(steps[0] if len(steps) == 1 else sequence(steps, place), about)]
    return steps


def is_one(p: Entry) -> bool:
    """Tell whether a `p` says always; a `true` is left to be complained of."""
    return p[1].value == 1 and p[1].value is not True


def foreign(library: str, call: str) -> str:
    """Say what an unknown name of another library may mean."""
    for name, entry in dialects.entries(library).items():
        if entry.refusal is not None and name.lower() == call.lower():
            return entry.refusal.help or entry.refusal.what
    if near := near_name(call, dialects.offered(library)):
        return f"did you mean `{library}.{near}`?"
    return f"augcli show {library} lists the names that are known"


def node(plain: Any, place: YamlNode) -> YamlNode:
    """Make a node of plain data, which stands where `place` does; nodes in it stay what they are."""
    if isinstance(plain, YamlNode):
        return plain
    if isinstance(plain, dict):
        return YamlNode({key: (place, node(value, place)) for key, value in plain.items()}, place.where)
    if isinstance(plain, (list, tuple)):
        return YamlNode([node(value, place) for value in plain], place.where)
    return YamlNode(plain, place.where)


def sequence(steps: list[YamlNode], place: YamlNode) -> YamlNode:
    return node({"sequence": {"steps": steps}}, place)


def is_bare_sequence(step: YamlNode) -> bool:
    """Tell whether a step is a `sequence` with nothing but its steps."""
    return kind(step) == "sequence" and [*settings(step)] == ["steps"]


def settings(step: YamlNode) -> dict[str, tuple[YamlNode, YamlNode]]:
    ((_, (_, settings)),) = step.value.items()
    return settings.value  # type: ignore[no-any-return]


def with_entries(step: YamlNode, entries: dict[str, tuple[YamlNode, YamlNode]]) -> YamlNode:
    ((kind, (place, settings)),) = step.value.items()
    return YamlNode({kind: (place, YamlNode({**settings.value, **entries}, settings.where))}, step.where)


def without_p(step: YamlNode) -> YamlNode:
    ((kind, (place, settings)),) = step.value.items()
    return YamlNode(
        {kind: (place, YamlNode({k: v for k, v in settings.value.items() if k != "p"}, settings.where))}, step.where
    )


def kind(step: YamlNode) -> str:
    return str(next(iter(step.value)))
