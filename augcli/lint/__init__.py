"""The pitfalls of augmentation as checks: specs that are valid and yet hardly what their author wants.

A rule is a function that yields a problem for each pitfall it finds; its name, with hyphens, is the rule's, and its
docstring says why it matters. Nothing here stops a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from augcli.dataset import Listing
from augcli.lint.classes import CLASS_RULES
from augcli.lint.copied import COPIED_RULES
from augcli.lint.images import IMAGE_RULES
from augcli.lint.spec import SPEC_RULES
from augcli.lint.steps import STEP_RULES
from augcli.pipeline import Pipeline, Step
from augcli.problems import Problem
from augcli.spec import ROLES, Spec

RULES = (*SPEC_RULES, *STEP_RULES, *CLASS_RULES, *IMAGE_RULES, *COPIED_RULES)


def warnings(spec: Spec, root: Path | None = None, listing: Listing | None = None) -> list[Problem]:
    """Return what is doubtful about a spec; with an image folder and its listing, about the two together."""
    found = list(_named(SPEC_RULES, spec))
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            found += _named(STEP_RULES, step)
            if listing is not None:
                labels = sorted({source.label for source in listing.sources if source.role == role})
                found += _named(CLASS_RULES, step, labels)
    if root is not None and listing is not None:
        found += _named(IMAGE_RULES, spec, root, listing)
        found += _named(COPIED_RULES, spec, root, listing)
    return list(dict.fromkeys(found))  # two splits may have one pipeline


def happening(nodes: Pipeline) -> Iterator[Step]:
    """Return the steps that can happen at all, in reading order, those inside containers too."""
    for node in nodes:
        if node.p == 0 or node.weight == 0:
            continue
        if isinstance(node, Step):
            yield node
        elif node.n[1]:
            yield from happening(node.steps)


def name_of(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")


def _named(rules: Iterable[Callable[..., Iterator[Problem]]], *about: Any) -> Iterator[Problem]:
    for rule in rules:
        for found in rule(*about):
            yield replace(found, what=f"warning[{name_of(rule)}]: {found.what}")
