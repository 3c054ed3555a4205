"""What the process that workers are forked from imports, and nobody else: all that a worker needs."""

from __future__ import annotations

import sys
from types import TracebackType

import joblib.externals.loky.process_executor  # noqa: F401  imported for those that are forked from here

import augcli.workers  # noqa: F401  likewise


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback, unless a starting worker finds that its run was interrupted and has cleared up."""
    if not issubclass(kind, (FileNotFoundError, EOFError, ConnectionError)):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell
