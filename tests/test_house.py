"""The house's own rules: imports point one way, start-up is light, one file makes a transform."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "augcli"
# The rooms from the top of the house down, each with those that it imports from: all of them further down.
ROOMS = {
    "__main__": {"cli"},
    "cli": {"commands", "plan", "spec", "image"},
    "torch": {"api", "problems"},
    "api": {
        *("commands", "lint", "engine", "modality", "labels", "plan", "output", "spec", "dataset", "text"),
        *("image", "storage", "problems"),
    },
    "commands": {
        *("lint", "engine", "modality", "plan", "labels", "output", "spec", "dataset", "text", "image"),
        *("settings", "storage", "random_streams", "problems"),
    },
    "lint": {
        *("engine", "modality", "plan", "labels", "output", "spec", "dataset", "text", "image"),
        *("settings", "storage", "problems"),
    },
    "engine": {"modality", "plan", "output", "spec", "dataset", "storage", "problems"},
    "modality": {
        *("labels", "plan", "output", "spec", "dataset", "text", "image", "storage", "random_streams", "problems"),
    },
    "plan": {"labels", "output", "spec", "dataset", "image", "settings", "storage", "random_streams", "problems"},
    "labels": {"output", "spec", "dataset", "image", "random_streams", "problems"},
    "output": {"spec", "dataset", "image", "storage", "problems"},
    "spec": {"text", "image", "settings", "random_streams", "problems"},
    "dataset": {"image", "storage", "problems"},
    "text": {"settings", "random_streams", "problems"},
    "image": {"settings", "storage", "random_streams", "problems"},
    "settings": {"problems"},
    "storage": {"problems"},
    "random_streams": set(),
    "problems": set(),
}
FOLDERS = [room for room in ROOMS if (PACKAGE / room).is_dir()]


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


def test_the_house_has_these_rooms_and_no_other():
    top = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert top - {"__init__"} == {*ROOMS}
    assert len(FOLDERS) <= 14
    assert len(top) - len(FOLDERS) <= 6


def test_rooms_import_from_those_further_down():
    floors = [*ROOMS]
    for room, allowed in ROOMS.items():
        assert all(floors.index(room) < floors.index(below) for below in allowed), room
        found = set()
        for module, path in MODULES.items():
            if room_of(module) == room:
                found |= {room_of(imported) for imported, name in imports_of(path) if name != "__version__"}
        assert found - {room} == allowed, room


@pytest.mark.parametrize("room", FOLDERS)
def test_a_room_says_what_it_is_about_and_what_it_may_import(room):
    """In the docstring of its `__init__`, and in a row of docs/design.md."""
    about, *rest = " ".join(ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())).split()).split(
        " May import "
    )
    assert {*re.findall("`([a-z_]+)`", rest[-1])} == ROOMS[room]
    (row,) = re.findall(rf"^\| `{room}/` \| (.*?) \|", (ROOT / "docs/design.md").read_text(), re.MULTILINE)
    assert about.startswith(row.rstrip("."))


def test_no_module_has_more_than_350_lines():
    long = {module: path.read_text().count("\n") for module, path in MODULES.items()}
    assert not {module for module, lines in long.items() if lines > 350}


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


DRAWING = ("augcli.commands.preview", "augcli.commands.diff", "augcli.commands.report")
"""Commands that make pictures."""


def test_those_who_know_no_pixels_import_nothing_of_images():
    """The engine knows kinds of data by their protocol alone, commands by what a kind offers them."""
    for module, path in MODULES.items():
        if room_of(module) in ("engine", "output", "commands") and not module.startswith(DRAWING):
            for imported, name in imports_of(path):
                # of processors, in old records; and whose this process is
                known = (imported, name) in (("augcli.image.versions", "family"), ("augcli.image.process", ""))
                assert room_of(imported) != "image" or known, f"{module} imports {imported}"


def test_kernels_are_imported_where_pixels_are_known():
    homes = ("augcli.image", "augcli.labels", "augcli.modality.images", "augcli.api", *DRAWING)
    homes += ("augcli.storage.bucket",)  # where a listing of millions of names is sorted
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            kernels = {name.partition(".")[0] for name in names} & {"numpy", "cv2", "PIL", "simplejpeg"}
            assert not kernels or module.startswith(homes), f"{module} imports {kernels}"


ON_DISK = {
    "os": "access close fstat fsync link listdir lstat makedirs mkdir open read readlink remove rename replace rmdir"
    " scandir stat symlink truncate unlink walk write",
    "os.path": "exists getsize isdir isfile islink lexists realpath samefile",
    "shutil": "copy copy2 copyfile copytree disk_usage move rmtree",
    "": "exists glob is_dir is_file is_symlink iterdir lstat mkdir open read_bytes read_text rename resolve rglob rmdir"
    " samefile stat touch unlink write_bytes write_text",  # of a Path
}
"""Calls that reach the disk, by what they are called on."""

OFF_STORAGE = {
    "commands.closed_streams": ("fstat open", "the standard streams"),
    "problems": ("open", "the standard streams"),
    "commands.summary": ("isdir isfile read_bytes unlink write_text", "the summary, which is outside IN and OUT"),
    "commands.preview.copies": ("open", "Pillow reads what was drawn before"),
    "engine.cluster.connection": ("open", "a scheduler file of Dask"),
    "engine.pool": (
        "TemporaryDirectory listdir open read_text",
        "/proc, and a note of what a worker does",
    ),
    "modality.images.mixes": ("write_bytes", "the same file"),
    "image.native": ("glob", "the compiled kernels, which are part of the package"),
    "image.pictures.decoding": ("close open", "the stderr of other libraries"),
    "image.pictures.formats": ("open", "Pillow is given bytes"),
    "image.transforms": ("glob", "the transforms, which are part of the package"),
    "text.transforms": ("glob", "the transforms for texts, which are part of the package"),
    "spec.conversion": ("exists open", "a pipeline of another library, which is read once"),
    "spec.loading": ("is_file open", "the spec, which is read once, and the presets of the package"),
    "text.models.folders": ("glob is_dir is_file iterdir open read_bytes read_text stat", "models of the user's own"),
    "text.wordnet": ("is_dir read_bytes", "the table of synonyms, of the package or the user's own"),
    "text.wordnet.build": ("read_text write_bytes write_text", "which is run when the table of the package is made"),
    "commands.report.page": ("read_text", "the template of the package"),
    "spec.presets": ("read_text", "the presets of the package"),
}
"""What reaches the disk besides `storage`, and why: nothing of it lies in IN or OUT."""


def calls_to_the_disk(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            calls = ON_DISK.get(owner, "" if owner in ("places", "files", "locks") else ON_DISK[""])
            if node.func.attr in calls.split() or owner in ("fcntl", "tempfile"):
                found.add(node.func.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "open":
            found.add("open")
    return found


def test_storage_alone_reaches_the_disk():
    found = {name.removeprefix("augcli."): calls_to_the_disk(path) for name, path in MODULES.items()}
    beside = {name: calls for name, calls in found.items() if calls and room_of(f"augcli.{name}") != "storage"}
    assert beside == {name: set(calls.split()) for name, (calls, _) in OFF_STORAGE.items()}


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
    assert not modules_after(*arguments) & {"numpy", "cv2", "yaml", "PIL", "tqdm"}


def test_check_decodes_nothing_and_imports_no_codec():
    assert not modules_after("check", "configs/heavy.yaml") & {"cv2", "PIL", "simplejpeg", "tqdm"}


def test_a_run_imports_nothing_that_photos_in_class_folders_do_not_need(tmp_path):
    import shutil

    (tmp_path / "in/cats").mkdir(parents=True)
    for photo in sorted((ROOT / "sample_data").rglob("*.jpg"))[:2]:
        shutil.copy(photo, tmp_path / "in/cats")
    loaded = modules_after("run", "configs/light.yaml", str(tmp_path / "in"), str(tmp_path / "out"))
    assert "augcli.commands.run" in loaded
    assert not loaded & {"cv2", "PIL.Image", "tqdm", "statistics", "augcli.spec.python_calls"}
    assert not loaded & {"augcli.dataset.containers.shards", "augcli.dataset.text_listing", "augcli.engine.packing"}
    assert not loaded & {"augcli.labels.annotation", "augcli.labels.moving", "augcli.spec.dialects.entry"}
    assert not loaded & {"augcli.image.near_duplicates", "augcli.lint.images", "augcli.dataset.layouts.csv_tables"}
    assert not loaded & {"email", "importlib.metadata", "asyncio"}
    assert sum(name.startswith("augcli.") for name in loaded) <= 190


@pytest.mark.parametrize(("step", "is_loaded"), [("rotate", False), ("median_blur", True)])
def test_opencv_is_loaded_once_for_all_workers_that_need_it(tmp_path, step, is_loaded):
    (tmp_path / "in/cats").mkdir(parents=True)
    photo = next(iter(sorted((ROOT / "sample_data").rglob("*.jpg")))).read_bytes()
    for number in range(4):
        (tmp_path / f"in/cats/{number}.jpg").write_bytes(photo)
    (tmp_path / "spec.yaml").write_text(f"copies: 16\npipeline: [{step}, {{resize: {{size: [16, 16]}}}}]\n")
    places = (str(tmp_path / name) for name in ("spec.yaml", "in", "out"))
    assert ("cv2" in modules_after("run", *places, "-j", "2")) == is_loaded


def test_transform_files_are_neither_long_nor_empty():
    for path in (PACKAGE / "image" / "transforms").glob("[a-z]*.py"):
        lines = path.read_text(encoding="utf-8").count("\n")
        assert 25 <= lines <= 60, f"{path.name} has {lines} lines"


@pytest.fixture
def with_fade(tmp_path):
    """A copy of the package with the file that CONTRIBUTING.md adds to it."""
    import shutil

    shutil.copytree(PACKAGE, tmp_path / "augcli", ignore=shutil.ignore_patterns("__pycache__"))
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (found,) = re.findall(r'^```python title="(.*?)"\n(.*?)^```', page, re.MULTILINE | re.DOTALL)
    (tmp_path / found[0]).write_text(found[1], encoding="utf-8")
    (tmp_path / "spec.yaml").write_text("pipeline:\n  - fade: {share: 0.2}\n  - horizontal_flip\n", encoding="utf-8")

    def augcli(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "augcli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)

    return tmp_path, augcli


def test_a_new_transform_is_one_file(with_fade):
    folder, augcli = with_fade
    assert re.search("^fade +Make the dark parts lighter, as old prints are.$", augcli("show").stdout, re.MULTILINE)
    assert "0 is the image itself." in augcli("show", "fade").stdout
    assert "fade" in json.loads(augcli("schema").stdout)["$defs"]["step"]["anyOf"][1]["properties"]
    assert "fade: share 0.2" in augcli("check", "spec.yaml").stdout
    samples = str(PACKAGE.parent / "sample_data")
    augcli("run", "spec.yaml", samples, "out")
    assert '{""step"": ""fade"", ""share"": 0.2}' in (folder / "out/manifest.csv").read_text(encoding="utf-8")
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
