"""Albumentations' own files, as `A.save()` writes and `A.to_dict()` returns them, in JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from augcli.spec.conversion.foreign import (
    ABOUT_LABELS,
    ALIASES,
    ForeignPipeline,
    ForeignStep,
    foreign_pipeline,
    refusal_of,
    steps_parameter,
    without_defaults,
)

CLASS = "__class_fullname__"
MOST = 10_000
"""Values in a file; YAML's aliases can make a few lines stand for more than any memory holds."""

_UNSAID = (
    CLASS,
    "__version__",
    "__name__",
    "__type__",
    "id",
    "always_apply",
    "params",
    "applied",
    "is_check_shapes",
    "save_key",
)


class NoPipeline(Exception):
    """A file is plain data and no pipeline; `help` says what to type."""

    def __init__(self, what: str, help: str | None = None) -> None:
        self.help = help
        super().__init__(what)


def is_saved(data: Any) -> bool:
    """Tell whether plain data is a pipeline that Albumentations wrote."""
    return isinstance(data, Mapping) and (
        CLASS in data or (isinstance(inner := data.get("transform"), Mapping) and CLASS in inner)
    )


def pipelines(text: str) -> list[ForeignPipeline]:
    """Read a saved pipeline; none where the text is another kind of text. Raises `NoPipeline`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        try:
            data = yaml.load(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            return []
    if not isinstance(data, Mapping) or "cells" in data:  # a notebook is a program
        return []
    if not is_saved(data):
        if "pipeline" in data:
            raise NoPipeline("this is a spec already", "augcli check tells what it does")
        raise NoPipeline("no pipeline that Albumentations saved", f"it has `transform` with `{CLASS}`")
    if _size(data) > MOST:
        raise NoPipeline("larger than any pipeline")
    version = f" {data['__version__']}" if "__version__" in data else ""
    root = data if CLASS in data else data["transform"]
    return [foreign_pipeline("the pipeline", f"Albumentations{version}", _step(root), root.get("bbox_params"))]


def _size(data: Any) -> int:
    """Count values, up to a little more than `MOST`."""
    count, waiting = 0, [data]
    while waiting and count <= MOST:
        value = waiting.pop()
        count += 1
        waiting += value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return count


def _step(data: Any) -> ForeignStep:
    if not isinstance(data, Mapping) or not isinstance(data.get(CLASS), str):
        return ForeignStep("a step", reason=f"it has no `{CLASS}`")
    root, _, call = data[CLASS].rpartition(".")
    if root and root.split(".")[0] != "albumentations":
        return ForeignStep(call, reason=f"`{data[CLASS]}` is no transform of Albumentations")
    name = ALIASES.get(f"albumentations.{call}", f"albumentations.{call}")
    if reason := refusal_of(name):
        return ForeignStep(call, reason=reason)
    given = {key: value for key, value in data.items() if key not in (*_UNSAID, *ABOUT_LABELS)}
    if data.get("always_apply") is True:
        given["always_apply"] = True
    if not _moves(given.get("translate_px")):
        given.pop("translate_px", None)
    steps_key = steps_parameter(name)
    steps = None
    if steps_key is not None:
        inner = given.pop(steps_key, None)
        steps = [_step(one) for one in inner] if isinstance(inner, list) else []
        given.pop("seed", None)
    return ForeignStep(call, name, without_defaults(name, given), steps, steps_key or "")


def _moves(pixels: Any) -> bool:
    """Tell whether a shift in pixels is one; files say 0 for none."""
    if isinstance(pixels, Mapping):
        return any(map(_moves, pixels.values()))
    return any(map(_moves, pixels)) if isinstance(pixels, list) else bool(pixels)
