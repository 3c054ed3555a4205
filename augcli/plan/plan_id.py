"""The id of a plan: a hash of all that decides the result of a run. What has the same one has the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.labels.said import digest_of, digests_of_sets, said_by
from augcli.output.containers.packed import CLASSES, ROWS, SHARD
from augcli.output.manifest import Row, escaped, read_rows
from augcli.output.paths import MANIFEST
from augcli.plan.request import Request
from augcli.problems import Unusable
from augcli.spec.spec import Spec
from augcli.storage import hashes


def plan_id_of_sources(request: Request, versions: Mapping[str, Any]) -> str:
    """Return the id of what a run would write, from the content of every source that it would read.

    `versions` are those of everything that decides bytes.
    """
    spec = request.spec
    read = (item.source for item in request.items if spec.treatment(item.source.role) != "skip")
    common = digests_of_sets(request.listing.sets)
    joined = [("", _joined((one.path, one.digest) for one in request.templates))] if request.templates else []
    contents = (named for source in read for named in _contents(request, source, common))
    return _plan_id(spec, versions, chain(joined, contents))


def plan_id_of_manifest(spec: Spec, out: Path, versions: Mapping[str, Any]) -> str:
    """Return the id of what a finished run of that spec has written, from its manifest."""
    rows = (row for row in read_rows(out / MANIFEST) if row.status not in _OF_NO_SOURCE)
    return _plan_id(spec, versions, (_recorded(spec, *rows_of) for rows_of in groupby(rows, lambda row: row.source)))


_OF_NO_SOURCE = ("skipped", SHARD, ROWS, CLASSES)


def _recorded(spec: Spec, path: str, rows: Iterator[Row]) -> tuple[str, str]:
    """Return a source with the hash of its content, as its rows tell."""
    if not path:
        return path, _joined((row.file_name, row.source_sha256) for row in rows)
    first = next(rows)
    assigned = first.split if spec.split.is_on else ""
    return path, first.source_sha256 + first.labels_sha256 + assigned


def _joined(files: Iterable[tuple[str, str]]) -> str:
    """Return one name for what files about many images are made from."""
    return " ".join(f"{escaped(path)} {digest}" for path, digest in files)


def _plan_id(spec: Spec, versions: Mapping[str, Any], digests: Iterable[tuple[str, str]]) -> str:
    """Hash a spec, versions, and the sources with the hash of their content, in order.

    That hash is empty for a source that cannot be read.
    """
    about: dict[str, Any] = {"spec": spec.resolved(), "versions": versions}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode("ascii"))
    for path, content in digests:
        digest.update(f"\n{escaped(path)}\0{content}".encode())
    return digest.hexdigest()[:32]


def _contents(request: Request, source: Source, common: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return a source with the hash of its content, or each record of a block with its own.

    A block that cannot be read stands for itself by its first record, as it does in a manifest.
    """
    block = source.block
    if block is None:
        yield source.path, _content(request.root, source, common) + (source.split if source.is_assigned else "")
        return
    table = request.listing.tables[block.table]
    try:
        data = table.read(block)
    except Unusable:
        yield f"{block.table}#{block.first}", ""
        return
    for record in table.records(data, block.first):
        yield f"{block.table}#{record.number}", hashes.sha256(record.data)


def _content(root: Path, source: Source, common: Mapping[str, str]) -> str:
    try:
        digest = hashes.sha256(read_source(str(root), source.path, source.member))
        return digest + digest_of(source, [said_by(str(root), label) for label in source.labels], common)
    except Unusable:
        return ""
