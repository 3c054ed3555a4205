"""Describes the transforms and the spec from their declarations: `show`, JSON Schema, README table."""

from __future__ import annotations

import inspect
import json
import types
import typing
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from augcli import yaml_nodes
from augcli.image import transforms
from augcli.image.transform import Transform
from augcli.pipeline import GROUPS, Pipeline, Step, StepSettings
from augcli.problems import Problem, Refused, did_you_mean
from augcli.settings import Settings, declared, kind_of, plain
from augcli.spec import ROLES, Spec


def summary(transform: type[Transform[Any]]) -> str:
    """Return the first line of a transform's docstring."""
    return inspect.getdoc(transform).partition("\n")[0]  # type: ignore[union-attr]


def listing() -> str:
    """Return one line for every transform and container."""
    width = max(map(len, [*transforms.names(), *GROUPS]))
    lines = [f"{name:{width}}  {summary(transforms.find(name))}" for name in transforms.names()]
    lines += ["", *(f"{name:{width}}  {text}" for name, text in CONTAINERS.items())]
    return "\n".join(lines)


CONTAINERS = {
    "one_of": "Apply one of `steps`, chosen by `weight`.",
    "some_of": "Apply `n` of `steps`, without replacement, in order unless `shuffle`.",
    "sequence": "Apply all `steps` in order.",
    "random_order": "Apply all `steps` in random order.",
}


def description(name: str) -> str:
    """Return what one transform or container does and takes. Raises `Refused` for an unknown name."""
    if name in GROUPS:
        model: type[Settings] = GROUPS[name]
        text, p = CONTAINERS[name], 1.0
        example = f"- {name}: {{{'n: 2, ' if name == 'some_of' else ''}steps: [horizontal_flip, rotate]}}"
    elif name in transforms.names():
        found = transforms.find(name)
        model = found
        text, p = inspect.getdoc(found) or "", found.default_p
        needed = found.example or {key: 224 for key, field in found.model_fields.items() if field.is_required()}
        example = f"- {name}" + (f": {json.dumps(needed).replace(chr(34), '')}" if needed else "")
    else:
        help = did_you_mean(name, [*transforms.names(), *GROUPS]) or "augcli show lists them all"
        raise Refused(Problem(f"unknown transform `{name}`", help))
    lines = [name, "", *("  " + line if line else "" for line in text.splitlines()), ""]
    fields = {**model.model_fields}
    for key in StepSettings.model_fields:
        fields.pop(key, None)
    for key, field in fields.items():
        lines += [f"  {key}  {_facts(field)}", f"      {field.description} {_words(field)}"]
    if name in GROUPS:
        lines += ["  steps  required", "      A list of steps."]
    lines += [f"  p  default {p:g}", f"      {StepSettings.model_fields['p'].description}"]
    lines += ["  name, weight", "      A label of its own; its share inside `one_of` and `some_of`."]
    lines += ["", "example", f"  {example}"]
    return "\n".join(lines)


def _facts(field: FieldInfo) -> str:
    unit, (low, high) = declared(field)
    facts = [unit] if unit else []
    if abs(low) != float("inf"):
        facts.append(f"{low:g} to {high:g}")
    facts.append("required" if field.is_required() else f"default {default_of(field)}")
    return ", ".join(facts)


def _words(field: FieldInfo) -> str:
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
    lines = [f"seed {spec.seed}, {spec.copies} copies, fusion {spec.fusion}, output {spec.output.format}"]

    def add(nodes: Pipeline, depth: int) -> None:
        for node in nodes:
            chance = f" p {node.p:g}" if node.p != 1 else ""
            weight = f" weight {node.weight:g}" if node.weight != 1 else ""
            if isinstance(node, Step):
                values = {key: plain(getattr(node.transform, key)) for key in type(node.transform).model_fields}
                shown = [f"{key} {_value(v)}" for key, v in values.items() if key not in ("border", "interpolation")]
                lines.append(f"{'  ' * depth}- {node.name}{chance}{weight}{': ' if shown else ''}{', '.join(shown)}")
            else:
                lines.append(f"{'  ' * depth}- {node.name}{chance}{weight}:")
                add(node.steps, depth + 1)

    add(spec.pipeline, 1)
    for role, treatment in spec.splits.items():
        lines.append(f"{role}: {treatment if isinstance(treatment, str) else ''}".rstrip())
        if not isinstance(treatment, str):
            add(treatment, 1)
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_value(item)}" for key, item in value.items())
    if isinstance(value, list) and len(value) == 2:
        return f"{_value(value[0])} to {_value(value[1])}" if value[0] != value[1] else _value(value[0])
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def readme_table() -> str:
    """Return the table of transforms that stands in the README."""
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
    bare = [name for name in transforms.names() if not named[name].get("required")]
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
