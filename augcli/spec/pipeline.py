"""What a pipeline is: a tree of steps and of groups of steps; chance and choice belong to them.

A `Step` is a transform with the probability and name that belong to the step, a `Group` is a container of
steps. Names are unique within a pipeline; they key the randomness and stand in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from augcli.image.transform import Transform
from augcli.settings import Number, Settings, TextOrNone, Whole, plain, setting


class StepSettings(Settings):
    """What every step takes besides its transform's settings."""

    p: Number = setting(1.0, "Probability that the step is applied.", within=(0, 1))
    name: TextOrNone = setting(None, "A label, so that one transform can stand twice with draws of its own.")
    weight: Number = setting(1.0, "Share among the steps of `one_of` and `some_of`.", within=(0, 1e6))


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

CHOOSING = ("one_of", "some_of")


@dataclass(frozen=True)
class Step:
    """A transform in its place in a pipeline."""

    name: str
    transform: Transform[Any]
    p: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """A container: `one_of` chooses one step, `some_of` n, `sequence` and `random_order` apply all."""

    name: str
    kind: str
    steps: tuple[PipelineNode, ...]
    p: float = 1.0
    weight: float = 1.0
    n: tuple[int, int] = (1, 1)
    shuffle: bool = False


PipelineNode: TypeAlias = Step | Group
Pipeline: TypeAlias = tuple[PipelineNode, ...]


def written(node: PipelineNode, chosen: bool = False) -> dict[str, Any]:
    """Return a pipeline node as the canonical YAML writes it; a step that is chosen has no `p`."""
    own: dict[str, Any] = {"name": node.name}
    own |= {"p": plain(node.p)} if not chosen and (node.p, default_p(node)) != (1, 1) else {}
    own |= {"weight": plain(node.weight)} if node.weight != 1 else {}
    if isinstance(node, Step):
        if node.name == node.transform.name():
            del own["name"]
        return {node.transform.name(): plain(node.transform) | own}
    if node.name == node.kind:
        del own["name"]
    if node.kind == "some_of":
        own |= {"n": list(node.n), "shuffle": node.shuffle}
    return {node.kind: own | {"steps": [written(step, node.kind in CHOOSING) for step in node.steps]}}


def default_p(node: PipelineNode) -> float:
    return node.transform.default_p if isinstance(node, Step) else 1.0


def leaves(pipeline: Pipeline) -> Iterator[Step]:
    """Return all steps of a pipeline in reading order, those inside containers too."""
    for node in pipeline:
        if isinstance(node, Step):
            yield node
        else:
            yield from leaves(node.steps)
