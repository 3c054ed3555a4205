"""Reads the steps of a spec: YAML nodes to a pipeline, and all that is wrong with them, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from augcli.image import dialects, transforms
from augcli.image.dialects import Unsuited
from augcli.image.transform import Mixing
from augcli.pipeline import CHOOSING, GROUPS, Group, Pipeline, PipelineNode, SomeOfSettings, Step, StepSettings, leaves
from augcli.problems import Problem, did_you_mean, listed, reworded, similar_names
from augcli.settings import BLACK, Border, Settings
from augcli.yaml_nodes import Node

_S = TypeVar("_S", bound=Settings)

_STEP_KEYS = tuple(StepSettings.model_fields)
_UNNAMED = "\0"  # marks a step without a name of its own until names are given; cannot be typed


@dataclass
class Reader:
    """Turns nodes into settings and steps, and collects what is wrong."""

    problems: list[Problem]
    border: Border = BLACK
    gives_numbers: bool = False
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.unread = {problem.where for problem in self.problems}

    def complain(self, node: Node, what: str, help: str | None = None) -> None:
        # One mistake, one problem: what could not be read is not complained of once more for its value.
        if not any(inner.where in self.unread for inner in node.walk()):
            self.problems.append(Problem(what, help, node.where))

    def pipeline(self, node: Node) -> list[tuple[Node, PipelineNode]]:
        """Read a list of steps, naming them apart; each with the item of the list that it stands for."""
        self.taken = set()
        steps = self.steps(node, ())
        self.check_order(steps)
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

        return [(item, named(step)) for item, step in steps]

    def check_order(self, steps: list[tuple[Node, PipelineNode]]) -> None:
        """Complain about steps that may stand only in some places."""
        mixing = [item for item, step in steps if any(isinstance(leaf.transform, Mixing) for leaf in leaves((step,)))]
        for item in mixing[1:]:
            self.complain(item, "images are mixed twice", "put both into one `one_of`")
        last: tuple[Node, Step] | None = None
        for item, step in steps:
            if isinstance(step, Step) and step.transform.changes_range:
                last = item, step
            elif last is not None:
                name = last[1].transform.name()
                self.complain(last[0], f"`{name}` makes numbers that no other step takes", "move it to the end")
                return
        if last is not None and not self.gives_numbers:
            name = last[1].transform.name()
            self.complain(
                last[0],
                f"`{name}` makes numbers outside 0 to 255, which an image file cannot hold",
                "leave it to the training code, or set output: {format: npy}",
            )

    def steps(self, node: Node, inside: tuple[str, ...]) -> list[tuple[Node, PipelineNode]]:
        """Read a list of steps; `inside` are the containers around it, the outermost first."""
        if not isinstance(node.value, list):
            self.complain(node, "expected a list of steps", "start each step with `- `")
            return []
        return [(item, step) for item in node.value for step in self.item(item, inside)]

    def item(self, item: Node, inside: tuple[str, ...]) -> Pipeline:
        """Read one item of a list: one step, or all that another library's name stands for."""
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
            return ()
        if not isinstance(body.value, dict):
            what = f"expected settings of `{name}`, got `{body.plain()}`"
            self.complain(body, what, f"write {name}: {{{_first_setting(name)}: {_flow(body)}}}")
            return ()
        if dialects.library(name):
            return self.translated(name, place, body, inside)
        if name in GROUPS:
            step: PipelineNode | None = self.group(name, place, body, inside)
        elif name in transforms.names():
            step = self.step(name, place, body, inside)
        else:
            known = [*transforms.names(), *GROUPS]
            help = "is the next line indented too deep? align its `- `" if " - " in name else similar_names(name, known)
            self.complain(place, f"unknown transform `{name}`", help)
            step = None
        return () if step is None else (step,)

    def step(self, name: str, place: Node, body: Node, inside: tuple[str, ...]) -> Step | None:
        found = transforms.find(name)
        own = {key: entry for key, entry in body.value.items() if key not in _STEP_KEYS}
        fields = [*found.model_fields, *_STEP_KEYS]
        transform = self.settings(found, Node(own, place.where), fields, f" of `{name}`")
        choosing = inside[-1:] in [(kind,) for kind in CHOOSING]
        about = self.about(name, body, place, {k: v for k, v in body.value.items() if k in _STEP_KEYS}, choosing)
        if issubclass(found, Mixing) and inside not in ((), ("one_of",)):
            self.complain(place, f"`{name}` is too deep", "put it into the pipeline itself, or into a `one_of` there")
        if found.changes_range and inside:
            self.complain(place, f"`{name}` is inside `{inside[-1]}`", "put it at the end of the pipeline itself")
        if transform is None or about is None:
            return None
        if found.changes_range and about.p != 1:
            self.complain(place, f"`{name}` for some files only", "leave out p: all files have one range")
        if "border" in found.model_fields and "border" not in transform.model_fields_set:
            transform = transform.model_copy(update={"border": self.border})
        p = about.p if choosing or "p" in about.model_fields_set else found.default_p
        return Step(about.name or _UNNAMED + name, transform, 1.0 if choosing else p, about.weight)

    def group(self, kind: str, place: Node, body: Node, inside: tuple[str, ...]) -> Group | None:
        own = {key: entry for key, entry in body.value.items() if key != "steps"}
        about = self.about(kind, body, place, own, inside[-1:] in [(kind,) for kind in CHOOSING])
        if "steps" not in body.value:
            self.complain(place, f"`{kind}` has no steps", "add `steps:` and a list of steps below it")
            return None
        steps_node = body.value["steps"][1]
        before = len(self.problems)
        steps = [step for _, step in self.steps(steps_node, (*inside, kind))]
        if isinstance(steps_node.value, list) and not steps and len(self.problems) == before:
            self.complain(steps_node, f"`{kind}` has no steps")
        if about is None or len(self.problems) > before:
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

    def translated(self, name: str, place: Node, body: Node, inside: tuple[str, ...]) -> Pipeline:
        """Read what another library's name stands for."""
        library, _, call = name.partition(".")
        known = dialects.entries(library)
        if call not in known:
            near = did_you_mean(call, known) or f"augcli show lists the names of {library} that are known"
            self.complain(place, f"unknown name `{call}` of {library}", near)
            return ()
        entry = known[call]
        if entry.refusal is not None:
            self.complain(place, f"`{name}`: {entry.refusal.what}", entry.refusal.help)
            return ()
        choosing = inside[-1:] in [(kind,) for kind in CHOOSING]
        about = {key: pair for key, pair in body.value.items() if key in _STEP_KEYS and key not in entry.parameters}
        given = {key: pair for key, pair in body.value.items() if key not in about}
        unknown = [key for key in given if key not in entry.parameters]
        for key in unknown:
            near = did_you_mean(key, [*entry.parameters, *_STEP_KEYS]) or f"known: {', '.join(entry.parameters) or 'p'}"
            self.complain(given[key][0], f"unknown parameter `{key}` of `{name}`", near)
        missing = [key for key in entry.required if key not in given]
        for key in missing:
            self.complain(place, f"`{key}` of `{name}` is missing", f"known: {', '.join(entry.parameters)}")
        if unknown or missing:
            return ()
        values = {key: node if entry.parameters[key].holds_steps else node.plain() for key, (_, node) in given.items()}
        try:
            steps = entry.steps(values)
        except Unsuited as unsuited:
            where = given[unsuited.parameter][1] if unsuited.parameter in given else place
            self.complain(
                where,
                f"`{unsuited.parameter}`: {unsuited.what}" if unsuited.parameter else unsuited.what,
                unsuited.help,
            )
            return ()
        p = about.pop("p", (place, Node(entry.p, place.where)))
        if values.get("always_apply") is True:  # of old Albumentations
            p = place, Node(1.0, place.where)
        nodes = [_node(step, place) for step in steps]
        if not nodes:
            if choosing:
                self.complain(place, f"`{name}` changes nothing and cannot be chosen", "leave it out")
            return ()
        if not about and not choosing and p[1].value == 1 and len(nodes) == 1 and [*_only(nodes[0])] == ["steps"]:
            return tuple(step for _, step in self.steps(_only(nodes[0])["steps"][1], inside))
        if inside[-1:] == ("one_of",) and entry.weighs:
            about.setdefault("weight", p)
        elif len(nodes) == 1 and "p" not in _settings(nodes[0]):
            nodes = [_with(nodes[0], {"p": p})]
        elif p[1].value != 1:
            nodes = [_with(_sequence(nodes, place), {"p": p})]
        if choosing and (len(nodes) != 1 or "p" in _settings(nodes[0])):
            # What is chosen is applied; this may then do nothing all the same, as in its library.
            certain = len(nodes) == 1 and _settings(nodes[0])["p"][1].value == 1
            nodes = [_without_p(nodes[0]) if certain else _sequence(nodes, place)]
        if about:
            nodes = [_with(nodes[0] if len(nodes) == 1 else _sequence(nodes, place), about)]
        return tuple(step for node in nodes for step in self.item(node, inside))

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
                if not path:  # settings that do not go together
                    self.complain(node, what, help)
                    continue
                if error["type"] == "missing":
                    what = f"`{path[-1]}`{of} is missing"
                    help = model.model_fields[str(path[-1])].description
                else:
                    what = f"`{path[-1]}`: {what}"
                self.complain(node.find(path), what, help)
            return None


def _node(plain: Any, place: Node) -> Node:
    """Make a node of plain data, which stands where `place` does; nodes in it stay what they are."""
    if isinstance(plain, Node):
        return plain
    if isinstance(plain, dict):
        return Node({key: (place, _node(value, place)) for key, value in plain.items()}, place.where)
    if isinstance(plain, (list, tuple)):
        return Node([_node(value, place) for value in plain], place.where)
    return Node(plain, place.where)


def _sequence(steps: list[Node], place: Node) -> Node:
    return _node({"sequence": {"steps": steps}}, place)


def _only(step: Node) -> dict[str, tuple[Node, Node]]:
    """Return the settings of a `sequence`; none of any other step."""
    return _settings(step) if "sequence" in step.value else {}


def _settings(step: Node) -> dict[str, tuple[Node, Node]]:
    ((_, (_, settings)),) = step.value.items()
    return settings.value  # type: ignore[no-any-return]


def _with(step: Node, entries: dict[str, tuple[Node, Node]]) -> Node:
    ((kind, (place, settings)),) = step.value.items()
    return Node({kind: (place, Node({**settings.value, **entries}, settings.where))}, step.where)


def _without_p(step: Node) -> Node:
    ((kind, (place, settings)),) = step.value.items()
    return Node(
        {kind: (place, Node({k: v for k, v in settings.value.items() if k != "p"}, settings.where))}, step.where
    )


def _first_setting(name: str) -> str:
    if dialects.library(name):
        entry = dialects.entries(name.partition(".")[0]).get(name.partition(".")[2])
        return next(iter(entry.parameters), "p") if entry else "setting"
    if name in transforms.names():
        return next(iter(transforms.find(name).model_fields), "p")
    return "steps" if name in GROUPS else "setting"


def _flow(node: Node) -> str:
    """Return what was written, for a message that shows where it belongs."""
    return "[...]" if isinstance(node.value, list) else str(node.plain())
