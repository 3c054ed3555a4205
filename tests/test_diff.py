"""`augcli diff`: what changed from one spec or output to another, in words and in pairs."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import PIL.Image
import pytest

from augcli.commands.diff.rows import side_by_side
from augcli.commands.diff.sides import side
from augcli.commands.diff.specs import step_changes
from augcli.output.manifest import csv_line, read_rows
from augcli.storage import sorting

ROOT = Path(__file__).parents[1]
A = "seed: 1\ncopies: 2\npipeline: [horizontal_flip, {rotate: {degrees: 15}}, {random_erasing: {p: 0.5}}]\n"
B = "seed: 1\ncopies: 3\npipeline: [{rotate: {degrees: 30}}, horizontal_flip, {one_of: {steps: [median_blur]}}]\n"


def outputs(folder, tree, photo, augcli, a=A, b=B):
    """Make two outputs of one folder: of spec `a` and of spec `b`."""
    files = {f"train/{label}/{n}.png": photo((40, 30), n) for label in ("cat", "dog") for n in range(3)}
    root = tree(folder / "in", files)
    for name, text in (("a", a), ("b", b)):
        (folder / f"{name}.yaml").write_text(text)
        augcli("run", folder / f"{name}.yaml", root, folder / name, "-q")
    return folder / "a", folder / "b"


def test_specs_are_compared_setting_by_setting_and_step_by_step(tmp_path, augcli):
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "b.yaml").write_text(B)
    done = augcli("diff", "a.yaml", "b.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "copies 2 -> 3",
        "random_erasing: removed",
        "rotate: moved, step 2 -> 1",
        "rotate: degrees -15 to 15 -> -30 to 30",
        "one_of: added",
        "median_blur: added to one_of (kernel_size 3 to 7)",
    ]
    done = augcli("diff", "a.yaml", "a.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "the same\n")


def test_a_transform_whose_setting_is_called_steps_is_no_group(tmp_path, tree, photo, augcli):
    of_four, of_five = (f"pipeline: [{{grid_distortion: {{steps: {steps}}}}}]\n" for steps in (4, 5))
    a, b = outputs(tmp_path, tree, photo, augcli, of_four, of_five)
    assert augcli("diff", f"{a}.yaml", f"{b}.yaml").stdout == "grid_distortion: steps 4 -> 5\n"
    assert "grid_distortion: steps 4 -> 5\n" in augcli("diff", a, b).stdout
    augcli("report", a, tmp_path / "page.html")
    assert "grid_distortion" in (tmp_path / "page.html").read_text()


def test_a_step_that_goes_into_a_group_has_moved_and_one_of_another_name_is_another():
    flip, turn = {"horizontal_flip": {"p": 0.5}}, {"rotate": {"degrees": [-9, 9]}}
    assert step_changes([flip, turn], [{"one_of": {"steps": [{"rotate": {"degrees": [-9, 9], "weight": 2}}]}}]) == [
        "horizontal_flip: removed",
        "one_of: added",
        "rotate: moved from the top to one_of",
        "rotate: weight 1 -> 2",
    ]
    named = {"rotate": {"name": "tilt", "degrees": [-9, 9]}}
    assert step_changes([turn], [named]) == ["rotate: removed", "tilt (rotate): added (degrees -9 to 9)"]


def test_outputs_are_counted_file_by_file_and_step_by_step(tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli)
    shutil.rmtree(tmp_path / "in/train/dog")
    (tmp_path / "in/train/cat/0.png").write_bytes((tmp_path / "in/train/cat/1.png").read_bytes())
    augcli("run", "b.yaml", "in", "b", "-q", "--overwrite", cwd=tmp_path)
    done = augcli("diff", a, b)
    assert done.returncode == 1
    told = done.stdout.splitlines()
    at = told.index("files: 12 -> 9")
    assert told[at : at + 8] == [
        "files: 12 -> 9",
        "  6 with other bytes: `train/cat/0_aug000.png`, `train/cat/0_aug001.png`, `train/cat/1_aug000.png` and 3 more",
        "  6 only in A: `train/dog/0_aug000.png`, `train/dog/0_aug001.png`, `train/dog/1_aug000.png` and 3 more",
        "  3 only in B: `train/cat/0_aug002.png`, `train/cat/1_aug002.png` and `train/cat/2_aug002.png`",
        "3 sources gone in B: `train/dog/0.png`, `train/dog/1.png` and `train/dog/2.png`",
        "1 source changed: `train/cat/0.png`",
        "status augmented: 12 -> 9",
        "split train: 12 -> 9",
    ]
    assert "median_blur: applied to none -> 9 of 9 (100 %)" in told
    (turned,) = (line for before, line in pairwise(told) if before.startswith("rotate: applied to 12 of 12"))
    least, most = (float(number) for number in re.findall(r"(-?[0-9.]+) to (-?[0-9.]+)$", turned)[0])
    assert -30 <= least < most <= 30


def test_sources_in_another_split_are_told_first(tmp_path, tree, photo, augcli):
    tree(tmp_path / "in", {f"{label}/{n}.png": photo((40, 30), n) for label in ("cat", "dog") for n in range(8)})
    for name, seed in (("a", 0), ("b", 1)):
        (tmp_path / f"{name}.yaml").write_text(
            f"split: {{val: 0.4, seed: {seed}}}\npipeline: [{{horizontal_flip: {{only: cat, p: 1}}}}]\n"
        )
        augcli("run", tmp_path / f"{name}.yaml", tmp_path / "in", tmp_path / name, "-q")
    splits = [{row.source: row.split for row in read_rows(tmp_path / name / "manifest.csv")} for name in "ab"]
    moved = sum(splits[0][key] != splits[1][key] for key in splits[0])
    lines = augcli("diff", "a", "b", cwd=tmp_path).stdout.splitlines()
    told = "sources are in another split: what is measured on one cannot be compared with the other"
    assert lines[0] == f"{moved} {told}"
    cats = [sum(split == "train" for key, split in own.items() if key.startswith("cat")) for own in splits]
    shares = [f"{number} of {number} (100 %)" for number in cats]
    assert cats[0] != cats[1]
    assert f"horizontal_flip: applied to {shares[0]} -> {shares[1]}" in lines


def test_a_step_is_bold_where_the_other_side_has_not_applied_it(tmp_path, tree, photo, augcli):
    turned = "pipeline: [{rotate: {degrees: 15}}]\n"
    flipped = "pipeline: [{rotate: {degrees: 30}}, {horizontal_flip: {p: 1}}]\n"
    a, b = outputs(tmp_path, tree, photo, augcli, turned, flipped)
    augcli("diff", a, b, tmp_path / "page.html", "--rows", "1")
    page = (tmp_path / "page.html").read_text()
    assert re.findall("<li class=own>(.*?)</li>", page) == ["horizontal_flip"]
    assert len(re.findall("<li>rotate degrees", page)) == 2


def test_equal_outputs_are_the_same_and_other_versions_are_told(tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli, b=A)
    done = augcli("diff", a, b)
    assert (done.returncode, done.stdout) == (0, "files: all 12 the same, by the manifests\n")
    record = json.loads((b / "augcli.json").read_text())
    record["versions"]["numpy"] = "1.0"
    (b / "augcli.json").write_text(json.dumps(record))
    done = augcli("diff", a, b)
    assert done.returncode == 1
    assert re.fullmatch('version of numpy "[^"]+" -> "1.0"', done.stdout.splitlines()[0])


def test_containers_are_compared_with_files_copy_by_copy(tmp_path, tree, photo, augcli, monkeypatch):
    packed = A + "output: {container: webdataset, shard_size: 2, shuffle: true}\n"
    a, b = outputs(tmp_path, tree, photo, augcli, b=packed)
    done = augcli("diff", a, b, tmp_path / "grid.png")
    assert "  12 with the same bytes\n    with other entries in the manifest: file_name of 12\n" in done.stdout
    assert done.stderr.endswith("not written, no two files to show differ\n")
    monkeypatch.setattr(sorting, "RUN", 5)  # rows that memory does not hold are the same rows
    found = [(both.source, len(both.a), len(both.b)) for both in side_by_side(side(a), side(b))]
    assert found == [(f"train/{label}/{n}.png", 2, 2) for label in ("cat", "dog") for n in range(3)]


def test_copies_of_pipelines_with_names_are_compared_each_with_its_own(tmp_path, tree, photo, augcli):
    spec = "layout: flat\npipeline: {weak: [{horizontal_flip: {p: 1}}], strong: [{rotate: {degrees: 15}}]}\n"
    a, b = outputs(tmp_path, tree, photo, augcli, spec, spec + "output: {container: webdataset}\n")
    assert "  12 with the same bytes\n" in augcli("diff", a, b).stdout


@pytest.mark.parametrize(
    "params", ["not json", "[1,2]", '[{"step":5}]', '[{"step":"rotate","degrees":1e999}]', "[" * 99_999]
)
def test_what_augcli_never_wrote_of_steps_is_passed_over(params, tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli, b=A)
    head = next(read_rows(b / "manifest.csv"))
    lines = (b / "manifest.csv").read_text().splitlines(keepends=True)
    lines[1] = csv_line(head._replace(params=params, soft_label='["a"]'))
    (b / "manifest.csv").write_text("".join(lines))
    assert augcli("diff", a, b, tmp_path / "page.html").returncode == 1
    assert augcli("report", b, tmp_path / "report.html").returncode == 0


def test_rows_that_are_not_in_their_order_are_refused(tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli, b=A)
    head, *rows = (b / "manifest.csv").read_text().splitlines(keepends=True)
    (b / "manifest.csv").write_text("".join([head, *reversed(rows)]))
    done = augcli("diff", a, b)
    assert done.returncode == 2
    assert "its rows are no longer in the order that augcli wrote them in" in done.stderr


def test_pairs_stand_side_by_side_with_where_they_differ(tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli)
    done = augcli("diff", a, b, tmp_path / "grid.png", "--rows", "2")
    assert done.stderr.endswith("grid.png: 2 pairs\n")
    with PIL.Image.open(tmp_path / "grid.png") as grid:
        assert grid.width == 10 + 3 * 234
    augcli("diff", a, b, tmp_path / "page.html", "--rows", "2")
    page = (tmp_path / "page.html").read_text()
    assert len(re.findall('src="data:image/', page)) == 6
    assert not re.search("https?:|<script", page)
    assert {"cat", "dog"} == set(re.findall('<span class="class">(.*?)</span>', page))
    assert "% of the pixels differ" in page
    assert augcli("diff", a, b, tmp_path / "grid.png").stderr.endswith("12 pairs\n"), "its own file is replaced"


def test_specs_are_shown_on_the_same_copies_of_originals(tmp_path, augcli):
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "b.yaml").write_text(B)
    page = tmp_path / "page.html"
    done = augcli(
        "diff", tmp_path / "a.yaml", tmp_path / "b.yaml", page, "--source", ROOT / "sample_data", "--rows", "2"
    )
    assert done.stderr.endswith("2 pairs\n")
    turns = re.findall(r"rotate degrees (-?[0-9.]+)", page.read_text())
    assert len(turns) == 4
    assert float(turns[1]) == pytest.approx(2 * float(turns[0]), rel=1e-3), "the same draw of a range twice as wide"


@pytest.mark.parametrize("kind", ["csv", "folders"])
def test_pairs_of_texts_have_their_changes_marked(kind, tmp_path, augcli):
    spec = tmp_path / "spec.yaml"
    spec.write_text("copies: 2\npipeline: [{random_swap: {alpha: 0.3}}]\n")
    for seed in "12":
        augcli("run", spec, ROOT / "sample_text" / kind, tmp_path / seed, "--seed", seed, "-q")
    page = tmp_path / "page.html"
    done = augcli("diff", tmp_path / "1", tmp_path / "2", page, "--rows", "3")
    assert done.stdout.startswith("seed 1 -> 2\n")
    articles = page.read_text().split("<article>")[1:]
    assert len(articles) == 3
    assert all(re.search("<del>[^<]+</del>", text) and re.search("<ins>[^<]+</ins>", text) for text in articles)
    refused = augcli("diff", tmp_path / "1", tmp_path / "2", tmp_path / "grid.png")
    assert refused.returncode == 2
    assert "pairs of texts go into a page" in refused.stderr


def test_what_cannot_be_compared_or_shown_is_refused_before_anything_is_written(tmp_path, tree, photo, augcli):
    a, b = outputs(tmp_path, tree, photo, augcli, b=A)
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"mine")
    for arguments, told in [
        ((a, tmp_path / "in"), "there is no augcli.json in it that augcli wrote"),
        ((a, tmp_path / "gone"), "no such file"),
        ((a, b, mine), "already exists and is not what augcli diff has made"),
        ((a, b, a / "grid.png"), "lies in an output of augcli"),
        ((a, b, tmp_path / "grid.gif"), "pairs go into a page or a PNG"),
        ((a, b, tmp_path / "grid.png", "--source", tmp_path / "in"), "two outputs are compared as they are"),
        ((tmp_path / "a.yaml", b, tmp_path / "grid.png"), "give --source IN"),
    ]:
        done = augcli("diff", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert told in done.stderr
    assert mine.read_bytes() == b"mine"
    assert not (tmp_path / "grid.png").exists()
