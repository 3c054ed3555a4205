"""Which files of OUT are about many images: annotations of all, lists, class names; each joined, or copied whole."""

from __future__ import annotations

from augcli.dataset.listing import Listing
from augcli.labels.formats import leads_back, template_of
from augcli.output.joining import Template
from augcli.spec.spec import Spec


def joined_files(spec: Spec, listing: Listing) -> list[Template]:
    """Return the files that are about many images, in the order of their paths.

    One whose images are all copied is copied, too; one whose images are all skipped is not written.
    """
    treatments: dict[str, set[str]] = {one.path: set() for one in listing.sets}
    for source in listing.sources:
        treatment = spec.treatment(source.role)
        for label in source.labels:
            if label.is_shared:
                treatments[label.path].add(treatment if isinstance(treatment, str) else "transform")
    found = []
    for one in sorted(listing.sets, key=lambda one: one.path):
        template = template_of(one)
        if template is None or treatments[one.path] == {"skip"}:
            continue
        whole = treatments[one.path] == {"copy"} and not leads_back(one)
        found.append(
            Template(one.path, "", (), one.digest, one.path) if whole else template._replace(digest=one.digest)
        )
    return found
