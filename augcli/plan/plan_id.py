"""The id of a plan: a hash of all that decides the result of a run. What has the same one has the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from augcli.image.versions import versions
from augcli.output.manifest import escaped, read_rows
from augcli.output.paths import MANIFEST
from augcli.plan.request import Request
from augcli.problems import Unusable
from augcli.spec.spec import Spec
from augcli.storage import files, hashes


def plan_id_of_sources(request: Request) -> str:
    """Return the id of what a run would write, from the content of every source that it would read."""
    spec = request.spec
    read = (item.source.path for item in request.items if spec.treatment(item.source.role) != "skip")
    return _plan_id(spec, ((path, _content(request.root, path)) for path in read))


def plan_id_of_manifest(spec: Spec, out: Path) -> str:
    """Return the id of what a finished run of that spec has written, from its manifest."""
    rows = (row for row in read_rows(out / MANIFEST) if row.status != "skipped")
    return _plan_id(spec, ((path, next(group).source_sha256) for path, group in groupby(rows, lambda row: row.source)))


def _plan_id(spec: Spec, digests: Iterable[tuple[str, str]]) -> str:
    """Hash a spec, the versions here, and the sources with the hash of their content, in order.

    That hash is empty for a source that cannot be read.
    """
    about: dict[str, Any] = {"spec": spec.resolved(), "versions": versions(spec.packages)}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode("ascii"))
    for path, content in digests:
        digest.update(f"\n{escaped(path)}\0{content}".encode())
    return digest.hexdigest()[:32]


def _content(root: Path, path: str) -> str:
    try:
        return hashes.sha256(files.read(os.path.join(root, path)))
    except Unusable:
        return ""
