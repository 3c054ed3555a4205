"""Pipelines in Python source, of torchvision, Albumentations, Keras, nlpaug: found in its tree; nothing is run."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.spec import dialects, python_calls
from augcli.spec.conversion.foreign import (
    ABOUT_LABELS,
    ALIASES,
    DONE_IN_TRAINING,
    ForeignPipeline,
    ForeignStep,
    foreign_pipeline,
    refusal_of,
    steps_parameter,
)
from augcli.spec.dialects.albumentations import labels
from augcli.spec.python_calls import Call, NotLiteral

GENERATOR = "keras.ImageDataGenerator"
FLOWS = ("nlpaug.Sequential", "nlpaug.Sometimes")
PIPELINES = (
    *("torchvision.Compose", "albumentations.Compose", "albumentations.Sequential", "keras.Pipeline", GENERATOR),
    *FLOWS,
)
_TITLES = {"torchvision": "torchvision", "albumentations": "Albumentations", "keras": "Keras", "tf": "tf.image"}
_TITLES |= {"ultralytics": "Ultralytics", "nlpaug": "nlpaug"}
_TORCH = {"Sequential": "torchvision.Compose", "ModuleList": "torchvision.Compose"}
_IGNORED = ("input_shape", "batch_input_shape", "name")
"""Arguments of a layer that say nothing about images."""
_OF_TRAINING = re.compile(
    "rescale|preprocessing_function|validation_split|dtype|data_format|zca_.*|(feature|sample)wise_.*"
)
"""Arguments of a generator about numbers and batches."""

_CHANGING = ("append", "extend", "insert", "add", "pop", "remove", "reverse", "clear")
"""Methods that change a list: a name is no longer known after them."""


class NotPython(Exception):
    """A text is not Python; the message says where."""


def source(text: str) -> str:
    """Return Python source; of a notebook, the code in its cells."""
    try:
        cells = json.loads(text)["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return text
    lines = "\n".join(code).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def pipelines(text: str) -> list[ForeignPipeline]:
    """Return the pipelines that a program builds, in reading order. Raises `NotPython`."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except SyntaxError as error:
        line = error.lineno or text[: text.find("\0")].count("\n") + 1  # Python does not say where a NUL byte is
        raise NotPython(f"line {line}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotPython("it cannot be parsed") from None
    try:
        return _Program(tree).found()
    except RecursionError:
        raise NotPython("it is nested too deeply") from None


@dataclass
class _Program:
    tree: ast.Module
    imported: dict[str, str] = field(default_factory=dict)
    starred: list[str] = field(default_factory=list)
    known: Mapping[str, ast.expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        times: Counter[str] = Counter()
        values: dict[str, ast.expr] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                self.imported |= {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
                }
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.starred += [node.module for alias in node.names if alias.name == "*"]
                self.imported |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names if a.name != "*"}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                times[node.id] += 1
            elif isinstance(node, ast.arg):
                times[node.arg] += 1
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _CHANGING:
                times[node.value.id] += 1
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                values[node.targets[0].id] = node.value
        # A name that is given one value, in one place, stands for it.
        self.known = {name: value for name, value in values.items() if times[name] == 1}

    def found(self) -> list[ForeignPipeline]:
        used: set[str] = set()
        made = []
        for call, name in self.outermost(self.tree, ""):
            label = name or f"line{call.lineno}"
            label = f"{label}_{call.lineno}" if label in used else label
            used.add(label)
            library = self.name(call).partition(".")[0]
            boxes = next((keyword.value for keyword in call.keywords if keyword.arg == "bbox_params"), None)
            params = None if boxes is None else self.bbox_params(self.resolved(boxes))
            made.append(foreign_pipeline(label, _TITLES[library], self.step(call), params))
        return made or self.augmenters()

    def augmenters(self) -> list[ForeignPipeline]:
        """Return the augmenters of nlpaug that stand alone, each called by itself: a copy takes one of them."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and self.is_augmenter(node)]
        steps = [self.step(call) for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]
        if not steps:
            return []
        if len(steps) > 1:
            steps = [ForeignStep("the augmenters", "one_of", steps=steps, steps_key="steps")]
        return [ForeignPipeline("augmenters", _TITLES["nlpaug"], steps)]

    def is_augmenter(self, call: ast.Call) -> bool:
        library, _, name = self.name(call).partition(".")
        return library == "nlpaug" and name in dialects.entries(library)

    def bbox_params(self, given: ast.expr) -> Any:
        """Return what a pipeline says of boxes as plain data; text where it is no literal."""
        try:
            if not isinstance(given, ast.Call) or not ast.unparse(given.func).endswith(("BboxParams", "dict")):
                return python_calls.value(given, self.known)
            parts = dict(zip(labels.PARAMETERS, given.args, strict=False)) | python_calls.keywords(given)
            return {key: python_calls.value(parts[key], self.known) for key in labels.THRESHOLDS if key in parts}
        except NotLiteral as not_literal:
            return str(not_literal)

    def outermost(self, node: ast.AST, name: str) -> Iterator[tuple[ast.Call, str]]:
        """Return the calls that build pipelines, each with the name of what it is given to."""
        if isinstance(node, ast.Call) and self.is_pipeline(node):
            yield node, name
            return
        match node:
            case ast.Assign(targets=[ast.Name(id=target) | ast.Attribute(attr=target), *_]):
                name = target
            case ast.AnnAssign(target=ast.Name(id=target)):
                name = target
            case ast.FunctionDef(name=target):
                name = target
            case ast.keyword(arg=str(target)):
                name = name or target
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    word = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                    yield from self.outermost(value, f"{name}.{word}" if name and word else name or word)
                return
        for child in ast.iter_child_nodes(node):
            yield from self.outermost(child, name)

    def is_pipeline(self, call: ast.Call) -> bool:
        name = self.name(call)
        if name == "keras.Sequential" or self.is_torch(call):  # most often a network
            return any(isinstance(part, ast.Call) and changes_images(self.name(part)) for part in self.parts(call))
        return name in PIPELINES

    def is_torch(self, call: ast.Call) -> bool:
        return self.name(call) != self.name(call, torch=False)

    def parts(self, call: ast.Call) -> list[ast.expr]:
        """Return the steps that a container is given: in a list, or one by one."""
        given = [*call.args, *(k.value for k in call.keywords if k.arg in ("transforms", "layers", "flow"))]
        first = self.resolved(given[0]) if given else None
        if isinstance(first, (ast.List, ast.Tuple)):
            return [self.resolved(part) for part in first.elts]
        if isinstance(first, ast.Call) and self.name(first) == "torchvision.Compose" and len(given) == 1:
            return self.parts(first)  # a list of modules
        return [self.resolved(part) for part in given]

    def resolved(self, node: ast.expr) -> ast.expr:
        for _ in range(20):
            if not (isinstance(node, ast.Name) and node.id in self.known):
                break
            node = self.known[node.id]
        return node

    def name(self, call: ast.Call, torch: bool = True) -> str:
        """Return the name of what is called, as a spec has it; the dotted name itself where it has no library."""
        try:
            root, *rest = python_calls.dotted(call.func).split(".")
        except NotLiteral:
            return ""
        full = ".".join([self.imported.get(root, root), *rest])
        base, last = full.split(".")[0], full.rpartition(".")[2]
        if torch and base in ("torch", "nn") and last in _TORCH:
            return _TORCH[last]
        if dialects.library(full):
            return ALIASES.get(dialects.shortened(full), dialects.shortened(full))
        if "." not in full and root not in self.imported:
            roots = [module.split(".")[0] for module in self.starred] or [*dialects.LIBRARIES]
            names = [name for name in dialects.like(last) if dialects.library(name)]
            for name in names:
                if any(
                    dialects.shortened(f"{module}.{last}") == name for module in roots if module in dialects.LIBRARIES
                ):
                    return name
        return full

    def step(self, call: ast.expr) -> ForeignStep:
        """Read one step of a pipeline."""
        node = self.resolved(call)
        shown = f"{textwrap.shorten(ast.unparse(node), 70, placeholder='...')} (line {node.lineno})"
        if isinstance(node, ast.Name):
            return ForeignStep(shown, reason="what it stands for is known when the program runs; write the steps there")
        if not isinstance(node, ast.Call):
            return ForeignStep(shown, reason="it is no call of a transform")
        name = self.name(node)
        if reason := refusal_of(name):
            return ForeignStep(shown, reason=reason)
        steps_key = steps_parameter(name)
        notes = []
        try:
            given = python_calls.keywords(node)
            if name == GENERATOR:
                notes = [f"{key}: {DONE_IN_TRAINING}" for key in given if _OF_TRAINING.fullmatch(key)]
                given = {key: value for key, value in given.items() if not _OF_TRAINING.fullmatch(key)}
            if name.startswith("keras.") or steps_key:
                given = {key: value for key, value in given.items() if key not in (*_IGNORED, *ABOUT_LABELS, steps_key)}
            places = node.args if steps_key is None else [] if self.is_torch(node) else node.args[1:]
            positional = [python_calls.value(part, self.known) for part in places]
            keywords = {key: python_calls.value(part, self.known) for key, part in given.items()}
        except NotLiteral as not_literal:
            return ForeignStep(shown, reason=f"`{not_literal}` is no literal")
        settings = Call(name, positional, keywords).settings(name, without=steps_key)
        if settings is None:
            return ForeignStep(
                shown, reason="its arguments have no names, and their order is not the same in each version"
            )
        steps = None if steps_key is None else [self.step(part) for part in self.parts(node)]
        return ForeignStep(shown, name, settings, steps, steps_key or "", notes)


def changes_images(name: str) -> bool:
    """Tell whether a name is that of a transform, and of none that networks begin with."""
    if refusal_of(name) is not None:
        library, _, call = name.partition(".")
        return library in dialects.LIBRARIES and call in dialects.entries(library)
    return steps_parameter(name) is None and not {*dialects.find(name).step_names} <= {"rescale", "normalize"}
