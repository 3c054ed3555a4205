"""What a CI job asks: is OUT what spec and input ask for, what would a run do, what came of it."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from augcli.commands.frozen import check_frozen
from augcli.plan.request import Options
from augcli.problems import Refused
from augcli.spec.loading import load
from tests.test_runs import augcli, jpeg, rows, small, tree, write_spec

SPEC = "seed: 4\ncopies: 2\npipeline: [horizontal_flip, {rotate: {degrees: 20}}]\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    work = tmp_path_factory.mktemp("check_frozen")
    small(work / "in")
    (work / "in/cat/notes.txt").write_text("x")
    write_spec(work, SPEC)
    augcli("run", work / "spec.yaml", work / "in", work / "out")
    return work


@pytest.fixture
def work(made, tmp_path):
    shutil.copytree(made, tmp_path / "work")
    return tmp_path / "work"


def frozen(work: Path, *more: object) -> tuple[int, list[str]]:
    """Ask both commands, which must say the same and write nothing."""
    before = tree(work)
    command = ["run", "--frozen", work / "spec.yaml", work / "in", work / "out", *more]
    asked = augcli(*command, check=False)
    same = augcli("check", work / "spec.yaml", work / "in", "--frozen", work / "out", check=False)
    assert more or (asked.returncode, asked.stdout) == (same.returncode, same.stdout)
    assert tree(work) == before
    return asked.returncode, asked.stdout.splitlines()


def test_a_set_that_is_as_asked_for_passes(work):
    assert frozen(work) == (0, [])


def test_what_going_on_would_change_is_listed(work):
    (work / "in/cat/a.jpg").write_bytes(jpeg(77))
    (work / "in/cat/b.jpg").unlink()
    (work / "in/dog/new.jpg").write_bytes(jpeg(78))
    (work / "in/dog/broken.jpg").write_bytes(b"")
    (work / "out/dog/c_aug001.jpg").unlink()
    (work / "out/dog/c_aug000.jpg").write_bytes(b"short")
    code, lines = frozen(work)
    assert code == 1
    assert lines == [
        "source changed: cat/a_aug000.jpg",
        "source changed: cat/a_aug001.jpg",
        "new: dog/broken_aug000",
        "new: dog/broken_aug001",
        "changed: dog/c_aug000.jpg",
        "missing: dog/c_aug001.jpg",
        "new: dog/new_aug000.jpg",
        "new: dog/new_aug001.jpg",
        "no longer asked for: cat/b_aug000.jpg",
        "no longer asked for: cat/b_aug001.jpg",
    ]
    # and it is what going on makes of it
    done = augcli("run", work / "spec.yaml", work / "in", work / "out", check=False)
    assert "6 images written" in done.stderr
    assert "2 removed that are no longer asked for" in done.stderr
    # a source that failed fails the check_frozen, as it fails the run
    assert frozen(work) == (1, ["failed: dog/broken.jpg: the file is empty"])


def test_another_spec_and_other_versions_are_told_in_a_line_each(work):
    write_spec(work, SPEC.replace("seed: 4", "seed: 5"))
    record = json.loads((work / "out/augcli.json").read_text())
    record["versions"]["pillow"] = "1.0"
    (work / "out/augcli.json").write_text(json.dumps(record))
    code, lines = frozen(work)
    assert code == 1
    assert lines[0] == "spec: seed 4 -> 5"
    assert lines[1].startswith('versions: pillow "1.0" -> ')
    assert len(lines) == 2
    assert frozen(work, "--copies", 3)[1][0] == "spec: copies 2 -> 3"


@pytest.mark.parametrize("state", ["absent", "begun", "foreign"])
def test_a_set_that_is_not_there_or_not_finished_or_not_ours(work, state):
    if state == "begun":
        (work / "out/.augcli").mkdir()
        shutil.move(work / "out/augcli.json", work / "out/.augcli/run.json")
        (work / "out/manifest.csv").unlink()
        assert frozen(work) == (1, [f"unfinished: {work / 'out'}"])
    shutil.rmtree(work / "out")
    if state == "absent":
        assert frozen(work) == (1, [f"missing: {work / 'out'}"])
    if state == "foreign":
        (work / "out").mkdir()
        (work / "out/mine").write_text("mine")
        assert frozen(work) == (2, [])


# --- the summary, and names for a plan and its result


def test_a_summary_has_counts_failures_and_hashes(work):
    (work / "in/cat/bad\nname.jpg").write_bytes(b"no image")
    summary = work / "summary.json"
    arguments = [work / "spec.yaml", work / "in", work / "out", "--summary-json", summary]
    augcli("run", *arguments, check=False)
    found = json.loads(summary.read_text())
    identity = augcli("plan", "--print-id", work / "spec.yaml", work / "in").stdout.strip()
    assert found == {
        "exit_code": 1,
        "made": 0,
        "kept": 6,
        "removed": 0,
        "failed": 1,
        "plan_id": identity,
        "manifest_sha256": hashlib.sha256((work / "out/manifest.csv").read_bytes()).hexdigest(),
        "left_out": {"without an image suffix": 1},
        "converted": {},
        "objects": 0,
        "dropped": {},
        "noted": {},
        "warnings": [],
        "failures": [
            {
                "source": "cat/bad\nname.jpg",
                "error": "not an image: neither JPEG, PNG, WebP, TIFF, BMP, PNM, GIF, AVIF, HEIC, JPEG 2000, JPEG XL",
            }
        ],
    }
    (work / "in/cat/bad\nname.jpg").unlink()
    augcli("run", *arguments)
    augcli("run", "--frozen", *arguments)
    found = json.loads(summary.read_text())
    assert (found["exit_code"], found["kept"], found["differences"], found["made"]) == (0, 6, 0, 0)
    assert found["plan_id"] == augcli("plan", "--print-id", work / "spec.yaml", work / "in").stdout.strip()


def test_a_place_for_the_summary_that_cannot_be_is_refused_before_the_run(work):
    for place in (work / "nowhere/summary.json", work, work / "out/summary.json"):
        arguments = [work / "spec.yaml", work / "in", work / "fresh" if "out" not in str(place) else work / "out"]
        done = augcli("run", *arguments, "--summary-json", place, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith(f"{place}: ")
    assert not (work / "fresh").exists()


def test_a_summary_replaces_no_other_file_and_no_old_one_outlives_a_run(work):
    arguments = [work / "spec.yaml", work / "in", work / "out", "--summary-json"]
    mine = work / "mine.json"
    mine.write_text('{"mine": 1}')
    inside = work / "in/cat/summary.json"
    for place, said in ((mine, "already exists and is not a summary"), (inside, "must lie outside IN and OUT")):
        for command in (["run"], ["run", "--frozen"]):
            done = augcli(*command, *arguments, place, check=False)
            assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert (mine.read_text(), inside.exists()) == ('{"mine": 1}', False)
    summary = work / "summary.json"
    augcli("run", *arguments, summary)
    (work / "out/cat").rename(work / "out/was cat")
    (work / "out/cat").write_text("in the way")
    assert augcli("run", *arguments, summary, check=False).returncode == 3
    assert json.loads(summary.read_text())["exit_code"] == 3
    (work / "in").rename(work / "moved")
    assert augcli("run", *arguments, summary, check=False).returncode == 2
    assert not summary.exists()


def test_a_gate_that_is_stopped_says_so_in_its_summary(work, monkeypatch):
    def stopped(*given):
        raise OSError(5, "Input/output error", "manifest.csv")
        yield

    monkeypatch.setattr("augcli.commands.frozen.differences", stopped)
    summary = work / "summary.json"
    with pytest.raises(Refused):
        check_frozen(load(work / "spec.yaml"), work / "in", work / "out", Options(summary_json=summary))
    assert json.loads(summary.read_text())["exit_code"] == 3


def test_the_name_of_a_plan_changes_with_what_decides_its_result_alone(work):
    def identity(*more: object) -> str:
        return augcli("plan", "--print-id", work / "spec.yaml", work / "in", *more).stdout

    first = identity()
    assert first == identity("-j", 1) == augcli("plan", work / "spec.yaml", work / "in", "--print-id").stdout
    write_spec(work, "# another comment\n" + SPEC)
    (work / "in/cat/notes.txt").write_text("another text")
    assert identity() == first
    names = {first, identity("--seed", 9), identity("--copies", 3)}
    (work / "in/cat/a.jpg").rename(work / "in/cat/d.jpg")
    names.add(identity())
    (work / "in/cat/d.jpg").write_bytes(jpeg(5))
    names.add(identity())
    assert len(names) == 5


# --- what a run would do


def test_a_plan_writes_nothing_and_counts_what_a_run_writes(work):
    before = tree(work)
    done = augcli("plan", work / "spec.yaml", work / "in")
    lines = done.stdout.splitlines()
    assert lines[:4] == ["all (augment): 3 -> 6", "  cat: 2 -> 4", "  dog: 1 -> 2", "files: 6"]
    assert [line.split(":")[0] for line in lines[4:]] == ["bytes", "time", "memory", "disk"]
    assert (
        augcli("run", "--dry-run", work / "spec.yaml", work / "in", work / "new").stdout.splitlines()[3] == "files: 6"
    )
    assert tree(work) == before
    assert not (work / "new").exists()


def test_a_plan_over_a_set_counts_what_is_missing(work):
    (work / "out/dog/c_aug001.jpg").unlink()
    (work / "in/cat/b.jpg").unlink()
    done = augcli("plan", work / "spec.yaml", work / "in", work / "out")
    assert "files: 4 (3 there already, 1 to make, 2 to remove)" in done.stdout
    other = [work / "spec.yaml", work / "in", work / "out", "--seed", 9]
    refused = augcli("plan", *other, check=False)
    assert (refused.returncode, "made by another spec: seed 4 -> 9" in refused.stderr) == (2, True)
    done = augcli("run", "--dry-run", "--overwrite", *other)
    assert "files: 4 (0 there already, 4 to make, 2 to remove)" in done.stdout


def test_the_bytes_that_a_plan_forecasts_are_those_of_the_run(tmp_path):
    for number in range(60):
        path = tmp_path / "in/cat" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, 90 + number, 80))
    spec = write_spec(tmp_path, "copies: 3\ninclude_originals: true\npipeline: [horizontal_flip, {rotate: {p: 0.5}}]\n")
    text = next(line for line in augcli("plan", spec, tmp_path / "in").stdout.splitlines() if "bytes:" in line)
    about, low, high = (float(number) for number in text.replace("(", "").split() if number[0].isdigit())
    augcli("run", spec, tmp_path / "in", tmp_path / "out")
    written = sum(int(row["bytes"]) for row in rows(tmp_path / "out")) / 1e3
    assert "kB" in text
    assert low <= about <= high
    assert 0.9 * low < written < 1.1 * high  # two standard errors of forty sources, and a little


def test_sources_that_would_fail_are_counted_from_headers(work):
    write_spec(work, "copies: 2\npipeline: [random_crop: {size: 64}]\n")
    (work / "in/cat/small.jpg").write_bytes(jpeg(9, 50, 40))
    (work / "in/cat/smaller.jpg").write_bytes(jpeg(9, 50, 40))
    (work / "in/dog/empty.png").write_bytes(b"")
    done = augcli("plan", work / "spec.yaml", work / "in")
    help = "set pad_if_needed, or resize before it"
    assert [line for line in done.stdout.splitlines() if line.startswith("would fail")] == [
        f"would fail: 2 sources, such as `cat/small.jpg`: 50x40 is smaller than the crop of 64x64; {help}",
        "would fail: a source, namely `dog/empty.png`: the file is empty",
    ]


# --- a log to act on


def test_verbose_explains_what_is_made_kept_removed_and_left_out(work):
    (work / "in/cat/a.jpg").write_bytes(jpeg(77))
    (work / "in/cat/b.jpg").unlink()
    (work / "out/dog/c_aug001.jpg").unlink()
    done = augcli("run", "-v", work / "spec.yaml", work / "in", work / "out")
    assert done.stderr.splitlines()[:-2] == [
        "cat/notes.txt: left out: without an image suffix",
        "left out: 1 without an image suffix",
        "cat/b_aug000.jpg: removed, as nothing asks for it any more",
        "cat/b_aug001.jpg: removed, as nothing asks for it any more",
        "cat/a.jpg: 2 made (source changed)",
        "dog/c.jpg: 1 kept, 1 made (missing)",
    ]


def test_quiet_says_only_what_failed(work):
    (work / "in/cat/bad.jpg").write_bytes(b"")
    done = augcli("run", "-q", work / "spec.yaml", work / "in", work / "out", check=False)
    assert done.stderr == "cat/bad.jpg: the file is empty\n"
    assert (done.returncode, done.stdout) == (1, "")
