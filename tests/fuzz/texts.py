"""Makes texts that a spec is not, nearly is or only just is, in the words that specs are written in."""

from __future__ import annotations

import json
import math
import re
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from augcli.image import transforms
from augcli.settings import Settings, plain
from augcli.spec import dialects
from augcli.spec.dialects.entry import REQUIRED, Entry
from augcli.spec.pipeline import GROUPS
from augcli.spec.spec import Spec
from augcli.spec.strict_yaml import LARGEST

CONFIGS = Path(__file__).parents[2] / "configs"

# --- the vocabulary: every name, its settings, and values that are usual for each

Usual = Mapping[str, list[Any]]


def _usual(model: type[Settings]) -> Usual:
    """Return for each setting its default, its limits and its words, those that it has."""
    found: dict[str, list[Any]] = {}
    for key, field in model.fields.items():
        found[key] = [] if field.is_required() else [plain(field.default)]
        found[key] += [plain(limit) for limit in field.within if math.isfinite(limit)]
        if typing.get_origin(field.annotation) is typing.Literal:
            found[key] += typing.get_args(field.annotation)
    return found


def _usual_there(entry: Entry) -> Usual:
    return {
        key: [value for value in (parameter.default, parameter.example) if value is not REQUIRED]
        for key, parameter in entry.parameters.items()
    }


OURS: Mapping[str, Usual] = {name: _usual(transforms.find(name)) for name in transforms.names()}
THEIRS: Mapping[str, Usual] = {name: _usual_there(dialects.find(name)) for name in dialects.names()}
OFFERED = sorted(name for name in THEIRS if dialects.find(name).refusal is None)
HOLDING = [name for name in OFFERED if any(p.holds_steps for p in dialects.find(name).parameters.values())]
TOP: Usual = _usual(Spec)
_KEYS = sorted({*TOP, *(key for usual in (*OURS.values(), *THEIRS.values()) for key in usual), *"pnxy", "steps"})

NASTY = [
    *(".nan", ".inf", "-.INF", "1e3", "010", "0x1F", "1:30", "no", "Yes", "off", "~", "null", '""', "''", "-0", "-0.0"),
    *("9" * 19, "9" * 20, "-" + "9" * 19, "1.5e308", "1.0e999", "5.0e-324", "1_000", "1/3", '"1/0"', '"10%"', '"1."'),
    *("&a 1", "*a", "!!float 1", "!x", "<<", "? a", "---", "...", "%YAML 1.1", "- - -", "[", "{", "]", "}", "|", ">-"),
    *('"\\ud800"', '"\\U00110000"', '"\\0"', '"\\e[31m"', "\x07", "\x00", "\x7f", "\x85", "\u2028", "\ufeff", "\t"),
    *("é", "🐱", "\u202eabc", '"' + " " * 40 + 'x"', '"' + "1" * 40 + '"', "(1, 2)", "True", "a: b", "#", "x" * 200),
]  # fmt: skip

# --- the texts


def flow(value: Any) -> str:
    """Write a value inside a line; text stands as it is, so that it may be anything."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float) and "e" in repr(value) and "." not in repr(value):
        return repr(value).replace("e", ".0e")
    return "~" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


scalars = st.one_of(
    st.sampled_from(NASTY),
    st.integers(-3, 300),
    st.floats(-2, 2, width=16),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(_KEYS),
    st.text(max_size=6).map(json.dumps),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*_KEYS, "a", "1"]), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def near(draw: st.DrawFn, usual: list[Any], wild: bool) -> Any:
    """Draw a value for a setting: one that is usual there, one much like it, or if `wild` anything."""
    if not usual or (wild and draw(st.integers(0, 2)) == 0):
        return draw(values)
    value = draw(st.sampled_from(usual))
    if not wild and (value is None or isinstance(value, (str, bool))):
        return value
    by = draw(st.sampled_from([1, 1, 1, 0, 0.5, 2, 3] + ([-1, 10, 1e6, 1e-6, 1e300] if wild else [])))
    scaled = _scaled(value, by)
    forms = [value, value, scaled, scaled, [value, scaled]]
    forms += [[scaled, value], {"x": scaled, "y": value}, {"y": scaled}, [scaled]] if wild else []
    return draw(st.sampled_from(forms))


def _scaled(value: Any, by: float) -> Any:
    if isinstance(value, (list, tuple)):
        return [_scaled(item, by) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    scaled = value * by
    return int(scaled) if isinstance(value, int) and math.isfinite(scaled) and scaled == int(scaled) else scaled


@st.composite
def settings_of(draw: st.DrawFn, usual: Usual, wild: bool, most: int = 3) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(sorted(usual)), max_size=most, unique=True)) if usual else []
    found = {key: draw(near(usual[key], wild)) for key in keys}
    if wild and draw(st.integers(0, 7)) == 0:
        found[draw(st.sampled_from([*_KEYS, *NASTY]))] = draw(values)
    return found


@st.composite
def steps(draw: st.DrawFn, wild: bool, inside: tuple[str, ...] = ()) -> Any:
    """Draw a step: a transform, a container or a call of another library, with settings, as plain data."""
    table = draw(st.sampled_from([[*OURS], [*OURS], [*THEIRS] if wild else OFFERED, [*GROUPS, *HOLDING]]))
    name = draw(st.sampled_from(table if len(inside) < 5 else [*OURS]))
    usual = OURS.get(name) or THEIRS.get(name, {})
    body = draw(settings_of(usual, wild))
    if draw(st.integers(0, 3)) == 0:
        chosen = inside[-1:] in (("one_of",), ("some_of",))
        key = draw(st.sampled_from(["p", "weight", "name"])) if wild else "weight" if chosen else "p"
        body[key] = draw(near([0, 0.5, 1], wild)) if wild else draw(st.sampled_from([0.5, 1]))
    for key in _required(name):
        holding = key in ("steps", "transforms", "layers")
        within = steps(wild, (*inside, name))
        body.setdefault(key, draw(st.lists(within, min_size=1, max_size=3) if holding else near(usual[key], wild)))
    if name == "some_of":
        body.setdefault("n", draw(st.integers(0, 2)))
    if wild and draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([{name: draw(values)}, {name: body, "p": 1}, name + "x", [body], name.upper()]))
    return {name: body} if body or draw(st.booleans()) else name


def _required(name: str) -> list[str]:
    if name in GROUPS:
        return ["steps"]
    if name in THEIRS:
        return dialects.find(name).required
    return [key for key, field in transforms.find(name).fields.items() if field.is_required()]


@st.composite
def structured(draw: st.DrawFn) -> bytes:
    """Draw a spec in its real vocabulary, with values of right and wrong kinds."""
    wild = draw(st.integers(0, 2)) == 0
    top = draw(settings_of({key: usual for key, usual in TOP.items() if key != "splits"}, wild, most=2))
    top.pop("pipeline", None)
    lines = [f"{key}: {flow(value)}" for key, value in top.items()]
    if "output" not in top and draw(st.booleans()):
        lines.append("output: {format: npy}")
    if draw(st.integers(0, 3)) == 0:
        treatment = st.sampled_from(["augment", "copy", "skip"]) | st.lists(steps(wild), max_size=2)
        roles = st.sampled_from(["train", "val", "test", "eval"] if wild else ["train", "val", "test"])
        lines.append(f"splits: {flow(draw(st.dictionaries(roles, treatment, max_size=2)))}")
    lines += ["pipeline:", *(f"  - {flow(step)}" for step in draw(st.lists(steps(wild), min_size=1, max_size=3)))]
    return "\n".join(lines).encode("utf-8", "replace")


_TEXTS = [path.read_text(encoding="utf-8") for path in sorted(CONFIGS.rglob("*.yaml"))]
_SCALAR = re.compile(r"[\w.\"'-]+")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw one of the ready-made specs with some of its lines and values changed."""
    lines = draw(st.sampled_from(_TEXTS)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at, other = (draw(st.integers(0, max(0, len(lines) - 1))) for _ in range(2))
        edit = draw(st.sampled_from(["delete", "double", "swap", "indent", "value", "value", "value", "insert"]))
        if not lines or edit == "insert":
            lines.insert(at, flow(draw(values)))
        elif edit == "delete":
            del lines[at]
        elif edit == "double":
            lines.insert(other, lines[at])
        elif edit == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif edit == "indent":
            lines[at] = draw(st.sampled_from(["  ", "\t", " ", "- "])) + lines[at]
        else:
            found = [*_SCALAR.finditer(lines[at])]
            if found:
                chosen = draw(st.sampled_from(found))
                lines[at] = lines[at][: chosen.start()] + flow(draw(values)) + lines[at][chosen.end() :]
    return "\n".join(lines).encode("utf-8", "replace")


_TOKENS = [*NASTY, *_KEYS, *OURS, *THEIRS, *GROUPS, *"[]{},:-?&*!|>'\"%@`#\n", ": ", "\n- ", "\n  ", "\n    - ", ", "]
soup = st.lists(st.sampled_from(_TOKENS), max_size=40).map(lambda parts: "".join(parts).encode("utf-8", "replace"))


@st.composite
def repeated(draw: st.DrawFn) -> bytes:
    """Draw a large spec of which much is the same, or nearly the same: what is slow by its amount."""
    head = draw(st.sampled_from(["", "pipeline:\n", "pipeline: [", "pipeline:\n- rotate: {", 'pipeline: ["', "- "]))
    unit = draw(soup | steps(wild=True).map(lambda step: f"- {flow(step)}\n".encode("utf-8", "replace")))
    count = draw(st.sampled_from([10, 100, 1000])) if unit else 0
    text = b"".join(unit.replace(b"x", b"%d" % n) for n in range(count))
    return (head.encode() + text)[: LARGEST - draw(st.sampled_from([0, 0, -1]))]


small = st.one_of(structured(), structured(), structured(), mutated(), mutated(), soup, st.binary(max_size=60))
"""Bytes of up to a few lines."""
any_size = st.one_of(*[small] * 10, repeated())
"""The same, and now and then a file as large as is read."""
