"""The pages of docs/ are current: tables, the gallery, the Python that they show. (Commands: test_pages.py.)"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest
import yaml

from augcli.image import transforms
from augcli.plan.request import Options, look_into
from augcli.spec import catalogue, descriptions, dialects, json_schema, loading, outline, pipeline
from augcli.spec.sections import Labels
from augcli.spec.spec import Spec

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))}
TEXT = "\n".join(PAGES.values())


HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("kind", ["image", "text"])
def test_the_tables_of_transforms_are_current(kind):
    """`python -c "from augcli.spec import descriptions as d; print(d.table_of_transforms('text'))"` prints one."""
    found = re.search(rf"<!-- transforms for {kind}s.*?-->\n(.*?)\n<!-- end -->", TEXT, re.DOTALL)
    assert found is not None
    assert found[1] == descriptions.table_of_transforms(kind)


@pytest.mark.parametrize("library", ["albumentations", "torchvision", "keras"])
def test_the_tables_of_names_are_current(library):
    """`python -c "from augcli.spec import descriptions as d; print(d.table_of_names('keras'))"` prints one."""
    found = re.search(rf"<!-- names of {library} -->\n(.*?)\n<!-- end -->", TEXT, re.DOTALL)
    assert found is not None
    assert found[1] == descriptions.table_of_names(library)


def test_what_the_page_of_migrating_says_to_write_is_accepted(tmp_path):
    """The right sides of its tables for what is not read: steps, or keys of the spec."""
    page = re.sub("<!-- names.*?-->.*?<!-- end -->", "", PAGES[ROOT / "docs/migrating.md"], flags=re.DOTALL)
    written = [
        code for row in re.findall(r"^\| .* \| (.*) \|$", page, re.MULTILINE) for code in re.findall("`(.*?)`", row)
    ]
    steps = [code for code in written if code.partition(":")[0] in {*catalogue.names(), *pipeline.GROUPS}]
    keys = [code for code in written if re.match(f"({'|'.join(Spec.fields)}): ", code)]
    assert len(steps) > 60
    for key in ["seed: 0", *keys]:
        (tmp_path / "spec.yaml").write_text("\n".join([key, "pipeline:", *(f"  - {step}" for step in steps)]))
        loading.load(tmp_path / "spec.yaml")


def test_the_annotated_spec_loads(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(next(block for block in blocks("yaml") if "copies: 4" in block), encoding="utf-8")
    assert loading.load(path).copies == 4


def test_the_example_workflow_is_yaml():
    workflow = next(yaml.safe_load(block) for block in blocks("yaml") if "runs-on" in block)
    assert any("augcli run" in step.get("run", "") for step in workflow["jobs"]["augment"]["steps"])


def test_the_pandas_example_runs(tmp_path):
    pytest.importorskip("pandas")
    command = [sys.executable, "-m", "augcli", "run", "configs/medium.yaml", "sample_data", str(tmp_path / "out"), "-q"]
    subprocess.run(command, check=True, cwd=ROOT)
    code = next(block for block in blocks("python") if "pandas" in block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "_aug00" in done.stdout


def test_the_page_of_the_python_api_runs(tmp_path):
    """Its training loop needs PyTorch, and runs in `make oracles`."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "photos")
    shutil.copy2(ROOT / "configs/medium.yaml", tmp_path / "augment.yaml")
    for code in re.findall(r"^```python\n(.*?)^```", PAGES[ROOT / "docs/python.md"], re.MULTILINE | re.DOTALL)[:3]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=HERE)
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "cat.png").stat().st_size > 10_000
    assert len([*(tmp_path / "out/train").rglob("*_aug*")]) == 26


def test_the_first_data_set_is_copied_without_a_loss_and_grouped_as_its_page_says(tmp_path):
    page = PAGES[ROOT / "docs/first-data-set.md"]
    (patterns,) = re.findall(r"^\$ cp -r (.*) photos/$", page, re.MULTILINE)
    folders = [folder for pattern in patterns.split() for folder in ROOT.glob(pattern)]
    for folder in folders:
        shutil.copytree(folder, tmp_path / "photos" / folder.name, dirs_exist_ok=True)
    photos = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]
    assert len(photos) == sum(path.is_file() for folder in folders for path in folder.iterdir())
    (group_by,) = re.findall("`group_by: ('.*?\\\\w.*?')`", page)
    split = f"split: {{val: 0.2, test: 0.2, stratify: true, group_by: {group_by}}}"
    spec = loading.parse(f"pipeline: [horizontal_flip]\n{split}\n".encode(), "spec.yaml")
    listing = look_into(spec, tmp_path / "photos", None, Options())
    sides = {source.path.partition("/")[2]: source.split for source in listing.sources}
    for first, other in (("cat.jpg", "cat face.png"), ("gravel.png", "gravel 2.webp")):
        assert sides[first] == sides[other]


def recipe(heading):
    """Return the spec of a recipe and the lines that read what it makes."""
    part = re.split(r"^## ", PAGES[ROOT / "docs/recipes.md"], flags=re.MULTILINE)
    (text,) = [text for text in part if text.startswith(heading)]
    blocks = dict(re.findall(r"^```(yaml|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    return blocks["yaml"], blocks["python"]


def made_by_recipe(heading, photos, folder, monkeypatch):
    spec, code = recipe(heading)
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "augcli", "run", "-q", "spec.yaml", photos, "out"], cwd=folder, env=HERE, check=True
    )
    monkeypatch.chdir(folder)
    known = {"predict": lambda path: {"cat": 0.25, "dog": 0.75}}
    exec(code, known)
    return known


def test_the_recipe_of_views_averages_by_source(tmp_path, monkeypatch, capsys):
    pytest.importorskip("pandas")
    (tmp_path / "in").mkdir()
    shutil.copytree(ROOT / "sample_data/train", tmp_path / "in/train")
    shutil.copytree(ROOT / "sample_data/val", tmp_path / "in/test")
    known = made_by_recipe("Test-time views", "in", tmp_path, monkeypatch)
    assert len(known["shares"]) == 8 * len({*known["shares"].index}) == 32
    assert capsys.readouterr().out.count(" dog\n") == 4


def test_the_recipe_of_pairs_finds_both_of_each(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "sample_data/train/everyday", tmp_path / "in")
    known = made_by_recipe("Weak and strong", "in", tmp_path, monkeypatch)
    assert len(known["pairs"]) == 20
    assert all(strong.is_file() for _, strong in known["pairs"])


def test_the_python_of_the_page_of_texts_prints_a_copy():
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGES[ROOT / "docs/text.md"], re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=HERE)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.split()) == 6  # a word more, as copy 1 of `eda` has


def test_the_spec_of_the_page_of_texts_loads(tmp_path):
    path = tmp_path / "text.yaml"
    path.write_text(re.findall(r"^```yaml\n(.*?)^```", PAGES[ROOT / "docs/text.md"], re.MULTILINE | re.DOTALL)[0])
    assert loading.load(path).text.protect == ("Casablanca",)


@pytest.mark.parametrize("path", sorted((ROOT / "configs").rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_config_loads_and_survives_its_expansion(path, tmp_path):
    loaded = loading.load(path)
    again = tmp_path / "spec.yaml"
    again.write_text(outline.expanded(loaded), encoding="utf-8")
    assert loading.load(again).resolved() == loaded.resolved()


def test_every_transform_is_described():
    for name in [*catalogue.names(), *pipeline.GROUPS]:
        text = descriptions.description(name)
        assert text.startswith(name)
        assert "example" in text


def test_the_schema_accepts_what_the_loader_accepts():
    schema = json_schema.schema()
    steps = schema["$defs"]["step"]["anyOf"]
    known = steps[1]["properties"]
    assert {name for name in known if "." not in name} == {*catalogue.names(), *pipeline.GROUPS}
    for library in dialects.LIBRARIES:
        assert {f"{library}.{call}" for call in dialects.offered(library)} <= set(known)
    assert "resize" not in steps[0]["enum"]
    assert "rotate" in steps[0]["enum"]
    assert set(schema["properties"]) == set(Spec.fields)


@pytest.fixture(scope="module")
def gallery():
    """The module that makes docs/transforms.md."""
    found = importlib.util.spec_from_file_location("gallery", ROOT / "docs/gallery.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_gallery_is_current(gallery):
    """`make gallery` makes it anew."""
    text = (ROOT / "docs/transforms.md").read_text(encoding="utf-8")
    assert text == gallery.page()
    assert "docs/transforms.md" in README
    for name in [*transforms.names(), *pipeline.GROUPS]:
        assert text.count(f"\n### {name}\n") == 1
        assert f"[{name}](#{name})" in text


def test_the_groups_of_the_gallery_name_transforms_once(gallery):
    """One that no group names stands under `More`."""
    named = [name for names in gallery.GROUPS.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) <= set(transforms.names())


def test_every_transform_has_a_picture():
    files = {path.stem: path for path in (ROOT / "docs/transforms").iterdir()}
    assert sorted(files) == transforms.names()
    for name, path in files.items():
        assert path.suffix == ".jpg"
        assert path.stat().st_size < 25_000
        with PIL.Image.open(path) as strip:
            strip.load()
            assert 100 < strip.height <= 200, name
            assert strip.height < strip.width <= 800, name
    assert sum(path.stat().st_size for path in files.values()) < 1_300_000


def test_the_pictures_of_labels_are_those_that_the_page_shows():
    """`make gallery` makes them anew."""
    text = PAGES[ROOT / "docs/labels.md"]
    files = {path.name: path.stat().st_size for path in (ROOT / "docs/labels").iterdir()}
    assert sorted(files) == sorted(re.findall(r"\(labels/(\w+\.jpg)\)", text))
    assert sum(files.values()) < 300_000
    made = importlib.util.spec_from_file_location("label_pictures", ROOT / "docs/label_pictures.py")
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    assert {f"{name}.jpg" for name in module.pictures()} == set(files)


def test_every_setting_of_labels_is_explained():
    for name in Labels.fields:
        assert re.search(rf"^\| `[^|]*\b{name}\b[^|]*` \|", PAGES[ROOT / "docs/spec.md"], re.MULTILINE), name


def test_the_readme_counts_the_transforms():
    names = [name for name in transforms.names() if "." not in name]  # others are of installed packages
    assert f"{len(names)} transforms" in README
