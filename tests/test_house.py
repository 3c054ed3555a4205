"""The house's own rules: imports point one way, start-up is light, one file makes a transform."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "augcli"
# From the top of the house down; a module imports only from lines below its own.
ORDER = [
    ["__main__"],
    ["cli"],
    ["preview_steps", "forecast"],
    ["frozen", "replay"],
    ["catalogue", "preview", "job", "starter"],
    ["lint"],
    ["lint.images", "lint.outputs", "lint.spec", "lint.steps"],
    ["lint.copied", "lint.doubles", "lint.sets", "lint.sizes"],
    ["lint.classes", "lint.folder"],
    ["report", "runner", "asked", "shards"],
    ["pool"],
    ["workers"],
    ["trial", "rebuild"],
    ["work"],
    ["mixing"],
    ["folder", "stopwatch"],
    ["removal", "verify"],
    ["former"],
    ["stock"],
    ["manifest"],
    ["plan"],
    ["conversion"],
    ["conversion.program", "conversion.saved"],
    ["conversion.borrowed"],
    ["spec"],
    ["steps"],
    ["remedies"],
    ["calls", "python_calls"],
    ["dataset"],
    ["layouts"],
    ["layouts.tables", "layouts.pairs", "layouts.splits"],
    ["layouts.files"],
    ["layouts.tree", "layouts.words"],
    ["image.near_duplicates"],
    ["contact_sheet", "pipeline", "yaml_nodes", "image.transforms", "image.dialects"],
    ["image.pictures"],
    ["image.pictures.decoding", "image.pictures.encoding"],
    ["image.pictures.headers", "image.pictures.profiles"],
    ["image.pictures.channels", "image.pictures.pngs"],
    ["image.pictures.declared", "image.pictures.files", "image.pictures.formats", "image.pictures.jpegs"],
    ["image.pictures.jxls", "image.pictures.limits"],
    ["ends"],
    ["image.transform"],
    ["image.fusion", "image.label_shares"],
    ["image.ops"],
    ["image.ops.colours", "image.ops.geometric"],
    ["image.transparency"],
    ["image.geometry"],
    ["image.histograms", "image.shrinking"],
    ["image.colour"],
    [
        "image.blending",
        "image.blurs",
        "image.displacement_fields",
        "image.erasing",
        "image.noise",
        "image.quality",
        "image.sun_and_shadow",
        "image.weather",
    ],
    ["image.matrices"],
    ["image.native"],
    ["image.native.twins"],
    ["image.native.stages"],
    ["image.random_sizes"],
    ["image.arrays", "image.lazy_imports", "image.values"],
    ["settings", "streams"],
    ["kinds"],
    ["problems", "process", "mounts", "there"],
    ["__init__", "image"],
]
RANK = {name: rank for rank, line in enumerate(ORDER) for name in line}


def place(module: str) -> str:
    """The name in ORDER that a module belongs to; every transform is `image.transforms`."""
    for package in ("image.transforms", "image.dialects"):
        if module.startswith(package):
            return package
    return module


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("augcli"):
            base = node.module.removeprefix("augcli").lstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                found.add(inner if place(inner) in RANK else base)
    return {name for name in found if name}


def test_imports_point_down():
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        module = module.removesuffix(".__init__")
        for imported in imports_of(path):
            here, there = place(module), place(imported)
            if here == there and here in ("image.transforms", "image.dialects"):
                continue
            assert RANK[here] < RANK[there], f"{module} imports {imported}"


def test_nothing_above_the_image_layer_touches_an_array():
    above = {name for line in ORDER[: ORDER.index(["spec"]) + 1] for name in line} - {
        "preview",
        "preview_steps",
        "manifest",
        "workers",
    }
    for name in above:
        path = PACKAGE / name.replace(".", "/")
        text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
        for word in ("import numpy", "import cv2", "import PIL"):
            assert word not in text, f"{name} has `{word}`"


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import sys, json\nfrom augcli.cli import _exit_code, augcli\n"
        f"_exit_code(lambda: augcli.main({list(arguments)!r}, standalone_mode=False))\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(arguments):
    assert not modules_after(*arguments) & {"numpy", "cv2", "pydantic", "joblib", "yaml", "PIL", "tqdm"}


def test_check_decodes_nothing_and_imports_no_codec():
    assert not modules_after("check", "configs/heavy.yaml") & {"cv2", "PIL", "simplejpeg", "joblib", "tqdm"}


def test_transform_files_are_neither_long_nor_empty():
    for path in (PACKAGE / "image" / "transforms").glob("[a-z]*.py"):
        lines = path.read_text(encoding="utf-8").count("\n")
        assert 25 <= lines <= 60, f"{path.name} has {lines} lines"


SEPIA = '''
from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Matrix, Size
from augcli.image.colour import EYE
from augcli.image.ops import Mix
from augcli.image.transform import Transform
from augcli.settings import Value, setting
from augcli.streams import Stream


class Tone(NamedTuple):
    strength: float


class Sepia(Transform[Tone]):
    """Give the image the brown of old prints."""

    strength: Value = setting((0.5, 1.0), "0 is the image itself.", within=(0, 1))

    def sample(self, stream: Stream, size: Size) -> Tone:
        return Tone(stream.uniform(self.strength))

    def lower(self, draw: Tone, size: Size) -> Mix:
        brown = Matrix(0.393, 0.769, 0.189, 0.349, 0.686, 0.168, 0.272, 0.534, 0.131)
        return Mix(brown.times(draw.strength).plus(EYE.times(1 - draw.strength)))
'''


@pytest.fixture
def with_sepia(tmp_path):
    """A copy of the package with one more file in it, as somebody who adds a transform would have."""
    import shutil

    shutil.copytree(PACKAGE, tmp_path / "augcli", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "augcli/image/transforms/sepia.py").write_text(SEPIA, encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(
        "pipeline:\n  - sepia: {strength: 0.8}\n  - horizontal_flip\n", encoding="utf-8"
    )

    def augcli(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "augcli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)

    return tmp_path, augcli


def test_a_new_transform_is_one_file(with_sepia):
    folder, augcli = with_sepia
    assert "sepia                 Give the image the brown of old prints." in augcli("show").stdout
    assert "0 is the image itself." in augcli("show", "sepia").stdout
    assert "sepia" in json.loads(augcli("schema").stdout)["$defs"]["step"]["anyOf"][1]["properties"]
    assert "sepia: strength 0.8" in augcli("check", "spec.yaml").stdout
    samples = str(PACKAGE.parent / "sample_data")
    augcli("run", "spec.yaml", samples, "out")
    assert '{""step"": ""sepia"", ""strength"": 0.8}' in (folder / "out/manifest.csv").read_text(encoding="utf-8")
    augcli("verify", "out")


@pytest.mark.slow
def test_a_wheel_holds_all_that_the_folder_does(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    tracked = subprocess.run(["git", "ls-files", "augcli"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(tracked.splitlines()) <= held
