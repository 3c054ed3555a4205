"""Specs made of other libraries' pipelines, which `init --from` prints. A pipeline is read, and never run.

A step that can be taken keeps its library's name, and with it its meaning. Any other becomes a comment with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from augcli.problems import Problem, Refused, listed, printable
from augcli.spec import dialects
from augcli.spec.conversion import albumentations_files, python_programs
from augcli.spec.conversion.foreign import DONE_IN_TRAINING, ForeignPipeline, ForeignStep
from augcli.spec.loading import parse
from augcli.spec.pipeline import GROUPS, PipelineNode, leaves, mixes
from augcli.spec.step_order import ONE_MIXING_STEP
from augcli.spec.steps import tried
from augcli.spec.strict_yaml import DEEPEST
from augcli.spec.suggestions import one_line

LARGEST = 1024 * 1024
TOO_DEEP = f"nested deeper than {DEEPEST} levels of a spec"


@dataclass
class Converted:
    """The text of a spec, and what could not be taken into it."""

    text: str
    left_out: list[str]


def converted(given: Path) -> Converted:
    """Make a spec of the pipeline in FILE, or in FILE:NAME where it has several. Raises `Refused`."""
    path, name = _named(given)
    shown = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise Refused(Problem(f"{shown}: {reason}")) from None
    if len(data) > LARGEST:
        raise Refused(Problem(f"{shown}: too long; at most {LARGEST} bytes are read"))
    found = _chosen(_found(data, shown), shown, name)
    parts: list[_Taken] = []
    for step in found.steps:
        part = _taken(step, ())
        if part.mixes and any(before.mixes for before in parts):
            part = _refused(step, "{} ({})".format(*ONE_MIXING_STEP))
        parts.append(part)
    lines = [f"  {line}" for part in parts for line in part.lines]
    left_out = [*found.notes, *(reason for part in parts for reason in part.left_out)]
    if all(part.step is None for part in parts):
        raise Refused([Problem(f"{shown}: {found.name} has no step that can be taken"), *map(Problem, left_out)])
    head = [f"# {found.library}: {found.name} of {path.name}, as augcli init --from reads it."]
    head += [f"# left out: {note}" for note in found.notes]
    labels = [one_line({"labels": found.labels})] if found.labels else []
    text = "\n".join([*map(printable, head), *_ABOVE, *labels, "pipeline:", *lines, *_BELOW]) + "\n"
    parse(text.encode(), shown)
    return Converted(text, left_out)


_ABOVE = [
    "seed: 0                                          # every draw follows from it: another number, other copies",
    "copies: 4                                        # augmented copies of each source",
]
_BELOW = ["splits: {train: augment, val: copy, test: copy}  # or skip, or a list of steps that draw nothing"]


def _named(given: Path) -> tuple[Path, str | None]:
    """Split FILE:NAME, unless a file is called so."""
    path, colon, name = str(given).rpartition(":")
    return (given, None) if given.exists() or not colon or "/" in name else (Path(path), name)


def _found(data: bytes, shown: str) -> list[ForeignPipeline]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Problem(f"{shown}: not UTF-8 text")) from None
    try:
        return albumentations_files.pipelines(text) or python_programs.pipelines(python_programs.source(text))
    except albumentations_files.NoPipeline as error:
        raise Refused(Problem(f"{shown}: {error}", error.help)) from None
    except python_programs.NotPython as error:
        help = "give a Python file, or what Albumentations' save() wrote"
        raise Refused(Problem(f"{shown}: neither Python nor a saved pipeline: {error}", help)) from None


def _chosen(found: list[ForeignPipeline], shown: str, name: str | None) -> ForeignPipeline:
    """Return the only pipeline, or that of a name. Raises `Refused`."""
    if not found:
        what = "no pipeline of torchvision, Albumentations, Keras or nlpaug is built here"
        raise Refused(
            Problem(
                f"{shown}: {what}",
                "Compose([...]), Sequential([...]), ImageDataGenerator(...) or SynonymAug(...) is one",
            )
        )
    if name is None and len(found) == 1:
        return found[0]
    for one in found:
        if name == one.name:
            return one
    names = [one.name for one in found]
    what = f"no pipeline is called `{name}`; {listed(names)} is" if name else f"{len(found)} pipelines: {listed(names)}"
    raise Refused(Problem(f"{shown}: {what}", f"augcli init --from {shown}:{names[0]}"))


@dataclass(frozen=True)
class _Taken:
    """What becomes of a step: the step as a spec has it, or None; its lines of YAML; and what is left out of it."""

    step: Any
    lines: list[str]
    left_out: list[str]
    made: list[PipelineNode] = field(default_factory=list)
    """What the step is here."""

    @property
    def mixes(self) -> bool:
        return mixes(tuple(self.made))


def _taken(step: ForeignStep, inside: tuple[str, ...]) -> _Taken:
    """Convert a step and the steps in it. What cannot be taken becomes a comment."""
    if step.reason is not None:
        return _refused(step, step.reason)
    if _is_too_deep(step.name, inside):
        return _refused(step, TOO_DEEP)
    plain: Any = {step.name: dict(step.settings)} if step.settings else step.name
    lines = [f"- {one_line(plain)}"]
    left_out = [f"{step.text}: {note}" for note in step.notes]
    if step.steps is not None:
        within = (*inside, step.name if step.name in GROUPS else dialects.find(step.name).step_names[-1])
        parts = [_taken(part, within) for part in step.steps]
        kept = [part.step for part in parts if part.step is not None]
        if not kept:
            return _refused(step, "none of its steps can be taken")
        plain = {step.name: {**step.settings, step.steps_key: kept}}
        own = [one_line({key: value}) for key, value in step.settings.items()]
        block = [f"  {line}" for part in parts for line in part.lines]
        lines = [f"- {step.name}:", *(f"    {line}" for line in [*own, f"{step.steps_key}:", *block])]
        left_out += [reason for part in parts for reason in part.left_out]
    if _is_too_deep(plain, inside):
        return _refused(step, TOO_DEEP)
    made, reason = _made(plain, inside)
    if reason is not None:
        return _refused(step, reason)
    notes = [f"# {step.text}: left out: {note}" for note in step.notes]
    return _Taken(plain, [*map(printable, notes), *lines], left_out, made)


def _refused(step: ForeignStep, reason: str) -> _Taken:
    return _Taken(None, [printable(f"# left out: {step.text}: {reason}")], [f"{step.text}: {reason}"])


def _is_too_deep(plain: Any, inside: tuple[str, ...]) -> bool:
    """Tell whether a step is nested deeper than a spec may be: a list, a name and its settings for each container."""

    def height(value: Any) -> int:
        below = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
        return max((1 + height(one) for one in below), default=0)

    return 2 + 3 * len(inside) + height(plain) > DEEPEST


def _made(step: Any, inside: tuple[str, ...]) -> tuple[list[PipelineNode], str | None]:
    """Read a step as a spec has it; say why it cannot be taken, None where it can."""
    made, problems = tried([step], inside)
    if problems:
        return [], problems[0].what + (f" ({problems[0].help})" if problems[0].help else "")
    if not made or any(leaf.transform.changes_range for leaf in leaves(tuple(made))):
        return [], DONE_IN_TRAINING
    return made, None
