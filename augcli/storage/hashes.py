"""The hash that names content everywhere: SHA-256, as hexadecimal digits."""

from __future__ import annotations

import hashlib
from pathlib import Path

from augcli.storage.addresses import on_disk


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@on_disk
def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
