"""What a pipeline is: a tree of steps and of groups of steps; chance and choice belong to them.

A `Step` is a transform with the probability and name that belong to the step, a `Group` is a container of
steps. Names are unique within a pipeline: every draw of a step follows from its name, and the manifest has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias, TypeVar

from augcli.settings import Classes, Number, Settings, TextOrNone, Whole, plain, setting
from augcli.spec.class_patterns import fits

_S = TypeVar("_S", bound=Settings)


def _with_except(model: type[_S]) -> type[_S]:
    """Give a model the field `except`, which a class cannot: it is a word of Python."""
    own = {"__module__": __name__, "__doc__": model.__doc__, "__annotations__": {"except": Classes}}
    return type(model.__name__, (model,), {**own, "except": setting((), "The classes that it is not for.")})


class ForClasses(NamedTuple):
    """The classes that a step is for, as patterns: those that it is `only` for, or all but some."""

    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()

    def fit(self, label: str) -> bool:
        """Tell whether a class is one of them."""
        return (not self.only or fits(self.only, label)) and not fits(self.but, label)


ALL = ForClasses()


@_with_except
class StepSettings(Settings):
    """What every step takes besides its transform's settings."""

    p: Number = setting(1.0, "Probability that the step is applied.", within=(0, 1))
    name: TextOrNone = setting(None, "A label, so that one transform can stand twice with draws of its own.")
    weight: Number = setting(1.0, "Share among the steps of `one_of` and `some_of`.", within=(0, 1e6))
    only: Classes = setting((), "The classes that it is for; all others go past it.")

    @property
    def classes(self) -> ForClasses:
        return ForClasses(self.only, getattr(self, "except"))


class SomeOfSettings(StepSettings):
    n: Whole = setting(..., "How many steps are chosen, without replacement.", within=(0, 1000))
    shuffle: bool = setting(False, "Apply them in random order instead of that of the spec.")


GROUPS: Mapping[str, type[StepSettings]] = {
    "one_of": StepSettings,
    "some_of": SomeOfSettings,
    "sequence": StepSettings,
    "random_order": StepSettings,
}
"""Containers and what they take besides `steps`."""

BRANCH = "branch"
"""The kind of a group that is one of several pipelines side by side."""

CHOOSING = ("one_of", "some_of")
"""Containers that apply some of their steps; what is chosen is applied."""


def is_chosen(inside: tuple[str, ...]) -> bool:
    """Tell whether a step is one of several to choose from; `inside` are the containers around it."""
    return bool(inside) and inside[-1] in CHOOSING


@dataclass(frozen=True)
class Step:
    """A transform in its place in a pipeline; its name is empty until `named` has given it one."""

    name: str
    transform: Any
    """An `AnyTransform`; who makes images or texts knows that it is one for these."""
    p: float = 1.0
    weight: float = 1.0
    classes: ForClasses = ALL

    @cached_property
    def kind(self) -> str:
        """What it is: the name of its transform."""
        return str(self.transform.name())


@dataclass(frozen=True)
class Group:
    """A container: `one_of` chooses one step, `some_of` n, `sequence` and `random_order` apply all."""

    name: str
    kind: str
    steps: tuple[PipelineNode, ...]
    p: float = 1.0
    weight: float = 1.0
    classes: ForClasses = ALL
    n: tuple[int, int] = (1, 1)
    shuffle: bool = False


PipelineNode: TypeAlias = Step | Group
Pipeline: TypeAlias = tuple[PipelineNode, ...]


def named(pipeline: Pipeline, taken: Container[str]) -> Pipeline:
    """Give a name to all that have none: what they are, with a number where it is `taken` or stands already."""
    given: set[str] = set()
    counts: Counter[str] = Counter()

    def name_of(kind: str) -> str:
        name = kind
        while name in taken or name in given:
            counts[kind] += 1
            name = f"{kind}_{counts[kind] + 1}"
        given.add(name)
        return name

    def with_name(node: PipelineNode) -> PipelineNode:
        name = node.name or name_of(node.kind)
        if isinstance(node, Step):
            return replace(node, name=name)
        return replace(node, name=name, steps=tuple(map(with_name, node.steps)))

    return tuple(map(with_name, pipeline))


def canonical(node: PipelineNode, chosen: bool = False) -> dict[str, Any]:
    """Return a pipeline node as the canonical YAML writes it; a step that is chosen has no `p`."""
    own: dict[str, Any] = {"name": node.name} if node.name != node.kind else {}
    default_p = node.transform.default_p if isinstance(node, Step) else 1.0
    own |= {"p": plain(node.p)} if not chosen and (node.p, default_p) != (1, 1) else {}
    own |= {"weight": plain(node.weight)} if node.weight != 1 else {}
    own |= {"only": list(node.classes.only)} if node.classes.only else {}
    own |= {"except": list(node.classes.but)} if node.classes.but else {}
    if isinstance(node, Step):
        return {node.kind: plain(node.transform) | own}
    if node.kind == "some_of":
        own |= {"n": list(node.n), "shuffle": node.shuffle}
    return {node.kind: own | {"steps": [canonical(step, node.kind in CHOOSING) for step in node.steps]}}


def happening(nodes: Pipeline) -> Iterator[Step]:
    """Return the steps that can happen at all, in reading order, those inside containers too."""
    for node in nodes:
        if node.p == 0 or node.weight == 0:
            continue
        if isinstance(node, Step):
            yield node
        elif node.n[1]:
            yield from happening(node.steps)


def leaves(pipeline: Pipeline) -> Iterator[Step]:
    """Return all steps of a pipeline in reading order, those inside containers too."""
    for node in pipeline:
        if isinstance(node, Step):
            yield node
        else:
            yield from leaves(node.steps)


def mixes(pipeline: Pipeline) -> bool:
    """Tell whether a step of a pipeline needs other sources."""
    return any(step.transform.mixes for step in leaves(pipeline))
