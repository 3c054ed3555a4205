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
# From the top of the house down: a room imports only from those below it.
FLOORS = [
    ["__main__"],
    ["cli", "torch"],
    ["api"],
    ["commands"],
    ["lint"],
    ["engine"],
    ["modality"],
    ["plan"],
    ["output"],
    ["spec"],
    ["dataset"],
    ["image"],
    ["settings", "storage"],
    ["problems", "streams"],
]
RANK = {room: floor for floor, rooms in enumerate(reversed(FLOORS)) for room in rooms}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in PACKAGE.rglob("*.py")}


def imports_of(path: Path) -> set[tuple[str, str]]:
    """Return the modules of ours that a file imports, each with the name that is taken from it, if one is."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "augcli":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add((inner, "") if inner in MODULES else (node.module, alias.name))
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names if alias.name.split(".")[0] == "augcli"}
    return found


def room_of(module: str) -> str:
    return [*module.split("."), ""][1]


def test_rooms_import_from_the_floors_below_alone():
    for module, path in MODULES.items():
        here = room_of(module)
        for imported, name in imports_of(path) if here else ():
            there = room_of(imported)
            if name != "__version__" and here != there:
                assert RANK[there] < RANK[here], f"{module} imports {imported}"


def test_no_two_modules_import_each_other():
    """A package's own `__init__` is its door, whose modules are loaded when it is: they count as one.

    The version stands in the door of all, which imports nothing until it is asked for something else.
    """
    graph = {
        module: {imported for imported, name in imports_of(path) if name != "__version__"}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for imported in graph[module] - {module}:
                visit(imported, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_no_module_takes_the_private_names_of_another():
    for module, path in MODULES.items():
        for imported, name in imports_of(path):
            last = name or imported.rpartition(".")[2]
            private = last.startswith("_") and not last.startswith("__")
            assert not private or imported.rpartition(".")[0] == module.rpartition(".")[0], (
                f"{module}: {imported} {name}"
            )


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import sys, json\nfrom augcli.cli import augcli, exit_code_of\n"
        f"exit_code_of(lambda: augcli.main({list(arguments)!r}, standalone_mode=False))\n"
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
