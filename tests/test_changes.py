"""What changes in spec and input, and which files a run makes again for it, counted by inode and hash."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_runs import ROOT, augcli, jpeg, rows, tree, write_spec

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
    before = {path.relative_to(out).as_posix(): path.stat().st_ino for path in out.rglob("*.jpg")}
    path = write_spec(work, spec)
    augcli("run", path, work / "in", out, *more)
    augcli("run", path, work / "in", work / "fresh", *(one for one in more if one != "--overwrite"))
    assert tree(out) == tree(work / "fresh")
    after = {path.relative_to(out).as_posix(): path.stat().st_ino for path in out.rglob("*.jpg")}
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
    assert rewritten(made, work, SPEC % 15, "--copies", 2) == (set(), gone)


def test_originals_may_go(made, work):
    stems = [f"train/class{number % 3}/photo{number}.jpg" for number in range(9)]
    assert rewritten(made, work, (SPEC % 15).replace("include_originals: true\n", "")) == (set(), set(stems))


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
