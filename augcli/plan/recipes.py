"""Recipes: the steps that are applied to one copy, with their draws, and the fused ops that do it; no pixels.

A recipe is a pure function of spec, source path, copy number and image size. There is one way to make it, which run,
preview and replay use alike.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from augcli.dataset.sources import Source
from augcli.image import ops, package_steps
from augcli.image.arrays import Picture, Size
from augcli.image.fusion import fuse
from augcli.image.matrices import Bounds, box_to
from augcli.image.ops import Op, Warp, size_after
from augcli.image.ops.geometric import Layers
from augcli.image.pictures import LONGEST_SIDE
from augcli.image.shrinking import halvings
from augcli.image.transform import Mixing
from augcli.output.manifest import params_text
from augcli.plan.choices import chosen, is_for
from augcli.plan.output_names import Item, Output
from augcli.problems import Unusable
from augcli.random_streams import Streams
from augcli.spec.pipeline import ALL, BRANCH, Pipeline, PipelineNode, Step, leaves
from augcli.spec.spec import Spec

Fit: TypeAlias = Size | Callable[[Size], Warp]
"""What becomes of a partner before it is mixed in: it is scaled to a size, or brought to its place."""


class Applied(NamedTuple):
    """A step that is applied, with its draw; `partners` tells of other sources that were mixed in."""

    step: Step
    draw: Any
    partners: tuple[dict[str, Any], ...] = ()

    def params(self) -> dict[str, Any]:
        told = {"step": self.step.name, **self.step.transform.params(self.draw)}
        if self.partners:
            told["partners"] = list(self.partners)
        return told


class Recipe(NamedTuple):
    """What is done to one copy: the steps that are applied, and the fused ops that do it."""

    applied: list[Applied]
    ops: list[Op]

    def params(self) -> list[dict[str, Any]]:
        """Return the manifest's account of what was applied, in order."""
        return [applied.params() for applied in self.applied]

    def params_text(self) -> str:
        """Return that as the manifest has it."""
        return params_text(self.params())

    def size_after(self, size: Size) -> Size:
        """Return the size of what becomes of an image of `size`."""
        for op in self.ops:
            size = size_after(op, size)
        return size

    def run(self, picture: Picture, layers: Layers | None = None) -> Picture:
        """Apply it to a picture, as `ops.run` does."""
        return ops.run(self.ops, picture, layers)


class Objects(Protocol):
    """The labelled objects of a source, and of nobody else."""

    def boxes(self, ops: Sequence[Op]) -> Sequence[Bounds]:
        """Return the boxes around those that are there behind ops."""

    @property
    def classes(self) -> Collection[str]:
        """The names of their classes."""


def recipe(
    spec: Spec,
    source: Source,
    copy: int | None,
    size: Size,
    objects: Objects | None = None,
    attempt: int = 0,
    branch: str = "",
) -> Recipe:
    """Draw what is done to one copy of a source of that size, and lower it to ops.

    `objects` are those that are labelled, if it has any, for steps that heed them. Another `attempt` draws otherwise.
    `branch` names the pipeline, where there are several.
    Raises `Unusable` where a step cannot be applied to an image of its size.
    """
    streams = Streams(spec.seed, key_of(source, attempt), -1 if copy is None else copy)
    making = _Making(spec, size, streams, objects, _classes_of(source, objects))
    for node in spec.steps_of(source.role):
        if node.kind != BRANCH or node.name == branch:
            making.add(node)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


def partner_recipe(
    spec: Spec, source: Source, copy: int | None, size: Size, mix: str, fit: Fit, objects: Objects | None = None
) -> Recipe:
    """Draw what is done to a source before the step called `mix` mixes it in: the steps before, then `fit`.

    Raises `Unusable` where a step cannot be applied to an image of its size.
    """
    streams = Streams(spec.seed, os.fsencode(source.name), -1 if copy is None else copy)
    making = _Making(spec, size, streams, objects, _classes_of(source, objects))
    for node in spec.steps_of(source.role):
        if any(step.name == mix for step in leaves((node,))):
            break
        making.add(node)
    making.fit(fit)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


def made_alike(before: Spec, now: Spec, item: Item, output: Output, size: Size, objects: Objects | None = None) -> bool:
    """Tell whether two specs make the same file of a source of that size, with the same row.

    It is a comparison of what they ask for, not of what comes of it; what mixes other sources in is not compared.
    """
    if before.layout != now.layout:  # it decides what is augmented, and labels tell who is mixed with whom
        return False
    if before.reject.is_on or now.reject.is_on:
        return False  # pixels tell which attempt a copy is
    if item.source.labels and before.labels != now.labels:
        return False
    try:
        recipes = [
            (spec, recipe(spec, item.source, output.copy, size, objects, branch=output.branch))
            for spec in (before, now)
        ]
    except Unusable:
        return False
    if any(isinstance(applied.step.transform, Mixing) for _, made in recipes for applied in made.applied):
        return False
    one, other = (
        (
            json.dumps(made.params()),  # -0.0 equals 0.0, and 1 equals 1.0, but rows tell them apart
            made.ops,
            pitch(spec.steps_of(item.source.role), spec.fusion, size),
            spec.border,
            spec.input,
            spec.output,
        )
        for spec, made in recipes
    )
    return one == other


_LEAST_OF_EIGHTHS = 16


def pitch(pipeline: Pipeline, fusion: str, size: Size) -> int:
    """Return how much smaller a JPEG file of that size may be decoded: by 1, 2, 4 or 8 along each side.

    Never by more than the halvings that every copy which is turned begins with anyway. It follows from the pipeline's
    ranges and the file's header alone, so that neither more copies nor a replay change a byte.

    Whoever promises a least shrink lowers to warps that are antialiased. With them all warps before it become one
    warp, which shrinks neither side by less: those before turn and move, and a turn leaves the lesser of two factors
    the least. Such a warp begins with `shrinking.halvings` of that, which only grow with it. What is left of the
    shrink, and with it the blur, is the same whoever has halved. On photos, turned first and then resized by Pillow, a
    copy is 0.3 to 1.1 levels off, on average, and from a whole decoding as far or farther: of blocks of 8 x 8 pixels
    libjpeg keeps what is coarse, which lets less through than averages do. Copies that are not turned would be
    Pillow's own: they are 0.2 to 0.7 levels off. An eighth is a plain average, 1 level off, which is left to those
    that shrink by 16.
    """
    borders = set()
    for step in pipeline if fusion == "full" else ():
        if not isinstance(step, Step):
            break
        if step.transform.keeps_scale:
            borders.add(getattr(step.transform, "border", None))
            continue
        is_sure = step.p == 1 and step.classes == ALL
        least = step.transform.least_shrink(size) if is_sure else None
        # All warps before it merge with it: it reads inside, and they have one border.
        if least is None or len(borders - {None}) > 1:
            break
        return 1 << (min(2, halvings(least)) if least < _LEAST_OF_EIGHTHS else 3)
    return 1


def recorded(
    spec: Spec, pipeline: Pipeline, params: list[dict[str, Any]], size: Size, fit: Fit | None = None
) -> Recipe:
    """Return the recipe that a manifest row tells of, for an image of that size; a mix is without its partners.

    That of a partner ends in `fit`.
    """
    steps = {step.name: step for step in leaves(pipeline)}
    applied = []
    for entry in params:
        step = steps[entry["step"]]
        draw = step.transform.draw_from({k: v for k, v in entry.items() if k not in ("step", "partners")})
        applied.append(Applied(step, draw))
    return lowered_again(spec, applied, size, fit)


def lowered_again(spec: Spec, applied: list[Applied], size: Size, fit: Fit | None = None) -> Recipe:
    """Return the recipe of steps with these draws, for an image of that size."""
    making = _Making(spec, size)
    for step, draw, _ in applied:
        making.apply(step, draw)
    if fit is not None:
        making.fit(fit)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


def key_of(source: Source, attempt: int = 0) -> bytes:
    """Return what stands for a source in the keys of streams; another attempt draws otherwise."""
    return os.fsencode(source.name) + (b"\0%d" % attempt if attempt else b"")  # no name has a NUL


def _classes_of(source: Source, objects: Objects | None) -> Callable[[], Collection[str]]:
    """Return what tells the classes of a source: that of its folder, or those of its objects."""
    return lambda: ((source.label,) if source.label else ()) if objects is None else objects.classes


class _Making:
    """Walks a pipeline; the size of the image changes on the way."""

    def __init__(
        self,
        spec: Spec,
        size: Size,
        streams: Streams | None = None,
        objects: Objects | None = None,
        classes: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self.spec, self.streams, self.objects, self.classes = spec, streams, objects, classes
        self.first_size = self.size = size
        self.applied: list[Applied] = []
        self.ops: list[Op] = []

    def add(self, node: PipelineNode) -> None:
        assert self.streams is not None
        stream = self.streams(node.name)
        if not stream.happens(node.p) or not is_for(node, self.classes):
            return
        if isinstance(node, Step):
            objects = None if self.objects is None else self._boxes
            draw = package_steps.sampled(node.transform, node.name, stream, self.size, objects)
            if draw is not None:
                self.apply(node, draw)
            return
        for index in chosen(node, stream, self.classes):
            self.add(node.steps[index])

    def _boxes(self) -> Sequence[Bounds]:
        assert self.objects is not None
        return self.objects.boxes(fuse(self.ops, self.first_size, self.spec.fusion))

    def apply(self, step: Step, draw: Any) -> None:
        for op in package_steps.lowered(step.transform, step.name, draw, self.size):
            self.ops.append(op)
            self.size = size_after(op, self.size)
        width, height = self.size
        if min(self.size) < 1:
            raise Unusable(f"nothing is left of the image after `{step.name}`")
        if max(self.size) > LONGEST_SIDE or width * height > self.spec.max_megapixels * 1e6:
            raise Unusable(
                f"`{step.name}` would make it {width}x{height}, more than `max_megapixels` or a side of {LONGEST_SIDE}"
            )
        self.applied.append(Applied(step, draw))

    def fit(self, fit: Fit) -> None:
        if not isinstance(fit, Size):
            self.ops.append(fit(self.size))
        elif self.size != fit:
            self.ops.append(Warp(box_to((0, 0, *self.size), fit), fit, ops.EDGE, antialias=True))
