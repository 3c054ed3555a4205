"""All rules about specs for texts, and about data sets of texts."""

from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.lint.naming import found_by
from augcli.lint.text_folder import Texts
from augcli.lint.texts import TEXT_RULES, TEXT_SET_RULES, TEXT_SPEC_RULES, TEXT_STEP_RULES
from augcli.problems import Problem
from augcli.spec.pipeline import happening
from augcli.spec.spec import ROLES, Spec

RULES = (*TEXT_SPEC_RULES, *TEXT_STEP_RULES, *TEXT_SET_RULES, *TEXT_RULES)


def warnings_of_texts(texts: Texts) -> list[Problem]:
    """Return what is doubtful about a spec and the texts that it is for, all of which are read."""
    found = quick_warnings(texts.spec, texts.root, texts.listing)
    return list(dict.fromkeys([*found, *found_by(TEXT_RULES, texts)]))


def quick_warnings(spec: Spec, root: Path | None, listing: Listing | None) -> list[Problem]:
    """Return what is doubtful as far as it is seen without reading a text."""
    found = list(found_by(TEXT_SPEC_RULES, spec))
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            found += found_by(TEXT_STEP_RULES, step)
    if root is not None and listing is not None:
        found += found_by(TEXT_SET_RULES, spec, root, listing)
    return list(dict.fromkeys(found))
