"""Calls in Python source as plain data: parsed, never run.

What counts as a value: literals, arithmetic of numbers, names that are given a literal once, and dotted names, which
are taken as words: `cv2.BORDER_REFLECT_101`, `InterpolationMode.BILINEAR`.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.image.process import where_ours
from augcli.spec import catalogue, dialects

LONGEST = 1000
"""Characters of a call that is read."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


class NotLiteral(Exception):
    """An expression is no literal; the message is its text."""


@dataclass(frozen=True)
class Call:
    """A call as it stands in a program: its dotted name, and its arguments as plain data."""

    name: str
    positional: list[Any]
    keywords: dict[str, Any] = field(default_factory=dict)

    def settings(self, name: str, without: str | None = None) -> dict[str, Any] | None:
        """Return the arguments as settings of the step `name`; None where the name of a positional one is not certain.

        The parameter `without` is left out.
        """
        names = [key for key in parameters(name) if key != without]
        if name == "albumentations.RandomResizedCrop" and len(self.positional) == 2:  # up to 1.3
            names = _SIDES
        if len(self.positional) > len(names):
            return None
        return dict(zip(names, self.positional, strict=False)) | self.keywords


@where_ours
def _judge_no_source() -> None:
    # From Python 3.12 on its parser warns of escapes such as "\d", which is the author's affair.
    warnings.simplefilter("ignore", SyntaxWarning)


def read(text: str) -> Call | None:
    """Read the text of one call of literals; None for anything else."""
    if len(text) > LONGEST:
        return None
    try:
        tree = ast.parse(text, mode="eval").body
        if not isinstance(tree, ast.Call):
            return None
        found = keywords(tree)
        return Call(dotted(tree.func), [value(part) for part in tree.args], {k: value(v) for k, v in found.items()})
    except (SyntaxError, ValueError, RecursionError, MemoryError, NotLiteral):
        return None


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """Return the keyword arguments of a call. Raises `NotLiteral` for `**settings`."""
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NotLiteral(f"**{ast.unparse(keyword.value)}")
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def dotted(node: ast.expr) -> str:
    """Return a dotted name as it is written. Raises `NotLiteral` for any other expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise NotLiteral(ast.unparse(node))
    return ".".join([node.id, *reversed(parts)])


def value(node: ast.expr, known: Mapping[str, ast.expr] = {}, depth: int = 0) -> Any:
    """Return an expression as plain data; `known` are names that stand for another one. Raises `NotLiteral`."""
    if isinstance(node, ast.Name) and node.id in known and depth < 20:
        return value(known[node.id], known, depth + 1)
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as constant):
            found: Any = constant
        case ast.List() | ast.Tuple():
            return [value(item, known, depth) for item in node.elts]
        case ast.Dict() if None not in node.keys:
            pairs = zip(node.keys, node.values, strict=True)
            return {str(value(k, known, depth)): value(v, known, depth) for k, v in pairs if k is not None}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            found = _number(operand, known, depth)
            found = -found if isinstance(node.op, ast.USub) else found
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            try:
                found = _ARITHMETIC[type(node.op)](*(_number(n, known, depth) for n in (node.left, node.right)))
            except ArithmeticError:
                raise NotLiteral(ast.unparse(node)) from None
        case ast.Attribute():
            return dotted(node)
        case _:
            raise NotLiteral(ast.unparse(node))
    if isinstance(found, float) and (not math.isfinite(found)):
        raise NotLiteral(ast.unparse(node))
    return round(found, 12) if isinstance(found, float) else found


def _number(node: ast.expr, known: Mapping[str, ast.expr], depth: int) -> Any:
    found = value(node, known, depth)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise NotLiteral(ast.unparse(node))
    return found


_SIDES = ["height", "width"]
_MOVED = re.compile(
    "CoarseDropout|Downscale|GaussNoise|.*Compression|Pad|Solarize|Random(Fog|Rain|Shadow|Snow|SunFlare)"
)
"""Calls of Albumentations whose first parameter has changed between versions."""


_LEADING = ("aug_src", "action", "model_path", "from_model_name", "to_model_name", "flow")
"""Parameters that stand first in calls of nlpaug, in this order."""


def parameters(name: str) -> list[str]:
    """Return the names of positional arguments, those that are the same in all versions of the library."""
    library, _, call = name.partition(".")
    if not dialects.library(name):
        return [*catalogue.find(name).fields] if name in catalogue.names() else []
    entry = dialects.find(name)
    names = [*entry.parameters]
    if library == "torchvision":
        if entry.p != 1:
            names.insert({"RandomErasing": 0, "RandomPerspective": 1}.get(call, len(names)), "p")
        return names
    if library == "keras":  # the third place is the seed of some, or the mode of others
        return [] if call == "RandomColorJitter" else names[:2]
    if library == "nlpaug":  # most begin with a name of their own
        return [*itertools.takewhile(_LEADING.__contains__, names)]
    if library == "albumentations":  # its versions have their parameters in different orders
        if names[:2] == _SIDES:
            return _SIDES
        return [] if _MOVED.fullmatch(call) else names[:1]
    return names
