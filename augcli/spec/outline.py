"""A spec as it was understood: as canonical YAML, and in a few lines."""

from __future__ import annotations

from typing import Any

from augcli.problems import counted
from augcli.settings import Setting, plain
from augcli.settings.fixed_values import SIZE
from augcli.spec import strict_yaml
from augcli.spec.pipeline import Pipeline, PipelineNode, Step
from augcli.spec.spec import Spec, Views


def expanded(spec: Spec) -> str:
    """Return the whole spec as canonical YAML; loading it gives the same spec."""
    return strict_yaml.write(spec.resolved())


def outline(spec: Spec) -> str:
    """Return the pipeline in a few lines, as it was understood."""
    copies = "1 copy" if spec.usual_copies == 1 else f"{spec.usual_copies} copies"
    if not isinstance(spec.copies, int):
        copies += "".join(f", {number} of {label}" for label, number in spec.copies.classes)
    if spec.balance.to is not None:
        copies += f", balanced to {spec.balance.to} with at most {spec.balance.at_most}"
    of_images = f", fusion {spec.fusion}, output {spec.output.format}" if spec.kind == "image" else ""
    lines = [f"seed {spec.seed}, {copies}{of_images}"]

    def add(nodes: Pipeline, depth: int) -> None:
        for node in nodes:
            chance = f" p {node.p:g}" if node.p != 1 else ""
            weight = f" weight {node.weight:g}" if node.weight != 1 else ""
            weight += "".join(
                f" {word} {', '.join(own)}" for word, own in zip(("only", "except"), node.classes, strict=True) if own
            )
            if isinstance(node, Step):
                settings = ", ".join(
                    f"{key} {setting_in_words(field, plain(getattr(node.transform, key)))}"
                    for key, field in type(node.transform).fields.items()
                    if key not in ("border", "interpolation")
                )
                lines.append(f"{'  ' * depth}- {_called(node)}{chance}{weight}{': ' if settings else ''}{settings}")
            else:
                lines.append(f"{'  ' * depth}- {_called(node)}{chance}{weight}:")
                add(node.steps, depth + 1)

    add(spec.pipeline, 1)
    for role, treatment in spec.splits.items():
        if isinstance(treatment, Views):
            lines.append(f"{role}: {counted(treatment.number, 'view')}{'' if treatment.steps else ' by the pipeline'}")
            add(treatment.steps or (), 1)
            continue
        lines.append(f"{role}: {treatment if isinstance(treatment, str) else ''}".rstrip())
        if not isinstance(treatment, str):
            add(treatment, 1)
    return "\n".join(lines)


def _called(node: PipelineNode) -> str:
    """Return the name of a node, and what it is where the name does not begin with that."""
    return node.name if node.name.startswith(node.kind) else f"{node.name} ({node.kind})"


def setting_in_words(field: Setting | None, value: Any) -> str:
    """Write the value of a setting for a reader; `field` is its declaration, where that is known."""
    is_pair_of_sides = field is not None and field.value_type is SIZE and isinstance(value, list)
    return str(value) if is_pair_of_sides else in_words(value)


def in_words(value: Any) -> str:
    """Write the value of a setting for a reader: a range as `a to b`."""
    if isinstance(value, dict):
        return " ".join(f"{key} {in_words(item)}" for key, item in value.items())
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        return ", ".join(map(str, value))
    if isinstance(value, list) and len(value) == 2:
        return f"{in_words(value[0])} to {in_words(value[1])}" if value[0] != value[1] else in_words(value[0])
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)
