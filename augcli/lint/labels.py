"""Pitfalls of sets whose labels stand in files: what steps do to boxes, shapes, masks and keypoints."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from augcli.dataset.listing import Listing
from augcli.image.crop_places import KeepsObjects
from augcli.labels.doubts import unsure_borders, with_mixed_rows
from augcli.lint.class_numbers import unmatched_among
from augcli.lint.folder import Images
from augcli.lint.sets import SetRule, kept_in_vain
from augcli.lint.steps import SLANT, TURN, reaches
from augcli.problems import Problem, counted, such_as
from augcli.settings import Border
from augcli.spec.pipeline import Step, happening
from augcli.spec.spec import Spec

LabelRule: TypeAlias = Callable[[Images], Iterator[Problem]]
"""Takes images with files of labels."""

TURNED = 5
"""Degrees: a turned box is a fifth larger than the box of what is in it."""
GROWTHS = ((5, 0.2), (10, 0.36), (15, 0.5), (30, 0.8), (45, 0.9))
"""Degrees, and by how much it is larger then, on average of some five thousand objects of photos."""
POLICIES = dict.fromkeys(("auto_augment", "rand_augment", "trivial_augment_wide", "augmix"), 30)
"""Steps that turn by so many degrees at most, whatever they are set to."""
BACKGROUNDS = 0.2
LOST = 0.2
MADE_SMALL = 0.05
CUT = ("center_crop", "random_crop", "random_resized_crop")
SIZING = (*CUT, "resize")


def unpaired_labels(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """An image without its labels is no background, and labels without their image are lost."""
    bare = {source.path for source in listing.sources if any(label.is_missing for label in source.labels)}
    for reason, paths in sorted(listing.unpaired.items()):
        is_bare = reason.startswith("images without a label file") and bare.issuperset(paths)
        if is_bare and len(paths) < BACKGROUNDS * len(listing.sources):
            continue  # backgrounds, as every detection set has some
        what = f"{root}: {reason}: {len(paths)}{such_as(len(paths), min(paths))}"
        yield Problem(what, "name both alike, or move them away")


def unmatched_classes(images: Images) -> Iterator[Problem]:
    """What is said of a class that is called otherwise is said of none."""
    labels = images.objects.names({source.split for source in images.listing.sources})
    yield from unmatched_among(images.spec, images.root, labels)


def mixed_rows(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Ultralytics leaves out an image whose file has rows of boxes beside rows of outlines."""
    if with_mixed_rows(listing.sets):
        what = f"{root}: label files have rows of boxes beside rows of outlines; Ultralytics leaves out such an image"
        yield Problem(what, "write all rows as boxes, or all as outlines")


def border_class(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Where a turned or shifted label image has no source, it gets a value that may be a class."""
    steps = [step for step in _augmenting(spec, listing) if _border(step, spec).mode == "constant" and _bares(step)]
    for kind, outside in unsure_borders(listing.sets, spec.labels).items() if steps else ():
        value = outside[0] if len(outside) == 1 else outside
        what = f"`{steps[0].name}` brings {value} into the label images of `{kind}`, where it may be a class"
        yield Problem(f"{root}: {what}", "write labels: {outside: 255}, or the value that stands for no class")


def unusable_labels(images: Images) -> Iterator[Problem]:
    """Objects that cannot be read are missing in every copy."""
    found = images.objects
    if found.failed:
        path, reason = min(found.failed.items())
        number = len(found.failed)
        what = f"the labels of {counted(number, 'image')} cannot be used{such_as(number, path)}: {reason}"
        yield Problem(f"{images.root}: {what}", "fix them, or move the images away; a run makes `failed` rows of them")
    if found.dropped:
        reasons = ", ".join(
            f"{reason} ({number}, {'in' if number == 1 else 'the first in'} `{found.examples[reason]}`)"
            for reason, number in sorted(found.dropped.items())
        )
        what = f"{counted(found.dropped.total(), 'object')} cannot be used: {reasons}"
        yield Problem(f"{images.root}: {what}", "fix them; copies go without them")


def doubtful_labels(images: Images) -> Iterator[Problem]:
    """Labels that were drawn on another picture lie beside what they name."""
    for reason, number in sorted(images.objects.doubts.items()):
        what = f"the labels of {counted(number, 'image')}{such_as(number, images.objects.examples[reason])}: {reason}"
        yield Problem(f"{images.root}: {what}", "look at them with augcli preview")


def loose_boxes(images: Images) -> Iterator[Problem]:
    """A box around a turned box is larger than the one around the object, which nobody knows."""
    kinds = images.objects.kinds
    objects = kinds.total() - kinds["label image"]
    are, come = ("is a box", "it comes") if kinds["box"] == 1 else ("are boxes", "they come")
    if not kinds["box"] or images.spec.labels.boxes != "tight":
        return
    for step in _augmenting(images.spec, images.listing):
        for key, degrees in _turns(step):
            more = _growth(degrees)
            what = f"{kinds['box']} of {counted(objects, 'object')} {are} alone, which `{step.name}` turns or slants"
            what += f" by up to {degrees:g} degrees: {come} out {more:.0%} too large at that, on average"
            less = f"write {key}: {TURNED - 1}, or " if key else "write "
            yield Problem(f"{images.root}: {what}", f"{less}labels: {{boxes: ellipse}}")


def _growth(degrees: float) -> float:
    """Return by how much larger a turned box is than that of what is in it, on average of photos."""
    turns = [at for at, _ in GROWTHS]
    at = min(bisect(turns, degrees), len(GROWTHS) - 1)
    (low, little), (high, much) = GROWTHS[at - 1], GROWTHS[at]
    return little + (much - little) * min(1.0, (degrees - low) / (high - low))


def _turns(step: Step) -> Iterator[tuple[str, float]]:
    """Return how far a step turns or slants boxes, beyond what matters, with the setting that says so."""
    if step.transform.name() in POLICIES:
        yield "", POLICIES[step.transform.name()]
    for key, (reach, effect) in reaches(step.transform).items():
        degrees = max(map(abs, reach))
        is_quarter = reach.low == reach.high and degrees % 90 == 0
        if effect in (TURN, SLANT) and degrees >= TURNED and not is_quarter:
            yield key, degrees


def mirrored_objects(images: Images) -> Iterator[Problem]:
    """A border that repeats the picture shows objects once more, and nothing labels them there."""
    if not images.objects.before:
        return
    for step in _augmenting(images.spec, images.listing):
        border = _border(step, images.spec)
        if border.mode != "constant" and _bares(step):
            what = f"the border of `{step.name}` (`{border.mode}`) shows objects again, which have no labels there"
            yield Problem(f"{images.root}: {what}", "write border: {mode: constant}")


def small_objects(images: Images) -> Iterator[Problem]:
    """A detector finds little that is a few pixels large, and learns noise from it."""
    found = images.objects
    tried, small = found.tried.total(), found.small_side
    if not tried or (found.small_left - found.small_before) / tried < MADE_SMALL:
        return
    what = f"{found.small_left / tried:.0%} of objects have a side under {small} px in copies"
    what += f" (in the sources {found.small_before / tried:.0%})"
    sizing = [step for step in _augmenting(images.spec, images.listing) if step.transform.name() in SIZING]
    size: Any = getattr(sizing[-1].transform, "size") if sizing else None  # noqa: B009  some steps have one
    larger = [2 * side for side in size] if isinstance(size, tuple) else 2 * size if size else None
    help = f"write labels: {{min_pixels: {small}}}, which drops them"
    yield Problem(
        f"{images.root}: {what}", f"write size: {larger} for `{sizing[-1].name}`, or {help[6:]}" if larger else help
    )


def crop_loses_objects(images: Images) -> Iterator[Problem]:
    """Copies that show little of what is labelled teach mostly background."""
    found = images.objects
    tried = found.tried.total()
    if not tried or (lost := 1 - found.left.total() / tried) <= LOST:
        return
    what = f"{lost:.0%} of objects are lost in copies: cut away, covered, or hardly seen any more"
    help = f"write labels: {{min_visible: {images.spec.labels.min_visible / 2:g}}}"
    for step in _augmenting(images.spec, images.listing):
        if isinstance(step.transform, KeepsObjects) and step.transform.keep != "all_objects":
            more = "objects" if step.transform.keep == "anything" else "all_objects"
            help = f"write keep: {more} for `{step.name}`"
            break
    yield Problem(f"{images.root}: {what}", help)


def kept_without_objects(images: Images) -> Iterator[Problem]:
    """A crop that is to keep objects is any crop where label images say what each pixel shows, and nothing more."""
    if images.objects.kinds["label image"] and not images.objects.before:
        yield from kept_in_vain(images.spec, images.root, "label images tell no objects apart")


def orientation(images: Images) -> Iterator[Problem]:
    """Mirrored photos have the same size either way: nothing tells which way their labels were drawn."""
    headers = images.headers
    paths = [
        source.path
        for source in images.listing.sources
        if source.labels and source.path in headers and headers[source.path].orientation in (2, 3, 4)
    ]
    if paths:
        number = "an image has" if len(paths) == 1 else f"{len(paths)} images have"
        what = f"{number} an EXIF orientation that mirrors or turns upside down{such_as(len(paths), min(paths))}"
        yield Problem(
            f"{images.root}: {what}; labels are taken to be of what a viewer shows",
            "look at them with augcli preview",
        )


def _augmenting(spec: Spec, listing: Listing) -> list[Step]:
    """Return the steps that can happen to an image with labels."""
    roles = {source.role for source in listing.sources if source.labels}
    return [step for role in sorted(roles) for step in happening(spec.steps_of(role))]


def _border(step: Step, spec: Spec) -> Border:
    found: Border = getattr(step.transform, "border", spec.border)
    return found


def _bares(step: Step) -> bool:
    """Tell whether a step shows what lies outside the image, other than of one that is too small for a crop."""
    return hasattr(step.transform, "border") and step.transform.name() not in CUT


LABEL_SET_RULES: tuple[SetRule, ...] = (unpaired_labels, mixed_rows, border_class)
"""Those for which no file is opened."""

LABEL_RULES: tuple[LabelRule, ...] = (
    *(unusable_labels, doubtful_labels, loose_boxes, mirrored_objects, small_objects, crop_loses_objects),
    *(kept_without_objects, orientation, unmatched_classes),
)
