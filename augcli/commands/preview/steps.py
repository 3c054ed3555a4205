"""The contact sheet of a pipeline's steps: each by itself on one photo, at both ends and the middle of its ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import PIL.Image

from augcli.commands.preview.contact_sheet import Cell, framed, laid_out, without_picture
from augcli.commands.preview.copies import as_picture, caption
from augcli.dataset.reading import read_source
from augcli.dataset.sources import LabelSet, Source
from augcli.image import ops, package_steps, pictures
from augcli.image.arrays import Numbers, Picture, Size
from augcli.image.matrices import box_to
from augcli.image.ops import EDGE, Warp
from augcli.image.transform import Mixing
from augcli.lint.steps import does_nothing
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import fits_of, with_partners
from augcli.modality.images.sources import decode_as_spec_says, over_background
from augcli.plan import output_names, recipes
from augcli.plan.recipes import Objects
from augcli.problems import Problem, Refused, Unusable
from augcli.random_streams import Certain, WouldDraw
from augcli.settings.values import PerAxis, Range
from augcli.spec.pipeline import Step, leaves
from augcli.spec.range_ends import ENDS, End, values
from augcli.spec.spec import Spec

MOST_STEPS = 100
DRAWS = ("draw 1", "draw 2", "draw 3")


Partner: TypeAlias = tuple[str, Picture]
"""A picture that may be mixed in, with its name."""


class Version(NamedTuple):
    """A step in one strength: what that is called, what was applied, and the picture made, or why there is none."""

    title: str
    params: list[dict[str, Any]]
    made: Picture | Unusable
    fixed: Mapping[str, Range | PerAxis]
    """The ranges that were narrowed to one value."""


def sheet(spec: Spec, root: Path, sources: list[Source], sets: list[LabelSet]) -> PIL.Image.Image:
    """Draw a row for each step of the pipeline; `sources` are all of the augmented split.

    The photo is the first of them that can be read, the partners of a mix are those that follow it. Raises
    `Refused` for a pipeline that is too long to be looked at.
    """
    steps = list(leaves(spec.pipeline))
    if len(steps) > MOST_STEPS:
        raise Refused(Problem(f"the pipeline has {len(steps)} steps; up to {MOST_STEPS} are shown", "leave some out"))
    read, reason = _readable(spec, root, sources, 1)
    if not read:
        return laid_out([[without_picture(sources[0].path, [reason])]])
    ((source, picture),) = read
    header = pictures.read_header(read_source(str(root), source.path, source.member), spec.max_megapixels)
    objects = Labeller(spec, str(root), sets).objects(source, header)

    def partners(step: Step) -> list[Partner]:
        if not isinstance(step.transform, Mixing):
            return []
        wanted = {"any": (True, False), "same_class": (True,), "other_class": (False,)}[step.transform.partner]
        of_kind = [one for one in sources if one != source and (one.label == source.label) in wanted]
        readable, _ = _readable(spec, root, of_kind, len(DRAWS) * step.transform.partners)
        return [(one.path, picture) for one, picture in readable]

    return laid_out([list(_row(spec, step, source, picture, partners(step), objects)) for step in steps])


def _readable(spec: Spec, root: Path, sources: list[Source], wanted: int) -> tuple[list[tuple[Source, Picture]], str]:
    """Decode the first sources that can be; also say why the very first could not."""
    found: list[tuple[Source, Picture]] = []
    reason, format = "", ""
    for source in sources:
        try:
            data = read_source(str(root), source.path, source.member)
            picture = decode_as_spec_says(spec, data, pictures.read_header(data, spec.max_megapixels))[0]
        except Unusable as unusable:
            reason = reason or str(unusable)
            continue
        format = format or output_names.items(spec, root, [source])[0].format
        found.append((source, over_background(spec, picture) if format == "jpeg" else picture))
        if len(found) == wanted:
            break
    return found, reason


def _row(
    spec: Spec, step: Step, source: Source, picture: Picture, others: Sequence[Partner], objects: Objects | None
) -> Iterator[Cell]:
    width, height = picture.size
    yield framed(picture, step.name, [source.path, f"{width} x {height}"])
    for title, params, made, _ in versions(spec, step, source, picture, others, objects):
        if isinstance(made, Unusable):
            yield without_picture(title, [str(made)])
            continue
        lines = [caption(entry) for entry in params] or ["nothing applied"]
        shown = made
        if step.transform.changes_range:
            shown, said = as_picture(cast("Numbers", made.image), [step])
            lines.append(said)
        yield framed(shown, f"{title}, {made.size.width} x {made.size.height}", lines)


def versions(
    spec: Spec, step: Step, source: Source, picture: Picture, others: Sequence[Partner], objects: Objects | None = None
) -> list[Version]:
    """Apply a step by itself at the low end, the middle and the high end of its ranges.

    What is no range is drawn from the step's own stream, the same for all three. Where the ends make no difference
    there are three draws instead, and of a step that draws nothing there is one version. The partners of a mix are
    `others` in turn, resized; without any it is not applied. `objects` tells where the source's objects are.
    """

    def version(title: str, fixed: Mapping[str, Range | PerAxis], copy: int = 0) -> Version:
        alone = _with(step, fixed)
        pipeline = {"pipeline": (alone,), "splits": {**spec.splits, source.role: "augment"}}
        try:
            recipe = recipes.recipe(spec.with_values(pipeline), source, copy, picture.size, objects)
            if not isinstance(step.transform, Mixing):
                return Version(title, recipe.params(), ops.run(recipe.ops, picture), fixed)
        except Unusable as unusable:
            return Version(title, [], unusable, fixed)
        if not others:
            return Version(title, [], picture, fixed)
        count = step.transform.partners
        taken = [others[(copy * count + index) % len(others)] for index in range(count)]
        told = [{**entry, "partners": [{"source": name} for name, _ in taken]} for entry in recipe.params()]
        fits = fits_of(recipe, picture.size)
        recipe = with_partners(recipe, [_fitted(other, fit) for (_, other), fit in zip(taken, fits, strict=False)])
        return Version(title, told, ops.run(recipe.ops, picture), fixed)

    def at(end: End) -> Version:
        fixed = values(step.transform, end)
        found = version(end, fixed)
        if found.params or isinstance(found.made, Unusable) or any(does_nothing(_with(step, fixed))):
            return found
        # All ends at once may be what cannot be drawn: then one range is left as it is.
        for free in reversed(fixed if len(fixed) > 1 else ()):
            instead = version(f"{end}, any {free}", {key: value for key, value in fixed.items() if key != free})
            if instead.params:
                return instead
        return found

    at_ends = [at(end) for end in ENDS]
    if _differ(at_ends):
        return at_ends
    if not _draws(step, picture.size):
        return [version("applied", {})]
    drawn = [version(title, {}, copy) for copy, title in enumerate(DRAWS)]
    return drawn if any(isinstance(one.made, Picture) for one in drawn) else drawn[:1]


def _draws(step: Step, size: Size) -> bool:
    """Tell whether a step asks for chance."""
    try:
        package_steps.sampled(step.transform, step.name, Certain(), size)
    except WouldDraw:
        return True
    except Unusable:
        pass
    return False


def _with(step: Step, fixed: Mapping[str, Range | PerAxis]) -> Step:
    return replace(step, p=1.0, transform=step.transform.with_values(fixed))


def _differ(found: list[Version]) -> bool:
    """Tell whether the pictures do; draws may differ and come to the same."""
    first = found[0].made
    if isinstance(first, Unusable):
        return any(not isinstance(one.made, Unusable) for one in found)
    return any(isinstance(one.made, Unusable) or not _same(one.made, first) for one in found)


def _same(one: Picture, other: Picture) -> bool:
    return one.size == other.size and one.image.tobytes() == other.image.tobytes()


def _fitted(picture: Picture, fit: recipes.Fit) -> Picture:
    warp = Warp(box_to((0, 0, *picture.size), fit), fit, EDGE) if isinstance(fit, Size) else fit(picture.size)
    return warp.run(picture)
