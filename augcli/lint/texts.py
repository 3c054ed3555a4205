"""Pitfalls of texts: what a spec, its steps, and a data set of texts have that is hardly meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from augcli.dataset.listing import Listing
from augcli.lint.sets import SET_RULES_OF_ALL
from augcli.lint.spec import SPEC_RULES_OF_ALL
from augcli.problems import Problem
from augcli.spec.pipeline import Step
from augcli.spec.spec import Spec

TextSpecRule: TypeAlias = Callable[[Spec], Iterator[Problem]]
TextStepRule: TypeAlias = Callable[[Step], Iterator[Problem]]
TextSetRule: TypeAlias = Callable[[Spec, Path, Listing], Iterator[Problem]]

TEXT_SPEC_RULES: tuple[TextSpecRule, ...] = (*SPEC_RULES_OF_ALL,)
TEXT_STEP_RULES: tuple[TextStepRule, ...] = ()
TEXT_SET_RULES: tuple[TextSetRule, ...] = (*SET_RULES_OF_ALL,)
"""Those that names and numbers show; no text is read."""
TEXT_RULES: tuple[TextSetRule, ...] = ()
"""Those for which every text is read."""
