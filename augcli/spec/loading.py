"""Reads the text of a spec: a frozen `Spec`, or every problem of it at once, each with its place."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from augcli.problems import Enough, Problem, Refused, Unusable, did_you_mean, listed, quoted
from augcli.random_streams import Certain, WouldDraw
from augcli.spec.pipeline import Group, Pipeline, PipelineNode, leaves
from augcli.spec.spec import LAYOUTS_OF_TEXTS, OF_OTHERS, ROLES, Spec, Treatment
from augcli.spec.steps import KINDS, StepReader
from augcli.spec.strict_yaml import DEEPEST, LARGEST, YamlNode, read, write


def load(path: Path, **overrides: Any) -> Spec:
    """Read a spec file. Keyword arguments that are not None replace its top-level settings.

    Raises `Refused` with every problem of the text, in reading order.
    """
    shown = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            raise Refused(Problem(f"{shown}: a folder, not a spec", "the spec, a YAML file, comes first")) from None
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        is_preset = (Path(__file__).parent / "presets" / f"{path.stem}.yaml").is_file()
        help = f"augcli init --preset {path.stem} > {path.with_suffix('.yaml')}" if is_preset else None
        raise Refused(Problem(f"{shown}: {reason}", help)) from None
    return parse(data, shown, **overrides)


def restored(resolved: dict[str, Any], shown: str) -> Spec:
    """Return the spec of which `Spec.resolved` made plain data, which may be longer and deeper than a text may be.

    Raises `Refused` for any other data.
    """
    return parse(write(resolved).encode("utf-8", "surrogatepass"), shown, 64 * LARGEST, 4 * DEEPEST)


def parse(data: bytes, shown: str, largest: int = LARGEST, deepest: int = DEEPEST, **overrides: Any) -> Spec:
    """Read the text of a spec; `shown` is what messages call it. Raises `Refused` as `load` does."""
    root, problems = read(data, shown, largest, deepest)
    is_spec = root is not None and isinstance(root.value, dict) and "pipeline" in root.value
    for pattern, what in () if is_spec else _FOREIGN:
        if pattern.search(data):
            raise Refused(Problem(f"{shown}: {what}", f"augcli init --from {shown} > spec.yaml"))
    if root is None and not problems:
        raise Refused(Problem(f"{shown}: the spec is empty", "it needs at least `pipeline:` with a list of steps"))
    spec = None
    if root is not None:
        with suppress(Enough):
            spec = _SpecReader(problems).spec(
                root, {key: value for key, value in overrides.items() if value is not None}
            )
    if problems:

        def place(problem: Problem) -> tuple[int, int]:
            return (problem.where.line, problem.where.column) if problem.where else (0, 0)

        rest = [Problem(f"{shown}: the rest was not checked")] if len(problems) >= Enough.MOST else []
        raise Refused([*sorted(problems, key=place), *rest])
    assert spec is not None
    return spec


_FOREIGN = (
    (re.compile(rb"__class_fullname__[\"']?\s*:"), "this is a pipeline that Albumentations saved, not a spec"),
    (re.compile(rb"\b(Compose|Sequential|ImageDataGenerator)\("), "this is a pipeline in Python, not a spec"),
)


class _SpecReader(StepReader):
    """Turns nodes into a spec and collects what is wrong."""

    def spec(self, root: YamlNode, overrides: dict[str, Any]) -> Spec | None:
        if not isinstance(root.value, dict):
            self.complain(root, "a spec is a mapping", "start with `pipeline:` and a list of steps below it")
            return None
        known = list(Spec.model_fields)
        own = {key: entry for key, entry in root.value.items() if key not in ("pipeline", "splits")}
        spec = self.settings(Spec, YamlNode(own, root.where), known, extra=overrides)
        if spec is not None:
            self.border, self.gives_numbers = spec.border, spec.output.format == "npy"
        splits = self.splits(root.value.get("splits", (root, None))[1])
        pipeline: Pipeline = ()
        if "pipeline" in root.value:
            pipeline = tuple(step for _, step in self.pipeline(root.value["pipeline"][1]))
            if root.value["pipeline"][1].value == [] and "augment" in splits.values():
                self.complain(root.value["pipeline"][0], "`pipeline` has no steps")
            elif not pipeline and not self.problems and "augment" in splits.values():
                help = "add a step that does"
                self.complain(root.value["pipeline"][0], "no step of `pipeline` changes anything", help)
        elif "augment" in splits.values():
            self.complain(root, "`pipeline` is missing", "add `pipeline:` and a list of steps below it")
        self.refuse_settings_of_others(root)
        if spec is not None and spec.input.color_profiles == "keep":
            if spec.output.format == "npy":
                what = "an array holds no profile, which `color_profiles: keep` would keep with its numbers"
                self.complain(root.value["input"][0], what, "write input: {color_profiles: convert}")
            for step in leaves(pipeline):
                if step.transform.mixes:
                    what = f"`{step.name}` would mix numbers of different profiles, which `color_profiles: keep` keeps"
                    self.complain(root.value["input"][0], what, "write input: {color_profiles: convert}")
        return spec and spec.model_copy(update={"pipeline": pipeline, "splits": splits})

    def refuse_settings_of_others(self, root: YamlNode) -> None:
        """Complain about settings that are for another kind of data than the steps are."""
        kind = self.kind or "image"
        splits = root.value.get("splits")
        if kind == "text" and splits is not None and isinstance(splits[1].value, dict):
            for _, treatment in splits[1].value.values():
                if isinstance(treatment.value, list):
                    what = "a split of texts has no steps of its own"
                    self.complain(treatment, what, "write `augment`, `copy` or `skip`")
        for key, (place, value) in root.value.items():
            if key in OF_OTHERS[kind]:
                other = "texts" if kind == "image" else "images"
                self.complain(place, f"`{key}` is for {other}, the steps are for {KINDS[kind]}", "leave it out")
            elif key == "layout" and (value.value in LAYOUTS_OF_TEXTS) < (kind == "text"):
                what = f"`layout: {value.value}` is for images; {listed(LAYOUTS_OF_TEXTS)} is for texts"
                self.complain(value, what)
            elif key == "layout" and kind == "image" and value.value == "tables":
                self.complain(value, "`layout: tables` is for texts, the steps are for images", "leave it out")

    def splits(self, node: YamlNode | None) -> dict[str, Treatment]:
        treatments: dict[str, Treatment] = {"train": "augment", "val": "copy", "test": "copy"}
        if node is None:
            return treatments
        if not isinstance(node.value, dict):
            self.complain(node, "expected a mapping of splits", "write {train: augment, val: copy, test: copy}")
            return treatments
        for role, (key, value) in node.value.items():
            if role not in ROLES:
                help = did_you_mean(role, ROLES) or "folders such as `validation` or `eval` count as val and test"
                self.complain(key, f"unknown split `{role}`; {listed(ROLES)} is allowed", help)
            elif value.value in ("augment", "copy", "skip"):
                treatments[role] = value.value
            elif isinstance(value.value, list):
                steps = self.pipeline(value)
                treatments[role] = tuple(step for _, step in steps)
                if self.kind != "text":
                    self.forbid_chance(steps)
            else:
                self.complain(
                    value,
                    f"expected `augment`, `copy`, `skip` or a list of steps, got {quoted(value.plain())}",
                    did_you_mean(value.value, ("augment", "copy", "skip")) if isinstance(value.value, str) else None,
                )
        return treatments

    def forbid_chance(self, steps: list[tuple[YamlNode, PipelineNode]]) -> None:
        """Complain about the steps of a split's list that draw something."""
        from augcli.image import package_steps  # most specs have no such steps
        from augcli.image.arrays import Size

        help = "give every setting one value and p: 1, or use `augment`"
        for item, step in steps:
            if isinstance(step, Group) or step.p != 1 or step.transform.mixes:
                self.complain(item, "a split's own steps draw nothing at random", help)
                continue
            try:
                package_steps.sampled(step.transform, step.name, Certain(), Size(16384, 16383))
            except WouldDraw:
                self.complain(item, f"`{step.name}` draws at random; a split's own steps may not", help)
            except Unusable:
                pass
