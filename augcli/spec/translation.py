"""Calls of other libraries as they stand in a spec: their arguments read, and the steps that they stand for.

What a call means stands in `augcli.spec.dialects`. Here are the places of what is wrong, and where the probability of
a call belongs among several steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from augcli.problems import Problem, Refused, Suggestion, flow
from augcli.spec import dialects
from augcli.spec.dialects.entry import Entry, Untranslatable
from augcli.spec.pipeline import StepSettings, is_chosen
from augcli.spec.strict_yaml import Pair, Pairs, YamlNode, located
from augcli.spec.suggestions import Accepts, near_name
from augcli.spec.validation import Mistake, near_key

ProblemsOf: TypeAlias = Callable[[list[Any]], list[Problem]]
"""Reads steps on trial, and returns what is wrong with them."""


def find_entry(name: str) -> Entry:
    """Return what a name of another library stands for. Raises `Refused` where it is unknown or not offered."""
    short = dialects.shortened(name)
    library, _, call = short.partition(".")
    entries = dialects.entries(library)
    if call not in entries:
        raise Refused(Problem(f"unknown name `{call}` of {library}", suggest_name(library, call)))
    if (refusal := entries[call].refusal) is not None:
        raise Refused(Problem(f"`{short}`: {refusal.what}", refusal.help))
    if short != name:
        raise Refused(Problem(f"unknown transform `{name}`", f"write {short}"))
    return entries[call]


def suggest_name(library: str, call: str) -> str:
    """Say what an unknown name of another library may mean."""
    for name, entry in dialects.entries(library).items():
        if entry.refusal is not None and name.lower() == call.lower():
            return entry.refusal.help or entry.refusal.what
    if near := near_name(call, dialects.offered(library)):
        return f"did you mean `{library}.{near}`?"
    return f"augcli show {library} lists the names that are known"


@dataclass(frozen=True)
class LibraryCall:
    """A call of another library in a spec: its name, what that stands for, and what is given to it."""

    name: str
    entry: Entry
    place: YamlNode
    """The name's node."""
    arguments: Pairs
    of_step: Pairs
    """`p`, `name` and `weight` where they are no parameters of the call: they belong to the steps."""

    @classmethod
    def of(cls, name: str, entry: Entry, place: YamlNode, given: Pairs) -> LibraryCall:
        of_step = {k: pair for k, pair in given.items() if k in StepSettings.fields and k not in entry.parameters}
        return cls(name, entry, place, {k: pair for k, pair in given.items() if k not in of_step}, of_step)

    def read(self, accepts: Accepts | None) -> tuple[dict[str, Any] | None, list[Mistake]]:
        """Return the values of all parameters, or None where one cannot be read, and all that is wrong."""
        mistakes, nearly = [], set()
        parameters = self.entry.parameters
        for key, (key_node, _) in self.arguments.items():
            if key not in parameters:
                today = self.entry.renamed.get(key)
                near = f"write {today}, its name of today" if today in parameters else None
                near = near or near_key(
                    key, [*parameters, *StepSettings.fields], self.arguments, [*parameters] or ["p"]
                )
                nearly.add(near)
                mistakes.append(Mistake(key_node, f"unknown parameter `{key}` of `{self.name}`", near))
        for key in self.entry.required:
            if key not in self.arguments and f"did you mean `{key}`?" not in nearly:
                help = f"write {key}: {flow(self.entry.example[key])}"
                mistakes.append(Mistake(self.place, f"`{key}` of `{self.name}` is missing", help))
        known = {key: node for key, (_, node) in self.arguments.items() if key in parameters}
        plain = {key: node if parameters[key].holds_steps else node.plain() for key, node in known.items()}
        values, unread = self.entry.read(plain)
        for wrong in unread:
            others = {other.parameter for other in unread} - {wrong.parameter}
            kept = {key: node for key, node in known.items() if key not in others}
            spare = {key: self.entry.example[key] for key in others if key in self.entry.required}
            mistakes.append(self.mistake(wrong, {**spare, **kept}, accepts))
        return None if unread else values, mistakes

    def mistake(self, wrong: Untranslatable, given: dict[str, Any], accepts: Accepts | None) -> Mistake:
        """Return what is wrong with a parameter, at its place; `given` are the arguments that help is tried with."""
        pair = self.arguments.get(wrong.parameter or "")
        what = f"`{wrong.parameter}`: {wrong.what}" if wrong.parameter else wrong.what
        return Mistake(pair[1] if pair else self.place, what, self._help(wrong, given, accepts))

    def _help(self, wrong: Untranslatable, given: dict[str, Any], accepts: Accepts | None) -> str | None:
        """Return the help for a parameter; of the values to write instead those alone that the call takes."""
        if not isinstance(wrong.help, Suggestion):
            return wrong.help

        def mends(value: Any) -> bool:
            several = isinstance(value, dict) and wrong.parameter in value
            return bool(accepts and accepts({self.name: {**given, **(value if several else {wrong.parameter: value})}}))

        return wrong.help.accepted(mends) if accepts else None

    def probability(self, values: dict[str, Any]) -> Pair:
        """Return the `p` of the step: as it is given, or as the library has it."""
        if values.get("always_apply") is True:  # of old Albumentations
            return self.place, YamlNode(1.0, self.place.where)
        return self.of_step.get("p", (self.place, YamlNode(self.entry.p, self.place.where)))

    def is_plain_list(self, steps: list[YamlNode], p: Pair) -> bool:
        """Tell whether the call is a `sequence` with nothing but its steps, always applied."""
        others = [key for key in self.of_step if key != "p"]
        return (
            not others
            and is_one(p)
            and len(steps) == 1
            and kind_of(steps[0]) == "sequence"
            and [*settings_of(steps[0])] == ["steps"]
        )

    def with_step_settings(self, steps: list[YamlNode], p: Pair, inside: tuple[str, ...]) -> list[YamlNode]:
        """Give the steps of the call its `p`, name and weight, as one step where they must be one.

        Where one of several is chosen, `p` is the weight of some calls. Any other call may there do nothing although
        it was chosen, as in its library: what has a `p` then stands in a sequence of its own.
        """
        others = {key: pair for key, pair in self.of_step.items() if key != "p"}
        if self.entry.p_is_weight and inside[-1:] == ("one_of",):
            others = {"weight": p, **others}
        elif len(steps) == 1 and "p" not in settings_of(steps[0]):
            steps = [_with(steps[0], {"p": p})]
        elif not is_one(p):
            steps = [_with(self._sequence(steps), {"p": p})]
        if is_chosen(inside) and (len(steps) != 1 or "p" in settings_of(steps[0])):
            certain = len(steps) == 1 and is_one(settings_of(steps[0])["p"])
            steps = [_without_p(steps[0]) if certain else self._sequence(steps)]
        if others:
            steps = [_with(steps[0] if len(steps) == 1 else self._sequence(steps), others)]
        return steps

    def _sequence(self, steps: list[YamlNode]) -> YamlNode:
        return located({"sequence": {"steps": steps}}, self.place)

    def retold(
        self, problem: Problem, steps: list[YamlNode], accepts: Accepts | None, problems_of: ProblemsOf
    ) -> Problem:
        """Return a problem with the steps that the call stands for as one with the call, at its parameter."""
        for kind in map(kind_of, steps):
            if f"`{kind}`" in problem.what and not problem.what.startswith(f"`{kind}`: "):  # that is a setting
                return replace(problem, what=problem.what.replace(f"`{kind}`", f"`{self.name}`"))
        given = {key: node.plain() for key, (_, node) in self.arguments.items()}
        key = self._culprit(problem, given, problems_of)
        if key is not None:
            what = problem.what if problem.what.startswith(f"`{key}`: ") else f"`{key}`, here {problem.what}"
            help = self._help(Untranslatable(what, problem.help, key), given, accepts)
            return replace(problem, what=what, where=self.arguments[key][1].where, help=help)
        help = None if isinstance(problem.help, Suggestion) else problem.help
        return replace(problem, what=f"`{self.name}`: {problem.what}", help=help)

    def _culprit(self, problem: Problem, given: dict[str, Any], problems_of: ProblemsOf) -> str | None:
        """Return the parameter without which a problem with the steps is none."""
        if any(self.entry.parameters[key].holds_steps for key in given):
            return None
        for key in given:
            without = {other: value for other, value in given.items() if other != key}
            without |= {key: self.entry.example[key]} if key in self.entry.required else {}
            values, unread = self.entry.read(without)
            if unread:
                continue
            try:
                steps = self.entry.steps(without, values)
            except Untranslatable:
                continue
            if problem.what not in [other.what for other in problems_of(steps)]:
                return key
        return None


def is_one(p: Pair) -> bool:
    """Tell whether a `p` says always; a `true` is left to be complained of."""
    return p[1].value == 1 and p[1].value is not True


def kind_of(step: YamlNode) -> str:
    return str(next(iter(step.value)))


def settings_of(step: YamlNode) -> Pairs:
    ((_, (_, settings)),) = step.value.items()
    return settings.value  # type: ignore[no-any-return]


def _with(step: YamlNode, pairs: Pairs) -> YamlNode:
    """Return a step with some settings more."""
    ((kind, (place, settings)),) = step.value.items()
    return YamlNode({kind: (place, YamlNode({**settings.value, **pairs}, settings.where))}, step.where)


def _without_p(step: YamlNode) -> YamlNode:
    ((kind, (place, settings)),) = step.value.items()
    left = {key: pair for key, pair in settings.value.items() if key != "p"}
    return YamlNode({kind: (place, YamlNode(left, settings.where))}, step.where)
