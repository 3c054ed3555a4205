"""Pitfalls that a spec as a whole has: splits, chances, borders and value ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from augcli.problems import Problem
from augcli.settings import BLACK, Border
from augcli.spec.pipeline import ALL, Group, Pipeline, PipelineNode, leaves
from augcli.spec.spec import ROLES, Spec

SpecRule: TypeAlias = Callable[[Spec], Iterator[Problem]]

NEAR_ENOUGH = 4
"""Factor by which a value range and what `normalize` takes for it may differ: 255 for 256, but not 1 for 255."""


def augments_evaluation(spec: Spec) -> Iterator[Problem]:
    """What is measured on changed images is not what the model will meet."""
    for role in ("val", "test"):
        if spec.treatment(role) == "augment":
            what = f"`{role}` is augmented; what is measured on changed {spec.kind}s is not what the model will meet"
            yield Problem(what, f"write splits: {{{role}: copy}}")


def never_applied(spec: Spec) -> Iterator[Problem]:
    """A step without any chance stands in the spec and not in the images."""
    for role in ROLES:
        for node in _all(spec.steps_of(role)):
            zero = [key for key in ("p", "weight") if getattr(node, key) == 0]
            zero += ["n"] if isinstance(node, Group) and node.n[1] == 0 else []
            for key in zero:
                help = f"leave `{node.name}` out, or raise its {key} above 0"
                yield Problem(f"`{node.name}` is never applied: its `{key}` is 0", help)


def _all(nodes: Pipeline) -> Iterator[PipelineNode]:
    for node in nodes:
        yield node
        if isinstance(node, Group):
            yield from _all(node.steps)


def unused_fill(spec: Spec) -> Iterator[Problem]:
    """A fill is seen only where the border is constant."""
    help = "write mode: constant, or leave `fill` out"
    # JPEG and NPY have no alpha: there the spec's fill stands behind what is transparent.
    if _has_unused_fill(spec.border) and spec.output.format not in ("jpeg", "npy"):
        yield Problem(f"the spec's `border` has a fill, which mode `{spec.border.mode}` never shows", help)
    for role in ROLES:
        for step in leaves(spec.steps_of(role)):
            border = getattr(step.transform, "border", spec.border)
            if border != spec.border and _has_unused_fill(border):
                what = f"the border of `{step.name}` has a fill, which mode `{border.mode}` never shows"
                yield Problem(what, help)


def _has_unused_fill(border: Border) -> bool:
    return border.mode != "constant" and border.fill != BLACK.fill


def normalize_range(spec: Spec) -> Iterator[Problem]:
    """Normalising takes the full range from a setting, which must be that of the values."""
    for role in ROLES:
        highest = 255.0
        for step in leaves(spec.steps_of(role)):
            of_step = step.transform
            if step.transform.name() == "rescale":
                highest = max(abs(of_step.offset), abs(highest * of_step.scale + of_step.offset))
            elif step.transform.name() == "normalize":
                taken = of_step.max_pixel_value
                if not 1 / NEAR_ENOUGH <= highest / taken <= NEAR_ENOUGH:
                    what = f"`{step.name}` takes {taken:g} for white, but its values reach {highest:g}"
                    yield Problem(what, f"write max_pixel_value: {highest:g}")


def levels_as_npy(spec: Spec) -> Iterator[Problem]:
    """An array file of levels takes many times the space of an image file and holds no more."""
    used = [step for role in ROLES for step in leaves(spec.steps_of(role))]
    ranged = any(step.transform.changes_range for step in used)
    if spec.output.format == "npy" and used and not ranged:
        yield Problem(
            "`output.format` is npy, but no step changes the range of values: the files hold levels 0 to 255, as a "
            "PNG would in less space",
            "end the pipeline with `- rescale` or `- normalize`, or write format: png",
        )


CUTTING = ("center_crop", "random_crop", "random_resized_crop", "translate", "affine", "shift_scale_rotate", "zoom")
COVERING = ("random_erasing", "coarse_dropout", "grid_dropout")
"""Steps that leave some of an image out, or out of sight, and may take more of one part than of another."""


def cut_after_mix(spec: Spec) -> Iterator[Problem]:
    """What is cut or covered behind a mix of parts may be the greater part, whose folder the file stays in."""
    for role in ROLES:
        steps = list(leaves(spec.steps_of(role)))
        mixing = next((step for step in steps if step.transform.name() in ("cutmix", "mosaic", "whole_mosaic")), None)
        if mixing is None or not getattr(mixing.transform, "fold", False):
            continue  # without `fold` nothing is said of the folder's class
        for step in steps[steps.index(mixing) + 1 :]:
            verb = "cuts" if step.transform.name() in CUTTING else "covers" if step.transform.name() in COVERING else ""
            if verb:
                what = f"`{step.name}` {verb} what `{mixing.name}` has mixed: the class of a file's folder may be left"
                help = f"read soft_label in the manifest, or put `{mixing.name}` last"
                yield Problem(f"{what} with the lesser share", help)


def classes_behind_mix(spec: Spec) -> Iterator[Problem]:
    """Behind a mix an image shows other classes too, which `only` and `except` do not look at."""
    steps = list(leaves(spec.pipeline))
    mixing = next((at for at, step in enumerate(steps) if step.transform.mixes), len(steps))
    for step in steps[mixing + 1 :]:
        if step.classes != ALL:
            what = f"`{step.name}` is for some classes, and behind `{steps[mixing].name}` images show others as well"
            yield Problem(what, f"put `{step.name}` before `{steps[mixing].name}`")


def mix_without_labels(spec: Spec) -> Iterator[Problem]:
    """A mix has a soft label of the classes that went into it, and a flat folder has no classes."""
    if spec.layout == "flat":
        for step in leaves(spec.pipeline if spec.treatment("train") == "augment" else ()):
            if step.transform.mixes:
                what = (
                    f"`{step.name}` mixes images without labels: soft_label stays empty, and only params tell of what"
                )
                yield Problem(what, f"put the images into class folders, or leave `{step.name}` out")


SPEC_RULES_OF_ALL: tuple[SpecRule, ...] = (augments_evaluation, never_applied)
"""Those of all kinds of data."""

SPEC_RULES: tuple[SpecRule, ...] = (
    *SPEC_RULES_OF_ALL,
    unused_fill,
    normalize_range,
    levels_as_npy,
    classes_behind_mix,
)

FOLDER_RULES: tuple[SpecRule, ...] = (cut_after_mix, mix_without_labels)
"""Those about class folders; sets with labels in files have none."""
