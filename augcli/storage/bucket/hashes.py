"""The hash of an object's content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from augcli.storage.bucket.files import parts


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    for part in parts(path):
        digest.update(part)
    return digest.hexdigest()
