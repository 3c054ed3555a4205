"""The JSON Schema of a spec, for editors, from the declarations of its settings."""

from __future__ import annotations

import types
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from augcli.image import dialects, transforms
from augcli.settings import Settings, declared, plain, value_type
from augcli.spec.descriptions import CONTAINERS, choices, summary
from augcli.spec.pipeline import GROUPS, StepSettings
from augcli.spec.spec import ROLES, Spec


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
        for call in dialects.offered(library):
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
    found = value_type(field)
    if found is not None:
        schema = found.schema(declared(field)[1])
        return {"anyOf": [schema, {"type": "null"}]} if field.default is None and not field.is_required() else schema
    if words := choices(field):
        return {"enum": words}
    inner = field.annotation
    if isinstance(inner, type) and not isinstance(inner, types.GenericAlias) and issubclass(inner, Settings):
        return {"type": "object", "properties": _properties(inner), "additionalProperties": False}
    return {"type": "boolean"}
