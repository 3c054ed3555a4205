"""What a spec says: YAML text to a frozen `Spec`, or every problem of it at once, with its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError

from augcli.image import transforms
from augcli.image.arrays import Size
from augcli.pipeline import CHOOSING, GROUPS, Group, Pipeline, PipelineNode, SomeOfSettings, Step, StepSettings, written
from augcli.problems import Problem, Refused, Unusable, did_you_mean, listed, reworded, similar_names
from augcli.settings import (
    BLACK,
    Border,
    Count,
    Number,
    Settings,
    plain,
    setting,
)
from augcli.streams import Certain, WouldDraw
from augcli.yaml_nodes import Node, read

_S = TypeVar("_S", bound=Settings)

ROLES = ("train", "val", "test")
_UNNAMED = "\0"  # marks a step without a name of its own until names are given; cannot be typed


Treatment: TypeAlias = Literal["augment", "copy", "skip"] | Pipeline


class Output(Settings):
    """How images are written."""

    format: Literal["source", "jpeg", "png", "webp", "tiff"] = setting(
        "source", "File format; `source` keeps that of each source (BMP and PNM become PNG)."
    )
    quality: Count = setting(95, "For JPEG and WebP.", within=(1, 100))
    subsampling: Literal["4:4:4", "4:2:2", "4:2:0"] = setting("4:2:0", "Chroma subsampling of JPEG.")
    optimize: bool = setting(False, "Smaller JPEG files for more than twice the time.")


class Spec(Settings):
    """A whole spec with every default filled in."""

    seed: Count = setting(0, "Every draw follows from it.", within=(0, 2**63 - 1))
    copies: Count = setting(1, "Augmented copies of each source image.", within=(1, 100_000))
    include_originals: bool = setting(False, "Put each augmented source's own bytes beside its copies.")
    border: Border = setting(BLACK, "For every step that reads outside the image; a step may override it.")
    output: Output = setting(Output(), "How images are written.")
    layout: Literal["auto", "classes", "splits", "flat"] = setting("auto", "What the folders of IN mean.")
    fusion: Literal["off", "exact", "full"] = setting("full", "How neighbouring steps are merged.")
    max_megapixels: Number = setting(100, "A larger image is refused from its header.", within=(0.01, 10_000))
    pipeline: Any = Field((), exclude=True)
    splits: Any = Field({}, exclude=True)

    def treatment(self, role: str) -> Treatment:
        """Return what is done with the split of that role: `train`, `val` or `test`."""
        return self.splits[role]  # type: ignore[no-any-return]

    def steps_of(self, role: str) -> Pipeline:
        """Return the pipeline that images of a split go through; empty for those that are copied."""
        treatment = self.treatment(role)
        return self.pipeline if treatment == "augment" else () if isinstance(treatment, str) else treatment

    def resolved(self) -> dict[str, Any]:
        """Return the spec as plain data with everything spelled out; loading it again gives the same."""
        fields = {name: plain(getattr(self, name)) for name in type(self).model_fields}
        fields["pipeline"] = [written(node) for node in self.pipeline]
        fields["splits"] = {
            role: value if isinstance(value, str) else [written(node) for node in value]
            for role, value in self.splits.items()
        }
        return fields

    @cached_property
    def key(self) -> str:
        """A hash of everything that decides an output's bytes, given its source and copy number."""
        deciding = {k: v for k, v in self.resolved().items() if k not in ("copies", "include_originals", "layout")}
        text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load(path: Path, **overrides: Any) -> Spec:
    """Read a spec file. Keyword arguments that are not None replace its top-level settings.

    Raises `Refused` with every problem of the text, in reading order.
    """
    shown = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            raise Refused(Problem(f"{shown}: a folder, not a spec", "the spec, a YAML file, comes first")) from None
        reason = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise Refused(Problem(f"{shown}: {reason}")) from None
    root, problems = read(data, shown)
    if root is None:
        raise Refused(
            problems or [Problem(f"{shown}: the spec is empty", "it needs at least `pipeline:` with a list of steps")]
        )
    reader = _Reader(problems)
    spec = reader.spec(root, {key: value for key, value in overrides.items() if value is not None})
    if problems:

        def place(problem: Problem) -> tuple[int, int]:
            return (problem.where.line, problem.where.column) if problem.where else (0, 0)

        raise Refused(sorted(problems, key=place))
    assert spec is not None
    return spec


@dataclass
class _Reader:
    """Turns nodes into a spec and collects what is wrong."""

    problems: list[Problem]
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.unread = {problem.where for problem in self.problems}

    def complain(self, node: Node, what: str, help: str | None = None) -> None:
        # One mistake, one problem: what could not be read is not complained of once more for its value.
        if not any(inner.where in self.unread for inner in node.walk()):
            self.problems.append(Problem(what, help, node.where))

    def spec(self, root: Node, overrides: dict[str, Any]) -> Spec | None:
        if not isinstance(root.value, dict):
            self.complain(root, "a spec is a mapping", "start with `pipeline:` and a list of steps below it")
            return None
        known = list(Spec.model_fields)
        own = {key: entry for key, entry in root.value.items() if key not in ("pipeline", "splits")}
        spec = self.settings(Spec, Node(own, root.where), known, extra=overrides)
        border = spec.border if spec else BLACK
        splits = self.splits(root.value.get("splits", (root, None))[1], border)
        pipeline: Pipeline = ()
        if "pipeline" in root.value:
            pipeline = self.pipeline(root.value["pipeline"][1], border)
            if root.value["pipeline"][1].value == [] and "augment" in splits.values():
                self.complain(root.value["pipeline"][0], "`pipeline` has no steps")
        elif "augment" in splits.values():
            self.complain(root, "`pipeline` is missing", "add `pipeline:` and a list of steps below it")
        return spec and spec.model_copy(update={"pipeline": pipeline, "splits": splits})

    def splits(self, node: Node | None, border: Border) -> dict[str, Treatment]:
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
                treatments[role] = self.pipeline(value, border)
                self.forbid_chance(value, treatments[role])
            else:
                self.complain(
                    value,
                    f"expected `augment`, `copy`, `skip` or a list of steps, got `{value.plain()}`",
                    did_you_mean(str(value.plain()), ("augment", "copy", "skip")),
                )
        return treatments

    def forbid_chance(self, node: Node, steps: Treatment) -> None:
        """Complain about steps of a split's list that are not the same for every image and run."""
        help = "give every setting one value and p: 1, or use `augment`"
        assert not isinstance(steps, str)
        for item, step in zip(node.value, steps, strict=False):
            if isinstance(step, Group) or step.p != 1:
                self.complain(item, "a split's own steps draw nothing at random", help)
                continue
            try:
                step.transform.sample(Certain(), Size(16384, 16383))
            except WouldDraw:
                self.complain(item, f"`{step.name}` draws at random; a split's own steps may not", help)
            except Unusable:
                pass

    def pipeline(self, node: Node, border: Border) -> Pipeline:
        """Read a list of steps, naming them apart."""
        self.taken = set()
        steps = self.steps(node, border, choosing=False)
        counts: dict[str, int] = {}

        def named(step: PipelineNode) -> PipelineNode:
            name = step.name
            if name.startswith(_UNNAMED):  # the kind's name, numbered from the second on
                kind = name = name[1:]
                while name in self.taken:
                    counts[kind] = counts.get(kind, 1) + 1
                    name = f"{kind}_{counts[kind]}"
                self.taken.add(name)
            if isinstance(step, Step):
                return replace(step, name=name)
            return replace(step, name=name, steps=tuple(named(child) for child in step.steps))

        return tuple(named(step) for step in steps)

    def steps(self, node: Node, border: Border, choosing: bool) -> list[PipelineNode]:
        if not isinstance(node.value, list):
            self.complain(node, "expected a list of steps", "start each step with `- `")
            return []
        return [step for item in node.value if (step := self.step(item, border, choosing)) is not None]

    def step(self, item: Node, border: Border, choosing: bool) -> PipelineNode | None:
        if isinstance(item.value, str):
            name, place, body = item.value, item, Node({}, item.where)
        elif isinstance(item.value, dict) and len(item.value) == 1:
            ((name, (place, body)),) = item.value.items()
            if body.value is None:
                body = Node({}, place.where)
        else:
            help = None
            if isinstance(item.value, dict) and item.value:
                first, *others = item.value
                help = f"indent {listed(others)} below `{first}:`, or start a step of its own with `- `"
            self.complain(item, "a step is one name with its settings", help)
            return None
        if not isinstance(body.value, dict):
            what = f"expected settings of `{name}`, got `{body.plain()}`"
            self.complain(body, what, f"write {name}: {{{_first_setting(name)}: {_flow(body)}}}")
            return None
        if name in GROUPS:
            return self.group(name, place, body, border, choosing)
        if name not in transforms.names():
            known = [*transforms.names(), *GROUPS]
            help = "is the next line indented too deep? align its `- `" if " - " in name else similar_names(name, known)
            self.complain(place, f"unknown transform `{name}`", help)
            return None
        found = transforms.find(name)
        step_keys = tuple(StepSettings.model_fields)
        own = {key: entry for key, entry in body.value.items() if key not in step_keys}
        fields = [*found.model_fields, *step_keys]
        transform = self.settings(found, Node(own, place.where), fields, f" of `{name}`")
        about = self.about(name, body, place, {k: v for k, v in body.value.items() if k in step_keys}, choosing)
        if transform is None or about is None:
            return None
        if "border" in found.model_fields and "border" not in transform.model_fields_set:
            transform = transform.model_copy(update={"border": border})
        p = about.p if choosing or "p" in about.model_fields_set else found.default_p
        return Step(about.name or _UNNAMED + name, transform, 1.0 if choosing else p, about.weight)

    def group(self, kind: str, place: Node, body: Node, border: Border, choosing: bool) -> Group | None:
        own = {key: entry for key, entry in body.value.items() if key != "steps"}
        about = self.about(kind, body, place, own, choosing)
        if "steps" not in body.value:
            self.complain(place, f"`{kind}` has no steps", "add `steps:` and a list of steps below it")
            return None
        steps_node = body.value["steps"][1]
        steps = self.steps(steps_node, border, choosing=kind in CHOOSING)
        if isinstance(steps_node.value, list) and not steps_node.value:
            self.complain(steps_node, f"`{kind}` has no steps")
        if about is None or not steps or len(steps) != len(steps_node.value):
            return None
        if kind == "one_of" and not any(step.weight for step in steps):
            self.complain(steps_node, "all weights are 0; nothing can be chosen")
        group = Group(about.name or _UNNAMED + kind, kind, tuple(steps), about.p, about.weight)
        if isinstance(about, SomeOfSettings):
            low, high = int(about.n.low), int(about.n.high)
            choosable = sum(step.weight > 0 for step in steps)
            if high > choosable:
                self.complain(body.value["n"][1], f"`n` asks for {high} of {choosable} steps")
            group = replace(group, n=(low, high), shuffle=about.shuffle)
        return group

    def about(
        self, name: str, body: Node, place: Node, own: dict[str, tuple[Node, Node]], choosing: bool
    ) -> StepSettings | None:
        """Read what a step takes besides its transform's settings."""
        if choosing and "p" in own:
            key = own["p"][0]
            self.complain(
                key, "a step that is chosen is applied; it has no `p`", "use weight to choose it more or less often"
            )
            own = {k: v for k, v in own.items() if k != "p"}
        if not choosing and "weight" in own:
            self.complain(own["weight"][0], f"`weight` has a meaning only inside {listed(CHOOSING)}", "use p")
        model = GROUPS.get(name, StepSettings)
        known = [*model.model_fields, "steps"] if name in GROUPS else list(model.model_fields)
        about = self.settings(model, Node(own, place.where), known, f" of `{name}`")
        if about is not None and about.name is not None:
            if about.name in self.taken:
                self.complain(own["name"][1], f"the name `{about.name}` is taken", "every name stands once")
            self.taken.add(about.name)
        return about

    def settings(
        self, model: type[_S], node: Node, known: list[str], of: str = "", extra: Mapping[str, Any] = {}
    ) -> _S | None:
        """Validate a mapping node as a settings model, or complain with places and return None."""
        try:
            return model.model_validate({**node.plain(), **extra})
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                path = error["loc"]
                if error["type"] == "extra_forbidden":
                    parent = node.find(path[:-1])
                    unknown = str(path[-1])
                    names = known
                    if len(path) > 1:
                        inner = model.model_fields[str(path[0])].annotation
                        assert isinstance(inner, type)
                        assert issubclass(inner, Settings)
                        names = list(inner.model_fields)
                    near = did_you_mean(unknown, names) or f"known: {', '.join(names)}"
                    self.complain(parent.value[unknown][0], f"unknown setting `{unknown}`{of}", near)
                    continue
                what, help = reworded(error)
                if error["type"] == "missing":
                    what = f"`{path[-1]}`{of} is missing"
                    help = model.model_fields[str(path[-1])].description
                else:
                    what = f"`{path[-1]}`: {what}"
                self.complain(node.find(path), what, help)
            return None


def _first_setting(name: str) -> str:
    if name in transforms.names():
        return next(iter(transforms.find(name).model_fields), "p")
    return "steps" if name in GROUPS else "setting"


def _flow(node: Node) -> str:
    """Return what was written, for a message that shows where it belongs."""
    return "[...]" if isinstance(node.value, list) else str(node.plain())
