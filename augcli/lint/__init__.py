"""The pitfalls of augmentation as checks: specs that are valid and yet hardly what their author wants.

A rule is a function that yields a problem for each pitfall it finds; its name, with hyphens, is the rule's, and its
docstring says why it matters. Nothing here stops a run.

May import `engine`, `modality`, `plan`, `labels`, `output`, `spec`, `dataset`, `text`, `image`, `settings`, `storage`,
`problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from augcli.dataset.listing import Listing
from augcli.lint.classes import CLASS_RULES
from augcli.lint.folder import Images
from augcli.lint.images import IMAGE_RULES
from augcli.lint.labels import LABEL_RULES, LABEL_SET_RULES
from augcli.lint.outputs import OUTPUT_RULES, Outputs, emptied, failed_class
from augcli.lint.sets import SET_RULES
from augcli.lint.spec import FOLDER_RULES, SPEC_RULES
from augcli.lint.steps import STEP_RULES
from augcli.lint.text_folder import Texts
from augcli.lint.texts import TEXT_RULES, TEXT_SET_RULES, TEXT_SPEC_RULES, TEXT_STEP_RULES
from augcli.problems import Problem
from augcli.spec.pipeline import happening
from augcli.spec.spec import ROLES, Spec

RULES = (
    *(*SPEC_RULES, *FOLDER_RULES, *STEP_RULES, *CLASS_RULES, *SET_RULES, *IMAGE_RULES),
    *(*LABEL_SET_RULES, *LABEL_RULES, *OUTPUT_RULES),
    *(*TEXT_SPEC_RULES, *TEXT_STEP_RULES, *TEXT_SET_RULES, *TEXT_RULES),
)


def warnings(spec: Spec, root: Path | None = None, listing: Listing | None = None) -> list[Problem]:
    """Return what is doubtful about a spec; with an image folder and its listing, about the two together.

    Of a folder every image is read.
    """
    if root is None or listing is None:
        return quick_warnings(spec, None, None)
    if spec.kind == "text":
        return warnings_of_texts(Texts(spec, root, listing))
    return warnings_of(Images(spec, root, listing))


def warnings_of(images: Images) -> list[Problem]:
    """Return what is doubtful about a spec and the images that it is for, all of which are read."""
    found = quick_warnings(images.spec, images.root, images.listing)
    found += _named(IMAGE_RULES, images)
    if images.has_labels:
        found += _named(LABEL_RULES, images)
        for role in ROLES:
            names = images.objects.names(images.splits_of(role))
            for step in happening(images.spec.steps_of(role)):
                found += _named(CLASS_RULES, step, names)
    return list(dict.fromkeys(found))


def quick_warnings(spec: Spec, root: Path | None, listing: Listing | None) -> list[Problem]:
    """Return what is doubtful as far as it is seen without opening an image, or reading a text."""
    if spec.kind == "text":
        return _quick_warnings_of_texts(spec, root, listing)
    found = list(_named(SPEC_RULES, spec))
    if listing is None or not listing.seen:
        found += _named(FOLDER_RULES, spec)
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            found += _named(STEP_RULES, step)
            if listing is not None:
                labels = sorted({source.label for source in listing.sources if source.role == role})
                found += _named(CLASS_RULES, step, labels)
    if root is not None and listing is not None:
        found += _named(SET_RULES, spec, root, listing)
        found += _named(LABEL_SET_RULES, spec, root, listing)
    return list(dict.fromkeys(found))  # two splits may have one pipeline


def _quick_warnings_of_texts(spec: Spec, root: Path | None, listing: Listing | None) -> list[Problem]:
    found = list(_named(TEXT_SPEC_RULES, spec))
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            found += _named(TEXT_STEP_RULES, step)
    if root is not None and listing is not None:
        found += _named(TEXT_SET_RULES, spec, root, listing)
    return list(dict.fromkeys(found))


def warnings_of_texts(texts: Texts) -> list[Problem]:
    """Return what is doubtful about a spec and the texts that it is for, all of which are read."""
    found = quick_warnings(texts.spec, texts.root, texts.listing)
    return list(dict.fromkeys([*found, *_named(TEXT_RULES, texts)]))


def output_warnings(outputs: Outputs) -> list[Problem]:
    """Return what is doubtful about what a run has made."""
    return list(_named(OUTPUT_RULES, outputs))


def shard_warnings(out: Path, failed: Mapping[tuple[str, str], int], made: Set[tuple[str, str]]) -> list[Problem]:
    """Return what only the shards together show to be doubtful."""
    return [_called(failed_class, found) for found in emptied(out, failed, made)]


def name_of(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")


def _named(rules: Iterable[Callable[..., Iterator[Problem]]], *about: Any) -> Iterator[Problem]:
    for rule in rules:
        for found in rule(*about):
            yield _called(rule, found)


def _called(rule: Callable[..., Any], found: Problem) -> Problem:
    return replace(found, rule=name_of(rule))
