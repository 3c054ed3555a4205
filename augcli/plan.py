"""What is to be made: the outputs of every source under their final names, and the recipe of each copy.

A recipe is a pure function of spec, source path, copy number and image size. There is one way to make
it, used by run, preview and replay alike.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from augcli.dataset import SUFFIXES, Source, stop_if_gone
from augcli.image import ops
from augcli.image.arrays import Size
from augcli.image.fusion import fuse
from augcli.image.matrices import box_to
from augcli.image.ops import Op, Warp, size_after
from augcli.image.pictures import LONGEST_SIDE, MAGIC_LENGTH, format_of, suffix_for, unread, written_format
from augcli.image.transform import Mixing, Ops
from augcli.pipeline import Group, Pipeline, PipelineNode, Step, leaves
from augcli.problems import Unusable
from augcli.spec import Spec
from augcli.streams import Streams

LONGEST_NAME = 255  # bytes; the limit of every common file system
LONGEST_STEM = 50  # characters; up to here no name of an output can be too long


class Item(NamedTuple):
    """A source and what becomes of it; `stem` and `suffix` make the names of its outputs."""

    source: Source
    stem: str
    suffix: str
    format: str
    error: str = ""


class Output(NamedTuple):
    """One file that is planned; `copy` is None for originals, copied and transformed files."""

    file_name: str
    copy: int | None
    status: str


def outputs(item: Item, spec: Spec) -> list[Output]:
    """Return the planned files of a source, the original first, then the copies."""
    treatment = spec.treatment(item.source.role)
    original = item.stem + os.path.splitext(item.source.path)[1]
    if treatment == "skip":
        return []
    if treatment == "copy":
        return [Output(original, None, "copied")]
    if treatment != "augment":
        return [Output(item.stem + item.suffix, None, "transformed")]
    planned = [Output(original, None, "original")] if spec.include_originals else []
    copies = range(spec.copies)
    return planned + [Output(f"{item.stem}_aug{copy:03d}{item.suffix}", copy, "augmented") for copy in copies]


def count(item: Item, spec: Spec) -> int:
    """Return the number of planned files of a source, without naming them."""
    treatment = spec.treatment(item.source.role)
    if treatment == "augment":
        return spec.copies + spec.include_originals
    return 0 if treatment == "skip" else 1


def items(spec: Spec, root: Path, sources: list[Source]) -> Iterator[Item]:
    """Give every source the stem of its output names, in the order of the sources.

    Formats are told by content. Where two sources ask for one name (`a.jpg` and `a.png`, names or folders that
    differ in case or Unicode form only, `a_aug000.jpg` beside `a.jpg`), all but the first get a short
    hash of their path.
    """
    keyed = _keys_by_folder(sources)
    taken = _taken_by_folders(keyed)
    hashed: set[tuple[str, str]] = set()
    for source in sources:
        here, name = os.path.split(source.path)
        stem, present = os.path.splitext(name)
        folder, key = folded(here), folded(stem)
        stems = keyed[folder]
        if stems[key] is not source or not stems.keys().isdisjoint(_bases(key)) or (folder, key) in taken:
            stem = _with_hash(stem, source, folder, hashed)
        written: str = spec.output.format
        error = ""
        if written == "source":
            try:
                format = _format(root, source)
                written = written_format(format, written) if format else ""
            except Unusable as unusable:  # or it would get names without a suffix, should it be read later on
                written, error = "", str(unusable)
        suffix = suffix_for(written, present) if written else ""
        item = Item(source, f"{here}/{stem}" if here else stem, suffix, written, error)
        if len(stem) > LONGEST_STEM and (longest := _longest(outputs(item, spec))) > LONGEST_NAME:
            item = item._replace(
                error=f"the name is too long: its outputs would need {longest} of {LONGEST_NAME} bytes"
            )
        yield item


def _longest(planned: list[Output]) -> int:
    return max((len(os.fsencode(os.path.basename(output.file_name))) for output in planned), default=0)


def _with_hash(stem: str, source: Source, folder: str, hashed: set[tuple[str, str]]) -> str:
    """Return a stem that no other source of a folder has; those that got a hash before are `hashed`."""
    for length in range(3, 64, 3):  # bytes; the first will do but for one in millions
        made = f"{stem}~{blake2b(os.fsencode(source.path), digest_size=length).hexdigest()}"
        if (folder, folded(made)) not in hashed:
            break
    hashed.add((folder, folded(made)))
    return made


_MADE_NAME = re.compile(r"(.+)(?:_aug\d+|~(?:[0-9a-f]{6})+)")
"""Names such as those that are made here, for copies and for sources that clash."""


def _bases(key: str) -> Iterator[str]:
    """Return the names that a name may have been made from here."""
    while made := _MADE_NAME.fullmatch(key):
        key = made[1]
        yield key


_SUFFIXES = frozenset((*SUFFIXES, ".npy"))


def _keys_by_folder(sources: list[Source]) -> dict[str, dict[str, Source]]:
    """Return who comes first of the sources that would share a stem, by folder and stem as a disk may see them."""
    first: dict[str, dict[str, Source]] = {}
    for source in sources:
        folder, name = os.path.split(source.path)
        first.setdefault(folded(folder), {}).setdefault(folded(os.path.splitext(name)[0]), source)
    return first


def _taken_by_folders(folders: Iterable[str]) -> set[tuple[str, str]]:
    """Return the stems, by folder, whose outputs might be called as a folder is: `a` beside `a_aug000.jpg/`."""
    taken = set()
    for path in folders:
        while path:
            path, name = os.path.split(path)
            stem, suffix = os.path.splitext(name)
            if suffix in _SUFFIXES:
                taken |= {(path, key) for key in (stem, *_bases(stem))}
    return taken


def folded(name: str) -> str:
    """Return what a disk may see that ignores case and Unicode form, by whichever of the usual rules.

    Two names come to one if they do so under NFC and casefolding, or under NFD and capitals, as `ss` and `ß` do.
    """
    if name.isascii():
        return name.lower()
    return _capitals(_small(_capitals(_small(name)))).lower()


def _small(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _capitals(name: str) -> str:
    return unicodedata.normalize("NFD", name).upper()


def _format(root: Path, source: Source) -> str | None:
    """Return the format of a source, None where it is none that is read. Raises `Unusable` if it cannot be read."""
    try:
        # what was listed as a file may be a pipe by now
        file = os.open(os.path.join(root, source.path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return format_of(os.read(file, MAGIC_LENGTH))
        finally:
            os.close(file)
    except OSError as error:
        stop_if_gone(root)
        raise unread(error) from None


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


def recipe(spec: Spec, source: Source, copy: int | None, size: Size) -> Recipe:
    """Draw what is done to one copy of a source of that size, and lower it to ops.

    Raises `Unusable` where a step cannot be applied to an image of its size.
    """
    streams = Streams(spec.seed, os.fsencode(source.path), -1 if copy is None else copy)
    making = _Making(streams, size, spec.max_megapixels)
    for node in spec.steps_of(source.role):
        making.add(node)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


def partner_recipe(spec: Spec, source: Source, copy: int | None, size: Size, mix: str, fit: Size) -> Recipe:
    """Draw what is done to a source before the step called `mix` mixes it in: the steps before, then a resize to `fit`.

    Raises `Unusable` where a step cannot be applied to an image of its size.
    """
    making = _Making(
        Streams(spec.seed, os.fsencode(source.path), -1 if copy is None else copy), size, spec.max_megapixels
    )
    for node in spec.steps_of(source.role):
        if any(step.name == mix for step in leaves((node,))):
            break
        making.add(node)
    making.fit(fit)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


def made_alike(before: Spec, now: Spec, item: Item, output: Output, size: Size) -> bool:
    """Tell whether two specs make the same file of a source of that size, with the same row.

    It is a comparison of what they ask for, not of what comes of it; what mixes other sources in is not compared.
    """
    if before.layout != now.layout:  # it decides what is augmented, and labels tell who is mixed with whom
        return False
    try:
        recipes = [(spec, recipe(spec, item.source, output.copy, size)) for spec in (before, now)]
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


def pitch(pipeline: Pipeline, fusion: str, size: Size) -> int:
    """Return how much smaller a JPEG file of that size may be decoded: by 1, 2, 4 or 8 along each side.

    Never by more than the reduction that every copy would begin with anyway. It follows from the pipeline's ranges
    and the file's header alone, so that neither more copies nor a replay change a byte.
    """
    borders = set()
    for step in pipeline if fusion == "full" else ():
        if not isinstance(step, Step):
            break
        if step.transform.keeps_scale:
            borders.add(getattr(step.transform, "border", None))
            continue
        least = step.transform.least_shrink(size) if step.p == 1 else None
        # All warps before it merge with it: it reads inside, and they have one border.
        if least is None or len(borders - {None}) > 1:
            break
        # A reduction by 4 or 5 begins with two halvings, one by 6 or 7 with one: half of the least is always there.
        return 1 << max(0, min(3, int(least).bit_length() - 2))
    return 1


def recorded(
    spec: Spec, pipeline: Pipeline, params: list[dict[str, Any]], size: Size, fit: Size | None = None
) -> Recipe:
    """Return the recipe that a manifest row tells of, for an image of that size; a mix is without its partners.

    That of a partner ends in a resize to `fit`.
    """
    steps = {step.name: step for step in leaves(pipeline)}
    applied = []
    for entry in params:
        step = steps[entry["step"]]
        draw = step.transform.draw_from({k: v for k, v in entry.items() if k not in ("step", "partners")})
        applied.append(Applied(step, draw))
    return lowered_again(spec, applied, size, fit)


def lowered_again(spec: Spec, applied: list[Applied], size: Size, fit: Size | None = None) -> Recipe:
    """Return the recipe of steps with these draws, for an image of that size."""
    making = _Making(None, size, spec.max_megapixels)
    for step, draw, _ in applied:
        making.apply(step, draw)
    making.fit(fit or making.size)
    return Recipe(making.applied, fuse(making.ops, size, spec.fusion))


class _Making:
    """Walks a pipeline; the size of the image changes on the way."""

    def __init__(self, streams: Streams | None, size: Size, max_megapixels: float) -> None:
        self.streams = streams
        self.max_megapixels = max_megapixels
        self.size = size
        self.applied: list[Applied] = []
        self.ops: list[Op] = []

    def add(self, node: PipelineNode) -> None:
        assert self.streams is not None
        stream = self.streams(node.name)
        if not stream.happens(node.p):
            return
        if isinstance(node, Step):
            draw = node.transform.sample(stream, self.size)
            if draw is not None:
                self.apply(node, draw)
            return
        for index in _chosen(node, stream):
            self.add(node.steps[index])

    def apply(self, step: Step, draw: Any) -> None:
        lowered: Ops = step.transform.lower(draw, self.size)
        for op in lowered if isinstance(lowered, tuple) else (lowered,):
            self.ops.append(op)
            self.size = size_after(op, self.size)
        width, height = self.size
        if min(self.size) < 1:
            raise Unusable(f"nothing is left of the image after `{step.name}`")
        if max(self.size) > LONGEST_SIDE or width * height > self.max_megapixels * 1e6:
            raise Unusable(
                f"`{step.name}` would make it {width}x{height}, more than `max_megapixels` or a side of {LONGEST_SIDE}"
            )
        self.applied.append(Applied(step, draw))

    def fit(self, size: Size) -> None:
        if self.size != size:
            self.ops.append(Warp(box_to((0, 0, *self.size), size), size, ops.EDGE, antialias=True))


def _chosen(group: Group, stream: Any) -> list[int]:
    """Return the indices of the steps of a group that are applied, in order."""
    everything = list(range(len(group.steps)))
    if group.kind == "sequence":
        return everything
    if group.kind == "random_order":
        return stream.order(len(everything))  # type: ignore[no-any-return]
    weights = [step.weight for step in group.steps]
    if group.kind == "one_of":
        return [stream.index(weights)]
    chosen = []
    for _ in range(stream.integer(*group.n)):
        index = stream.index(weights)
        weights[index] = 0.0
        chosen.append(index)
    return chosen if group.shuffle else sorted(chosen)
