"""All rules about specs for images, and about image folders."""

from __future__ import annotations

from augcli.lint.classes import CLASS_RULES, meetings
from augcli.lint.folder import Images
from augcli.lint.images import IMAGE_RULES
from augcli.lint.labels import LABEL_RULES, LABEL_SET_RULES
from augcli.lint.naming import found_by
from augcli.lint.quick import quick_warnings
from augcli.lint.sets import SET_RULES
from augcli.lint.spec import FOLDER_RULES, SPEC_RULES
from augcli.lint.steps import STEP_RULES
from augcli.problems import Problem
from augcli.spec.spec import ROLES

RULES = (
    *(*SPEC_RULES, *FOLDER_RULES, *STEP_RULES, *CLASS_RULES, *SET_RULES, *IMAGE_RULES),
    *(*LABEL_SET_RULES, *LABEL_RULES),
)


def warnings_of_images(images: Images) -> list[Problem]:
    """Return what is doubtful about a spec and the images that it is for, all of which are read."""
    found = quick_warnings(images.spec, images.root, images.listing)
    found += found_by(IMAGE_RULES, images)
    if images.has_labels:
        from augcli.labels.class_names import are_numbers  # loads codecs, which a set without labels does not need

        found += found_by(LABEL_RULES, images)
        for role in ROLES if not are_numbers(images.listing.sets) else ():
            names = images.objects.names(images.splits_of(role))
            for step, met in meetings(images.spec.steps_of(role), names):
                found += found_by(CLASS_RULES, step, met)
    return list(dict.fromkeys(found))
