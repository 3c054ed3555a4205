"""What a spec holds: its settings with every default filled in, its pipeline, and what becomes of each split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from augcli.image import packages
from augcli.settings import (
    BLACK,
    Border,
    Copies,
    Count,
    Number,
    Settings,
    plain,
    setting,
)
from augcli.spec.pipeline import BRANCH, Group, Pipeline, canonical, leaves, mixes
from augcli.spec.sections import Balance, Input, Labels, Output, Reject, Split
from augcli.text.settings import TextSettings

ROLES = ("train", "val", "test")
"""What a split is for."""


@dataclass(frozen=True)
class Views:
    """So many copies of each image of a split, over which predictions are averaged: test-time augmentation."""

    number: int
    steps: Pipeline | None = None
    """Those of the spec's pipeline, if there are no others."""


Treatment: TypeAlias = Literal["augment", "copy", "skip"] | Views | Pipeline
"""What becomes of a split; a pipeline of its own draws nothing at random."""

Layout: TypeAlias = Literal[
    "auto",
    "classes",
    "splits",
    "flat",
    "webdataset",
    "parquet",
    "coco",
    "yolo",
    "voc",
    "masks",
    "cityscapes",
    "labelme",
    "dota",
    "csv",
    "tables",
]
"""What IN is: class folders, images or texts alone, shards of images, images whose labels stand in files, or tables."""
LAYOUTS_OF_TEXTS = ("auto", "classes", "splits", "flat", "tables")


OF_OTHERS: Mapping[str, tuple[str, ...]] = {
    "image": ("text",),
    "text": ("border", "input", "output", "labels", "reject", "fusion", "max_megapixels"),
}
"""The settings that a spec does not take, by the kind of data that its steps are for."""


class Spec(Settings):
    """A whole spec with every default filled in."""

    seed: Count = setting(0, "Every draw follows from it.", within=(0, 2**63 - 1))
    copies: Copies = setting(
        1, "Augmented copies of each source, or by its class: {default: 4, zebra: 20}.", within=(0, 100_000)
    )
    balance: Balance = setting(Balance(), "More copies for small classes, fewer for large ones.")
    include_originals: bool = setting(False, "Put each augmented source's own bytes beside its copies.")
    border: Border = setting(BLACK, "For every step that reads outside the image; a step may override it.")
    input: Input = setting(Input(), "How images are read.")
    output: Output = setting(Output(), "How images are written.")
    reject: Reject = setting(Reject(), "Which copies are drawn again.")
    labels: Labels = setting(Labels(), "What becomes of boxes, shapes, masks and keypoints.")
    text: TextSettings = setting(TextSettings(), "How texts are found, and what no step may touch.")
    split: Split = setting(Split(), "Splits an IN that has none into train, val and test.")
    layout: Layout = setting("auto", "What the folders of IN mean.")
    fusion: Literal["off", "exact", "full"] = setting("full", "How neighbouring steps are merged.")
    max_megapixels: Number = setting(100, "A larger image is refused from its header.", within=(0.01, 10_000))
    pipeline: Any = setting(())
    splits: Any = setting({})

    @cached_property
    def kind(self) -> Literal["image", "text"]:
        """The kind of data that it is for, which its steps say; images where it has none."""
        every = [self.pipeline, *(self.steps_of(role) for role in self.splits)]
        return next((step.transform.data_kind for steps in every for step in leaves(steps)), "image")

    @property
    def usual_copies(self) -> int:
        """The number of copies where nothing else is said of a class."""
        return self.copies if isinstance(self.copies, int) else self.copies.default

    @property
    def has_even_copies(self) -> bool:
        """Whether all sources get as many copies."""
        return isinstance(self.copies, int) and self.balance.to is None

    def treatment(self, role: str) -> Treatment:
        """Return what becomes of the splits of a role: `train`, `val` or `test`."""
        return self.splits[role]  # type: ignore[no-any-return]

    def steps_of(self, role: str) -> Pipeline:
        """Return the pipeline that images of a split go through; empty for those that are copied."""
        treatment = self.treatment(role)
        if isinstance(treatment, Views):
            return self.pipeline if treatment.steps is None else treatment.steps
        return self.pipeline if treatment == "augment" else () if isinstance(treatment, str) else treatment

    @property
    def has_branches(self) -> bool:
        """Whether its pipeline is several ones with names, each a group."""
        return any(isinstance(node, Group) and node.kind == BRANCH for node in self.pipeline)

    @cached_property
    def branches(self) -> tuple[str, ...]:
        """The names of its pipelines, where it has several side by side; one that is empty where it has one."""
        return tuple(node.name for node in self.pipeline) if self.has_branches else ("",)

    @property
    def in_containers(self) -> bool:
        """Whether its images are written into containers, and not as loose files."""
        return self.kind == "image" and self.output.container != "files"

    @property
    def packages(self) -> list[str]:
        """The other packages whose transforms it uses, sorted."""
        names = {step.transform.name() for role in ROLES for step in leaves(self.steps_of(role))}
        return sorted({packages.package_of(name) for name in names} - {""})

    def resolved(self) -> dict[str, Any]:
        """Return the spec as plain data with everything spelled out; loading it again gives the same."""
        others = OF_OTHERS[self.kind]
        fields = {name: plain(getattr(self, name)) for name in type(self).fields if name not in others}
        fields["pipeline"] = [canonical(node) for node in self.pipeline]
        if self.has_branches:
            fields["pipeline"] = {node.name: [canonical(step) for step in node.steps] for node in self.pipeline}
        fields["splits"] = {role: _resolved(treatment) for role, treatment in self.splits.items()}
        return fields

    @cached_property
    def mixes(self) -> bool:
        """Whether a step needs other sources; a split's own steps never do."""
        return mixes(self.pipeline)

    @cached_property
    def key(self) -> str:
        """A hash of everything that decides an output's bytes, given its source and copy number."""
        left_out = {"copies", "balance", "include_originals"}
        deciding = {k: v for k, v in self.resolved().items() if k not in left_out}
        text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _resolved(treatment: Treatment) -> Any:
    """Return what becomes of a split as plain data."""
    if isinstance(treatment, str):
        return treatment
    if isinstance(treatment, Views):
        own = {} if treatment.steps is None else {"steps": [canonical(node) for node in treatment.steps]}
        return {"views": treatment.number, **own}
    return [canonical(node) for node in treatment]
