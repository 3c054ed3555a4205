"""What a spec and an image folder ask for: the sources, what becomes of them, and a name for all of it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from augcli.dataset.listing import Listing, scan
from augcli.image import versions
from augcli.output.manifest import escaped, read_rows
from augcli.output.paths import MANIFEST, RUN_RECORD
from augcli.plan import output_names
from augcli.plan.output_names import Item
from augcli.plan.partners import MOST_SOURCES
from augcli.problems import Problem, Refused, Unusable
from augcli.spec.spec import Spec
from augcli.storage import disk, files, hashes
from augcli.storage.names import folded


@dataclass(frozen=True)
class Options:
    """What the command line says besides the spec and the folders."""

    jobs: int | None = None
    overwrite: bool = False
    fail_fast: bool = False
    follow_links: bool = False
    allow_augmented_input: bool = False
    shard: str | None = None
    summary_json: Path | None = None
    quiet: bool = False
    verbose: bool = False
    profile: bool = False
    digests: bool = False
    """Whether the summary names the plan and its result, which means to read the manifest."""


@dataclass(frozen=True)
class Asked:
    """A spec, its input, and every source with what becomes of it, in the order of their paths' bytes."""

    spec: Spec
    root: Path
    listing: Listing
    items: list[Item]

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Return the planned files of each source, afresh at each call; none of one that is known to fail."""
        for item in self.items:
            yield item.source.path, [] if item.error else [o.file_name for o in output_names.outputs(item, self.spec)]

    def roles(self) -> dict[str, int]:
        """Count the sources of each role."""
        return dict(Counter(item.source.role for item in self.items))


def asked(spec: Spec, root: Path, out: Path | None, options: Options) -> Asked:
    """List IN, after making sure that IN and OUT are what they should be. Raises `Refused`."""
    listing = look_into(spec, root, out, options)
    for top in {source.path.partition("/")[0] for source in listing.sources}:
        if folded(top) in (MANIFEST, RUN_RECORD):
            raise Refused(Problem(f"{root / top}: OUT has a file of that name", "rename the folder"))
    if spec.mixes and len(listing.sources) > MOST_SOURCES:
        what = f"{root}: {len(listing.sources)} sources; at most {MOST_SOURCES} can be mixed with one another"
        raise Refused(Problem(what, "divide them, or leave out the steps that mix"))
    try:
        items = list(output_names.items(spec, root, listing.sources))
    except OSError as error:
        raise Refused(Problem(f"{root}: {error.strerror}", "fix it, then rerun")) from None
    return Asked(spec, root, listing, items)


def look_into(spec: Spec, root: Path, out: Path | None, options: Options) -> Listing:
    """List the sources of IN, after making sure that IN and OUT are what they should be. Raises `Refused`."""
    if sys.getfilesystemencoding() != "utf-8":
        raise Refused(Problem("file names are not read as UTF-8 here", "set PYTHONUTF8=1"))
    if out is not None:
        _refuse_each_other(root, out)
    if disk.is_file(root / RUN_RECORD) and not options.allow_augmented_input:
        raise Refused(
            Problem(
                f"{root}: this is itself an output of augcli; its images would be augmented twice",
                "give the original images, or --allow-augmented-input if it is on purpose",
            )
        )
    return scan(root, spec.layout, options.follow_links, out)


def _refuse_each_other(root: Path, out: Path) -> None:
    inside, outside = Path(disk.real(root)), Path(disk.real(out))
    if inside == outside:
        raise Refused(Problem(f"{out}: IN and OUT are the same folder", "choose another OUT"))
    if inside in outside.parents:
        raise Refused(Problem(f"{out}: OUT lies inside IN ({root})", "choose an OUT beside it"))
    if outside in inside.parents:
        raise Refused(Problem(f"{root}: IN lies inside OUT ({out})", "choose another OUT"))


def identity(spec: Spec, versions: Mapping[str, str], digests: Iterable[tuple[str, str]]) -> str:
    """Return a name for the result of a run: what has the same one has the same bytes.

    `digests` are the sources with the hash of their content, in order; it is empty for one that cannot be read.
    """
    about: dict[str, Any] = {"spec": spec.resolved(), "versions": dict(versions)}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode("ascii"))
    for path, content in digests:
        digest.update(f"\n{escaped(path)}\0{content}".encode())
    return digest.hexdigest()[:32]


def identity_of(asked: Asked) -> str:
    """Return the name of what a run would write, from the content of every source that it would read."""
    read = (item.source.path for item in asked.items if asked.spec.treatment(item.source.role) != "skip")
    return identity(asked.spec, versions.versions(), ((path, _content(asked.root, path)) for path in read))


def _content(root: Path, path: str) -> str:
    try:
        return hashes.sha256(files.read(os.path.join(root, path)))
    except Unusable:
        return ""


def identity_from(wanted: Asked, out: Path) -> str:
    """Return the name of what a finished run has written, from its manifest."""
    rows = (row for row in read_rows(out / MANIFEST) if row.status != "skipped")
    digests = ((source, next(group).source_sha256) for source, group in groupby(rows, key=lambda row: row.source))
    return identity(wanted.spec, versions.versions(), digests)
