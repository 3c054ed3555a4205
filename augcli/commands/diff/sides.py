"""The two sides of a comparison: finished outputs or specs, each with its resolved spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from augcli.output.previous_run import finished_record
from augcli.spec.loading import load, restored
from augcli.spec.spec import Spec
from augcli.storage import places


class Side(NamedTuple):
    """An output with its record, or a spec; `resolved` is the spec as plain data in both cases."""

    path: Path
    resolved: dict[str, Any]
    record: dict[str, Any] | None = None

    @property
    def spec(self) -> Spec:
        """The spec itself. Raises `Refused` where a step of it is not known here."""
        return restored(self.resolved, str(self.path))


def side(path: Path) -> Side:
    """Return what lies at a path: a finished OUT, or else a spec. Raises `Refused` where it is neither."""
    if places.is_folder(path):
        record = finished_record(path)
        return Side(path, record["spec"], record)
    return Side(path, json.loads(json.dumps(load(path).resolved())))
