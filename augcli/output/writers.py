"""The lock that a worker holds while it writes, so that a later run can wait for workers of one that was killed."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from augcli.output.paths import WRITERS
from augcli.storage import locks


def writing(part: str) -> AbstractContextManager[None]:
    """Hold the lock of the folder that a chunk's part lies in. Raises OSError."""
    return locks.shared(os.path.join(os.path.dirname(part), WRITERS))
