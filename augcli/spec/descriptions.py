"""What `augcli show` prints of transforms, containers and other libraries, and the table of transforms in the docs."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from typing import Any

from augcli.image import packages
from augcli.problems import Problem, Refused
from augcli.settings import Setting, Settings, plain
from augcli.settings.transform import AnyTransform
from augcli.spec import catalogue, dialects, strict_yaml
from augcli.spec.dialects.entry import REQUIRED
from augcli.spec.outline import in_words
from augcli.spec.pipeline import GROUPS, StepSettings, canonical
from augcli.spec.spec import Spec
from augcli.spec.steps import StepReader
from augcli.spec.suggestions import for_name, is_known
from augcli.spec.translation import find_entry


def summary(transform: type[AnyTransform[Any]]) -> str:
    """Return the first line of a transform's docstring."""
    return inspect.getdoc(transform).partition("\n")[0]  # type: ignore[union-attr]


def listing() -> str:
    """Return one line for every transform, of images and of texts, and for every container and library."""
    width = max(map(len, [*catalogue.names(), *GROUPS]))
    lines = []
    for kind, names in catalogue.by_kind().items():
        lines += [f"for {kind}s:", *(f"{name:{width}}  {summary(catalogue.find(name))}" for name in names), ""]
    lines += [*(f"{name:{width}}  {text}" for name, text in CONTAINERS.items()), ""]
    if theirs := packages.offered():
        lines += [*(f"{name}  {_summary_of_theirs(name)}" for name in theirs), ""]
    lines += [f"{library}: {', '.join(dialects.offered(library))}" for library in dialects.LIBRARIES]
    lines += ["", f"sections of the spec: {', '.join(SECTIONS)}"]
    return "\n".join(lines)


def _summary_of_theirs(name: str) -> str:
    """Return the first line of the docstring of another package's transform, or why it cannot be used."""
    try:
        return summary(catalogue.find(name))
    except Refused as refused:
        return refused.problems[0].what.removeprefix(f"`{name}`: ")


CONTAINERS = {
    "one_of": "Apply one of `steps`, chosen by `weight`.",
    "some_of": "Apply `n` of `steps`, without replacement, in order unless `shuffle`.",
    "sequence": "Apply all `steps` in order.",
    "random_order": "Apply all `steps` in random order.",
}


SECTIONS = {key: field for key, field in Spec.fields.items() if isinstance(field.default, Settings)}
"""The settings of a spec that are mappings of settings."""


OTHER_KEYS = {
    "pipeline": "A list of steps, in order; or, for `layout: flat`, several lists side by side, each under a name.",
    "splits": "What becomes of train, val and test: augment, copy, skip, a list of steps that draw nothing, or "
    "{views: 8}: so many views of each image, by the pipeline or by `steps` of their own.",
}
"""The keys of a spec that are no settings, and what may be written for them."""


def description(name: str) -> str:
    """Return what one transform, container, section of the spec, other library or name of it does and takes.

    Raises `Refused` for an unknown name, and for a known one that is not offered.
    """
    if name in SECTIONS:
        return _section(name)
    if name in OTHER_KEYS:
        return "\n".join([name, "", f"  {OTHER_KEYS[name]}"])
    section, _, key = name.partition(".")
    if section in SECTIONS and key in type(SECTIONS[section].default).fields:
        return "\n".join([name, "", *_settings({key: type(SECTIONS[section].default).fields[key]})])
    if name in Spec.fields:
        return "\n".join([name, "", *_settings({name: Spec.fields[name]})])
    if name in dialects.LIBRARIES and not is_known(name):  # `eda` is a step and a library
        return _library(name)
    if dialects.library(name):
        return _translation(name)
    if name in GROUPS:
        model: type[Settings] = GROUPS[name]
        text, p = CONTAINERS[name], 1.0
        example = f"- {name}: {{{'n: 2, ' if name == 'some_of' else ''}steps: [horizontal_flip, rotate]}}"
    elif is_known(name):
        found = catalogue.find(name)
        model = found
        text, p = inspect.getdoc(found) or "", found.default_p
        example = "- " + example_line(found)
    else:
        raise Refused(for_name(name))
    lines = [name, "", *("  " + line if line else "" for line in text.splitlines()), ""]
    fields = {**model.fields}
    for key in StepSettings.fields:
        fields.pop(key, None)
    lines += _settings(fields)
    if name in GROUPS:
        lines += ["  steps  required", "      A list of steps."]
    lines += [f"  p  default {p:g}", f"      {StepSettings.fields['p'].description}"]
    lines += ["  name, weight", "      A label of its own; its share inside `one_of` and `some_of`."]
    lines += ["  only, except", "      The classes that it is for, or not for: names, or patterns such as digit_*."]
    lines += ["", "example", f"  {example}"]
    return "\n".join(lines)


def _settings(fields: Mapping[str, Setting]) -> list[str]:
    """Return two lines for each setting: its limits and default, and what it means."""
    return [
        line
        for key, field in fields.items()
        for line in (f"  {key}  {facts(field)}", f"      {field.description} {words(field)}".rstrip())
    ]


def _section(name: str) -> str:
    """Describe the settings of a section of the spec."""
    field = SECTIONS[name]
    return "\n".join([name, "", f"  {field.description}", "", *_settings(type(field.default).fields)])


def example_of(transform: type[AnyTransform[Any]]) -> dict[str, Any]:
    """Return settings that show a transform at work; none where its defaults do."""
    required = {key: 128 for key, field in transform.fields.items() if field.is_required()}
    return dict(transform.example) or required


def example_line(transform: type[AnyTransform[Any]]) -> str:
    """Write a step that shows a transform at work, as a line of YAML."""
    settings = example_of(transform)
    return transform.name() + (f": {_flow(settings)}" if settings else "")


_WORDS_OF_PROGRAMS = {
    "torchvision": "InterpolationMode.BILINEAR",
    "albumentations": "cv2.INTER_LINEAR, cv2.BORDER_REFLECT_101",
}


def _translation(name: str) -> str:
    """Describe a name of another library: its parameters, and the steps that it stands for."""
    entry = find_entry(name)
    lines = [name, ""]
    lines += ["  " + line if line else "" for line in entry.note.splitlines()] + ([""] if entry.note else [])
    for key, parameter in entry.parameters.items():
        default = parameter.default
        required = default is REQUIRED
        lines += [f"  {key}  {'required' if required else f'default {_flow(default)}'}", f"      {parameter.words}"]
    if "p" not in entry.parameters:
        lines.append(f"  p  default {entry.p:g}")
    as_there = _WORDS_OF_PROGRAMS.get(name.partition(".")[0])
    if as_there and "interpolation" in entry.parameters:
        lines += ["", f"  Words may stand as in a program: {as_there}."]
    example = f"{name}: {_flow(entry.example)}" if entry.example else name
    lines += ["", f"{example} stands for", *(f"  {line}" for line in _steps_of(name, entry.example))]
    return "\n".join(lines)


def _library(library: str) -> str:
    """List the names of another library: what they stand for, and those that are not offered."""
    known = dialects.entries(library)
    width = max(map(len, known)) + len(library) + 1
    lines = [
        f"{library}.{call}".ljust(width) + f"  {', '.join(known[call].step_names) or 'nothing'}"
        for call in dialects.offered(library)
    ]
    lines += ["", "not offered:"]
    for call, entry in known.items():
        if entry.refusal is not None:
            lines.append(f"{library}.{call}".ljust(width) + f"  {entry.refusal.help}")
    return "\n".join(line.rstrip() for line in lines)


def _steps_of(name: str, values: dict[str, Any]) -> list[str]:
    """Return the canonical steps of a call, as lines of YAML."""
    problems: list[Problem] = []
    reader = StepReader(problems, gives_numbers=True)
    text = strict_yaml.write([{name: values}])
    node, _ = strict_yaml.read(text.encode(), name)
    assert node is not None
    steps = [canonical(step) for _, step in reader.pipeline(node)]
    assert not problems, problems
    return strict_yaml.write(steps).splitlines() if steps else ["nothing that must be done"]


def _flow(value: Any) -> str:
    """Write a value as YAML has it inside a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return in_words(value)


def facts(field: Setting) -> str:
    """Return the unit, the limits and the default of a setting, those that it has."""
    unit, (low, high) = field.unit, field.within
    facts = [unit] if unit else []
    if abs(low) != float("inf") and high < 2**62:  # a seed may be any number
        facts.append(f"{low:g} to {f'{high:.0f}' if high == int(high) else f'{high:g}'}")
    facts.append("required" if field.is_required() else f"default {default_of(field)}")
    return ", ".join(facts)


def words(field: Setting) -> str:
    """Say in brackets what may be written for a setting; nothing where its help says it all."""
    found = field.value_type
    if found is not None:
        return f"({found.words})"
    if named := choices(field):
        return f"({', '.join(named)})"
    return "(true or false)" if field.annotation is bool else ""


def choices(field: Setting) -> list[str]:
    """Return the words of a setting that takes one of some words."""
    if typing.get_origin(field.annotation) is typing.Literal:
        return [str(choice) for choice in typing.get_args(field.annotation)]
    return []


def default_of(field: Setting) -> str:
    """Write the default of a setting."""
    value = plain(field.default)
    if isinstance(value, float):
        value = float(f"{value:.6g}")
    if isinstance(value, list):
        value = [float(f"{item:.6g}") if isinstance(item, float) else item for item in value]
    if isinstance(value, dict) and "mode" in value:
        return "the spec's"
    return "none" if value in (None, "", []) else str(value).lower() if isinstance(value, bool) else str(value)


def table_of_transforms(kind: str) -> str:
    """Return the table of transforms of a kind of data: `image` stands in docs/spec.md, `text` in docs/text.md."""
    lines = ["| transform | does | settings (default) |", "|---|---|---|"]
    for name in catalogue.by_kind()[kind]:
        found = catalogue.find(name)
        settings = [
            f"`{key}`" + ("" if field.is_required() else f" ({default_of(field)})")
            for key, field in found.fields.items()
            if key not in ("border", "interpolation")
        ]
        lines.append(f"| `{name}` | {summary(found)} | {', '.join(settings)} |")
    return "\n".join(lines)


def table_of_names(library: str) -> str:
    """Return the table of another library's names, for docs/migrating.md."""
    lines = [f"| {library} | steps |", "|---|---|"]
    for call, entry in dialects.entries(library).items():
        steps = ", ".join(f"`{step}`" for step in entry.step_names) or "nothing"
        refused = f"not offered: {entry.refusal.help}" if entry.refusal is not None else steps
        lines.append(f"| `{call}` | {refused} |".replace("\n", " "))
    return "\n".join(lines)
