"""Transforms of other packages: the example, installed, used as ours are, and removed; and packages that are broken."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest

from augcli.image import extension
from augcli.image.contract import check_transform
from augcli.image.ops import Filter
from augcli.image.transform import Transform
from augcli.settings import setting

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/augcli-vignette"
NAME = "augcli-vignette.vignette"
SPEC = f"seed: 3\npipeline:\n  - horizontal_flip\n  - {NAME}: {{angle: [20, 40]}}\noutput: {{format: png}}\n"


def install(folder: Path, project: Path, version: str | None = None) -> None:
    """Put a package where pip would, from its pyproject.toml and without pip, which asks the network for setuptools."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = about["name"].replace("-", "_")
    shutil.copytree(project / module, folder / module, dirs_exist_ok=True)
    version = version or about["version"]
    lines = [f"{name} = {value}" for name, value in about["entry-points"]["augcli.transforms"].items()]
    for old in folder.glob(f"{module}-*.dist-info"):
        shutil.rmtree(old)
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("\n".join(["[augcli.transforms]", *lines, ""]))


@pytest.fixture
def packages(tmp_path):
    """A folder that packages are installed into, and what finds them there."""
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def with_packages(augcli, packages, tmp_path):
    def run(*arguments, **environment):
        return augcli(*arguments, cwd=tmp_path, env={"PYTHONPATH": f"{packages}:{ROOT}", **environment})

    return run


@pytest.fixture
def photos(tmp_path, photo, tree):
    return tree(tmp_path / "in", {f"train/cat/{n}.png": photo(seed=n) for n in range(3)})


@pytest.fixture
def spec(spec_file):
    return spec_file(SPEC)


def test_it_is_shown_checked_and_in_the_schema_as_ours_are(with_packages, packages, spec):
    install(packages, EXAMPLE)
    assert f"\n{NAME}  Darken the corners as a simple lens does.\n" in with_packages("show").stdout
    shown = with_packages("show", NAME).stdout
    assert "  angle  deg, 0 to 80, default [15, 35]\n" in shown
    assert shown.endswith(f"example\n  - {NAME}\n")
    step = json.loads(with_packages("schema").stdout)["$defs"]["step"]["anyOf"]
    assert NAME in step[0]["enum"]
    assert set(step[1]["properties"][NAME]["properties"]) == {"angle", "p", "name", "weight", "only", "except"}
    assert f"  - {NAME}: angle 20 to 40\n" in with_packages("check", spec).stdout
    assert f'- "{NAME}":\n    angle: [20, 40]\n' in with_packages("check", spec, "--expand").stdout


MISTAKES = {
    "vignette": f"unknown transform `vignette`\n  = help: did you mean `{NAME}`?",
    "augcli-vignette.vignete": f"unknown transform `augcli-vignette.vignete`\n  = help: did you mean `{NAME}`?",
    "augcli_vignette.vignette": f"unknown transform `augcli_vignette.vignette`\n  = help: did you mean `{NAME}`?",
    "augcli-vignette.fog": f"unknown transform `augcli-vignette.fog`\n  = help: augcli-vignette 0.1.0 offers {NAME}",
    f"{NAME}: {{angel: 3}}": f"unknown setting `angel` of `{NAME}`\n  = help: did you mean `angle`?",
    f"{NAME}: {{angle: 90}}": "`angle`: `90` is out of bounds; 0 to 80 is allowed",
    f"{NAME}: 30": f"expected settings of `{NAME}`, got `30`\n  = help: write {NAME}: {{angle: 30}}",
}


def test_mistakes_are_told_as_with_ours(with_packages, packages, spec_file):
    install(packages, EXAMPLE)
    done = with_packages("check", spec_file("pipeline:\n" + "".join(f"  - {step}\n" for step in MISTAKES)))
    assert done.returncode == 2
    told = re.sub(r"^ *\d* +\|.*\n|^\S+:\d+:\d+: ", "", done.stderr, flags=re.MULTILINE)
    assert told.splitlines() == "\n".join([*MISTAKES.values(), f"{len(MISTAKES)} problems"]).splitlines()


def test_a_module_is_no_package_to_install(with_packages, spec_file):
    """Who follows `pip install requests.get` may get anything."""
    done = with_packages("check", spec_file("pipeline: [os.system, cv2.nothing, my-lab.fog]\n"))
    assert "unknown transform `os.system`\n" in done.stderr
    assert "unknown transform `cv2.nothing`\n" in done.stderr
    assert "unknown transform `my-lab.fog`: `my-lab` is not installed\n" in done.stderr
    assert done.stderr.count("install the package") == 1
    assert "  = help: install the package `my-lab` that offers it\n" in done.stderr


def test_it_is_used_and_when_it_is_gone_what_needs_it_says_so(with_packages, packages, spec, photos, tmp_path):
    install(packages, EXAMPLE)
    assert with_packages("run", spec, "in", "out", "--jobs", "2").returncode == 0
    manifest = (tmp_path / "out/manifest.csv").read_text(encoding="utf-8")
    assert manifest.count(f'{{""step"": ""{NAME}"", ""angle"": ') == 3
    record = json.loads((tmp_path / "out/augcli.json").read_text(encoding="utf-8"))
    assert record["versions"]["augcli-vignette"] == "0.1.0"
    assert with_packages("run", spec, "in", "out", "--frozen").returncode == 0
    lost = tmp_path / "out/train/cat/1_aug000.png"
    before = lost.read_bytes()
    lost.unlink()
    assert with_packages("replay", "out", "in").returncode == 0
    assert lost.read_bytes() == before
    for more in ([], ["--steps"]):
        assert with_packages("preview", spec, "in", "grid.png", *more).returncode == 0

    shutil.rmtree(packages)
    missing = f"spec.yaml:4:5: unknown transform `{NAME}`: `augcli-vignette` is not installed\n"
    for command in (["check"], ["run", "in", "out"], ["run", "in", "out", "--frozen"], ["plan", "in", "out"]):
        done = with_packages(command[0], "spec.yaml", *command[1:])
        assert done.returncode == 2
        assert done.stderr.startswith(missing)
        assert done.stderr.endswith("  = help: install the package `augcli-vignette` that offers it\n")
    done = with_packages("show", NAME)
    assert done.stderr.startswith(f"unknown transform `{NAME}`: `augcli-vignette` is not installed\n")
    lost.unlink()
    for more in ([], ["--anyway"]):
        done = with_packages("replay", "out", "in", *more)
        assert done.returncode == 2
        assert done.stderr == (
            "out: made with augcli-vignette 0.1.0, which is not installed\n"
            "  = help: pip install augcli-vignette==0.1.0\n"
        )
    assert with_packages("verify", "out").stdout.startswith("missing: train/cat/1_aug000.png\n")


def test_another_version_of_it_is_another_version_of_all_that_it_made(
    with_packages, packages, spec, spec_file, photos, tmp_path
):
    install(packages, EXAMPLE)
    with_packages("run", spec, "in", "out")
    install(packages, EXAMPLE, "0.2.0")
    changed = 'augcli-vignette "0.1.0" -> "0.2.0"'
    assert f"versions: {changed}\n" in with_packages("run", spec, "in", "out", "--frozen").stdout
    assert f"so that files may come out different: {changed}\n" in with_packages("replay", "out", "in").stderr
    assert "1.png: 1 made (other versions)" in with_packages("run", spec, "in", "out", "-v").stderr
    # Who leaves it out needs it no more, not even for what was made before.
    shutil.rmtree(packages)
    without = spec_file("seed: 3\npipeline: [horizontal_flip]\noutput: {format: png}\n")
    assert with_packages("run", without, "in", "out", "--overwrite").returncode == 0
    assert "augcli-vignette" not in (tmp_path / "out/augcli.json").read_text(encoding="utf-8")


def test_a_process_that_starts_afresh_finds_it_by_its_pickle_alone(packages, spec):
    install(packages, EXAMPLE)
    environment = {**os.environ, "PYTHONPATH": f"{packages}:{ROOT}"}
    give = "import pathlib, pickle, sys; from augcli.spec.loading import load\n"
    give += "sys.stdout.buffer.write(pickle.dumps(load(pathlib.Path(sys.argv[1]))))"
    take = "import pickle, sys; print(pickle.load(sys.stdin.buffer).pipeline[1].transform.name())"
    data = b""
    for code in (give, take):
        command = [sys.executable, "-c", code, spec]
        data = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, env=environment).stdout
    assert data.decode() == f"{NAME}\n"


def test_nothing_is_looked_for_where_all_names_are_ours_or_of_a_library_we_know(spec_file):
    path = spec_file("pipeline:\n  - rotate\n  - torchvision.RandomHorizontalFlip\n")
    code = f"""
        import sys
        from augcli import cli
        cli.exit_code_of(lambda: cli.augcli.main(["--help"], standalone_mode=False))
        assert "augcli.image.packages" not in sys.modules
        cli.exit_code_of(lambda: cli.augcli.main(["check", {str(path)!r}], standalone_mode=False))
        from augcli.image import packages
        assert packages.offered.cache_info().misses == 0
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=True, cwd=ROOT)


BROKEN = """\
import augcli_nothing
---
from augcli.image.extension import Transform

Shift = 7
---
from augcli.image.extension import Nothing, Transform

class Shift(Transform[Nothing]):
    "Move it."

    def sample(self, stream, size) -> Nothing:
        return Nothing()
---
from augcli.image.extension import Filter, Transform

class Shift(Transform[dict]):
    "Move it."

    def sample(self, stream, size) -> dict:
        return {}

    def lower(self, draw, size):
        return Filter(abs)
---
from typing import Literal
from augcli.image.extension import Filter, Nothing, Transform, setting

class Shift(Transform[Nothing]):
    "Move it."

    pixels: float = 3.0

    def sample(self, stream, size) -> Nothing:
        return Nothing()

    def lower(self, draw, size):
        return Filter(abs)
---
from augcli_vignette.vignette import Vignette as Shift
---
from __future__ import annotations
from augcli.image.extension import Filter, Transform

class Shift(Transform[tuple]):
    "Move it."

    def sample(self, stream, size) -> Draw:
        return None

    def lower(self, draw, size):
        return Filter(abs)
---
from augcli.image.extension import Nothing, Transform, Warp, translation

class Shift(Transform[Nothing]):
    "Move it."

    def sample(self, stream, size) -> Nothing:
        return Nothing()

    def lower(self, draw, size):
        return Warp(translation(-3, 0), size)
"""
BADLY_DECLARED = (
    'pixels: "Pixels" = setting(3, "Far.")',
    "pixels = setting(3)",
    'pixels: Literal[3] = setting(3, "Far.")',
)
FAULTS = [
    "cannot be imported (ModuleNotFoundError: No module named 'augcli_nothing')",
    "is no subclass of Transform",
    "has no lower",
    "has a `sample` that does not say which NamedTuple it returns",
    "does not declare `pixels` with setting() and one of augcli's types",
    "is defined elsewhere: the entry point is augcli_vignette.vignette:Vignette",
    "has a `sample` that does not say which NamedTuple it returns (NameError: name 'Draw' is not defined)",
    "has a setting whose type cannot be read (NameError: name 'Pixels' is not defined)",
    "has a setting whose type cannot be read (TypeError: `pixels` has no type)",
    "does not declare `pixels` with setting() and one of augcli's types",
]


def test_what_cannot_be_used_is_one_line_with_its_package_and_hurts_no_other_spec(
    with_packages, packages, spec, spec_file, tmp_path
):
    install(packages, EXAMPLE)
    project = tmp_path / "bad-shifts"
    (project / "bad_shifts").mkdir(parents=True)
    texts = BROKEN.split("---\n")
    (declared,) = (text for text in texts if "pixels: " in text)
    texts[-1:-1] = [declared.replace("pixels: float = 3.0", line) for line in BADLY_DECLARED]
    names = [f"shift{number}" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (project / f"bad_shifts/{name}.py").write_text(text, encoding="utf-8")
    entries = "\n".join(f'{name} = "bad_shifts.{name}:Shift"' for name in names)
    about = f'[project]\nname = "bad-shifts"\nversion = "7"\n[project.entry-points."augcli.transforms"]\n{entries}\n'
    (project / "pyproject.toml").write_text(about, encoding="utf-8")
    install(packages, project)
    listing = with_packages("show").stdout
    problems = with_packages(
        "check", spec_file("pipeline:\n" + "".join(f"  - bad-shifts.{name}\n" for name in names))
    ).stderr
    for name, fault in zip(names, FAULTS, strict=False):
        what = f"bad_shifts.{name}:Shift of bad-shifts 7 {fault}\n"
        assert f"\nbad-shifts.{name}  {what}" in listing
        assert f": `bad-shifts.{name}`: {what}" in problems
    assert f"\n{len(FAULTS)} problems" in problems
    assert f"\nbad-shifts.{names[-1]}  Move it.\n" in listing
    with_packages("schema").check_returncode()
    with_packages("check", spec_file(SPEC.replace("horizontal_flip", f"bad-shifts.{names[-1]}"))).check_returncode()


CLUMSY = """\
from pathlib import Path

import numpy as np

from augcli.image.extension import Filter, Nothing, Remap, Table, Transform, Unusable, setting


class Clumsy(Transform[Nothing]):
    "Do one thing wrongly."

    fault: {faults} = setting("sample", "Which.")

    def sample(self, stream, size) -> Nothing:
        if self.fault == "sample":
            stream.integer()
        if self.fault == "unusable":
            raise Unusable("too small for it")
        return Nothing()

    def lower(self, draw, size):
        if self.fault == "lower":
            open(Path(__file__).parent / "no such file")
        if self.fault == "no_op":
            return None
        if self.fault == "table":
            return Table(np.zeros(256, np.uint8))
        if self.fault == "field":
            return Remap(flat, size)
        return Filter(globals()[self.fault])


def writes(image):
    image[:] = 0
    return image


def grows(image):
    return image.repeat(2, axis=0)


def floats(image):
    return image / 2


def none(image):
    pass


def raises(image):
    raise ValueError("at /usr/lib/thing.so, 0x7f0011223344\\nmore")


def flips(image):
    return image[::-1]


def flat():
    return np.zeros((1, 1, 2), np.float32)
"""
FAILURES = {
    "sample": "TypeError: Stream.integer() missing 1 required positional argument: 'low'",
    "lower": "FileNotFoundError: [Errno 2] No such file or directory: 'no such file'",
    "no_op": "`lower` returned nothing, which is no op",
    "table": "the table of its Table is (256,) uint8, not (256, 1) or (256, 3) uint8",
    "field": "`flat` returned (1, 1, 2) float32, not (40, 30, 2) float32",
    "writes": "ValueError: assignment destination is read-only",
    "grows": "`grows` returned (80, 30, 3) uint8, not (40, 30, 3) uint8",
    "floats": "`floats` returned (40, 30, 3) float64, not (40, 30, 3) uint8",
    "none": "`none` returned nothing, not (40, 30, 3) uint8",
    "raises": "ValueError: at thing.so, 0x...",
}
"""What each fault is called, behind `step ... failed: `."""


@pytest.fixture
def clumsy(packages, tmp_path, spec_file):
    """A package whose transform does one thing wrongly, installed; returns a spec of it with a fault."""
    project = tmp_path / "old-tv"
    (project / "old_tv").mkdir(parents=True)
    faults = f"__import__('typing').Literal{[*FAILURES, 'unusable', 'flips']}"
    (project / "old_tv/clumsy.py").write_text(CLUMSY.replace("{faults}", faults), encoding="utf-8")
    about = '[project]\nname = "old-tv"\nversion = "0.1.0"\n[project.entry-points."augcli.transforms"]\n'
    (project / "pyproject.toml").write_text(f'{about}clumsy = "old_tv.clumsy:Clumsy"\n', encoding="utf-8")
    install(packages, project)

    def spec(fault):
        return spec_file(f"pipeline:\n  - old-tv.clumsy: {{fault: {fault}}}\noutput: {{format: png}}\n")

    return spec


@pytest.fixture
def one_photo(tmp_path, photo, tree):
    return tree(tmp_path / "in", {"train/cat/a.png": photo((30, 40))})


@pytest.mark.parametrize("fault", FAILURES)
def test_what_its_code_does_wrong_is_a_failed_row_that_names_step_and_package(
    with_packages, clumsy, one_photo, tmp_path, fault
):
    line = f"step `old-tv.clumsy` of old-tv 0.1.0 failed: {FAILURES[fault]}"
    done = with_packages("run", clumsy(fault), "in", "out", "--jobs", "1")
    assert done.returncode == 1
    assert f"train/cat/a.png: {line}\n" in done.stderr
    with (tmp_path / "out/manifest.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["status"], row["error"]) == ("failed", line)


@pytest.mark.parametrize(("fault", "line"), [("sample", "Stream.integer() missing"), ("writes", "is read-only")])
def test_other_commands_say_it_too(with_packages, clumsy, one_photo, tmp_path, fault, line):
    spec = clumsy(fault)
    assert "Traceback" not in with_packages("check", spec, "in").stderr
    assert line in with_packages("plan", spec, "in", "out").stdout
    for more in ([], ["--steps"]):
        done = with_packages("preview", spec, "in", "grid.png", *more)
        assert done.returncode == 0, done.stderr
        (tmp_path / "grid.png").unlink()


def test_what_it_raises_as_unusable_stays_and_a_view_it_returns_becomes_an_image(with_packages, clumsy, one_photo):
    done = with_packages("run", clumsy("unusable"), "in", "out")
    assert "train/cat/a.png: too small for it\n" in done.stderr
    assert with_packages("run", clumsy("flips"), "in", "flipped").returncode == 0


def test_who_augments_arrays_keeps_them_as_they_are(packages, clumsy, one_photo, tmp_path):
    code = f"""
        import augcli, numpy as np
        image = np.full((40, 30, 3), 7, np.uint8)
        try:
            augcli.Augmenter({str(clumsy("writes"))!r})(image, "a.png")
        except augcli.Unusable as unusable:
            print(unusable)
        assert (image == 7).all()
    """
    environment = {**os.environ, "PYTHONPATH": f"{packages}:{ROOT}"}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout == f"step `old-tv.clumsy` of old-tv 0.1.0 failed: {FAILURES['writes']}\n", done.stderr


class Draw(NamedTuple):
    value: Any = 0


class Greedy(Transform[Draw]):
    """Break one promise."""

    fault: Literal["writes", "other", "lambda", "draw", "none"] = setting("writes", "Which.")

    def sample(self, stream, size) -> Draw:
        return Draw(np.int64(3) if self.fault == "draw" else 3)

    def lower(self, draw, size):
        if self.fault == "none":
            return None
        if self.fault == "lambda":
            return Filter(lambda image: image * 0)
        return Filter(blacken if self.fault == "writes" else partial(kept, object()))


def blacken(image):
    image[:] = 0
    return image


def kept(_, image):
    return image


BROKEN_PROMISES = {
    "writes": "it writes to its input",
    "other": "its ops do not come back from a pickle as they were",
    "lambda": "put the function at the top of a module",
    "draw": r"`value` of its draw is no plain number or word, np.int64\(3\): make it one with int",
    "none": "`lower` returned nothing, which is no op",
}


@pytest.mark.parametrize("fault", BROKEN_PROMISES)
def test_the_contract_names_the_promise_that_is_broken(fault):
    with pytest.raises(AssertionError, match=BROKEN_PROMISES[fault]):
        check_transform(Greedy(fault=fault))


def test_the_tests_of_the_example_pass():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {**os.environ, "PYTHONPATH": f"{EXAMPLE}:{ROOT}"}
    done = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|toml)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    project, module, _, tests = blocks
    assert project == (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8")
    assert module in (EXAMPLE / "augcli_vignette/vignette.py").read_text(encoding="utf-8")
    assert tests in (EXAMPLE / "tests/test_vignette.py").read_text(encoding="utf-8")
    assert set(extension.__all__) <= set(re.findall(r"`(\w+)[`(]", page.partition("## What there is to import")[2]))


def test_the_second_example_of_the_page_keeps_what_every_transform_promises(tmp_path, monkeypatch):
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(class Levels.*?)^```", page, re.MULTILINE | re.DOTALL)
    imports = "from typing import NamedTuple\nimport numpy as np\nfrom augcli.image.extension import *\n"
    (tmp_path / "bands_of_the_page.py").write_text(imports + block, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    bands = import_module("bands_of_the_page").Bands
    for levels in (2, 256, [3, 8]):
        check_transform(bands(levels=levels))


def test_the_page_names_every_draw_of_a_stream_and_every_op():
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)\(", page))
    assert {name for name in vars(extension.Stream) if not name.startswith("_")} <= told
    assert {"Warp", "Remap", "Mix", "Table", "Erase", "Filter"} <= told


@pytest.mark.slow
def test_pip_installs_it(tmp_path, augcli):
    project, site = shutil.copytree(EXAMPLE, tmp_path / "project"), tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(project)]
    subprocess.run(command, check=True)
    shown = augcli("show", NAME, env={"PYTHONPATH": f"{site}:{ROOT}"})
    assert shown.stdout.startswith(f"{NAME}\n")


def test_a_file_of_a_package_that_is_none_of_ours_may_be_anything(with_packages, packages, spec_file):
    """Names of transforms are looked for in the files of all packages that are installed."""
    folder = packages / "strange-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: strange\nVersion: 1.0\n")
    for content in (b"[console_scripts]\n\xff\xfe", b"[console_scripts]\nno equals sign\n"):
        (folder / "entry_points.txt").write_bytes(content)
        done = with_packages("check", spec_file("pipeline: [rotat]\n"))
        assert (done.returncode, "did you mean `rotate`?" in done.stderr) == (2, True), done.stderr
        assert with_packages("show").returncode == 0


@pytest.mark.parametrize("annotation", ["math.Nope", "'a b'"])
def test_an_annotation_that_is_no_type_is_a_fault_of_its_transform_alone(with_packages, packages, annotation):
    install(packages, EXAMPLE)
    module = packages / "augcli_vignette" / "vignette.py"
    module.write_text(module.read_text().replace("-> Field:", f"-> {annotation}:", 1))
    done = with_packages("show")
    assert (done.returncode, "does not say which NamedTuple it returns" in done.stdout + done.stderr) == (0, True)
