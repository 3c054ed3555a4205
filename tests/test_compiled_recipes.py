"""Compiled recipes are those that Python makes: the same entry in the manifest, ops and size, to the last bit."""

import json
import math
import os
import pickle
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest

from augcli.dataset.sources import Source
from augcli.image.arrays import Size
from augcli.image.ops import size_after
from augcli.image.ops.native_run import MOST_BOXES
from augcli.output.manifest import params_text
from augcli.plan.compiled_recipes import NUMBERS, compiled
from augcli.plan.recipes import recipe
from augcli.problems import Unusable
from augcli.spec.loading import load, parse

ROOT = Path(__file__).parents[1]
NAMES = ["a.jpg", "zebra/ünï ☃.png", "b/" + "long " * 70 + ".jpg", "\udce9/\udcff.jpg", "t.tar#x/y.jpg", '"\\.png']
SIZES = [(1, 1), (1, 40), (2, 3), (17, 11), (64, 64), (500, 375), (375, 500), (641, 480), (4000, 3001), (32766, 3)]
COPIES = [None, 0, 1, 2, 99_999]


def spec_of(pipeline, **settings):
    text = json.dumps({"pipeline": pipeline, **settings})
    plain = re.sub(r"\d[\d.]*e-\d+", lambda number: f"{Decimal(number[0]):f}", text)  # YAML has no 1e-05
    return parse(plain.encode(), "spec.yaml")


def assert_same(spec, name, size, copies=COPIES, role="train"):
    """Compare all copies of a source; return how many of them Python refuses, and how many it alone can make."""
    source, size = Source(name, "", role, "zebra"), Size(*size)
    program = compiled(spec, role)
    assert program is not None
    refused = left = 0
    for copy, found in zip(copies, program.recipes(os.fsencode(name), copies, size), strict=True):
        try:
            made = recipe(spec, source, copy, size)
        except Unusable:
            refused += 1
            assert found is None
            continue
        if found is None:
            left += 1
            continue
        assert found.params_text() == params_text(made.params())
        assert list(found.ops) == made.ops
        end = size
        for op in made.ops:
            end = size_after(op, end)
        assert found.size == end
    return refused, left


@pytest.mark.parametrize("path", [*sorted((ROOT / "configs").glob("[hlmv]*.yaml"))], ids=lambda path: path.stem)
@pytest.mark.parametrize("role", ["train", "val"])
def test_presets_are_compiled(path, role):
    spec = load(path)
    for name in NAMES:
        for size in SIZES:
            refused, left = assert_same(spec, name, size, role=role)
            assert not left
            assert not refused or path.stem == "validation"  # one pixel high and long, the shorter side would be 256


def test_pipelines_of_the_benchmark_are_compiled():
    jitter = {"color_jitter": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1}}
    blur = {"kernel_size": 5, "sigma": [0.1, 2]}
    crop = {"random_resized_crop": {"size": 224, "scale": [0.08, 1]}}
    a = ["horizontal_flip", {"rotate": {"degrees": 15}}, crop, jitter, {"gaussian_blur": {**blur, "p": 0.3}}]
    b = [
        {"rotate": {"degrees": 15}},
        {"affine": {"translate": 0.1, "scale": [0.9, 1.1], "shear": {"x": 5}}},
        {"perspective": {"distortion_scale": 0.2, "p": 0.5}},
        jitter,
        {"gamma": {"gamma": [0.8, 1.2]}},
        {"one_of": {"steps": [{"gaussian_blur": blur}, {"gauss_noise": {"std": [0.004, 0.09]}}]}},
    ]
    for pipeline in (a, b):
        for seed in range(10):
            assert assert_same(spec_of(pipeline, seed=seed), "a.jpg", (500, 375), range(50)) == (0, 0)


class Drawn:
    """Steps with random settings, of all that are known."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def span(self, low, high):
        ends = [self._random.choice([low, high, self._random.uniform(low, high)]) for _ in range(2)]
        return [ends[0], ends[0]] if self._random.random() < 0.1 else sorted(ends)

    def whole(self, low, high):
        return sorted(self._random.randint(low, high) for _ in range(2))

    def one(self, *values):
        return self._random.choice(values)

    def axes(self, reach):
        return {"x": self.span(-reach, reach), "y": self.span(-reach, reach)}

    def border(self):
        mode = self.one("constant", "edge", "symmetric", "reflect", "wrap")
        return {"mode": mode, "fill": self.one(0, [1, 2, 3], [250, 0, 7])}

    def size(self, most=300):
        return self.one(self._random.randint(1, most), self.whole(1, most))

    def interpolation(self):
        return self.one("nearest", "bilinear", "bilinear", "bicubic")

    def fill(self):
        return self.one(0, [9, 8, 7], "random")

    def settings(self, kind):
        bordered = {"border": self.border(), "interpolation": self.interpolation()}
        match kind:
            case "rotate":
                quarters = [[90, 90], [-180, -180], [270, 270], [-360, -360], [-0.0, 0.0], [0, 0]]
                return {"degrees": self.one(self.span(-360, 360), *quarters), **bordered}
            case "affine":
                more = {"scale_y": self.span(0.05, 20)} if self.one(False, True) else {}
                return {
                    "degrees": self.one([0, 0], self.span(-360, 360)),
                    "translate": self.axes(1),
                    "scale": self.one([1, 1], self.span(0.05, 20)),
                    "shear": self.one(0, self.axes(80)),
                    "shear_last": self.one(False, True),
                    **more,
                    **bordered,
                }
            case "perspective":
                scales = {"distortion_scale": self.one([0, 0], self.span(0, 1)), "scale": self.span(0, 0.3)}
                return {"sampler": self.one("inward", "zoom"), **scales, **bordered}
            case "random_resized_crop":
                scale, ratio = self.span(1e-4, 1), self.one([0.75, 4 / 3], [1, 1], self.span(0.01, 100))
                return {"size": self.size(), "scale": scale, "ratio": ratio, "interpolation": self.interpolation()}
            case "resize":
                most = {"max_size": self._random.randint(1, 400)} if self.one(False, True) else {}
                size = self._random.randint(1, 300) if most else self.size()
                return {"size": size, **most, "interpolation": self.interpolation()}
            case "center_crop":
                return {"size": self.size(), "border": self.border()}
            case "random_crop":
                padding = self.one(0, [3, 4], [1, 0, 30, 7])
                padded = self.one(True, True, False)
                return {"size": self.size(), "padding": padding, "pad_if_needed": padded, "border": self.border()}
            case "color_jitter":
                names = [name for name in ("brightness", "contrast", "saturation") if self.one(False, True)]
                hue = {"hue": self.span(-0.5, 0.5)} if self.one(False, True) else {}
                return {name: self.one(self.span(0, 100), self.span(0.5, 2)) for name in names} | hue
            case "brightness":
                mode = self.one("multiply", "add")
                return {"mode": mode, "factor": self.one([1, 1], self.span(0, 9)), "delta": self.span(-1, 1)}
            case "contrast":
                pivot = self.one("gray", "channel", "zero")
                return {"factor": self.one([1, 1], self.span(0, 9), self.span(90, 100)), "pivot": pivot}
            case "saturation":
                return {"factor": self.one([1, 1], self.span(0, 9), self.span(90, 100))}
            case "hue":
                return {"turns": self.span(-0.5, 0.5)}
            case "gamma":
                return {"gamma": self.one([1, 1], self.span(0.01, 100), self.span(0.5, 2))}
            case "gaussian_blur":
                odd = sorted(2 * self._random.randint(0, 127) + 1 for _ in range(2))
                return {"kernel_size": odd, "sigma": self.span(0.01, 100)}
            case "gauss_noise":
                return {"std": self.span(0, 1), "mean": self.span(-1, 1), "per_channel": self.one(False, True)}
            case "rgb_shift":
                colours = ("red", "green", "blue")
                return {colour: self.one([7, 7], self.span(-255, 255), self.span(-20, 20)) for colour in colours}
            case "random_erasing":
                scale, ratio = self.span(1e-4, 1), self.one([0.3, 3.3], [1, 1], self.span(0.01, 100))
                return {"sampler": self.one("tried", "fitted"), "scale": scale, "ratio": ratio, "fill": self.fill()}
            case "coarse_dropout":
                sides = {side: self.one(self.span(0, 0.99), self.span(0, 400)) for side in ("height", "width")}
                return {"holes": self.whole(1, 5), **sides, "fill": self.fill()}
        return {}

    def node(self, depth):
        own = {"p": self.one(1, 1, 0.5, 0, self._random.random())}
        if depth and self._random.random() < 0.3:
            kind = self.one("one_of", "some_of", "sequence", "random_order")
            nodes = [self.node(depth - 1) for _ in range(self._random.randint(1, 5))]
            if kind in ("one_of", "some_of"):
                for at, node in enumerate(nodes):
                    (body,) = node.values()
                    body.pop("p")
                    body["weight"] = self.one(1, 0.1, 0.7, self._random.random() * 1e3, *[0] * bool(at))
            if kind == "some_of":
                some = sum(body["weight"] > 0 for node in nodes for body in node.values())
                own |= {"n": self.whole(0, some), "shuffle": self.one(False, True)}
            return {kind: {"steps": nodes, **own}}
        kind = self.one(*NUMBERS)
        name = {"name": self._random.choice(["ä", "x y", '"\\', "\U0001f600"]) + str(self._random.random())}
        return {kind: {**self.settings(kind), **own, **(name if self._random.random() < 0.2 else {})}}

    def spec(self):
        pipeline = [self.node(2) for _ in range(self._random.randint(1, 7))]
        seed = self.one(0, 1, 2**63 - 1, self._random.getrandbits(60))
        return spec_of(pipeline, seed=seed, fusion=self.one("full", "full", "exact", "off"))

    def image(self):
        return self.one(*NAMES), self.one(*SIZES, *[(self._random.randint(1, 900), self._random.randint(1, 900))] * 9)


def assert_same_at_random(seeds):
    refused = left = done = 0
    for seed in seeds:
        drawn = Drawn(seed)
        spec = drawn.spec()
        for _ in range(4):
            some, others = assert_same(spec, *drawn.image(), range(3))
            refused, left, done = refused + some, left + others, done + 3
    assert refused < done / 5
    assert left <= done / 1000


def test_recipes_are_those_that_python_makes():
    assert_same_at_random(range(100))


@pytest.mark.slow
def test_many_recipes_are_those_that_python_makes():
    assert_same_at_random(range(1000, 2000))


def test_every_transform_and_setting_is_drawn_alike():
    for kind in NUMBERS:
        for seed in range(9):
            drawn = Drawn(f"{kind} {seed}")
            step = {kind: {**drawn.settings(kind), "p": 1}}
            spec = spec_of([step, step], seed=seed, fusion=drawn.one("full", "exact", "off"))
            for _ in range(3):
                assert not assert_same(spec, *drawn.image(), range(3))[1]


class Watched:
    """A transform that notes which of its settings are read."""

    def __init__(self, transform, read):
        self._transform, self._read = transform, read

    def __getattr__(self, name):
        self._read.add(name)
        return getattr(self._transform, name)


@pytest.mark.parametrize("kind", NUMBERS)
def test_no_setting_of_a_compiled_transform_is_passed_over(kind):
    """One that is added to a transform's file must be told to the compiled code, or refused there."""
    read = set()
    for seed in range(20):
        (step,) = spec_of([{kind: Drawn(f"{kind} {seed}").settings(kind)}]).pipeline
        NUMBERS[kind](Watched(step.transform, read))
    assert read >= {*type(step.transform).fields}


def test_neighbours_merge_alike():
    """Ops that merge by the borders or the columns of their tables, which few pipelines drawn at random do."""
    drawn = Drawn(0)
    for _ in range(90):
        turns = [{"rotate": {"degrees": drawn.one(0, 5, [90, 90]), "border": drawn.border()}} for _ in range(2)]
        rgb = {"rgb_shift": {"red": 7, "green": drawn.one(7, 9), "blue": 7}}
        tables = [drawn.one(rgb, {"gamma": {"gamma": 2}}, {"brightness": {}}) for _ in range(4)]
        spec = spec_of([*turns, *tables], fusion=drawn.one("full", "exact"))
        assert assert_same(spec, *drawn.image(), range(2)) == (0, 0)


@pytest.mark.parametrize(("size", "megapixels"), [(300, 0.05), ([1, 32766], 0.05), (32766, 10_000)])
def test_what_becomes_too_large_is_refused_alike(size, megapixels):
    spec = spec_of(["hue", {"resize": {"size": size}}], max_megapixels=megapixels)
    for image, too_large in (((10, 9), isinstance(size, int)), ((9, 9), size == 300), ((9, 10), isinstance(size, int))):
        assert assert_same(spec, "a.jpg", image, [0]) == (too_large, 0)


def test_numbers_are_written_as_python_writes_them():
    draw = random.Random(3)
    numbers = [math.copysign(2.0**-power, draw.random() - 0.5) for power in range(1, 33)]
    numbers += [math.nextafter(number, 1) for number in numbers]
    numbers += [draw.uniform(-0.5, 0.5) * 10 ** -draw.uniform(0, 9) for _ in range(600)]
    numbers += [float(f"{number:.{draw.randint(1, 17)}g}") for number in numbers]
    numbers = [number for number in numbers if abs(number) > 1e-10]  # below, those of 6 digits alone
    numbers += [0.0, -0.0, 1e-4, 9.99999e-5, 1e-5, 1.5e-7, 1e-15, 0.1, 0.5, 1 / 3]
    for start in range(0, len(numbers), 30):
        pipeline = [{"hue": {"turns": [number, number]}} for number in numbers[start : start + 30]]
        assert assert_same(spec_of(pipeline), "a.jpg", (5, 5), [0]) == (0, 0)
    wide = [draw.choice([-1, 1]) * 360 * draw.random() ** 3 for _ in range(300)]
    pipeline = [{"rotate": {"degrees": [number, number]}} for number in wide]
    assert assert_same(spec_of(pipeline), "a.jpg", (5, 5), [0]) == (0, 0)


def test_what_the_compiled_code_does_not_know_is_left_to_python():
    for step in (
        "equalize",
        {"mixup": {}},
        {"rotate": {"expand": True}},
        {"saturation": {"space": "hsv"}},
        {"random_crop": {"size": 4, "keep": "objects"}},
        {"hue": {"only": "zebra"}},
        {"one_of": {"steps": ["hue", "equalize"]}},
    ):
        assert compiled(spec_of(["hue", step]), "train") is None


def test_copies_beyond_its_room_are_left_to_python():
    holes = {"coarse_dropout": {"holes": MOST_BOXES + 1, "height": 0.1, "width": 0.1}}
    assert assert_same(spec_of([holes]), "a.jpg", (500, 375), range(3)) == (0, 3)
    assert assert_same(spec_of([{"hue": {}}] * 40), "a.jpg", (500, 375), range(3)) == (0, 3)
    assert assert_same(spec_of([{"hue": {"turns": [0, 1e-20]}}]), "a.jpg", (500, 375), range(3)) == (0, 3)


def test_many_copies_with_long_texts_find_room():
    spec = spec_of([{"coarse_dropout": {"holes": [9, MOST_BOXES], "height": 0.1, "width": 0.1}}] * 9, fusion="off")
    assert assert_same(spec, "a.jpg", (5000, 3750), range(280)) == (0, 0)


def test_packed_ops_travel_as_ops():
    program = compiled(spec_of(["gamma", "gauss_noise"]), "train")
    (found,) = program.recipes(b"a.jpg", [0], Size(5, 5))
    assert pickle.loads(pickle.dumps(found.ops)) == list(found.ops)
