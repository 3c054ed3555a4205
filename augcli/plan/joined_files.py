"""Which files of OUT are about many sources: tables, annotations, lists, class names; each joined, or copied whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.output.joining import TABLE, Section, Template
from augcli.spec.spec import Spec
from augcli.storage import hashes


def joined_files(spec: Spec, root: Path, listing: Listing) -> list[Template]:
    """Return the files that are about many sources, in the order of their paths.

    One whose images are all copied is copied, too; one whose images are all skipped is not written.
    """
    if listing.tables:
        return _tables(spec, root, listing)
    if not listing.sets:
        return []
    from augcli.labels.formats import leads_back, template_of  # they load what texts do not need

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


def _tables(spec: Spec, root: Path, listing: Listing) -> list[Template]:
    """Return the tables; of those that are joined the records follow their head."""
    roles: dict[str, str] = {}
    records: Counter[str] = Counter()
    for source in listing.sources:
        if source.block is not None:
            roles[source.block.table] = source.role
            records[source.block.table] += source.block.records
    found = []
    for path, table in sorted(listing.tables.items()):
        treatment = spec.treatment(roles.get(path, "train"))
        if treatment == "augment":
            digest = hashes.sha256(table.head)
            head = table.head.decode("utf-8", "surrogateescape")
            found.append(Template(path, head, (Section("", ""),), digest, "", TABLE, records[path]))
        elif treatment == "copy":
            found.append(Template(path, "", (), hashes.sha256_of(root / path), path, status="copied"))
    return found
