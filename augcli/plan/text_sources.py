"""What a spec for texts says of where they stand in IN."""

from __future__ import annotations

from augcli.dataset.tables import Wanted
from augcli.spec.spec import Spec


def wanted(spec: Spec) -> Wanted:
    """Return what a spec says of tables."""
    text = spec.text
    return Wanted(text.columns, text.label, text.spans, text.origin)
