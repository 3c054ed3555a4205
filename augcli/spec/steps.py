"""Reads the steps of a spec: YAML nodes to a pipeline, and all that is wrong with them, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from typing import Any, TypeVar

from pydantic import ValidationError

from augcli.image import dialects, transforms
from augcli.image.dialects import Untranslatable
from augcli.image.transform import Mixing
from augcli.problems import Enough, Instead, Problem, Where, flow, listed, nearest, quoted, reworded
from augcli.settings import BLACK, Border, Settings
from augcli.spec import dialect_calls, python_calls, remedies
from augcli.spec.pipeline import CHOOSING, GROUPS, Group, PipelineNode, SomeOfSettings, Step, StepSettings, leaves
from augcli.spec.yaml_nodes import Node

_S = TypeVar("_S", bound=Settings)
_T = TypeVar("_T")

_STEP_KEYS = tuple(StepSettings.model_fields)
_LONGEST_TRIAL = 100  # nodes of a step; who writes more is not helped by a line with all of it
_EXAMPLES = {"size": 224}
_UNNAMED = "\0"  # marks a step without a name of its own until names are given; cannot be typed


@dataclass
class Reader:
    """Turns nodes into settings and steps, and collects what is wrong."""

    problems: list[Problem]
    border: Border = BLACK
    gives_numbers: bool = False
    is_trial: bool = False
    """Whether remedies, which take long, are not looked for."""
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.unread = {problem.where for problem in self.problems}

    def complain(self, node: Node, what: str, help: str | None = None) -> None:
        # One mistake, one problem: what could not be read is not complained of once more for its value.
        if not any(inner.where in self.unread for inner in node.walk()):
            self.problems.append(Problem(what, help, node.where))
        if len(self.problems) >= Enough.MOST:
            raise Enough

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
        changing = [pair for pair in steps if _makes_numbers(pair[1])]
        if not self.gives_numbers:
            for item, step in changing:
                self.complain(
                    item,
                    f"`{_called(item, step)}` makes numbers outside 0 to 255, which an image file cannot hold",
                    "leave it out: training code does it, or set output: {format: npy}",
                )
            return
        at_end = [*takewhile(lambda pair: _makes_numbers(pair[1]), reversed(steps))]
        early = changing[: len(changing) - len(at_end)]
        if early:
            names = [_called(item, step) for item, step in early]
            after = next(pair for pair in steps[steps.index(early[0]) :] if not _makes_numbers(pair[1]))
            help = f"`{_called(*after)}` works on bytes: move {' and '.join(dict.fromkeys(names))} to the end"
            self.complain(early[0][0], f"`{names[0]}` makes numbers that no other step takes", help)

    def steps(self, node: Node, inside: tuple[str, ...]) -> list[tuple[Node, PipelineNode]]:
        """Read a list of steps; `inside` are the containers around it, the outermost first."""
        if not isinstance(node.value, list):
            self.complain(node, "expected a list of steps", "start each step with `- `")
            return []
        return [pair for item in node.value for pair in self.item(item, inside)]

    def item(self, item: Node, inside: tuple[str, ...]) -> list[tuple[Node, PipelineNode]]:
        """Read one item of a list: one step, or all that another library's name stands for.

        Each comes with the item as it was written, of a list inside another's where that adds nothing itself.
        """
        if isinstance(item.value, str):
            name, place, body = item.value, item, Node({}, item.where)
        elif isinstance(item.value, dict) and len(item.value) == 1:
            ((name, (place, body)),) = item.value.items()
            if body.value is None:
                body = Node({}, place.where)
        else:
            self.complain(item, "a step is one name with its settings", self.meant_by(item, inside))
            return []
        if "(" in name or not (remedies.is_known(name) or dialects.library(name)):
            self.unknown(name, item, place, body, inside)
            return []
        if not isinstance(body.value, dict) and remedies.is_known(name):
            given = body.plain()
            way = self.tried(lambda a: remedies.with_value(name, given, a) or remedies.shown(name, a), inside)
            self.complain(body, f"expected settings of `{name}`, got {quoted(body.plain())}", way and f"write {way}")
            return []
        if dialects.library(name):
            return self.translated(item, name, place, body, inside)
        if name in GROUPS:
            step: PipelineNode | None = self.group(name, place, body, inside)
        else:
            step = self.step(name, place, body, inside)
        return [] if step is None else [(item, step)]

    def tried(self, remedy: Callable[[remedies.Accepts], _T], inside: tuple[str, ...]) -> _T | None:
        """Look for a remedy of which every part is read before it is offered; a trial itself looks for none."""

        def accepts(step: Any) -> bool:
            trial = Reader([], self.border, is_trial=True)
            node = dialect_calls.node([step], Node(None, Where("", 1, 1, "")))
            if len([*islice(node.walk(), _LONGEST_TRIAL)]) == _LONGEST_TRIAL:
                return False
            try:
                trial.steps(node, inside)
            except Enough:
                return False
            return not trial.problems

        return None if self.is_trial else remedy(accepts)

    def unknown(self, name: str, item: Node, place: Node, body: Node, inside: tuple[str, ...]) -> None:
        """Complain about a name that is none of ours and has no library."""
        if " - " in name:
            help: str | None = "is the next line indented too deep? align its `- `"
        elif "(" in name:
            call = python_calls.read(name.rstrip(", "))
            way = call and self.tried(lambda accepts: remedies.for_call(call, accepts, self.gives_numbers), inside)
            what = f"`{name}` is a call in Python; a step is a name with its settings"
            self.complain(place, what, way or "of a whole program, augcli init --from FILE makes a spec")
            return
        elif isinstance(item.value, dict) and name in remedies.NAMING and isinstance(body.value, str):
            self.complain(item, "a step is one name with its settings", self.meant_by(item, inside))
            return
        else:
            given, numbers = body.plain(), self.gives_numbers
            help = self.tried(lambda accepts: remedies.for_unknown(name, given, accepts, numbers), inside)
        self.complain(place, f"unknown transform `{name}`", help)

    def meant_by(self, item: Node, inside: tuple[str, ...]) -> str | None:
        """Say what to write for something that is no step."""
        if not isinstance(item.value, dict) or not item.value:
            return None
        way = self.tried(lambda accepts: remedies.for_mapping(item.plain(), accepts), inside)
        first, *others = item.value
        if way is None and others:
            steps = [key for key in others if remedies.is_known(key)]
            if len(steps) == len(others):
                return f"start {' and '.join(f'`{key}`' for key in steps)} with `- `, as steps of their own"
            return f"indent {listed(others)} below `{first}:`, or start a step of its own with `- `"
        return way and f"write {way}"

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
        theirs = next((key for key in ("transforms", "layers") if key in own and "steps" not in body.value), None)
        if theirs is not None:
            self.complain(own.pop(theirs)[0], f"unknown setting `{theirs}` of `{kind}`", "write steps")
        about = self.about(kind, body, place, own, inside[-1:] in [(kind,) for kind in CHOOSING])
        if "steps" not in body.value:
            if theirs is None:
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

    def translated(
        self, item: Node, name: str, place: Node, body: Node, inside: tuple[str, ...]
    ) -> list[tuple[Node, PipelineNode]]:
        """Read what another library's name stands for."""
        entry = self.entry(name, place)
        if entry is None:
            return []
        choosing = inside[-1:] in [(kind,) for kind in CHOOSING]
        about = {key: pair for key, pair in body.value.items() if key in _STEP_KEYS and key not in entry.parameters}
        given = {key: pair for key, pair in body.value.items() if key not in about}
        values = self.arguments(name, entry, place, given)
        if values is None:
            return []
        try:
            steps = entry.steps(given, values)
        except Untranslatable as unsuited:
            self.unsuited(self.checked(unsuited, name, given), place, given)
            return []
        p = about.pop("p", (place, Node(entry.p, place.where)))
        if values.get("always_apply") is True:  # of old Albumentations
            p = place, Node(1.0, place.where)
        nodes = [dialect_calls.node(step, place) for step in steps]
        if not nodes:
            if choosing:
                self.complain(place, f"`{name}` changes nothing and cannot be chosen", "leave it out")
            return []
        if (
            not about
            and not choosing
            and dialect_calls.is_one(p)
            and len(nodes) == 1
            and dialect_calls.is_bare_sequence(nodes[0])
        ):
            written = dialect_calls.settings(nodes[0])["steps"][1]
            inner = self.steps(written, inside)
            return inner if any(written is node for _, node in given.values()) else [(item, step) for _, step in inner]
        weighs = entry.p_is_weight and inside[-1:] == ("one_of",)
        nodes = dialect_calls.with_chance(nodes, place, p, about, choosing, weighs)
        before = len(self.problems)
        made = [(item, step) for node in nodes for _, step in self.item(node, inside)]
        for at in range(before, len(self.problems)):
            if self.problems[at].where == place.where:
                self.problems[at] = self.told(self.problems[at], name, entry, given, [*map(dialect_calls.kind, nodes)])
        return made

    def entry(self, name: str, place: Node) -> dialects.Entry | None:
        """Find a name of another library, or complain and return None."""
        short = dialects.shortened(name)
        library, _, call = short.partition(".")
        known = dialects.entries(library)
        if call not in known:
            self.complain(place, f"unknown name `{call}` of {library}", dialect_calls.foreign(library, call))
        elif (refusal := known[call].refusal) is not None:
            self.complain(place, f"`{short}`: {refusal.what}", refusal.help)
        elif short != name:
            self.complain(place, f"unknown transform `{name}`", f"write {short}")
        else:
            return known[call]
        return None

    def arguments(
        self, name: str, entry: dialects.Entry, place: Node, given: dict[str, tuple[Node, Node]]
    ) -> dict[str, Any] | None:
        """Read the parameters of a call, or complain about all that are wrong and return None."""
        before, nearly = len(self.problems), set()
        for key in given:
            if key not in entry.parameters:
                today = entry.renamed.get(key)
                near = f"write {today}, its name of today" if today in entry.parameters else None
                near = near or self.near(key, [*entry.parameters, *_STEP_KEYS], given, [*entry.parameters] or ["p"])
                nearly.add(near)
                self.complain(given[key][0], f"unknown parameter `{key}` of `{name}`", near)
        for key in entry.required:
            if key not in given and f"did you mean `{key}`?" not in nearly:
                self.complain(place, f"`{key}` of `{name}` is missing", f"write {key}: {flow(entry.example[key])}")
        known = {key: node for key, (_, node) in given.items() if key in entry.parameters}
        plain = {key: node if entry.parameters[key].holds_steps else node.plain() for key, node in known.items()}
        values, unsuited = entry.read(plain)
        for problem in unsuited:
            others = {other.parameter for other in unsuited} - {problem.parameter}
            kept = {key: value for key, value in known.items() if key not in others}
            spare = {key: entry.example[key] for key in others if key in entry.required}
            self.unsuited(self.checked(problem, name, {**spare, **kept}), place, given)
        return values if len(self.problems) == before and not unsuited else None

    def near(self, word: str, known: list[str], given: Container[str], listed: list[str] | None = None) -> str:
        """Say what an unknown key may mean: one of those that are `known`, or else all that are to be `listed`."""
        near = nearest(word, known)
        if near in given:
            return f"leave it out; `{near}` stands there already"
        return f"did you mean `{near}`?" if near else f"known: {', '.join(listed or known)}"

    def checked(self, unsuited: Untranslatable, name: str, given: dict[str, Any]) -> Untranslatable:
        """Return what is wrong with a parameter; of the values to write instead those alone that the call takes."""
        if not isinstance(unsuited.help, Instead):
            return unsuited
        values, key = unsuited.help, unsuited.parameter

        def mends(value: Any, accepts: remedies.Accepts) -> bool:
            several = isinstance(value, dict) and key in value
            return accepts({name: {**given, **(value if several else {key: value})}})

        help = self.tried(lambda accepts: values.those(lambda value: mends(value, accepts)), ())
        return Untranslatable(unsuited.what, help, key)

    def told(
        self,
        problem: Problem,
        name: str,
        entry: dialects.Entry,
        given: dict[str, tuple[Node, Node]],
        kinds: list[str],
    ) -> Problem:
        """Tell of another library's call, and at its parameter, what is wrong with the steps that it stands for."""
        for kind in kinds:
            if f"`{kind}`" in problem.what and not problem.what.startswith(f"`{kind}`: "):  # that is a setting
                return replace(problem, what=problem.what.replace(f"`{kind}`", f"`{name}`"))
        plain = {key: node.plain() for key, (_, node) in given.items()}
        key = _culprit(problem, entry, plain)
        if key is not None:
            what = problem.what if problem.what.startswith(f"`{key}`: ") else f"`{key}`, here {problem.what}"
            help = self.checked(Untranslatable(what, problem.help, key), name, plain).help
            return replace(problem, what=what, where=given[key][1].where, help=help)
        return replace(
            problem, what=f"`{name}`: {problem.what}", help=None if isinstance(problem.help, Instead) else problem.help
        )

    def unsuited(self, problem: Untranslatable, place: Node, given: dict[str, tuple[Node, Node]]) -> None:
        where = given[problem.parameter][1] if problem.parameter in given else place
        self.complain(
            where, f"`{problem.parameter}`: {problem.what}" if problem.parameter else problem.what, problem.help
        )

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
            found = invalid.errors(include_url=False)
            unknown_keys = [str(e["loc"][-1]) for e in found if e["type"] == "extra_forbidden" and len(e["loc"]) == 1]
            nearly = {nearest(key, [name for name in known if name not in node.value]) for key in unknown_keys}
            for error in found:
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
                    near = self.near(unknown, names, parent.value)
                    self.complain(parent.value[unknown][0], f"unknown setting `{unknown}`{of}", near)
                    continue
                what, help = reworded(error)
                if not path:  # settings that do not go together
                    self.complain(node, what, help)
                    continue
                if error["type"] == "missing":
                    if path[-1] in nearly:
                        continue
                    what = f"`{path[-1]}`{of} is missing"
                    help = f"write {path[-1]}: {_EXAMPLES.get(str(path[-1]), 1)}"
                else:
                    what = f"`{path[-1]}`: {what}"
                self.complain(node.find(path), what, help)
            return None


def meant(name: str) -> str:
    """Say what an unknown name without a library may mean."""
    return remedies.for_unknown(name, {}, lambda step: True, gives_numbers=True)


def _makes_numbers(step: PipelineNode) -> bool:
    return isinstance(step, Step) and step.transform.changes_range


def _called(item: Node, step: PipelineNode) -> str:
    """Return what the user called a step."""
    name = item.value if isinstance(item.value, str) else next(iter(item.value))
    if dialects.library(name):
        return str(name)
    return step.transform.name() if isinstance(step, Step) else step.kind


def _culprit(problem: Problem, entry: dialects.Entry, given: Mapping[str, Any]) -> str | None:
    """Return the parameter of a call without which a problem with its steps is none."""
    if any(entry.parameters[key].holds_steps for key in given):
        return None
    assert problem.where is not None
    for key in given:
        without = {other: value for other, value in given.items() if other != key}
        without |= {key: entry.example[key]} if key in entry.required else {}
        values, unsuited = entry.read(without)
        trial = Reader([], is_trial=True)
        try:
            steps = [] if unsuited else entry.steps(without, values)
        except Untranslatable:
            continue
        trial.steps(dialect_calls.node(steps, Node(None, problem.where)), ())
        if not unsuited and problem.what not in [other.what for other in trial.problems]:
            return key
    return None
