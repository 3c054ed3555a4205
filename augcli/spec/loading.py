"""Reads the text of a spec: a frozen `Spec`, or every problem of it at once, each with its place."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from augcli.problems import Enough, Problem, Refused, Unusable, did_you_mean, listed, quoted
from augcli.random_streams import Certain, WouldDraw
from augcli.spec import dialects
from augcli.spec.pipeline import BRANCH, Group, Pipeline, PipelineNode, leaves, mixes, named
from augcli.spec.sections import ViewSettings
from augcli.spec.spec import LAYOUTS_OF_TEXTS, OF_OTHERS, ROLES, Spec, Treatment, Views
from augcli.spec.step_order import mistakes_of_order
from augcli.spec.steps import KINDS, TWO_SPECS, StepReader
from augcli.spec.strict_yaml import DEEPEST, LARGEST, YamlNode, read, write
from augcli.spec.suggestions import is_known


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
        known = list(Spec.fields)
        own = {key: entry for key, entry in root.value.items() if key not in ("pipeline", "splits")}
        spec = self.settings(Spec, YamlNode(own, root.where), known, extra=overrides)
        if spec is not None:
            self.border, self.gives_numbers = spec.border, spec.output.format == "npy"
        splits = self.splits(root.value.get("splits", (root, None))[1])
        pipeline: Pipeline = ()
        has_branches = "pipeline" in root.value and self.are_branches(root.value["pipeline"][1])
        if has_branches:
            pipeline = self.branches(root)
        elif "pipeline" in root.value:
            pipeline = tuple(step for _, step in self.pipeline(root.value["pipeline"][1]))
            if root.value["pipeline"][1].value == [] and "augment" in splits.values():
                self.complain(root.value["pipeline"][0], "`pipeline` has no steps")
            elif not pipeline and not self.problems and "augment" in splits.values():
                help = "add a step that does"
                self.complain(root.value["pipeline"][0], "no step of `pipeline` changes anything", help)
        elif "augment" in splits.values():
            self.complain(root, "`pipeline` is missing", "add `pipeline:` and a list of steps below it")
        self.refuse_settings_of_others(root)
        if spec is not None:
            self.refuse_mismatches(root, spec, pipeline, splits, has_branches)
        if spec is not None and spec.input.color_profiles == "keep":
            if spec.output.format == "npy":
                what = "an array holds no profile, which `color_profiles: keep` would keep with its numbers"
                self.complain(root.value["input"][0], what, "write input: {color_profiles: convert}")
            for step in leaves(pipeline):
                if step.transform.mixes:
                    what = f"`{step.name}` would mix numbers of different profiles, which `color_profiles: keep` keeps"
                    self.complain(root.value["input"][0], what, "write input: {color_profiles: convert}")
        return spec and spec.with_values({"pipeline": pipeline, "splits": splits})

    def refuse_settings_of_others(self, root: YamlNode) -> None:
        """Complain about settings that are for another kind of data than the steps are."""
        kind = self.kind or "image"
        splits = root.value.get("splits")
        if kind == "text" and splits is not None and isinstance(splits[1].value, dict):
            for _, treatment in splits[1].value.values():
                if isinstance(treatment.value, (list, dict)):
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
            elif isinstance(value.value, dict):
                if (views := self.views(value)) is not None:
                    treatments[role] = views
            elif isinstance(value.value, list):
                steps = self.pipeline(value)
                treatments[role] = tuple(step for _, step in steps)
                if self.kind != "text":
                    self.forbid_chance(steps)
            else:
                self.complain(
                    value,
                    f"expected `augment`, `copy`, `skip`, a list of steps or {{views: 8}}, got {quoted(value.plain())}",
                    did_you_mean(value.value, ("augment", "copy", "skip")) if isinstance(value.value, str) else None,
                )
        return treatments

    def views(self, node: YamlNode) -> Views | None:
        """Read what asks for several views of each image of a split."""
        own = {key: pair for key, pair in node.value.items() if key != "steps"}
        settings = self.settings(ViewSettings, YamlNode(own, node.where), ["views", "steps"])
        if "steps" not in node.value:
            return None if settings is None else Views(settings.views)
        steps = self.pipeline(node.value["steps"][1])
        for item, step in steps:
            if mixes((step,)):
                self.complain(item, "a view is of one image", "leave the step out")
        return None if settings is None else Views(settings.views, tuple(step for _, step in steps))

    @staticmethod
    def are_branches(node: YamlNode) -> bool:
        """Tell whether a pipeline is several ones with names, and not a list that lacks its dashes."""
        if not isinstance(node.value, dict) or not node.value:
            return False
        return not any(is_known(name) or dialects.library(name) for name in node.value)

    def branches(self, root: YamlNode) -> Pipeline:
        """Read pipelines that stand side by side, each under a name; each is a group."""
        key, node = root.value["pipeline"]
        groups: list[Group] = []
        folders: dict[str, str] = {}
        self.taken = set()
        for name, (place, value) in node.value.items():
            steps = self.steps(value, ())
            for mistake in mistakes_of_order(steps, self.gives_numbers):
                self.complain(*mistake)
            if value.value == []:
                self.complain(place, f"`{name}` has no steps")
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
                help = "letters, digits, _ and - are allowed: weak, strong"
                self.complain(place, f"`{name}` cannot be the name of a pipeline and of its folder", help)
            elif name.lower() in folders:
                self.complain(place, f"`{name}` and `{folders[name.lower()]}` are one folder on some disks")
            folders[name.lower()] = name
            for item, step in steps:
                if mixes((step,)):
                    self.complain(item, "a step that mixes is for a single pipeline", "leave it out")
            groups.append(Group(name, BRANCH, tuple(step for _, step in steps)))
        if len(groups) < 2:
            self.complain(key, "pipelines with names are several, side by side", "write pipeline: [...]")
        if self.kind == "text":
            self.complain(key, "pipelines with names are for images", TWO_SPECS)
        self.taken |= {group.name for group in groups}
        return named(tuple(groups), self.taken)

    def refuse_mismatches(
        self, root: YamlNode, spec: Spec, pipeline: Pipeline, splits: dict[str, Treatment], has_branches: bool
    ) -> None:
        """Complain about settings that are sound by themselves and do not go together."""

        def place(*keys: str) -> YamlNode:
            return next((root.value[key][0] for key in keys if key in root.value), root)

        numbers = [spec.copies] if isinstance(spec.copies, int) else [n for _, n in spec.copies.classes]
        if not isinstance(spec.copies, int):
            numbers.append(spec.copies.default)
            if spec.balance.to is not None:
                what = "`copies` for each class and `balance` both say how many copies a class gets"
                self.complain(place("balance"), what, f"leave one out, or write copies: {spec.copies.default or 1}")
        if 0 in numbers and not spec.include_originals:
            what = "a class without copies would be gone, as originals are not included"
            self.complain(place("copies"), what, "write include_originals: true, or at least 1")
        views = next((role for role, own in splits.items() if isinstance(own, Views) and own.steps is None), None)
        if has_branches:
            if views is not None:
                what = f"the views of `{views}` go through one pipeline, and there are several"
                self.complain(place("splits"), what, f"write {views}: {{views: 8, steps: [...]}}")
            if spec.layout != "flat":
                what = "pipelines side by side are for images without classes"
                self.complain(place("layout", "pipeline"), what, "write layout: flat, or a spec for each pipeline")
            if spec.include_originals:
                what = "originals have no place beside pipelines with names"
                self.complain(place("include_originals"), what, "leave it out, and add a pipeline that changes nothing")
        judged = spec.reject.blank or spec.reject.identical or spec.reject.clipped is not None
        if spec.output.format == "npy" and judged:
            what = "`reject` compares levels of 0 to 255, and `format: npy` may hold other numbers"
            self.complain(place("reject"), what, "leave `blank`, `clipped` and `identical` out")
        if views is not None and mixes(pipeline):
            what = f"the views of `{views}` go through the pipeline, which mixes images"
            self.complain(place("splits"), what, f"write {views}: {{views: 8, steps: [...]}} without such a step")

    def forbid_chance(self, steps: list[tuple[YamlNode, PipelineNode]]) -> None:
        """Complain about the steps of a split's list that draw something."""
        from augcli.image import package_steps  # most specs have no such steps
        from augcli.image.arrays import Size

        help = "give every setting one value and p: 1, or use `augment`"
        for item, step in steps:
            if any(leaf.transform.data_kind != "image" for leaf in leaves((step,))):
                continue  # which is complained of already
            if isinstance(step, Group) or step.p != 1 or step.transform.mixes:
                self.complain(item, "a split's own steps draw nothing at random", help)
                continue
            try:
                package_steps.sampled(step.transform, step.name, Certain(), Size(16384, 16383))
            except WouldDraw:
                self.complain(item, f"`{step.name}` draws at random; a split's own steps may not", help)
            except Unusable:
                pass
