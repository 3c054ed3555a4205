"""Texts as a kind of data: how copies are drawn, made into files and records, and replayed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import regex

from augcli.dataset.sources import LabelSet, Source
from augcli.modality import Maker, Modality
from augcli.modality.texts import copies, forecast
from augcli.modality.texts.maker import TextMaker
from augcli.plan.output_names import Item
from augcli.spec.pipeline import leaves
from augcli.spec.spec import ROLES, Spec

BYTES = 1
"""Of the texts: raise it when the same spec, source and libraries come to other bytes than before, and only then."""


class TextModality:
    """The kind of data that texts are."""

    environment: Mapping[str, str] = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}

    @property
    def stages(self) -> Mapping[str, Sequence[tuple[Any, str]]]:
        return {"draw": [(copies.Copies, "drawn")]}

    def versions(self, spec: Spec) -> dict[str, Any]:
        found: dict[str, Any] = {"bytes": BYTES, "regex": regex.__version__, "unicode": unicodedata.unidata_version}
        for role in ROLES:
            for step in leaves(spec.steps_of(role)):
                found.update(step.transform.resources(spec.text))
        return found

    def versions_again(self, made_with: dict[str, Any], out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"bytes": made_with.get("bytes")}, {"bytes": BYTES}  # rows hold all edits

    def slowed(self, versions: Mapping[str, Any]) -> str:
        return ""

    def foreseen(self, spec: Spec, root: Path, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, list[str]]]:
        return forecast.foreseen(spec, root, items)

    def share(self, spec: Spec) -> None:
        """Nothing: a model is loaded by the worker that first needs it."""

    def prepare(self) -> None:
        """Nothing: a step that has a model sees to its own threads."""

    def maker(
        self,
        spec: Spec,
        root: str,
        mixable: Sequence[Source],
        sets: Sequence[LabelSet],
        crashing: Set[str],
        under_way: str,
    ) -> Maker:
        return TextMaker(spec, root)


TEXTS: Modality = TextModality()
