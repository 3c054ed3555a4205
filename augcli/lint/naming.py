"""How the problems that rules find are called: by the names of the rules, with hyphens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from augcli.problems import Problem


def name_of(rule: Callable[..., Any]) -> str:
    """Return the name of a rule as warnings have it."""
    return rule.__name__.replace("_", "-")


def found_by(rules: Iterable[Callable[..., Iterator[Problem]]], *about: Any) -> Iterator[Problem]:
    """Return what rules find, each with the rule's name."""
    for rule in rules:
        for found in rule(*about):
            yield called(rule, found)


def called(rule: Callable[..., Any], found: Problem) -> Problem:
    """Return a problem with the name of the rule that found it."""
    return replace(found, rule=name_of(rule))
