"""Pitfalls of a data set that its names and numbers show: classes, splits, and what is not read; no file is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from augcli.dataset.file_kinds import LINKS, how_many
from augcli.dataset.listing import Listing, counts
from augcli.lint.class_numbers import few_sources, unmatched_classes
from augcli.lint.splits import empty_split, ungrouped
from augcli.problems import Problem, counted, named, such_as
from augcli.spec.pipeline import canonical, happening, leaves
from augcli.spec.spec import Spec

SetRule: TypeAlias = Callable[[Spec, Path, Listing], Iterator[Problem]]


def single_class(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """What knows a single class has nothing to learn; mostly IN is a folder too high or too deep."""
    labels = {source.label for source in listing.sources if source.role == "train"}
    if len(labels) == 1 and "" not in labels:
        what = f"{root}: all {spec.kind}s that are trained on are of one class, `{labels.pop()}`"
        yield Problem(
            what, "give the folder that holds the class folders, or set `layout: flat` if there are no classes"
        )


def class_sets(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Loaders number the classes of each split by their names: where one is missing, all behind it change places."""
    written = [source for source in listing.sources if spec.treatment(source.role) != "skip"]
    classes = {split: sorted(labels) for split, labels in counts(written).items()}
    trained = {source.split for source in written if source.role == "train"}
    for split in sorted(classes.keys() - trained) if trained else ():
        first = min(trained)
        here, there = classes[first], classes[split]
        missing, more = [x for x in here if x not in there], [x for x in there if x not in here]
        respelled = {x: y for x in more for y in missing if x.casefold() == y.casefold()}
        told = [f"writes {named([y])} as {named([x])}" for x, y in respelled.items()]
        if lacked := [x for x in missing if x not in respelled.values()]:
            told.append(f"lacks {named(lacked)}")
        if added := [x for x in more if x not in respelled]:
            told.append(f"has {named(added)}, which `{first}` has not")
        help = "give both the same class folders"
        if spec.split.is_on:
            help = "write another `seed` in `split`, or stratify: true, with which pictures may move when others come"
            if spec.split.stratify:
                help = "get more images of it: each split takes one, and one is left to train on"
        if respelled and not spec.split.is_on:
            x, y = next(iter(respelled.items()))
            help = f"mv {root / split / x} {root / split / y}"
        if told:
            yield Problem(f"{root}: `{split}` {' and '.join(told)}{renumbered(here, there, first, split)}", help)


def renumbered(here: Sequence[str], there: Sequence[str], before: str, now: str) -> str:
    """Name the first class whose number differs between two lists of classes, and both numbers."""
    moved = next((x for x in here if x in there and here.index(x) != there.index(x)), None)
    if moved is None:
        return ""
    places = f"{here.index(moved)} in `{before}` and {there.index(moved)} in `{now}`"
    return f"; to ImageFolder and Keras `{moved}` is {places}"


def empty_class(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A class of which nothing is read is no class of OUT, where those behind it move up by one."""
    for folder in listing.empty_classes:
        split, _, label = folder.rpartition("/")
        reasons = {
            reason: number
            for reason, names in sorted(listing.left_out.items())
            if (number := sum(name.startswith(folder + "/") for name in names))
        }
        held = ", ".join(how_many(number, reason) for reason, number in reasons.items())
        now = sorted({source.label for source in listing.sources if source.split == split})
        moved = renumbered(sorted([*now, label]), now, "IN", "OUT")
        what = (
            f"{root}: class folder `{folder}` {f'has no image that is read, but {held}' if held else 'is empty'}{moved}"
        )
        yield Problem(what, _remedy(reasons) or "put images into it, or remove it")


def unread_images(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Images that are left out are missing in OUT, be it that their format is not read or that they are links."""
    for reason, number in sorted(listing.unread_images().items()):
        what = f"{root}: {number} left out: {reason}{such_as(number, min(listing.left_out[reason]))}"
        yield Problem(what, _remedy([reason]) or "convert them to JPEG or PNG")


def _remedy(reasons: Any) -> str | None:
    for reason in reasons:
        if reason == LINKS:
            return "--follow-links reads them"
        if "links" in reason:
            return "remove them"
    return None


def nobody_to_mix_with(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A step that mixes is left out where there is no other image of the kind that it asks for."""
    for split in sorted({source.split for source in listing.sources}):
        sources = [source for source in listing.sources if source.split == split]
        if spec.treatment(sources[0].role) != "augment":
            continue
        classes = Counter(source.label for source in sources)
        for step in leaves(spec.steps_of(sources[0].role)):
            if not step.transform.mixes:
                continue
            others = {
                "any": len(sources) - 1,
                "same_class": max(classes.values()) - 1,
                "other_class": len(sources) - min(classes.values()),
            }
            wanted, asked = step.transform.partners, step.transform.partner
            if others[asked] < wanted:
                images = counted(wanted, "other image")
                what = f"`{step.name}` needs {images} of `partner: {asked}`, and no image has so many"
                yield Problem(f"{root}: {what}; it is never applied", "write partner: any, or leave it out")


def unlike_training(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A model that is trained on numbers of one range wants the same range when it is measured."""

    def ranges(role: str) -> list[dict[str, Any]]:
        return [canonical(step) for step in leaves(spec.steps_of(role)) if step.transform.changes_range]

    roles = {source.role for source in listing.sources}
    if spec.output.format != "npy" or "train" not in roles or spec.treatment("train") == "skip":
        return
    for role in sorted(roles - {"train"}):
        treatment = spec.treatment(role)
        if treatment == "copy":
            what = f"`{role}` is copied as image files, beside numbers in `train`"
            yield Problem(
                f"{root}: {what}", f"write splits: {{{role}: [...]}} with the same last steps as the pipeline"
            )
        elif treatment != "skip" and ranges(role) != ranges("train"):
            what = f"the numbers of `{role}` have another range than those of `train`"
            yield Problem(f"{root}: {what}", f"end the steps of `{role}` as the pipeline ends")
    if spec.include_originals and spec.treatment("train") == "augment":
        yield Problem(f"{root}: originals are image files, beside numbers", "leave out include_originals")


def kept_without_labels(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A crop that is to keep objects is any crop where no objects are labelled."""
    if not any(source.labels for source in listing.sources):
        yield from kept_in_vain(spec, root, "no objects are labelled")


def kept_in_vain(spec: Spec, root: Path, reason: str) -> list[Problem]:
    """Tell of each crop whose `keep` has no effect, and why; what a split has of its own draws nothing at random."""
    names = [step.name for step in happening(spec.pipeline) if step.transform.heeds_objects]
    return [
        Problem(f"{root}: `keep` of `{name}` has no effect: {reason}", f"leave `keep` out of `{name}`")
        for name in names
    ]


SET_RULES_OF_ALL: tuple[SetRule, ...] = (
    single_class,
    class_sets,
    unmatched_classes,
    few_sources,
    ungrouped,
    empty_split,
)
"""Those of all kinds of data."""


def repeated_keys(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Draws are keyed by an image's name: two of one name, in two shards, are turned and speckled alike."""
    if not listing.shards or spec.treatment("train") != "augment":
        return
    seen: set[int] = set()
    number, some = 0, ""
    for source in listing.sources:
        key = hash(source.name)
        if key in seen:
            number, some = number + 1, some or source.path
        seen.add(key)
    if number:
        what = f"{root}: {counted(number, 'image')} in shards with the name of another{such_as(number, some)}"
        yield Problem(f"{what}: their draws are the same, the noise too", "give all images keys of their own")


SET_RULES: tuple[SetRule, ...] = (
    *SET_RULES_OF_ALL,
    empty_class,
    unread_images,
    nobody_to_mix_with,
    unlike_training,
    kept_without_labels,
    repeated_keys,
)
