"""Describes the transforms and the spec from their declarations: `show`, JSON Schema, the table of transforms."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from augcli.image import dialects, transforms
from augcli.image.transform import Transform
from augcli.problems import Problem, Refused, Where
from augcli.settings import Settings, declared, kind_of, plain
from augcli.settings.kinds import SIZE
from augcli.spec import yaml_nodes
from augcli.spec.model import ROLES, Spec
from augcli.spec.pipeline import GROUPS, Pipeline, PipelineNode, Step, StepSettings, written
from augcli.spec.steps import Reader, meant
from augcli.spec.yaml_nodes import Node

offered = dialects.offered


def summary(transform: type[Transform[Any]]) -> str:
    """Return the first line of a transform's docstring."""
    return inspect.getdoc(transform).partition("\n")[0]  # type: ignore[union-attr]


def listing() -> str:
    """Return one line for every transform and container."""
    width = max(map(len, [*transforms.names(), *GROUPS]))
    lines = [f"{name:{width}}  {summary(transforms.find(name))}" for name in transforms.names()]
    lines += ["", *(f"{name:{width}}  {text}" for name, text in CONTAINERS.items()), ""]
    lines += [f"{library}: {', '.join(offered(library))}" for library in dialects.LIBRARIES]
    return "\n".join(lines)


CONTAINERS = {
    "one_of": "Apply one of `steps`, chosen by `weight`.",
    "some_of": "Apply `n` of `steps`, without replacement, in order unless `shuffle`.",
    "sequence": "Apply all `steps` in order.",
    "random_order": "Apply all `steps` in random order.",
}


def description(name: str) -> str:
    """Return what one transform, container, other library or name of it does and takes.

    Raises `Refused` for an unknown name, and for a known one that is not offered.
    """
    if name in dialects.LIBRARIES:
        return _library(name)
    if dialects.library(name):
        return _translation(name)
    if name in GROUPS:
        model: type[Settings] = GROUPS[name]
        text, p = CONTAINERS[name], 1.0
        example = f"- {name}: {{{'n: 2, ' if name == 'some_of' else ''}steps: [horizontal_flip, rotate]}}"
    elif name in transforms.names():
        found = transforms.find(name)
        model = found
        text, p = inspect.getdoc(found) or "", found.default_p
        example = "- " + written_example(found)
    else:
        raise Refused(Problem(f"unknown transform `{name}`", meant(name)))
    lines = [name, "", *("  " + line if line else "" for line in text.splitlines()), ""]
    fields = {**model.model_fields}
    for key in StepSettings.model_fields:
        fields.pop(key, None)
    for key, field in fields.items():
        lines += [f"  {key}  {facts(field)}", f"      {field.description} {words(field)}"]
    if name in GROUPS:
        lines += ["  steps  required", "      A list of steps."]
    lines += [f"  p  default {p:g}", f"      {StepSettings.model_fields['p'].description}"]
    lines += ["  name, weight", "      A label of its own; its share inside `one_of` and `some_of`."]
    lines += ["", "example", f"  {example}"]
    return "\n".join(lines)


def example_of(transform: type[Transform[Any]]) -> dict[str, Any]:
    """Return settings that show a transform at work; none where its defaults do."""
    required = {key: 128 for key, field in transform.model_fields.items() if field.is_required()}
    return dict(transform.example) or required


def written_example(transform: type[Transform[Any]]) -> str:
    """Write a step that shows a transform at work, as a line of YAML."""
    settings = example_of(transform)
    return transform.name() + (f": {_flow(settings)}" if settings else "")


_WORDS = {"torchvision": "InterpolationMode.BILINEAR", "albumentations": "cv2.INTER_LINEAR, cv2.BORDER_REFLECT_101"}


def _translation(name: str) -> str:
    """Describe a name of another library: its parameters, and the steps that it stands for."""
    problems: list[Problem] = []
    entry = Reader(problems).entry(name, Node(name, Where(name, 1, 1, name)))
    if entry is None:
        raise Refused(Problem(problems[0].what, problems[0].help))
    lines = [name, ""]
    lines += ["  " + line if line else "" for line in entry.note.splitlines()] + ([""] if entry.note else [])
    for key, parameter in entry.parameters.items():
        default = parameter.default
        required = default is dialects.REQUIRED
        lines += [f"  {key}  {'required' if required else f'default {_flow(default)}'}", f"      {parameter.words}"]
    if "p" not in entry.parameters:
        lines.append(f"  p  default {entry.p:g}")
    as_there = _WORDS.get(name.partition(".")[0])
    if as_there and "interpolation" in entry.parameters:
        lines += ["", f"  Words may stand as in a program: {as_there}."]
    example = f"{name}: {_flow(entry.example)}" if entry.example else name
    lines += ["", f"{example} stands for", *(f"  {line}" for line in _stands_for(name, entry.example))]
    return "\n".join(lines)


def _library(library: str) -> str:
    """List the names of another library: what they stand for, and those that are not offered."""
    known = dialects.entries(library)
    width = max(map(len, known)) + len(library) + 1
    lines = [
        f"{library}.{call}".ljust(width) + f"  {', '.join(known[call].step_names) or 'nothing'}"
        for call in offered(library)
    ]
    lines += ["", "not offered:"]
    for call, entry in known.items():
        if entry.refusal is not None:
            lines.append(f"{library}.{call}".ljust(width) + f"  {entry.refusal.help}")
    return "\n".join(line.rstrip() for line in lines)


def _stands_for(name: str, values: dict[str, Any]) -> list[str]:
    """Return the canonical steps of a call, as lines of YAML."""
    problems: list[Problem] = []
    reader = Reader(problems, gives_numbers=True)
    text = yaml_nodes.write([{name: values}])
    node, _ = yaml_nodes.read(text.encode(), name)
    assert node is not None
    steps = [written(step) for _, step in reader.pipeline(node)]
    assert not problems, problems
    return yaml_nodes.write(steps).splitlines() if steps else ["nothing that must be done"]


def _flow(value: Any) -> str:
    """Write a value as YAML has it inside a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _value(value)


def facts(field: FieldInfo) -> str:
    """Return the unit, the limits and the default of a setting, those that it has."""
    unit, (low, high) = declared(field)
    facts = [unit] if unit else []
    if abs(low) != float("inf"):
        facts.append(f"{low:g} to {high:g}")
    facts.append("required" if field.is_required() else f"default {default_of(field)}")
    return ", ".join(facts)


def words(field: FieldInfo) -> str:
    """Say in brackets what may be written for a setting; nothing where its help says it all."""
    kind = kind_of(field)
    if kind is not None:
        return f"({kind.words})"
    choices = _choices(field)
    if choices:
        return f"({', '.join(choices)})"
    return "(true or false)" if field.annotation is bool else ""


def _choices(field: FieldInfo) -> list[str]:
    if typing.get_origin(field.annotation) is typing.Literal:
        return [str(choice) for choice in typing.get_args(field.annotation)]
    return []


def default_of(field: FieldInfo) -> str:
    value = plain(field.default)
    if isinstance(value, float):
        value = float(f"{value:.6g}")
    if isinstance(value, list):
        value = [float(f"{item:.6g}") if isinstance(item, float) else item for item in value]
    if isinstance(value, dict) and "mode" in value:
        return "the spec's"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def expanded(spec: Spec) -> str:
    """Return the whole spec as canonical YAML; loading it gives the same spec."""
    return yaml_nodes.write(spec.resolved())


def outline(spec: Spec) -> str:
    """Return the pipeline in a few lines, as it was understood."""
    copies = "1 copy" if spec.copies == 1 else f"{spec.copies} copies"
    lines = [f"seed {spec.seed}, {copies}, fusion {spec.fusion}, output {spec.output.format}"]

    def add(nodes: Pipeline, depth: int) -> None:
        for node in nodes:
            chance = f" p {node.p:g}" if node.p != 1 else ""
            weight = f" weight {node.weight:g}" if node.weight != 1 else ""
            if isinstance(node, Step):
                shown = ", ".join(
                    f"{key} {_setting(field, plain(getattr(node.transform, key)))}"
                    for key, field in type(node.transform).model_fields.items()
                    if key not in ("border", "interpolation")
                )
                lines.append(f"{'  ' * depth}- {_called(node)}{chance}{weight}{': ' if shown else ''}{shown}")
            else:
                lines.append(f"{'  ' * depth}- {_called(node)}{chance}{weight}:")
                add(node.steps, depth + 1)

    add(spec.pipeline, 1)
    for role, treatment in spec.splits.items():
        lines.append(f"{role}: {treatment if isinstance(treatment, str) else ''}".rstrip())
        if not isinstance(treatment, str):
            add(treatment, 1)
    return "\n".join(lines)


def _called(node: PipelineNode) -> str:
    """Return the name of a node, and what it is where the name does not begin with that."""
    kind = node.transform.name() if isinstance(node, Step) else node.kind
    return node.name if node.name.startswith(kind) else f"{node.name} ({kind})"


def _setting(field: FieldInfo, value: Any) -> str:
    return str(value) if kind_of(field) is SIZE and isinstance(value, list) else _value(value)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_value(item)}" for key, item in value.items())
    if isinstance(value, list) and len(value) == 2:
        return f"{_value(value[0])} to {_value(value[1])}" if value[0] != value[1] else _value(value[0])
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def readme_table() -> str:
    """Return the table of transforms that stands in docs/spec.md."""
    lines = ["| transform | does | settings (default) |", "|---|---|---|"]
    for name in transforms.names():
        found = transforms.find(name)
        settings = [
            f"`{key}`" + ("" if field.is_required() else f" ({default_of(field)})")
            for key, field in found.model_fields.items()
            if key not in ("border", "interpolation")
        ]
        lines.append(f"| `{name}` | {summary(found)} | {', '.join(settings)} |")
    return "\n".join(lines)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec."""
    step = {"$ref": "#/$defs/step"}
    steps = {"type": "array", "items": step, "minItems": 1}
    named: dict[str, Any] = {}
    for name in transforms.names():
        found = transforms.find(name)
        about = _properties(StepSettings)
        about["p"]["default"] = found.default_p
        named[name] = _object(found, {**_properties(found), **about}, summary(found))
    for name, model in GROUPS.items():
        named[name] = _object(model, {**_properties(model), "steps": steps}, CONTAINERS[name], ["steps"])
    for library in dialects.LIBRARIES:
        for call in offered(library):
            named[f"{library}.{call}"] = _call(dialects.entries(library)[call], steps)
    bare = [name for name in named if name not in GROUPS and not named[name].get("required")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "augcli spec",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **_properties(Spec),
            "pipeline": steps,
            "splits": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    role: {"anyOf": [{"enum": ["augment", "copy", "skip"]}, {"type": "array", "items": step}]}
                    for role in ROLES
                },
            },
        },
        "$defs": {
            "step": {
                "anyOf": [
                    {"enum": bare},
                    {
                        "type": "object",
                        "properties": named,
                        "additionalProperties": False,
                        "minProperties": 1,
                        "maxProperties": 1,
                    },
                ]
            }
        },
    }


def _call(entry: dialects.Entry, steps: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of another library's call; what its parameters may be is left open."""
    properties: dict[str, Any] = {
        key: steps if parameter.holds_steps else {} for key, parameter in entry.parameters.items()
    }
    about = _properties(StepSettings)
    about["p"]["default"] = entry.p
    kinds = ["object"] if entry.required else ["object", "null"]
    found: dict[str, Any] = {"type": kinds, "properties": about | properties, "additionalProperties": False}
    found |= {"description": entry.note} if entry.note else {}
    return found | ({"required": entry.required} if entry.required else {})


def _object(
    model: type[Settings], properties: dict[str, Any], text: str, required: list[str] | None = None
) -> dict[str, Any]:
    needed = [key for key, field in model.model_fields.items() if field.is_required()] + (required or [])
    kinds = ["object"] if needed else ["object", "null"]
    found: dict[str, Any] = {"type": kinds, "description": text, "properties": properties}
    return {**found, "additionalProperties": False} | ({"required": needed} if needed else {})


def _properties(model: type[Settings]) -> dict[str, Any]:
    found = {}
    for key, field in model.model_fields.items():
        if field.exclude:
            continue
        entry: dict[str, Any] = {"description": field.description}
        if not field.is_required() and field.default is not PydanticUndefined:
            entry["default"] = plain(field.default)
        found[key] = {**_type_of(field), **entry}
    return found


def _type_of(field: FieldInfo) -> dict[str, Any]:
    kind = kind_of(field)
    if kind is not None:
        low, high = declared(field)[1]
        found = kind.schema((low, high))
        return {"anyOf": [found, {"type": "null"}]} if field.default is None and not field.is_required() else found
    choices = _choices(field)
    if choices:
        return {"enum": choices}
    inner = field.annotation
    if isinstance(inner, type) and not isinstance(inner, types.GenericAlias) and issubclass(inner, Settings):
        return {"type": "object", "properties": _properties(inner), "additionalProperties": False}
    return {"type": "boolean"}
