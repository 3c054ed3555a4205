"""The rules about specs for images, and about image folders, that a run is told of: no image is opened for them."""

from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.lint.classes import CLASS_RULES, meetings
from augcli.lint.labels import LABEL_SET_RULES
from augcli.lint.naming import found_by
from augcli.lint.sets import SET_RULES
from augcli.lint.spec import FOLDER_RULES, SPEC_RULES
from augcli.lint.steps import STEP_RULES
from augcli.problems import Problem
from augcli.spec.pipeline import happening
from augcli.spec.spec import ROLES, Spec


def quick_warnings(spec: Spec, root: Path | None, listing: Listing | None) -> list[Problem]:
    """Return what is doubtful as far as it is seen without opening an image."""
    found = list(found_by(SPEC_RULES, spec))
    if listing is None or not listing.seen:
        found += found_by(FOLDER_RULES, spec)
    for role in ROLES:
        named = listing.sources if listing and not listing.is_numbered else []
        labels = sorted({source.label for source in named if source.role == role})
        met = {step.name: own for step, own in meetings(spec.steps_of(role), labels)}
        for step in happening(spec.steps_of(role)):
            found += found_by(STEP_RULES, step)
            found += found_by(CLASS_RULES, step, met.get(step.name, []))
    if root is not None and listing is not None:
        found += found_by(SET_RULES, spec, root, listing)
        found += found_by(LABEL_SET_RULES, spec, root, listing)
    return list(dict.fromkeys(found))  # two splits may have one pipeline
