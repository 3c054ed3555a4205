"""Steps of a spec: YAML nodes to a pipeline, or all that is wrong with them, each with its place."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from augcli.problems import Enough, Problem, Refused, Where, listed, quoted
from augcli.settings import BLACK, Border
from augcli.spec import catalogue, dialects, suggestions
from augcli.spec.pipeline import (
    ALL,
    CHOOSING,
    GROUPS,
    Group,
    PipelineNode,
    SomeOfSettings,
    Step,
    StepSettings,
    is_chosen,
    named,
)
from augcli.spec.step_order import mistakes_of_order
from augcli.spec.strict_yaml import Pairs, YamlNode, located
from augcli.spec.suggestions import Accepts
from augcli.spec.validation import SettingsReader

KINDS = {"image": "images", "text": "texts"}
"""What the kinds of data are called in messages."""
TWO_SPECS = "write a spec for each, and run both"
_STEP_KEYS = tuple(StepSettings.fields)
_LONGEST_TRIAL = 100  # nodes of a step; who writes more is not helped by a line with all of it
_NOWHERE = YamlNode(None, Where("", 1, 1, ""))


@dataclass
class StepReader(SettingsReader):
    """Turns nodes into steps, and collects what is wrong.

    Everywhere `inside` are the names of the containers around a step, the outermost first.
    """

    border: Border = BLACK
    gives_numbers: bool = False
    is_trial: bool = False
    """Whether suggestions, which take long, are not looked for."""
    kind: str = ""
    """The kind of data that the first step is for."""
    taken: set[str] = field(default_factory=set)
    """The names that the user gives to steps of the pipeline."""

    def pipeline(self, node: YamlNode) -> list[tuple[YamlNode, PipelineNode]]:
        """Read a list of steps and name them apart; each with the item of the list that it stands for."""
        self.taken = set()
        steps = self.steps(node, ())
        for mistake in mistakes_of_order(steps, self.gives_numbers):
            self.complain(*mistake)
        items = [item for item, _ in steps]
        return [*zip(items, named(tuple(step for _, step in steps), self.taken), strict=True)]

    def steps(self, node: YamlNode, inside: tuple[str, ...]) -> list[tuple[YamlNode, PipelineNode]]:
        """Read a list of steps, which have no names yet."""
        if not isinstance(node.value, list):
            self.complain(node, "expected a list of steps", "start each step with `- `")
            return []
        return [pair for item in node.value for pair in self.item(item, inside)]

    def item(self, item: YamlNode, inside: tuple[str, ...]) -> list[tuple[YamlNode, PipelineNode]]:
        """Read one item of a list: one step, or all that another library's name stands for.

        Each comes with the item as it was written, of a list inside another's where that adds nothing itself.
        """
        if isinstance(item.value, str):
            name, place, body = item.value, item, YamlNode({}, item.where)
        elif isinstance(item.value, dict) and len(item.value) == 1:
            ((name, (place, body)),) = item.value.items()
            if body.value is None:
                body = YamlNode({}, place.where)
        else:
            self.complain(item, "a step is one name with its settings", self.suggestion(item, inside))
            return []
        if "(" in name or not (suggestions.is_known(name) or dialects.library(name)):
            self.unknown(name, item, place, body, inside)
            return []
        if not isinstance(body.value, dict) and suggestions.is_known(name):
            given, accepts = body.plain(), self.accepting(inside)
            way = accepts and (suggestions.with_value(name, given, accepts) or suggestions.shown(name, accepts))
            self.complain(body, f"expected settings of `{name}`, got {quoted(given)}", way and f"write {way}")
            return []
        if dialects.library(name):
            return self.library_call(item, name, place, body, inside)
        if name in GROUPS:
            step: PipelineNode | None = self.group(name, place, body, inside)
        else:
            step = self.step(name, place, body, inside)
        return [] if step is None else [(item, step)]

    def accepting(self, inside: tuple[str, ...]) -> Accepts | None:
        """Return what tells whether a step can be read there; None in a trial, which itself suggests nothing."""

        def accepts(step: Any) -> bool:
            nodes = located([step], _NOWHERE).walk()
            return len([*islice(nodes, _LONGEST_TRIAL)]) < _LONGEST_TRIAL and not tried([step], inside)[1]

        return None if self.is_trial else accepts

    def unknown(self, name: str, item: YamlNode, place: YamlNode, body: YamlNode, inside: tuple[str, ...]) -> None:
        """Complain about a name that is none of ours and has no library."""
        accepts, numbers = self.accepting(inside), self.gives_numbers
        if " - " in name:
            help: str | None = "is the next line indented too deep? align its `- `"
        elif "(" in name:
            from augcli.spec import python_calls

            call = python_calls.read(name.rstrip(", "))
            way = call and accepts and suggestions.for_call(call, accepts, numbers)
            what = f"`{name}` is a call in Python; a step is a name with its settings"
            self.complain(place, what, way or "of a whole program, augcli init --from FILE makes a spec")
            return
        elif isinstance(item.value, dict) and name in suggestions.NAMING and isinstance(body.value, str):
            self.complain(item, "a step is one name with its settings", self.suggestion(item, inside))
            return
        elif (problem := suggestions.of_package(name)) is not None:
            self.complain(place, problem.what, problem.help)
            return
        else:
            help = accepts and suggestions.for_unknown(name, body.plain(), accepts, numbers)
        self.complain(place, f"unknown transform `{name}`", help)

    def suggestion(self, item: YamlNode, inside: tuple[str, ...]) -> str | None:
        """Say what to write for something that is no step."""
        if not isinstance(item.value, dict) or not item.value:
            return None
        accepts = self.accepting(inside)
        way = accepts and suggestions.for_mapping(item.plain(), accepts)
        first, *others = item.value
        if way is None and others:
            steps = [key for key in others if suggestions.is_known(key)]
            if len(steps) == len(others):
                return f"start {' and '.join(f'`{key}`' for key in steps)} with `- `, as steps of their own"
            return f"indent {listed(others)} below `{first}:`, or start a step of its own with `- `"
        return way and f"write {way}"

    def step(self, name: str, place: YamlNode, body: YamlNode, inside: tuple[str, ...]) -> Step | None:
        found = catalogue.find(name)
        self.kind = self.kind or found.data_kind
        if found.data_kind != self.kind:
            others = KINDS[self.kind]
            self.complain(
                place, f"`{name}` is for {KINDS[found.data_kind]}, other steps here are for {others}", TWO_SPECS
            )
        own = {key: pair for key, pair in body.value.items() if key not in _STEP_KEYS}
        known = [*found.fields, *_STEP_KEYS]
        transform = self.settings(found, YamlNode(own, place.where), known, f" of `{name}`")
        of_step = {key: pair for key, pair in body.value.items() if key in _STEP_KEYS}
        settings = self.step_settings(name, place, of_step, inside)
        if found.mixes and inside not in ((), ("one_of",)):
            self.complain(place, f"`{name}` is too deep", "put it into the pipeline itself, or into a `one_of` there")
        if found.changes_range and inside:
            self.complain(place, f"`{name}` is inside `{inside[-1]}`", "put it at the end of the pipeline itself")
        if transform is None or settings is None:
            return None
        if found.changes_range and (settings.p != 1 or settings.classes != ALL):
            help = "leave out p, only and except: all files have one range"
            self.complain(place, f"`{name}` for some files only", help)
        if "border" in found.fields and "border" not in transform.given:
            transform = transform.with_values({"border": self.border})
        p = settings.p if "p" in settings.given else found.default_p
        return Step(settings.name or "", transform, 1.0 if is_chosen(inside) else p, settings.weight, settings.classes)

    def group(self, kind: str, place: YamlNode, body: YamlNode, inside: tuple[str, ...]) -> Group | None:
        own = {key: pair for key, pair in body.value.items() if key != "steps"}
        theirs = next((key for key in ("transforms", "layers") if key in own and "steps" not in body.value), None)
        if theirs is not None:
            self.complain(own.pop(theirs)[0], f"unknown setting `{theirs}` of `{kind}`", "write steps")
        settings = self.step_settings(kind, place, own, inside)
        if "steps" not in body.value:
            if theirs is None:
                self.complain(place, f"`{kind}` has no steps", "add `steps:` and a list of steps below it")
            return None
        steps_node = body.value["steps"][1]
        before = len(self.problems)
        steps = [step for _, step in self.steps(steps_node, (*inside, kind))]
        if isinstance(steps_node.value, list) and not steps and len(self.problems) == before:
            self.complain(steps_node, f"`{kind}` has no steps")
        if settings is None or len(self.problems) > before:
            return None
        if kind == "one_of" and not any(step.weight for step in steps):
            self.complain(steps_node, "all weights are 0; nothing can be chosen")
        group = Group(settings.name or "", kind, tuple(steps), settings.p, settings.weight, settings.classes)
        if isinstance(settings, SomeOfSettings):
            low, high = int(settings.n.low), int(settings.n.high)
            choosable = sum(step.weight > 0 for step in steps)
            if high > choosable:
                self.complain(body.value["n"][1], f"`n` asks for {high} of {choosable} steps")
            group = replace(group, n=(low, high), shuffle=settings.shuffle)
        return group

    def step_settings(self, name: str, place: YamlNode, own: Pairs, inside: tuple[str, ...]) -> StepSettings | None:
        """Read what a step takes besides its transform's settings."""
        if is_chosen(inside) and "p" in own:
            what = "a step that is chosen is applied; it has no `p`"
            self.complain(own["p"][0], what, "use weight to choose it more or less often")
            own = {key: pair for key, pair in own.items() if key != "p"}
        if not is_chosen(inside) and "weight" in own:
            self.complain(own["weight"][0], f"`weight` has a meaning only inside {listed(CHOOSING)}", "use p")
        model = GROUPS.get(name, StepSettings)
        known = [*model.fields, "steps"] if name in GROUPS else list(model.fields)
        settings = self.settings(model, YamlNode(own, place.where), known, f" of `{name}`")
        if settings is not None and settings.name is not None:
            if settings.name in self.taken:
                self.complain(own["name"][1], f"the name `{settings.name}` is taken", "every name stands once")
            self.taken.add(settings.name)
        return settings

    def library_call(
        self, item: YamlNode, name: str, place: YamlNode, body: YamlNode, inside: tuple[str, ...]
    ) -> list[tuple[YamlNode, PipelineNode]]:
        """Read what another library's name stands for."""
        from augcli.spec import translation  # loads what a spec in our own names does not need
        from augcli.spec.dialects.entry import Untranslatable

        try:
            entry = translation.find_entry(name)
        except Refused as refused:
            (problem,) = refused.problems
            self.complain(place, problem.what, problem.help)
            return []
        call, accepts = translation.LibraryCall.of(name, entry, place, body.value), self.accepting(())
        before = len(self.problems)
        values, mistakes = call.read(accepts)
        for mistake in mistakes:
            self.complain(*mistake)
        if values is None or len(self.problems) > before:
            return []
        try:
            nodes = [located(step, place) for step in entry.steps(call.arguments, values)]
        except Untranslatable as wrong:
            given = {key: node for key, (_, node) in call.arguments.items()}
            self.complain(*call.mistake(wrong, given, accepts))
            return []
        if not nodes:
            if is_chosen(inside):
                self.complain(place, f"`{name}` changes nothing and cannot be chosen", "leave it out")
            return []
        p = call.probability(values)
        if call.is_plain_list(nodes, p) and not is_chosen(inside):
            written = translation.settings_of(nodes[0])["steps"][1]
            inner = self.steps(written, inside)
            is_theirs = any(written is node for _, node in call.arguments.values())
            return inner if is_theirs else [(item, step) for _, step in inner]
        nodes = call.with_step_settings(nodes, p, inside)
        before = len(self.problems)
        made = [(item, step) for node in nodes for _, step in self.item(node, inside)]
        for at in range(before, len(self.problems)):
            if self.problems[at].where == place.where:
                self.problems[at] = call.retold(self.problems[at], nodes, accepts, lambda steps: tried(steps)[1])
        return made


def tried(steps: list[Any], inside: tuple[str, ...] = ()) -> tuple[list[PipelineNode], list[Problem]]:
    """Read steps, given as plain data, on trial: what they are, and what is wrong with them without suggestions."""
    reader = StepReader([], is_trial=True)
    made: list[PipelineNode] = []
    with suppress(Enough):
        made = [step for _, step in reader.steps(located(steps, _NOWHERE), inside)]
    return made, reader.problems
