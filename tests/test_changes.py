"""What changes in spec and input, and which files a run makes again for it, counted by inode and hash."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.dataset.sources import Source
from augcli.image import transforms
from augcli.image.arrays import Size
from augcli.image.transform import Mixing
from augcli.plan import output_names, recipes
from augcli.spec.loading import parse, restored
from tests.conftest import written_at
from tests.test_runs import ROOT, augcli, jpeg, rows, small, tree, write_spec

SPEC = """
copies: 4
include_originals: true
pipeline: [horizontal_flip, {rotate: {degrees: %s, p: 0.5}}, {random_erasing: {p: 0.5}}]
splits: {val: [{resize: {size: 40}}]}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    work = tmp_path_factory.mktemp("changes")
    for number in range(9):
        path = work / f"in/train/class{number % 3}/photo{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    (work / "in/val/class0").mkdir(parents=True)
    (work / "in/val/class0/photo.jpg").write_bytes(jpeg(50))
    augcli("run", write_spec(work, SPEC % 15), work / "in", work / "out")
    return work


def rewritten(made: Path, work: Path, spec: str, *more: object) -> tuple[set[str], set[str]]:
    """Go on in a copy of the set to a fresh run's tree; return the files that were written, and those that went."""
    out = work / "out"
    shutil.copytree(made / "out", out, copy_function=shutil.copy2)
    before = {path.relative_to(out).as_posix(): written_at(path) for path in out.rglob("*.jpg")}
    path = write_spec(work, spec)
    augcli("run", path, work / "in", out, *more)
    augcli("run", path, work / "in", work / "fresh", *(one for one in more if one != "--overwrite"))
    assert tree(out) == tree(work / "fresh")
    after = {path.relative_to(out).as_posix(): written_at(path) for path in out.rglob("*.jpg")}
    return {name for name, inode in after.items() if before.get(name) != inode}, set(before) - set(after)


@pytest.fixture
def work(made, tmp_path):
    shutil.copytree(made / "in", tmp_path / "in")
    return tmp_path


def files_of(stem: str, copies: range = range(4), original: bool = True) -> set[str]:
    return {f"{stem}_aug{copy:03d}.jpg" for copy in copies} | ({f"{stem}.jpg"} if original else set())


def test_one_source_edited_one_added_one_deleted(made, work):
    (work / "in/train/class0/photo3.jpg").write_bytes(jpeg(333))
    (work / "in/train/class1/photo10.jpg").write_bytes(jpeg(10))
    (work / "in/train/class2/photo5.jpg").unlink()
    assert rewritten(made, work, SPEC % 15) == (
        files_of("train/class0/photo3") | files_of("train/class1/photo10"),
        files_of("train/class2/photo5"),
    )


def test_more_copies_make_only_the_new_ones(made, work):
    stems = [f"train/class{number % 3}/photo{number}" for number in range(9)]
    new = set().union(*(files_of(stem, range(4, 6), original=False) for stem in stems))
    assert rewritten(made, work, SPEC % 15, "--copies", 6) == (new, set())


def test_fewer_copies_remove_the_last_ones(made, work):
    stems = [f"train/class{number % 3}/photo{number}" for number in range(9)]
    gone = set().union(*(files_of(stem, range(2, 4), original=False) for stem in stems))
    assert rewritten(made, work, SPEC % 15, "--copies", 2, "--overwrite") == (set(), gone)


def test_originals_may_go(made, work):
    stems = [f"train/class{number % 3}/photo{number}.jpg" for number in range(9)]
    assert rewritten(made, work, (SPEC % 15).replace("include_originals: true\n", ""), "--overwrite") == (
        set(),
        set(stems),
    )


def test_another_step_with_overwrite_remakes_what_it_is_applied_to(made, work):
    turned = {row["file_name"] for row in rows(made / "out") if '"rotate"' in row["params"]}
    assert 9 < len(turned) < 27
    assert rewritten(made, work, SPEC % 20, "--overwrite") == (turned, set())


def test_another_output_or_border_remakes_all_copies_and_no_original(made, tmp_path):
    copies = {row["file_name"] for row in rows(made / "out") if row["status"] in ("augmented", "transformed")}
    for number, more in enumerate(("output: {quality: 90}", "border: {fill: 9}")):
        work = tmp_path / str(number)
        shutil.copytree(made / "in", work / "in")
        assert rewritten(made, work, more + SPEC % 15, "--overwrite") == (copies, set())


def test_another_seed_keeps_what_comes_out_alike(made, work):
    written, gone = rewritten(made, work, "seed: 3" + SPEC % 15, "--overwrite")
    copies = {row["file_name"] for row in rows(work / "out") if row["status"] == "augmented"}
    plain = {row["file_name"] for row in rows(work / "out") if row["params"] in ("[]", '[{"step": "horizontal_flip"}]')}
    assert (gone, written & plain != plain) == (set(), True)
    assert copies - plain <= written < copies


def test_what_an_interrupted_overwrite_has_kept_is_no_row_of_the_new_spec(made, work):
    """Killed in the middle and run again, over and over, with specs that come and go: always a fresh run's tree."""
    out = work / "out"
    shutil.copytree(made / "out", out)
    for seconds, degrees in ((0.9, 20), (1.1, 15), (1.3, 25), (1.0, 25), (1.2, 15)):
        command = [sys.executable, "-m", "augcli", "run", "--overwrite", str(write_spec(work, SPEC % degrees))]
        run = subprocess.Popen([*command, str(work / "in"), str(out)], cwd=ROOT, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(seconds)
        run.kill()
        run.wait()
    path = write_spec(work, SPEC % 20)
    augcli("run", "--overwrite", path, work / "in", out)
    augcli("run", path, work / "in", work / "fresh")
    assert tree(out) == tree(work / "fresh")


@pytest.mark.parametrize("first", ["goes", "comes"])
@pytest.mark.parametrize("how", [(), ("--shard", "1/1")], ids=["run", "shard"])
def test_a_name_that_becomes_another_sources_stays(tmp_path, first, how):
    """Of `a.jpg` and `a.png` the first in order of their names has `a_aug000.jpg`; the other has a longer one."""
    work, out = tmp_path, tmp_path / "out"
    (work / "in/cat").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.jpg", "c.jpg")):
        (work / "in/cat" / name).write_bytes(jpeg(number))
    spec, jpg = write_spec(work, "copies: 2\ninclude_originals: true\npipeline: [horizontal_flip]\n"), "in/cat/a.jpg"
    if first == "goes":
        (work / jpg).write_bytes(jpeg(9))
    augcli("run", spec, work / "in", out)
    if first == "goes":
        (work / jpg).unlink()
    else:
        (work / jpg).write_bytes(jpeg(9))
    done = augcli("run", spec, work / "in", out, *how, check=False)
    assert done.returncode == 0, done.stderr
    if how:
        augcli("merge", out)
    augcli("run", spec, work / "in", work / "fresh")
    assert tree(out) == tree(work / "fresh")
    augcli("run", "--frozen", spec, work / "in", out)


@pytest.mark.parametrize("layout", ["flat", "classes"])
def test_another_layout_makes_anew_what_it_means_something_else_for(made, tmp_path, layout):
    """What was copied or transformed as validation is training data now, and every label is another."""
    (tmp_path / "in").mkdir()
    for path in (made / "in").rglob("*.jpg"):  # IN/split/class/... cannot be read as classes otherwise
        target = tmp_path / "in" / path.relative_to(made / "in").parts[0] / f"{path.parent.name}-{path.name}"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    before = write_spec(tmp_path, SPEC % 15 + f"layout: {'flat' if layout == 'classes' else 'classes'}\n")
    augcli("run", before, tmp_path / "in", tmp_path / "out")
    path = write_spec(tmp_path, SPEC % 15 + f"layout: {layout}\n")
    refused = augcli("run", path, tmp_path / "in", tmp_path / "out", check=False)
    assert (refused.returncode, "layout" in refused.stderr) == (2, True)
    augcli("run", path, tmp_path / "in", tmp_path / "out", "--overwrite")
    augcli("run", path, tmp_path / "in", tmp_path / "fresh")
    assert tree(tmp_path / "out") == tree(tmp_path / "fresh")


def test_a_split_that_becomes_a_class_is_made_anew(tmp_path):
    """`val` is copied as it is where folders are splits; as a class its file of that name is an original."""
    for number, folder in enumerate(("train/cat", "val/cat")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "a.jpg").write_bytes(jpeg(number))
    text = "copies: 1\ninclude_originals: true\npipeline: [horizontal_flip]\nlayout: "
    augcli("run", write_spec(tmp_path, text + "splits"), tmp_path / "in", tmp_path / "out")
    path = write_spec(tmp_path, text + "classes")
    augcli("run", path, tmp_path / "in", tmp_path / "out", "--overwrite")
    augcli("run", path, tmp_path / "in", tmp_path / "fresh")
    assert {row["status"] for row in rows(tmp_path / "out")} == {"augmented", "original"}
    assert tree(tmp_path / "out") == tree(tmp_path / "fresh")


def test_steps_of_a_split_that_becomes_a_class_are_those_of_training(tmp_path):
    """Status and name stay the same; only what the folder means has changed."""
    for number, folder in enumerate(("train/cat", "val/cat")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "a.jpg").write_bytes(jpeg(number))
    text = "splits: {train: [{resize: {size: 40}}], val: [{resize: {size: 30}}]}\nlayout: "
    augcli("run", write_spec(tmp_path, text + "splits"), tmp_path / "in", tmp_path / "out")
    path = write_spec(tmp_path, text + "classes")
    augcli("run", path, tmp_path / "in", tmp_path / "out", "--overwrite")
    augcli("run", path, tmp_path / "in", tmp_path / "fresh")
    assert {(row["status"], row["height"]) for row in rows(tmp_path / "out")} == {("transformed", "40")}
    assert tree(tmp_path / "out") == tree(tmp_path / "fresh")


def test_a_lower_limit_of_size_fails_what_was_made(made, work):
    out = work / "out"
    shutil.copytree(made / "out", out)
    (work / "in/train/class0/large.jpg").write_bytes(jpeg(7, 200, 160))
    augcli("run", write_spec(work, SPEC % 15), work / "in", out)
    path = write_spec(work, "max_megapixels: 0.02\n" + SPEC % 15)
    for where, more in ((out, ["--overwrite"]), (work / "fresh", [])):
        done = augcli("run", path, work / "in", where, *more, check=False)
        assert done.returncode == 1
        assert "train/class0/large.jpg: 200x160 is too large" in done.stderr
    assert tree(out) == tree(work / "fresh")
    assert [len(row["source_sha256"]) for row in rows(out) if row["status"] == "failed"] == [64]


@pytest.mark.parametrize("pipeline", ["[horizontal_flip]", "[horizontal_flip, mixup]"])
def test_what_is_copied_need_not_be_read(tmp_path, pipeline):
    """A 16-bit image cannot be augmented, but it can be copied, and go on being so."""
    small(tmp_path / "in/train")
    (tmp_path / "in/val/cat").mkdir(parents=True)
    PIL.Image.fromarray(np.full((9, 9), 40_000, np.uint16)).save(tmp_path / "in/val/cat/deep.png")
    for seed, more in ((1, []), (1, []), (2, ["--overwrite"])):
        path = write_spec(tmp_path, f"seed: {seed}\npipeline: {pipeline}\n")
        augcli("run", path, tmp_path / "in", tmp_path / "out", *more)
        augcli("run", "--frozen", path, tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out/val/cat/deep.png").read_bytes() == (tmp_path / "in/val/cat/deep.png").read_bytes()


@pytest.mark.parametrize("name", [name for name in transforms.names() if not issubclass(transforms.find(name), Mixing)])
def test_a_spec_that_was_written_and_read_again_makes_all_alike(name):
    """Or `--overwrite` would make files again whose steps nobody has touched."""
    size = transforms.find(name).fields.get("size")
    more = ", size: 24" if size is not None and size.is_required() else ""
    text = f"copies: 5\noutput: {{format: npy}}\npipeline: [{{{name}: {{p: 1{more}}}}}]\n"
    read = parse(text.encode(), "spec.yaml")
    again = restored(read.resolved(), "augcli.json")
    item = output_names.Item(Source("cat/a.jpg", "", "train", "cat"), "cat/a", ".jpg", "jpeg")
    for output in output_names.outputs(item, read):
        assert recipes.made_alike(again, read, item, output, Size(40, 30))


def test_what_makes_the_same_pixels_but_another_row_is_not_alike():
    item = output_names.Item(Source("cat/a.jpg", "", "train", "cat"), "cat/a", ".jpg", "jpeg")
    specs = [parse(f"pipeline: [{{rotate: {{degrees: [{zero}, {zero}]}}}}]\n".encode(), "") for zero in (0.0, -0.0)]
    for output in output_names.outputs(item, specs[0]):
        assert not recipes.made_alike(*specs, item, output, Size(40, 30))
