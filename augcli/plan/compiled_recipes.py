"""Recipes that compiled code draws and fuses: one call for all copies of a source, with what `recipe` gives to the bit.

A pipeline becomes numbers once. One that has a step which the compiled code does not know is left to `recipe`, and so
is a copy for which something goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from struct import Struct, pack
from typing import Any, NamedTuple

from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.image.native import BORDERS, address_of, library
from augcli.image.ops import native_run, packed
from augcli.image.ops.geometric import Layers
from augcli.image.ops.native_run import INTERPOLATIONS, MOST_OPS
from augcli.image.ops.packed import PackedOps
from augcli.image.pictures import LONGEST_SIDE
from augcli.output.manifest import params_text
from augcli.settings import Border
from augcli.spec.pipeline import ALL, BRANCH, PipelineNode, Step
from augcli.spec.spec import Spec

Numbers = tuple[float, ...]


class Unknown(Exception):
    """Raised for what the compiled code does not know."""


# Transforms, as numbers


def _border(border: Border) -> Numbers:
    return BORDERS.index(border.mode), *border.fill


def _borders(transform: Any) -> Numbers:
    return *_border(transform.border), INTERPOLATIONS.index(transform.interpolation)


def _fill(fill: Any) -> Numbers:
    return (1, 0, 0, 0) if fill == "random" else (0, *fill)


def _sides(transform: Any) -> Numbers:
    return transform.size if isinstance(transform.size, tuple) else (transform.size, transform.size)


def _known(value: object, known: object) -> Numbers:
    """Refuse a setting whose value is another than the known one."""
    if value != known:
        raise Unknown
    return ()


NUMBERS: Mapping[str, Callable[[Any], Numbers]] = {
    "horizontal_flip": lambda _: (),
    "vertical_flip": lambda _: (),
    "rotate": lambda t: (*t.degrees, *_borders(t), *_known(t.expand, False)),
    "affine": lambda t: (
        *(*t.degrees, *t.translate.x, *t.translate.y, *t.scale, *t.shear.x, *t.shear.y),
        *(t.scale_y is not None, *(t.scale_y or t.scale), t.shear_last, *_borders(t)),
    ),
    "perspective": lambda t: (
        t.sampler == "inward",
        *(t.distortion_scale if t.sampler == "inward" else t.scale),
        *_borders(t),
    ),
    "random_resized_crop": lambda t: (
        *(*_sides(t), *t.scale, *t.ratio, INTERPOLATIONS.index(t.interpolation)),
        *_known(t.keep, "anything"),
    ),
    "color_jitter": lambda t: (*t.brightness, *t.contrast, *t.saturation, *t.hue),
    "brightness": lambda t: (t.mode == "add", *(t.delta if t.mode == "add" else t.factor)),
    "contrast": lambda t: (("gray", "channel", "zero").index(t.pivot), *t.factor),
    "saturation": lambda t: (*t.factor, *_known(t.space, "blend")),
    "hue": lambda t: t.turns,
    "gamma": lambda t: t.gamma,
    "gaussian_blur": lambda t: (*t.kernel_size, *t.sigma),
    "gauss_noise": lambda t: (*t.mean, *t.std, t.per_channel),
    "resize": lambda t: (
        *(*_sides(t), t.max_size or 0, isinstance(t.size, int)),
        INTERPOLATIONS.index(t.interpolation),
    ),
    "center_crop": lambda t: (*_sides(t), *_border(t.border)),
    "random_crop": lambda t: (
        *(*_sides(t), *t.padding, t.pad_if_needed, *_border(t.border)),
        *_known(t.keep, "anything"),
    ),
    "random_erasing": lambda t: (t.sampler == "fitted", *t.scale, *t.ratio, *_fill(t.fill)),
    "coarse_dropout": lambda t: (*t.holes, *t.height, *t.width, *_fill(t.fill)),
    "rgb_shift": lambda t: (*t.red, *t.green, *t.blue),
    "grayscale": lambda _: (),
}
"""The settings of each transform that the compiled code knows, in the order in which TRANSFORMS of recipes.c has them.

Its function there reads them by their places.
"""
_GROUPS = ("one_of", "some_of", "sequence", "random_order")
_KINDS = {kind: number for number, kind in enumerate((*_GROUPS, *NUMBERS))} | {BRANCH: _GROUPS.index("sequence")}
_FUSIONS = ("off", "exact", "full")

# Programs

_MOST_INSIDE, _DEEPEST = 64, 16  # for recipes.c, whose calls are as deep as groups are
_STEP, _PIPELINE, _MADE = Struct("2d 7i 4x"), Struct("3P d 3i 4x"), Struct("4i q")


class CompiledRecipe(NamedTuple):
    """What is done to one copy: its entry in the manifest, its size at the end, and its fused ops."""

    text: str
    size: Size
    ops: PackedOps

    def params_text(self) -> str:
        """Return what was applied, as the manifest has it."""
        return self.text

    def size_after(self, size: Size) -> Size:
        """Return the size of what becomes of the image that it was drawn for."""
        return self.size

    def run(self, picture: Picture, layers: Layers | None = None) -> Picture:
        """Apply it to a picture, as `ops.run` does."""
        made = native_run.run_packed(self.ops.address, len(self.ops), picture, layers, self.size)
        return ops.run(self.ops, picture, layers) if made is None else made


class Program:
    """A pipeline as numbers."""

    def __init__(self, spec: Spec, nodes: Sequence[PipelineNode]) -> None:
        self._steps: list[tuple[float, ...]] = []
        self._numbers: list[float] = []
        self._names = b""
        self._seed = _part(str(spec.seed).encode())
        for node in nodes:
            self._add(node, _DEEPEST)
        self._room = 64 + len(self._names) + 256 * len(self._steps)
        # The parts must outlive the pipeline, which holds their addresses.
        self._parts = (
            bytearray().join(_STEP.pack(*step) for step in self._steps),
            bytearray(pack(f"{len(self._numbers)}d", *self._numbers)),
            bytearray(self._names),
        )
        self._packed = _PIPELINE.pack(
            *(address_of(part) if part else 0 for part in self._parts),
            *(spec.max_megapixels * 1e6, len(self._steps), LONGEST_SIDE, _FUSIONS.index(spec.fusion)),
        )

    def _add(self, node: PipelineNode, deepest: int) -> None:
        if node.classes != ALL or node.kind not in _KINDS or not deepest:
            raise Unknown
        at = len(self._steps)
        self._steps.append(())
        first = len(self._numbers)
        name = self._named(node.name.encode("utf-8", "surrogatepass"))
        entry = (0, 0)
        if isinstance(node, Step):
            if type(node.transform) is not transforms.find(node.kind):
                raise Unknown
            self._numbers += NUMBERS[node.kind](node.transform)
            told = params_text([{"step": node.name}])[1:-2]
            entry = self._named(told.encode("utf-8", "surrogatepass"))
        else:
            if len(node.steps) > _MOST_INSIDE:
                raise Unknown
            self._numbers += (*node.n, node.shuffle)
            for inside in node.steps:
                self._add(inside, deepest - 1)
        self._steps[at] = (node.p, node.weight, _KINDS[node.kind], len(self._steps), first, *name, *entry)

    def _named(self, name: bytes) -> tuple[int, int]:
        """Return where a name stands, and its length."""
        self._names += name
        return len(self._names) - len(name), len(name)

    def recipes(self, key: bytes, copies: Sequence[int | None], size: Size) -> list[CompiledRecipe | None]:
        """Return the recipes of copies of a source of a size; None of a copy that `recipe` must be asked for.

        `key` is what the source is called in the keys of its draws.
        """
        compiled = library()
        assert compiled is not None
        root = self._seed + _part(key)
        numbers = [-1 if copy is None else copy for copy in copies]
        found: list[CompiledRecipe | None] = []
        factor = 1
        while len(found) < len(numbers):
            wanted = numbers[len(found) : len(found) + _AT_ONCE]
            count = len(wanted)
            made, text = bytearray(_MADE.size * count), bytearray(self._room * count * factor)
            fused = bytearray(packed.SIZE * (4 * count * factor + MOST_OPS))
            address = address_of(fused)
            count = compiled.augcli_recipes(
                *(self._packed, root, len(root), pack(f"{count}q", *wanted), count, *size),
                *(address_of(made), address_of(text), len(text), address, len(fused) // packed.SIZE),
            )
            if not count:
                factor *= 2
            text_start = ops_start = 0
            for is_left, width, height, ops_end, text_end in _MADE.iter_unpack(memoryview(made)[: _MADE.size * count]):
                params = text[text_start:text_end].decode("utf-8", "surrogatepass")
                some = PackedOps(fused, address + packed.SIZE * ops_start, ops_end - ops_start)
                found.append(None if is_left else CompiledRecipe(params, Size(width, height), some))
                text_start, ops_start = text_end, ops_end
        return found


_AT_ONCE = 256  # copies


def _part(name: bytes) -> bytes:
    """Return a part of a key, as `Streams` takes it in."""
    return len(name).to_bytes(4, "little") + name


def compiled(spec: Spec, role: str, branch: str = "") -> Program | None:
    """Return what draws the recipes of sources of a role; None where `recipe` must.

    `branch` names the pipeline, where there are several.
    """
    if library() is None:
        return None
    try:
        return Program(spec, [node for node in spec.steps_of(role) if node.kind != BRANCH or node.name == branch])
    except Unknown:
        return None
