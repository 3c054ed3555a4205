"""Every remedy that augcli prints is accepted by augcli, where the problem was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from augcli.lint import warnings
from augcli.settings import plain
from augcli.spec import catalogue, descriptions, dialects
from augcli.spec.dialects.entry import REQUIRED
from augcli.spec.loading import parse
from augcli.spec.strict_yaml import write
from tests.suggestions import alternatives, loaded, mended, problems_of

STRIDE = 151
"""Of the mistakes so many are one that is tried; with 1 all 26,000 are, in some minutes."""

WORDS = ("15", "0.5", "10%", "wide", True, None, [1, 2, 3], {"x": 0.1}, -1, -0.5, 0, 4, 1e9, -1e9, [5, -5], [0.5, 0.1])
WORDS += ([-0.5, -0.9], [4, 8], ["1", 2], [0.3], [True, 1], 2.5, [0.1, 0.2], 300, "black", [0.9, 1.1])


def mistakes(kind: str = "image") -> Iterator[Any]:
    for name in catalogue.by_kind()[kind]:
        yield from mistakes_with(name)
    for name in dialects.names():
        if (name.partition(".")[0] in dialects.FOR_TEXTS) == (kind == "text"):
            yield from mistakes_with_call(name)


def mistakes_with(name: str) -> Iterator[Any]:
    """Steps that are hardly right, of one of our transforms: values, names, keys, layouts of other tools."""
    fields = catalogue.find(name).fields
    good = descriptions.example_of(catalogue.find(name))
    for bare in (0.2, 3, 224, [0.1, 0.3], [3, 5], "word", True, -5, 1000000, "15"):
        yield {name: bare}
    pascal = "".join(part.title() for part in name.split("_"))
    for other in (pascal, "Random" + pascal, "random_" + name, name[:-1], name + "s", name.replace("_", "-")):
        if other not in catalogue.names():
            yield from (other, {other: good} if good else other, {other: 3}, {other: 0.2})
    for key in ("name", "type", "transform"):
        yield from ({key: name, **good}, {key: name, "params": good} if good else {key: name})
    yield from ({name: None, **good}, f"{name}({arguments(good)})", f"{name}(0.2)")
    for key, field in fields.items():
        value = good.get(key, 224 if field.is_required() else plain(field.default))
        others = {other: setting for other, setting in good.items() if other != key}
        yield from ({name: {**others, typo: value}} for typo in (key[:-1], key + "s") if typo not in fields)
        yield from ({name: {**good, key: value}} for value in WORDS)


def mistakes_with_call(name: str) -> Iterator[Any]:
    """The same of another library's call."""
    entry, last = dialects.find(name), name.rpartition(".")[2]
    if entry.refusal is not None:
        yield from (name, last)
        return
    good = entry.example
    yield from ({name: bare} for bare in (0.2, 3, 224, [0.1, 0.3], "word", True, -5, 1000000))
    for other in (last, last.lower(), re.sub("(?<=[a-z])(?=[A-Z])", "_", last).lower()):
        if other not in catalogue.names():
            yield from (other, {other: good} if good else other, {other: 3})
    yield from (f"{last}({arguments(good)})", f"{name}({arguments(good)})", {"name": name, **good})
    for key, parameter in entry.parameters.items():
        if not parameter.holds_steps:
            others = {other: value for other, value in good.items() if other != key}
            value = good.get(key, parameter.default)
            yield from [{name: {**others, key + "s": value}}] if value not in (None, REQUIRED) else []
            yield from ({name: {**good, key: value}} for value in WORDS)


def arguments(settings: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in settings.items())


def in_a_spec(step: Any, kind: str = "image") -> dict[str, Any]:
    """Return a spec in which that step is the only thing that may be wrong."""
    if kind == "text":
        return {"pipeline": ["word_dropout", step]}
    return {"pipeline": ["gamma", step], "output": {"format": "npy"}}


SKIPPED = ("albumentations.Affine", "equential", "ometimes")
"""The second is a name in libraries for images and for texts, and nothing tells which a step is for."""


@pytest.mark.parametrize("kind", ["image", "text"])
@pytest.mark.parametrize("first", range(4))
def test_what_a_help_says_to_write_mends_what_is_wrong(first, kind):
    tried = 0
    for step in islice(mistakes(kind), first * 37, None, STRIDE if kind == "image" else STRIDE // 8):
        spec = in_a_spec(step, kind)
        if any(name in str(step) for name in SKIPPED):
            continue
        for problem in problems_of(spec):
            for promise in alternatives(problem.help or ""):
                after = problems_of(mended(spec, problem, promise))
                told = f"{step}: {problem.what}; {problem.help}: {promise}"
                assert problem.what not in [other.what for other in after], told
                # What belongs to another place is another mistake.
                assert all("go together" in str(other.what) or "keep_ratio" in other.what for other in after), told
                tried += 1
    assert tried > 40


SEEN = [
    ({"brightness": 0.2}, "write brightness: {factor: 0.2}"),
    ({"Resize": 224}, "write torchvision.Resize: {size: 224} or resize: {size: 224}"),
    ({"blur": 3}, "write albumentations.Blur: {blur_limit: 3} or box_blur: {kernel_size: 3}"),
    (
        {"OneOf": ["rotate", "shear"]},
        "write albumentations.OneOf: {transforms: [rotate, shear]} or one_of: {steps: [rotate, shear]}",
    ),
    ({"name": "rotate", "degrees": 15}, "write rotate: {degrees: 15}"),
    ({"type": "RandomRotation", "degrees": 15}, "write torchvision.RandomRotation: {degrees: 15}"),
    ({"rotate": {"degrees": 15}, "hue": {}}, "start `hue` with `- `, as steps of their own"),
    (
        "ColorJitter(brightness=0.2)",
        "write torchvision.ColorJitter: {brightness: 0.2} or albumentations.ColorJitter: {brightness: 0.2}"
        " or color_jitter: {brightness: 0.2}",
    ),
    ("A.RandomResizedCrop(224, 224),", "write albumentations.RandomResizedCrop: {height: 224, width: 224}"),
    ("cutout", "did you mean `albumentations.Cutout` or `coarse_dropout`?"),
    ({"cutout": {"num_holes": 8}}, "did you mean `albumentations.Cutout`?"),
    ({"horizontal_flip": 0.5}, "write horizontal_flip: {p: 0.5}"),
    ({"rotate": 400}, "write rotate: {degrees: 15}"),
    ({"one_of": {"transforms": ["rotate", "hue"]}}, "write steps"),
    ({"rotate": {"degrees": ["5", 10]}}, "write [5, 10]"),
    ({"rotate": {"degrees": -500}}, None),
    ({"affine": {"translate": {"x": -0.1}}}, "write {x: 0.1}"),
]


@pytest.mark.parametrize(("step", "help"), SEEN, ids=[str(step) for step, _ in SEEN])
def test_what_is_meant_is_named(step, help):
    (problem,) = problems_of({"pipeline": ["gamma", step]})
    assert problem.help == help


@pytest.mark.parametrize(
    "name", ["to_tensor", "ToTensor", "torchvision.ToTensor", "Normalize", "T.ToTensor()", "Rescaling"]
)
def test_what_makes_tensors_is_left_to_training_code(name):
    (problem,) = problems_of({"pipeline": ["gamma", name]})
    assert problem.help.startswith("leave it out: training code does it")


DOUBTFUL = [
    {"rotate": {"degrees": 0.1}},
    {"shear": {"degrees": 0.2}},
    {"elastic": {"alpha": 1, "sigma": 50}},
    {"gaussian_blur": {"sigma": 0.1}},
    {"coarse_dropout": {"height": 0.9, "width": 0.9}},
    {"brightness": {"factor": [0, 5]}},
    {"random_resized_crop": {"size": 224, "scale": [0.001, 1]}},
    {"posterize": {"bits": [1, 4]}},
    {"gauss_noise": {"std": [0.5, 0.9]}},
    {"rotate": {"p": 0}},
    {"rotate": {"border": {"mode": "edge", "fill": 255}}},
]


@pytest.mark.parametrize("step", DOUBTFUL, ids=str)
def test_what_a_warning_says_to_write_silences_it(step):
    spec = {"pipeline": ["invert", step]}
    for warning in warnings(loaded(spec)[0]):
        for kind, what in alternatives(warning.help or ""):
            (name,) = step
            changed = dict(step[name])
            if kind == "leave out":
                after: list[Any] = ["invert"]
            elif isinstance(what, dict) and name in what:
                after = ["invert", what]
            elif isinstance(what, dict) and {*what} <= {"mode"}:
                after = ["invert", {name: {**changed, "border": {**changed["border"], **what}}}]
            else:
                after = ["invert", {name: {**changed, **what}}]
            left = warnings(parse(write({"pipeline": after}).encode(), "spec.yaml"))
            said = (warning.rule, warning.what)
            assert said not in [(other.rule, other.what) for other in left], (warning.help, after)


def test_a_flood_of_problems_is_told_in_a_few_lines():
    from augcli.problems import Refused, joined

    text = "a: &a {x: 1}\nb:\n" + "  <<: *a\n" * 2500
    with pytest.raises(Refused) as refused:
        parse(text.encode(), "spec.yaml")
    lines = joined(refused.value.problems).splitlines()
    assert len(lines) <= 20
    assert lines[-1] == "101 problems in all; 97 more are like these"
