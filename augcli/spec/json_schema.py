"""The JSON Schema of a spec, for editors, from the declarations of its settings."""

from __future__ import annotations

from typing import Any

from augcli.image import packages
from augcli.settings import Setting, Settings, plain
from augcli.settings.value_types import Schema
from augcli.spec import catalogue, dialects
from augcli.spec.descriptions import CONTAINERS, choices, summary
from augcli.spec.dialects.entry import Entry
from augcli.spec.pipeline import GROUPS, StepSettings
from augcli.spec.sections import ViewSettings
from augcli.spec.spec import ROLES, Spec
from augcli.spec.suggestions import is_known

_STEP = {"$ref": "#/$defs/step"}
_STEPS = {"type": "array", "items": _STEP, "minItems": 1}

_NAMED = {"type": "object", "additionalProperties": _STEPS, "minProperties": 2}


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a spec."""
    named = _named_steps()
    bare = [name for name in named if name not in GROUPS and not named[name].get("required")]
    one_named = {"type": "object", "properties": named, "additionalProperties": False}
    views = {**_properties(ViewSettings), "steps": _STEPS}
    as_views = {"type": "object", "properties": views, "required": ["views"], "additionalProperties": False}
    treatment = {"anyOf": [{"enum": ["augment", "copy", "skip"]}, {"type": "array", "items": _STEP}, as_views]}
    splits = {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(ROLES, treatment)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "augcli spec",
        "type": "object",
        "additionalProperties": False,
        "properties": {**_properties(Spec), "pipeline": {"anyOf": [_STEPS, _NAMED]}, "splits": splits},
        "$defs": {"step": {"anyOf": [{"enum": bare}, {**one_named, "minProperties": 1, "maxProperties": 1}]}},
    }


def _named_steps() -> dict[str, Schema]:
    """Return what may stand below each name of a step."""
    named: dict[str, Schema] = {}
    for name in (*catalogue.names(), *filter(is_known, packages.offered())):
        found = catalogue.find(name)
        named[name] = _mapping(found, {**_properties(found), **_of_step(found.default_p)}, summary(found), [])
    for name, model in GROUPS.items():
        named[name] = _mapping(model, {**_properties(model), "steps": _STEPS}, CONTAINERS[name], ["steps"])
    for library in dialects.LIBRARIES:
        for call in dialects.offered(library):
            named[f"{library}.{call}"] = _call(dialects.entries(library)[call])
    return named


def _mapping(model: type[Settings], properties: Schema, text: str, required: list[str]) -> Schema:
    """Describe the settings of a step, which may be left out where none is required."""
    required = [key for key, field in model.fields.items() if field.is_required()] + required
    found: Schema = {"type": ["object"] if required else ["object", "null"], "description": text}
    found |= {"properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _call(entry: Entry) -> Schema:
    """Describe another library's call; what its parameters may be is left open."""
    parameters = {key: _STEPS if parameter.holds_steps else {} for key, parameter in entry.parameters.items()}
    found: Schema = {"type": ["object"] if entry.required else ["object", "null"]}
    found |= {"properties": _of_step(entry.p) | parameters, "additionalProperties": False}
    found |= {"description": entry.note} if entry.note else {}
    return found | ({"required": entry.required} if entry.required else {})


def _of_step(p: float) -> Schema:
    """Describe what every step takes, with its default `p`."""
    found = _properties(StepSettings)
    found["p"]["default"] = p
    return found


def _properties(model: type[Settings]) -> Schema:
    found: Schema = {}
    for key, field in model.fields.items():
        if field.description:
            default = {} if field.is_required() else {"default": plain(field.default)}
            found[key] = {**_setting(field), "description": field.description, **default}
    return found


def _setting(field: Setting) -> Schema:
    found = field.value_type
    if found is not None:
        schema = found.schema(field.within)
        return {"anyOf": [schema, {"type": "null"}]} if field.may_be_null else schema
    if words := choices(field):
        return {"enum": words}
    if field.annotation is bool:
        return {"type": "boolean"}
    group: Any = field.annotation
    return {"type": "object", "properties": _properties(group), "additionalProperties": False}
