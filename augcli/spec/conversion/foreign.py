"""A pipeline of another library as it was read: its steps by their names in a spec, or why one cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.spec import dialects
from augcli.spec.dialects.albumentations import labels
from augcli.spec.dialects.entry import Untranslatable

DONE_IN_TRAINING = "training code does it"
ABOUT_LABELS = ("bbox_params", "keypoint_params", "additional_targets")
"""Parameters of Albumentations that say nothing about images. Labels and their kinds are found in the data."""
ALIASES = {"albumentations.ReplayCompose": "albumentations.Compose"}
"""Names of one thing: what sets them apart says nothing about images."""


@dataclass(frozen=True)
class ForeignStep:
    """One step of a pipeline: its name with its library, and its settings as plain data."""

    text: str
    """How it is written in its file, for a comment."""
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    steps: list[ForeignStep] | None = None
    """The steps in a container, whose parameter for them is `steps_key`."""
    steps_key: str = ""
    notes: list[str] = field(default_factory=list)
    """What is left out of it, and why."""
    reason: str | None = None
    """Why it cannot be taken at all."""


@dataclass(frozen=True)
class ForeignPipeline:
    """A pipeline: its name in its file, the library with its version, and its steps."""

    name: str
    library: str
    steps: list[ForeignStep]
    notes: list[str] = field(default_factory=list)
    labels: Mapping[str, Any] = field(default_factory=dict)
    """The spec's settings of labels that it stands for."""


def foreign_pipeline(name: str, library: str, outermost: ForeignStep, bbox_params: Any = None) -> ForeignPipeline:
    """Make a pipeline of its outermost container, and the `bbox_params` that this was called with."""
    alone = outermost.steps is None or bool(outermost.settings)
    steps = [outermost] if alone else outermost.steps or []
    if bbox_params is None:
        return ForeignPipeline(name, library, steps)
    try:
        if not isinstance(bbox_params, Mapping):
            raise Untranslatable("what it says is no literal")
        settings, notes = labels.settings_of(bbox_params)
    except Untranslatable as wrong:
        settings, notes = {}, [f"{wrong.what}; labels: {{min_visible: 0}} keeps all boxes that are seen"]
    return ForeignPipeline(name, library, steps, [f"bbox_params: {note}" for note in notes], settings)


def steps_parameter(name: str) -> str | None:
    """Return the parameter of a known name that holds steps; None where none does."""
    parameters = dialects.find(name).parameters
    return next((key for key, parameter in parameters.items() if parameter.holds_steps), None)


def refusal_of(name: str) -> str | None:
    """Say why a name with its library cannot be taken; None where it can."""
    library, _, call = name.partition(".")
    entry = dialects.entries(library).get(call) if library in dialects.LIBRARIES else None
    if entry is None:
        return f"`{call or name}` is not known here"
    if entry.refusal is not None:
        return entry.refusal.what + (f" ({entry.refusal.help})" if entry.refusal.help else "")
    return None


def without_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that are the default."""
    entry = dialects.find(name)

    def is_default(key: str, value: Any) -> bool:
        if key == "p" and "p" not in entry.parameters:
            return bool(value == entry.p)
        default = entry.parameters[key].default if key in entry.parameters else value
        return bool(
            default == value and isinstance(default, bool) == isinstance(value, bool) and key in entry.parameters
        )

    return {key: value for key, value in settings.items() if not is_default(key, value)}
