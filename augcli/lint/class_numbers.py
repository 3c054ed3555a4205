"""Pitfalls of settings that name classes, and of classes that are balanced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from augcli.dataset.listing import Listing, counts
from augcli.plan.copies import at_most, copies_in_all, target
from augcli.problems import Problem, did_you_mean, named
from augcli.spec.class_patterns import unmatched
from augcli.spec.pipeline import Pipeline
from augcli.spec.spec import ROLES, Spec


def patterns(spec: Spec) -> Iterator[tuple[str, Sequence[str]]]:
    """Return what names classes, each with the names."""
    if not isinstance(spec.copies, int):
        yield "copies", [label for label, _ in spec.copies.classes]

    def of(pipeline: Pipeline) -> Iterator[tuple[str, Sequence[str]]]:
        for node in pipeline:
            for word, own in zip(("only", "except"), node.classes, strict=True):
                if own:
                    yield f"{word}` of `{node.name}", own
            yield from of(getattr(node, "steps", ()))

    for role in ROLES:
        yield from of(spec.steps_of(role))


def unmatched_among(spec: Spec, root: Path, labels: Sequence[str]) -> list[Problem]:
    """Say which names of classes in a spec no class has."""

    def help(name: str) -> str:
        return did_you_mean(name, labels) or (f"the classes are {named(labels)}" if labels else "leave it out")

    return [
        Problem(f"{root}: `{where}` names `{name}`, and no class is called so", help(name))
        for where, names in dict.fromkeys((where, tuple(names)) for where, names in patterns(spec))
        for name in unmatched(names, labels)
    ]


def unmatched_classes(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """What is said of a class that is called otherwise is said of none."""
    if not listing.seen and not listing.tables:
        yield from unmatched_among(spec, root, sorted({source.label for source in listing.sources} - {""}))


def few_sources(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A class of few sources has as many copies of each as there may be, and is small all the same."""
    if spec.balance.to is None or listing.seen or listing.tables:
        return
    augmented = (source for source in listing.sources if spec.treatment(source.role) == "augment")
    for split, classes in counts(augmented).items():
        if len(classes) == 1:
            where = f"{root / split}" if split else f"{root}"
            yield Problem(
                f"{where}: a single class, which `balance` has nothing to compare with", "leave `balance` out"
            )
            continue
        wanted = target(spec, classes)
        short = [label for label, size in classes.items() if size * (at_most(spec) + spec.include_originals) < wanted]
        if short:
            label = min(short, key=lambda one: classes[one])
            images = copies_in_all(spec, classes[label], wanted) + classes[label] * spec.include_originals
            few = f"of `{label}`, which has {classes[label]}, there will be {images} where {wanted} are wanted"
            others = len(short) - 1
            more = f", and {others} more {'class is' if others == 1 else 'classes are'} short" if others else ""
            help = f"get more of them, or write at_most: {-(-wanted // classes[label])}"
            yield Problem(f"{root}: `balance` makes {at_most(spec)} copies of a source at most: {few}{more}", help)
