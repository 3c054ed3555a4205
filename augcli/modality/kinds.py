"""The kinds of data that there are: one for each that a spec may be for, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augcli.modality import Modality
from augcli.spec.spec import Spec


def modality_of(spec: Spec) -> Modality:
    """Return the kind of data that a spec is for."""
    return _named(spec.kind)


def modality_of_record(record: Mapping[str, Any]) -> Modality:
    """Return the kind of data of a run, by its record, whose spec perhaps cannot be read here."""
    return _named("text" if "text" in record["spec"] else "image")


def _named(kind: str) -> Modality:
    if kind == "text":
        from augcli.modality.texts import TEXTS

        return TEXTS
    from augcli.modality.images import IMAGES

    return IMAGES
