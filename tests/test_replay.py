"""`augcli replay`: files made again from the manifest and the originals, and nothing else written."""

import fcntl
import json
import random
import shutil
from pathlib import Path

import pytest

from augcli.commands import replay
from augcli.output.opening import opened
from augcli.plan.request import Options
from augcli.problems import Refused
from tests.test_runs import augcli, jpeg, rows, tree, write_spec

HEAVY = """
seed: 8
copies: 4
include_originals: true
pipeline:
  - horizontal_flip
  - one_of: {p: 0.6, steps: [rotate: {degrees: 30}, elastic, perspective, optical_distortion]}
  - random_resized_crop: {size: 64}
  - color_jitter: {brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1}
  - one_of: {p: 0.8, steps: [mixup, cutmix: {partner: other_class}, mosaic: {partner: same_class}]}
  - some_of: {n: [1, 3], steps: [gauss_noise, motion_blur, clahe, iso_noise, jpeg_compression, rand_augment]}
  - random_erasing: {p: 0.4, fill: random}
splits: {val: [{resize: {size: 60}}, {center_crop: {size: 48}}]}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    work = tmp_path_factory.mktemp("replay")
    for number in range(30):
        path = work / "in/train" / f"class {number % 3}" / f"pho\\to{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, 110, 80))
    (work / "in/val/class 0").mkdir(parents=True)
    (work / "in/val/class 0/photo.jpg").write_bytes(jpeg(51))
    write_spec(work, HEAVY)
    augcli("run", work / "spec.yaml", work / "in", work / "out")
    return work


@pytest.fixture
def out(made, tmp_path):
    shutil.copytree(made / "out", tmp_path / "out")
    return tmp_path / "out"


def test_a_hundred_files_of_a_heavy_run_come_back_byte_for_byte(made, out):
    found = rows(out)
    assert sum("mixup" in row["params"] for row in found) > 9
    gone = random.Random(1).sample([row["file_name"].replace("\\\\", "\\") for row in found], 100)
    for name in gone:
        (out / name).unlink()
    done = augcli("replay", out, "--source", made / "in")
    assert done.stderr == f"100 files of {out} made again\n"
    assert tree(out) == tree(made / "out")


def test_a_manifest_and_its_record_are_enough(made, tmp_path):
    for name in ("manifest.csv", "augcli.json"):
        (tmp_path / "out").mkdir(exist_ok=True)
        shutil.copy(made / "out" / name, tmp_path / "out" / name)
    augcli("replay", tmp_path / "out", "--source", made / "in", "-j", 1)
    assert tree(tmp_path / "out") == tree(made / "out")


def test_one_file_may_be_named_with_or_without_its_folder(made, out):
    names = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[:3]
    for name in names:
        (out / name).unlink()
    augcli("replay", out, "--source", made / "in", names[0])
    augcli("replay", out, "--source", made / "in", out / names[1])
    assert set(tree(made / "out")) - set(tree(out)) == {names[2]}
    done = augcli("replay", out, "--source", made / "in", names[2][:-1], check=False)
    assert done.returncode == 2
    assert f"no file of {out / 'manifest.csv'}" in done.stderr
    assert "did you mean" in done.stderr


def test_files_that_differ_are_replaced_only_with_overwrite(made, out):
    name = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[0]
    (out / name).write_bytes(b"mine")
    (out / "mine.txt").write_bytes(b"mine")
    done = augcli("replay", out, "--source", made / "in")  # only what is missing is looked for
    assert done.stderr == f"0 files of {out} made again\n"
    named = augcli("replay", out, "--source", made / "in", name, check=False)
    assert named.returncode == 1
    assert "differs from its row; --overwrite replaces it" in named.stderr
    assert (out / name).read_bytes() == b"mine"
    augcli("replay", out, "--source", made / "in", "--overwrite")
    assert tree(out) == {**tree(made / "out"), "mine.txt": tree(out)["mine.txt"]}


def test_originals_that_changed_or_are_gone_are_named(made, out, tmp_path):
    source = tmp_path / "in"
    shutil.copytree(made / "in", source)
    changed, gone = sorted((source / "train/class 0").iterdir())[:2]
    changed.write_bytes(jpeg(99))
    gone.unlink()
    for path in out.rglob("*.jpg"):
        path.unlink()
    done = augcli("replay", out, "--source", source, check=False)
    assert done.returncode == 1
    assert "its source is not the one that it was made from" in done.stderr
    assert "its source cannot be read (no such file or directory)" in done.stderr
    assert "which is mixed in, is not the one that it was made from" in done.stderr
    wanted = tree(made / "out")
    found = tree(out)
    assert all(wanted[name] == digest for name, digest in found.items())
    # each file of the two, and what they were mixed into; nothing else
    unlike = [row for row in rows(out) if row["file_name"].replace("\\\\", "\\") not in found]
    assert len(unlike) >= 10
    for row in unlike:
        assert any(path.stem.rpartition("\\")[2] in row["source"] + row["params"] for path in (changed, gone))


def test_other_versions_are_refused_and_tried_anyway(made, out):
    path = out / "augcli.json"
    record = json.loads(path.read_text())
    record["versions"]["opencv"] = "4.0.0"
    path.write_text(json.dumps(record))
    name = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[0]
    (out / name).unlink()
    done = augcli("replay", out, "--source", made / "in", check=False)
    assert done.returncode == 2
    assert "made with other versions, so that files may come out different: opencv" in done.stderr
    assert not (out / name).exists()
    augcli("replay", out, "--source", made / "in", "--anyway")
    assert (out / name).read_bytes() == (made / "out" / name).read_bytes()


def edited(out: Path, old: str, new: str) -> None:
    path = out / "manifest.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_comes_out_with_other_bytes_is_not_written(made, out):
    name = next(name for name in sorted(tree(out)) if name.endswith("_aug000.jpg"))
    digest = tree(out)[name]
    (out / name).unlink()
    edited(out, digest, "0" * 64)
    done = augcli("replay", out, "--source", made / "in", check=False)
    assert done.returncode == 1
    assert "comes out with other bytes here; nothing was written" in done.stderr
    assert not (out / name).exists()


def test_a_manifest_that_leads_outside_is_refused(made, out):
    """An edited manifest may come from anybody; neither replay nor run follows it out of OUT or IN."""
    first = rows(out)[0]
    edited(out, first["file_name"], "../../escaped.jpg")
    for command in (["replay", out, "--source", made / "in"], ["run", made / "spec.yaml", made / "in", out]):
        done = augcli(*command, check=False)
        assert done.returncode == 2
        assert "not a manifest that augcli wrote" in done.stderr
    assert not (out.parent.parent / "escaped.jpg").exists()


def test_a_link_in_out_is_not_written_through(made, out, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(out / "train/class 1")
    (out / "train/class 1").symlink_to(tmp_path / "elsewhere")
    done = augcli("replay", out, "--source", made / "in", check=False)
    assert done.returncode == 2
    assert "a link, which augcli does not write through" in done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_is_no_finished_set_is_refused(made, tmp_path):
    assert "no such folder" in augcli("replay", tmp_path / "x", "--source", made / "in", check=False).stderr
    (tmp_path / "empty").mkdir()
    done = augcli("replay", tmp_path / "empty", "--source", made / "in", check=False)
    assert (done.returncode, "give the OUT of a run" in done.stderr) == (2, True)
    done = augcli("replay", made / "out", "--source", tmp_path / "nowhere", check=False)
    assert (done.returncode, "give the IN of the run" in done.stderr) == (2, True)


def test_nothing_is_made_again_while_a_run_is_at_work(made, out):
    name = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[0]
    (out / name).unlink()
    (out / ".augcli").mkdir()
    before = tree(out)
    with (out / ".augcli/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = augcli("replay", out, "--source", made / "in", check=False)
    assert (done.returncode, "another run is writing to it" in done.stderr) == (2, True)
    (out / ".augcli/lock").unlink()
    assert tree(out) == before


def test_a_run_that_began_while_replay_read_the_manifest_is_left_alone(made, out, monkeypatch):
    """Its rows are no longer what OUT is to hold, and its state is what the run goes on from."""
    name = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[0]
    (out / name).unlink()

    def meanwhile(*given, **named):
        (out / ".augcli").mkdir()
        (out / "augcli.json").rename(out / ".augcli/run.json")
        (out / "manifest.csv").unlink()
        before.update(tree(out))
        return opened(*given, **named)

    before: dict[str, str] = {}
    monkeypatch.setattr(replay, "opened", meanwhile)
    with pytest.raises(Refused, match="its run is not finished"):
        replay.replay(out, made / "in", (), overwrite=False, anyway=False, options=Options(quiet=True))
    assert {path: digest for path, digest in tree(out).items() if not path.endswith(("lock", "writers"))} == before


def test_a_file_that_comes_back_while_replay_begins_is_no_obstacle(made, out, monkeypatch):
    names = sorted(name for name in tree(out) if name.endswith("_aug001.jpg"))[:2]
    for name in names:
        (out / name).unlink()

    def meanwhile(*given, **named):
        shutil.copy(made / "out" / names[0], out / names[0])
        return opened(*given, **named)

    monkeypatch.setattr(replay, "opened", meanwhile)
    code = replay.replay(out, made / "in", (), overwrite=False, anyway=False, options=Options(quiet=True)).exit_code
    assert (code, tree(out)) == (0, tree(made / "out"))
