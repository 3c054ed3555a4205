"""Views of test images, and pipelines side by side: names, numbers, draws, and what a spec may not say of them."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import PIL.Image
import pytest

from augcli.output.manifest import read_rows
from augcli.problems import Refused
from augcli.spec.loading import parse
from augcli.spec.outline import expanded

VIEWS = """\
copies: 2
pipeline: [horizontal_flip: {p: 1}, rotate: {degrees: 20}]
splits: {val: {views: 3}, test: {views: 2, steps: [vertical_flip: {p: 1}, hue]}}
"""
PAIRS = """\
copies: 2
layout: flat
pipeline:
  weak: [horizontal_flip]
  strong: [horizontal_flip, {solarize: {p: 1}}, {rotate: {degrees: 30}}]
"""


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.effect_noise((40, 30), 50).convert("RGB").save(path)


@pytest.fixture
def ran(tmp_path, augcli):
    def run(spec: str, *options: str, out: str = "out"):
        (tmp_path / "s.yaml").write_text(spec)
        done = augcli("run", "s.yaml", "in", out, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return [*read_rows(tmp_path / out / "manifest.csv")]

    return run


def test_views_are_drawn_for_each_test_image_and_lead_back_to_it(tmp_path, ran, augcli):
    for split in ("train", "val", "test"):
        for number in range(3):
            photo(tmp_path / f"in/{split}/cat/{number}.png")
    rows = ran(VIEWS)
    assert Counter((row.split, row.status) for row in rows) == {
        ("train", "augmented"): 6,
        ("val", "view"): 9,
        ("test", "view"): 6,
    }
    assert [row.file_name for row in rows if row.source == "val/cat/1.png"] == [
        f"val/cat/1_view{number:03d}.png" for number in range(3)
    ]
    steps = {row.split: [entry["step"] for entry in json.loads(row.params)] for row in rows}
    assert steps["val"] == ["horizontal_flip", "rotate"]
    assert steps["test"] == ["vertical_flip", "hue"]
    views = defaultdict(set)
    for row in rows:
        views[row.source].add(row.params)
    assert all(len(views[f"val/cat/{number}.png"]) == 3 for number in range(3))
    for name in ("val/cat/1_view002.png", "test/cat/0_view000.png", "train/cat/0_aug001.png"):
        (tmp_path / "out" / name).unlink()
    assert augcli("replay", "out", "in", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    assert augcli("check", "s.yaml", "in", "--frozen", "out", cwd=tmp_path).returncode == 0
    assert "augments-evaluation" not in augcli("check", "s.yaml", "in", cwd=tmp_path).stderr
    assert "val (3 views): 3 -> 9" in augcli("plan", "s.yaml", "in", cwd=tmp_path).stdout


def test_labels_follow_their_views(tmp_path, augcli):
    root = Path(__file__).parents[1] / "sample_coco"
    (tmp_path / "s.yaml").write_text("pipeline: [horizontal_flip: {p: 1}]\nsplits: {val: {views: 2}}\n")
    assert augcli("run", "s.yaml", root, "out", cwd=tmp_path).returncode == 0
    told = json.loads((tmp_path / "out/annotations/instances_val.json").read_text())
    given = json.loads((root / "annotations/instances_val.json").read_text())
    assert len(told["images"]) == 2 * len(given["images"])
    assert all("_view00" in image["file_name"] for image in told["images"])
    assert len(told["annotations"]) == 2 * len(given["annotations"])
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0


def test_pipelines_side_by_side_give_one_name_in_two_folders(tmp_path, ran, augcli):
    for name in ("a.png", "b/c.png"):
        photo(tmp_path / "in" / name)
    rows = ran(PAIRS, "-j", "1")
    assert [row.file_name for row in rows] == [
        f"{branch}/{stem}_aug{copy:03d}.png"
        for stem in ("a", "b/c")
        for copy in (0, 1)
        for branch in ("weak", "strong")
    ]
    for row in rows:
        steps = {entry["step"] for entry in json.loads(row.params)}
        assert ("solarize" in steps) == row.file_name.startswith("strong/")
    assert ran(PAIRS, "-j", "2", out="other") == rows
    for path in (tmp_path / "out").rglob("*_aug001*"):
        path.unlink()
    assert augcli("replay", "out", "in", cwd=tmp_path).returncode == 0
    assert augcli("verify", "out", cwd=tmp_path).returncode == 0
    assert augcli("preview", "s.yaml", "in", cwd=tmp_path).returncode == 0
    # another strong pipeline leaves what is weak as it is
    before = {row.file_name: row.sha256 for row in rows}
    (tmp_path / "s.yaml").write_text(PAIRS.replace("degrees: 30", "degrees: 40"))
    done = augcli("run", "s.yaml", "in", "out", "--overwrite", cwd=tmp_path)
    assert "4 images written" in done.stderr
    after = {row.file_name: row.sha256 for row in read_rows(tmp_path / "out/manifest.csv")}
    assert {name for name in before if before[name] != after[name]} == {n for n in before if n.startswith("strong/")}


def test_both_go_into_shards(tmp_path, ran):
    for name in ("a.png", "b.png"):
        photo(tmp_path / "in" / name)
    rows = ran(PAIRS + "output: {container: webdataset}\n")
    names = [row.file_name for row in rows if row.status == "augmented"]
    assert len(set(names)) == 8
    assert all("#weak/" in name or "#strong/" in name for name in names)


@pytest.mark.parametrize("text", [VIEWS, PAIRS])
def test_a_spec_survives_its_expansion(text):
    loaded = parse(text.encode(), "spec.yaml")
    assert parse(expanded(loaded).encode(), "spec.yaml").resolved() == loaded.resolved()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pipeline: [mixup]\nsplits: {test: {views: 4}}", "the views of `test` go through the pipeline, which mixes"),
        ("pipeline: [hue]\nsplits: {test: {views: 4, steps: [mixup]}}", "a view is of one image"),
        ("pipeline: [hue]\nsplits: {test: {views: 0}}", "out of bounds; 1 to 1000 is allowed"),
        ("pipeline: [hue]\nsplits: {test: {view: 3}}", "unknown setting `view`"),
        ("pipeline: [eda]\nsplits: {test: {views: 3}}", "a split of texts has no steps of its own"),
        ("pipeline: {weak: [hue], strong: [rotate]}", "pipelines side by side are for images without classes"),
        ("layout: flat\npipeline: {weak: [hue], Weak: [rotate]}", "`Weak` and `weak` are one folder on some disks"),
        (
            "layout: flat\npipeline: {a: [hue], b: [rotate]}\nsplits: {val: {views: 2}}",
            "the views of `val` go through one pipeline, and there are several",
        ),
        ("pipeline: {rotate: {degrees: 3}, hue: {}}", "expected a list of steps"),
        ("layout: flat\npipeline: {weak: [hue]}", "pipelines with names are several, side by side"),
        ("layout: flat\npipeline: {weak: [hue], strong: [mixup]}", "a step that mixes is for a single pipeline"),
        ("layout: flat\npipeline: {weak: [hue], 'a/b': [rotate]}", "`a/b` cannot be the name of a pipeline"),
        ("layout: flat\npipeline: {weak: [hue], strong: []}", "`strong` has no steps"),
        ("layout: flat\npipeline: {a: [eda], b: [eda]}", "pipelines with names are for images"),
        (
            "layout: flat\ninclude_originals: true\npipeline: {a: [hue], b: [rotate]}",
            "originals have no place beside pipelines with names",
        ),
    ],
)
def test_a_mistake_is_told(text, said):
    with pytest.raises(Refused) as refused:
        parse(text.encode(), "spec.yaml")
    assert any(said in problem.what for problem in refused.value.problems), refused.value


def test_a_pipeline_is_not_called_as_a_split(tmp_path, augcli):
    photo(tmp_path / "in/a.png")
    (tmp_path / "s.yaml").write_text("layout: flat\npipeline: {train: [hue], strong: [rotate]}\n")
    done = augcli("run", "s.yaml", "in", "out", cwd=tmp_path)
    assert (done.returncode, "the pipeline `train` has the name of a split" in done.stderr) == (2, True)


def test_sizes_and_failures_are_those_of_each_pipeline_by_itself(tmp_path, augcli):
    """What weak leaves is not what strong begins with."""
    for name in "ab":
        photo(tmp_path / f"in/{name}.png")
    spec = "layout: flat\npipeline: {weak: [center_crop: {size: 8}], strong: [random_crop: {size: 24}]}\n"
    (tmp_path / "s.yaml").write_text(spec)
    assert "come out in different sizes (8x8, 24x24)" in augcli("check", "s.yaml", "in", cwd=tmp_path).stderr
    assert "would fail" not in augcli("plan", "s.yaml", "in", cwd=tmp_path).stdout
