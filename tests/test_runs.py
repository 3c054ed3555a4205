"""The main job as a user runs it: the same bytes whatever the circumstances, and going on after a stop."""

import contextlib
import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.dataset.listing import scan
from augcli.engine import profile
from augcli.engine.chunks import Chunk, Chunks
from augcli.engine.jobs import Job
from augcli.engine.output_state import OutputState
from augcli.engine.tasks.make import Make
from augcli.engine.worker import Worker
from augcli.image import pictures
from augcli.modality import Digests
from augcli.modality.images import IMAGES, outputs, sources
from augcli.modality.images.labelled import Labeller
from augcli.plan import output_names, recipes
from augcli.plan.drawing import Recipes
from augcli.spec import loading
from tests.commands import completed
from tests.conftest import written_at

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_data"


def augcli(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = completed(*arguments)
    assert not check or done.returncode == 0, done.stderr
    return done


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def jpeg(seed: int, width: int = 96, height: int = 70) -> bytes:
    small = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(small).resize((width, height), PIL.Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Sixty small photos in three classes: enough for a pool with several chunks."""
    root = tmp_path_factory.mktemp("photos") / "in"
    for number in range(60):
        path = root / "train" / f"class{number % 3}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    return root


@pytest.fixture(scope="module")
def heavy(photos, tmp_path_factory):
    """The uninterrupted run that others are compared with."""
    out = tmp_path_factory.mktemp("heavy") / "out"
    augcli("run", "configs/heavy.yaml", photos, out, "-j", 2)
    return out


def write_spec(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_and_two_workers_write_the_same_tree(photos, heavy, tmp_path):
    augcli("run", "configs/heavy.yaml", photos, tmp_path / "out", "-j", 1)
    assert tree(tmp_path / "out") == tree(heavy)


def test_the_order_in_which_the_file_system_lists_sources_does_not_matter(photos, heavy, tmp_path):
    copied = tmp_path / "in"
    names = [path.relative_to(photos) for path in photos.rglob("*.jpg")]
    random.Random(4).shuffle(names)
    for name in names:
        (copied / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photos / name, copied / name)
    augcli("run", "configs/heavy.yaml", copied, tmp_path / "out", "-j", 2)
    assert tree(tmp_path / "out") == tree(heavy)


def test_every_row_has_its_file_and_every_file_its_row(heavy):
    found = rows(heavy)
    assert len(found) == 300
    assert {row["file_name"] for row in found} == set(tree(heavy)) - {"manifest.csv", "augcli.json"}
    for row in found:
        data = (heavy / row["file_name"]).read_bytes()
        assert (str(len(data)), hashlib.sha256(data).hexdigest()) == (row["bytes"], row["sha256"])


def test_rows_are_sorted_by_the_bytes_of_the_source_and_the_copy(tmp_path):
    augcli("run", "configs/light.yaml", SAMPLES, tmp_path / "out")
    keys = [(os.fsencode(row["source"]), int(row["copy"] or -1)) for row in rows(tmp_path / "out")]
    assert keys == sorted(keys)


def test_a_step_with_p_0_leaves_all_other_draws_as_they_were(photos, tmp_path):
    text = "copies: 3\npipeline: [rotate: {p: %s}, color_jitter: {brightness: 0.3, hue: 0.1}, random_erasing]\n"
    draws = []
    for p in (1, 0):
        out = tmp_path / f"out{p}"
        augcli("run", write_spec(tmp_path, text % p), photos, out)
        draws.append([[d for d in json.loads(row["params"]) if d["step"] != "rotate"] for row in rows(out)])
    assert draws[0] == draws[1]
    assert any(len(found) == 2 for found in draws[0])


def test_adding_a_source_leaves_every_other_file_as_it_was(photos, heavy, tmp_path):
    more = tmp_path / "in"
    shutil.copytree(photos, more)
    (more / "train/class1/another.jpg").write_bytes(jpeg(1000))
    augcli("run", "configs/heavy.yaml", more, tmp_path / "out")
    before, after = tree(heavy), tree(tmp_path / "out")
    assert {name: after[name] for name in before if name.startswith("train")} == {
        name: digest for name, digest in before.items() if name.startswith("train")
    }
    assert len(after) == len(before) + 5


def test_running_again_makes_nothing_and_changes_nothing(heavy, photos, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(heavy, out)
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("*.jpg")}
    done = augcli("run", "configs/heavy.yaml", photos, out)
    assert done.stderr.startswith("0 images written")
    assert "; 300 were there already" in done.stderr
    assert tree(out) == tree(heavy)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.jpg")} == stamps


def test_going_on_makes_what_is_missing_or_stale_and_removes_what_is_gone(photos, tmp_path):
    source, out, fresh = tmp_path / "in", tmp_path / "out", tmp_path / "fresh"
    shutil.copytree(photos, source)
    augcli("run", "configs/heavy.yaml", source, out)
    stamps = {path.relative_to(out).as_posix(): written_at(path) for path in out.rglob("*.jpg")}
    (source / "train/class0/photo00.jpg").write_bytes(jpeg(2000))
    (source / "train/class1/photo01.jpg").unlink()
    (source / "train/class2/new.jpg").write_bytes(jpeg(2001))
    (out / "train/class2/photo02_aug003.jpg").unlink()
    done = augcli("run", "configs/heavy.yaml", source, out)
    augcli("run", "configs/heavy.yaml", source, fresh)
    assert tree(out) == tree(fresh)
    assert "11 images written" in done.stderr
    kept = {path.relative_to(out).as_posix(): written_at(path) for path in out.rglob("*.jpg")}
    rewritten = {name for name, inode in kept.items() if stamps.get(name) != inode}
    changed = {f"train/{stem}_aug00{k}.jpg" for stem in ("class0/photo00", "class2/new") for k in range(5)}
    assert rewritten == changed | {"train/class2/photo02_aug003.jpg"}


def test_copies_may_grow_and_shrink(photos, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    for copies in (4, 6, 3):
        augcli("run", "configs/heavy.yaml", photos, out, "--copies", copies, *(["--overwrite"] if copies == 3 else []))
    augcli("run", "configs/heavy.yaml", photos, fresh, "--copies", 3)
    assert tree(out) == tree(fresh)


HELD = """
import os, sys, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # or numpy starts threads, and no worker is forked from here
from pathlib import Path
from augcli import cli
from augcli.engine import report

real, files, hold = report.Report.done, int(sys.argv.pop(1)), Path(sys.argv.pop(1))

def done(self, finished):
    real(self, finished)
    while self.made >= files and hold.exists():
        time.sleep(0.01)

report.Report.done = done
cli.main()
"""


def held(files: int, out: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a run in a session of its own, and return when so many files are there.

    It is not done before a signal comes, or `hold` beside OUT is gone, whoever is slow.
    """
    hold = out.with_name("hold")
    hold.touch()
    command = [sys.executable, "-c", HELD, str(files), str(hold), "run", *map(str, arguments), str(out), "-j", "2"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while process.poll() is None and sum(1 for _ in out.glob("train/*/*.jpg")) < files:
        time.sleep(0.005)
    assert process.poll() is None, process.communicate()[1]
    return process


def interrupted(photos: Path, out: Path, sent: int, after_files: int, group: bool) -> int:
    """Start a run, send a signal when so many files are there, and return its exit code."""
    process = held(after_files, out, "configs/heavy.yaml", photos)
    os.killpg(process.pid, sent) if group else process.send_signal(sent)
    process.communicate()
    return process.returncode


@pytest.mark.slow  # as are the kills at random instants of test_kills
@pytest.mark.parametrize("group", [True, False], ids=["group", "parent"])
@pytest.mark.parametrize("after_files", [1, 60, 200])
def test_a_killed_run_goes_on_to_the_tree_of_an_uninterrupted_one(photos, heavy, tmp_path, after_files, group):
    out = tmp_path / "out"
    interrupted(photos, out, signal.SIGKILL, after_files, group)
    found = list(out.rglob("*.jpg"))
    assert not (out / "manifest.csv").exists()
    for path in found:
        with PIL.Image.open(path) as image:
            image.load()
    augcli("run", "configs/heavy.yaml", photos, out, "-j", 2)
    assert tree(out) == tree(heavy)
    assert not (out / ".augcli").exists()


def workers_of(run: int) -> list[int]:
    """Return the worker processes of a run, which are its children."""
    return [int(pid) for pid in Path(f"/proc/{run}/task/{run}/children").read_text().split()]


def test_a_killed_worker_is_survived(photos, heavy, tmp_path):
    out = tmp_path / "out"
    process = held(20, out, "configs/heavy.yaml", photos)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    (tmp_path / "hold").unlink()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "a worker died" in errors
    assert tree(out) == tree(heavy)


def test_no_worker_outlives_a_killed_run(photos, tmp_path):
    process = held(20, tmp_path / "out", "configs/heavy.yaml", photos, "--copies", 40)
    assert len(workers_of(process.pid)) == 2
    process.kill()
    process.communicate(timeout=120)
    assert_all_end(process.pid)


def left_of(session: int) -> list[str]:
    """Return the processes of a session that are still there, zombies aside."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            head, _, rest = stat.read_text().rpartition(")")
            state, _, _, own, *_ = rest.split()
            if int(own) == session and state != "Z":
                found.append(head)
    return found


def assert_all_end(session: int) -> None:
    """Wait until no process of a session is left; other work may run here."""
    deadline = time.monotonic() + 120
    while left_of(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_of(session) == []


@pytest.mark.parametrize("group", [True, False], ids=["group", "parent"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_all_processes_of_an_interrupted_run_are_gone(photos, tmp_path, sent, code, group):
    run = held(20, tmp_path / "out", "configs/heavy.yaml", photos, "--copies", 60)
    assert len(left_of(run.pid)) > 2
    os.killpg(run.pid, sent) if group else run.send_signal(sent)
    _, errors = run.communicate(timeout=120)  # 5 s are promised; other work may run here
    assert (run.returncode, "Traceback" in errors) == (code, False)
    assert_all_end(run.pid)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so_and_goes_on(photos, heavy, tmp_path, sent, code):
    out = tmp_path / "out"
    assert interrupted(photos, out, sent, 1, group=False) == code
    assert tree(out).keys().isdisjoint({"manifest.csv", "augcli.json"})
    augcli("run", "configs/heavy.yaml", photos, out, "-j", 2)
    assert tree(out) == tree(heavy)


def test_a_second_run_into_the_same_folder_is_refused(photos, tmp_path):
    from augcli.image import versions
    from augcli.output import run_record
    from augcli.output.opening import opened

    out = tmp_path / "out"
    record = run_record.record_of(loading.load(ROOT / "configs/heavy.yaml"), versions.versions())
    with opened(out, record, lambda: ()):
        done = augcli("run", "configs/heavy.yaml", photos, out, check=False)
    assert done.returncode == 2
    assert "another run is writing to it" in done.stderr


def test_every_output_can_be_made_again_from_its_row(photos, heavy):
    loaded = loading.load(ROOT / "configs/heavy.yaml")
    listing = scan(photos)
    items = {item.source.path: item for item in output_names.items(loaded, photos, listing.sources)}
    for row in rows(heavy)[::17]:
        item = items[row["source"]]
        data = (photos / row["source"]).read_bytes()
        header = pictures.read_header(data, 100)
        recipe = recipes.recorded(loaded, loaded.pipeline, json.loads(row["params"]), header.size)
        picture, _ = sources.open_picture(loaded, item, data, header)
        from augcli.image import ops

        assert (
            outputs.encode(loaded, item, ops.run(recipe.ops, picture), header, data)
            == (heavy / row["file_name"]).read_bytes()
        )


def test_a_source_is_decoded_once_for_all_its_copies(photos, tmp_path, monkeypatch):
    decoded = []
    original = pictures.decode
    monkeypatch.setattr(pictures, "decode", lambda data, *given: decoded.append(1) or original(data, *given))
    loaded = loading.load(ROOT / "configs/heavy.yaml", copies=7)
    item = output_names.items(loaded, photos, scan(photos).sources)[0]
    data = (photos / item.source.path).read_bytes()
    maker = outputs.SourceMaker(loaded, item, data, Labeller(loaded, str(photos), ()), None, Recipes(loaded))
    made = list(maker.make(output_names.outputs(item, loaded), Digests("")))
    assert (len(made), len(decoded)) == (7, 1)


@pytest.mark.parametrize("error", [KeyError("palette"), MemoryError(), RecursionError(), ZeroDivisionError()])
def test_no_error_in_one_image_stops_the_others(photos, tmp_path, monkeypatch, error):
    """Not even one that nobody has thought of; what was written of the source before it goes."""
    loaded = loading.load(ROOT / "configs/light.yaml", copies=3)
    items = list(output_names.items(loaded, photos, scan(photos).sources))[:3]
    encode, encoded = pictures.encode, []

    def failing(*given):
        encoded.append(given)
        if len(encoded) == 5:  # the second copy of the second source
            raise error
        return encode(*given)

    monkeypatch.setattr(pictures, "encode", failing)
    job = Job(Make(OutputState(str(tmp_path))), IMAGES, loaded, str(photos))
    made = Worker(job).do(Chunk(1, items, {}, str(tmp_path / "part"))).result
    reason = "not enough memory" if isinstance(error, MemoryError) else type(error).__name__
    assert [(failure.source, reason in failure.reason) for failure in made.failures] == [(items[1].source.path, True)]
    assert made.made == 6
    assert len(list(tmp_path.rglob("*.jpg"))) == 6


def test_originals_stand_beside_their_copies_with_their_own_bytes(photos, tmp_path):
    path = write_spec(tmp_path, "include_originals: true\ncopies: 2\npipeline: [horizontal_flip]\n")
    augcli("run", path, photos, tmp_path / "out")
    for name in ("photo00.jpg", "photo57.jpg"):
        assert (tmp_path / "out/train/class0" / name).read_bytes() == (photos / "train/class0" / name).read_bytes()
    assert [row["status"] for row in rows(tmp_path / "out")[:3]] == ["original", "augmented", "augmented"]


def test_two_sources_that_ask_for_one_name_both_get_one(tmp_path):
    names = ["a.jpg", "a.jpeg", "A.jpg", "a_aug000.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg"]
    folder = tmp_path / "in/cat"
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(jpeg(number))
    path = write_spec(tmp_path, "include_originals: true\ncopies: 1\npipeline: [horizontal_flip]\n")
    augcli("run", path, tmp_path / "in", tmp_path / "out")
    found = [row["file_name"] for row in rows(tmp_path / "out")]
    assert len({name.casefold() for name in found}) == 2 * len(names)
    augcli("verify", tmp_path / "out")


def test_validation_steps_are_the_same_for_every_image(tmp_path):
    augcli("run", "configs/validation.yaml", SAMPLES, tmp_path / "out")
    made = [row for row in rows(tmp_path / "out") if row["status"] == "transformed"]
    assert {(row["width"], row["height"]) for row in made} == {("224", "224")}
    assert all(row["split"] == "val" for row in made)


def test_copied_splits_keep_their_bytes(tmp_path):
    augcli("run", "configs/light.yaml", SAMPLES, tmp_path / "out")
    for path in (SAMPLES / "val").rglob("*.jpg"):
        assert (tmp_path / "out" / path.relative_to(SAMPLES)).read_bytes() == path.read_bytes()


def test_verify_finds_a_flipped_byte_a_missing_and_an_extra_file(heavy, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(heavy, out)
    assert augcli("verify", out).stdout == ""
    flipped = out / "train/class0/photo00_aug000.jpg"
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2] ^= 1
    flipped.write_bytes(data)
    (out / "train/class1/photo01_aug004.jpg").unlink()
    (out / "train/class2/mine.txt").write_text("mine")
    done = augcli("verify", out, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "changed: train/class0/photo00_aug000.jpg",
        "missing: train/class1/photo01_aug004.jpg",
        "extra: train/class2/mine.txt",
    ]
    assert augcli("verify", out, "--quick", check=False).stdout.splitlines() == done.stdout.splitlines()[1:]


def test_pandas_reads_the_manifest(heavy):
    import pandas

    table = pandas.read_csv(heavy / "manifest.csv", dtype=str, keep_default_na=False)
    assert len(table) == 300
    assert set(table["label"]) == {"class0", "class1", "class2"}
    assert all(isinstance(json.loads(text), list) for text in table["params"])


def test_the_preview_shows_the_pixels_of_the_run(tmp_path):
    augcli("preview", "configs/medium.yaml", SAMPLES, tmp_path / "grid.png", "--rows", 3)
    grid = np.asarray(PIL.Image.open(tmp_path / "grid.png"))
    augcli("run", "configs/medium.yaml", SAMPLES, tmp_path / "out")
    # The cat face is 200 x 200: shown in a cell of 224 it is enlarged; compare by shrinking a copy the same way.
    copy = PIL.Image.open(tmp_path / "out/train/everyday/café crème_aug000.jpg").convert("RGB")
    shown = np.asarray(copy.resize((224, 224), PIL.Image.Resampling.LANCZOS))
    left = 10 + 224 + 10
    assert (grid[10 : 10 + 224, left : left + 224] == shown).all()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads a process's memory as Linux tells it")
def test_the_parent_does_not_grow_with_the_outputs(photos, tmp_path):
    """Peak memory of a run with 40 copies is that of a run with two, give or take the noise of an allocator."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom augcli.cli import augcli, exit_code_of\n"
        "exit_code_of(lambda: augcli.main(sys.argv[1:], standalone_mode=False))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    peaks = []
    for copies in (2, 40):
        command = ["run", "configs/light.yaml", photos, tmp_path / f"out{copies}", "-j", 2, "--copies", copies, "-q"]
        arguments = [sys.executable, "-c", code, *map(str, command)]
        done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 10_000  # kilobytes


# What follows was found by readers of the code who asked "and if it is killed right here?"


def small(folder: Path, names: tuple[str, ...] = ("cat/a.jpg", "cat/b.jpg", "dog/c.jpg")) -> Path:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg(number))
    return folder


def test_folders_below_a_class_may_sort_between_its_files(tmp_path):
    source = small(tmp_path / "in", ("cat/a.jpg", "cat/b/x.jpg", "cat/c.jpg", "cat/b/deeper/y.jpg"))
    augcli("run", "configs/light.yaml", source, tmp_path / "out")
    assert {row["label"] for row in rows(tmp_path / "out")} == {"cat"}
    assert len(rows(tmp_path / "out")) == 16


def test_a_worker_that_dies_while_the_parent_is_busy_costs_no_chunk(photos, heavy, tmp_path):
    """The pool is found broken when the next chunk is handed to it, not when one is waited for."""
    code = """
import os, signal, sys, time
from pathlib import Path
from augcli.commands import run
from augcli.engine import report
from augcli.plan.request import Options
from augcli.spec import loading
from tests.test_runs import workers_of
original, killed = report.Report.done, []

def done(self, finished):
    original(self, finished)
    if self.made > 20 and not killed:
        killed.extend(workers_of(os.getpid()))
        os.kill(killed[-1], signal.SIGKILL)  # the others may be helpers of Python itself
        time.sleep(1.5)

report.Report.done = done
options = Options(jobs=2)
sys.exit(run.run(loading.load(Path("configs/heavy.yaml")), Path(sys.argv[1]), Path(sys.argv[2]), options).exit_code)
"""
    out = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", code, str(photos), str(out)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "a worker died" in done.stderr
    assert tree(out) == tree(heavy)


@pytest.mark.parametrize("name", [".augcli-part-000001", "part-000001", ".augcli-former.jsonl"])
def test_a_half_written_file_of_the_state_folder_is_no_obstacle(photos, heavy, tmp_path, name):
    out = tmp_path / "out"
    interrupted(photos, out, signal.SIGKILL, 60, group=True)
    if name.startswith("."):  # `part-000001` itself stays as the run left it
        (out / ".augcli" / name).write_text('["train/class0/photo00_aug000.jpg", "tra')
    augcli("run", "configs/heavy.yaml", photos, out, "-j", 2)
    assert tree(out) == tree(heavy)


def test_a_kill_at_any_step_of_making_ready_for_another_spec_mixes_nothing(tmp_path, monkeypatch):
    """`--overwrite` with another spec, stopped before each of its changes to the state folder in turn."""
    from augcli.commands.run import run
    from augcli.output import folder
    from augcli.plan.request import Options

    source = small(tmp_path / "in")
    first, second = loading.load(ROOT / "configs/light.yaml"), loading.load(ROOT / "configs/medium.yaml")
    quiet = Options(quiet=True, overwrite=True)
    run(second, source, tmp_path / "wanted", quiet)

    class Killed(BaseException):
        pass

    unlink, replace, here = os.unlink, os.replace, os.getpid()
    for stop in range(12):
        out = tmp_path / f"out{stop}"
        run(first, source, out, quiet)
        left = [stop]

        def counted(call, left=left):
            def step(*arguments, **named):
                if os.getpid() != here:  # a worker, forked with what is patched
                    return call(*arguments, **named)
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                return call(*arguments, **named)

            return step

        with monkeypatch.context() as patched:
            patched.setattr(os, "unlink", counted(unlink))
            patched.setattr(os, "replace", counted(replace))
            patched.setattr(folder, "remove_state", lambda state: None)
            with contextlib.suppress(Killed):
                run(second, source, out, quiet)
        run(second, source, out, quiet)
        assert tree(out) == tree(tmp_path / "wanted"), f"stopped before step {stop}"


def test_a_file_of_the_user_is_neither_overwritten_nor_deleted(tmp_path):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out, "--copies", 1)
    before = tree(out)
    (out / "cat/a_aug001.jpg").write_text("mine")
    done = augcli("run", "configs/light.yaml", source, out, "--copies", 2, check=False)
    assert done.returncode == 2
    assert "cat/a_aug001.jpg: in the way, and not made by augcli" in done.stderr
    assert tree(out) == {**before, "cat/a_aug001.jpg": hashlib.sha256(b"mine").hexdigest()}
    (out / "cat/a_aug001.jpg").unlink()
    augcli("run", "configs/light.yaml", source, out, "--copies", 2)
    augcli("verify", out)


def test_a_link_inside_out_is_not_written_through(tmp_path):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out)
    shutil.rmtree(out / "cat")
    (out / "cat").symlink_to(source / "cat")
    done = augcli("run", "configs/light.yaml", source, out, check=False)
    assert done.returncode == 2
    assert "out/cat: a link, which augcli does not write through" in done.stderr
    assert sorted(tree(source)) == ["cat/a.jpg", "cat/b.jpg", "dog/c.jpg"]


def test_another_layout_renames_splits_and_labels_of_files_that_are_kept(tmp_path):
    source = small(tmp_path / "in", ("train/cat/a.jpg", "train/dog/b.jpg"))
    text = "layout: %s\npipeline: [horizontal_flip]\n"
    augcli("run", write_spec(tmp_path, text % "splits"), source, tmp_path / "out")
    augcli("run", write_spec(tmp_path, text % "classes"), source, tmp_path / "out", "--overwrite")
    augcli("run", write_spec(tmp_path, text % "classes"), source, tmp_path / "fresh")
    assert tree(tmp_path / "out") == tree(tmp_path / "fresh")


def test_optimized_jpeg_of_noise_is_written(tmp_path):
    output = "{format: jpeg, optimize: true, subsampling: '4:4:4', quality: 90}"
    text = f"pipeline: [gauss_noise: {{std: 0.2}}]\noutput: {output}\n"
    augcli("run", write_spec(tmp_path, text), SAMPLES, tmp_path / "out")
    augcli("verify", tmp_path / "out")


@pytest.mark.parametrize("fusion", ["off", "exact", "full"])
def test_a_grey_image_stays_grey_where_no_coloured_border_shows(tmp_path, fusion):
    source = tmp_path / "in/cat/a.png"
    source.parent.mkdir(parents=True)
    PIL.Image.fromarray(np.full((80, 90), 99, np.uint8)).save(source)
    pipeline = "[center_crop: {size: 50}, rotate: {degrees: 0}]"
    text = f"border: {{fill: [255, 0, 0]}}\nfusion: {fusion}\npipeline: {pipeline}\n"
    augcli("run", write_spec(tmp_path, text), tmp_path / "in", tmp_path / "out")
    with PIL.Image.open(tmp_path / "out/cat/a_aug000.png") as made:
        assert made.mode == "L"


def test_a_name_with_a_hash_in_it_does_not_clash_with_one_that_gets_a_hash(tmp_path):
    from hashlib import blake2b

    unlucky = f"a~{blake2b(b'cat/a.png', digest_size=3).hexdigest()}.png"
    source = small(tmp_path / "in", ("cat/a.jpg", "cat/a.png", f"cat/{unlucky}"))
    augcli("run", "configs/light.yaml", source, tmp_path / "out")
    found = [row["file_name"] for row in rows(tmp_path / "out")]
    assert len(set(found)) == len(found) == 12
    augcli("verify", tmp_path / "out")


@pytest.mark.parametrize("damage", ["file_name,sauce\n", "cut"])
def test_a_damaged_manifest_is_refused(tmp_path, damage):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out)
    path = out / "manifest.csv"
    path.write_bytes(path.read_bytes()[:-100] if damage == "cut" else damage.encode())
    for command in (["verify", out], ["run", "configs/light.yaml", source, out]):
        done = augcli(*command, check=False)
        assert done.returncode == 2
        assert "not a manifest that augcli wrote" in done.stderr


def test_a_class_whose_only_source_broke_leaves_no_empty_folder(tmp_path):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out)
    (source / "dog/c.jpg").write_bytes(jpeg(2)[:700])
    assert augcli("run", "configs/light.yaml", source, out, check=False).returncode == 1
    assert not (out / "dog").exists()


def test_after_a_kill_what_is_kept_is_compared_whole(tmp_path):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out)
    wanted = tree(out)
    state = out / ".augcli"
    state.mkdir()
    shutil.copy(out / "augcli.json", state / "run.json")  # as a run leaves it that was killed
    victim = out / "cat/a_aug000.jpg"
    victim.write_bytes(bytes(len(victim.read_bytes())))
    done = augcli("run", "configs/light.yaml", source, out)
    assert "1 image written" in done.stderr
    assert tree(out) == wanted


def test_what_is_removed_is_counted_aloud(tmp_path):
    source, out = small(tmp_path / "in"), tmp_path / "out"
    augcli("run", "configs/light.yaml", source, out, "--copies", 3)
    done = augcli("run", "configs/light.yaml", source, out, "--copies", 1, "--overwrite")
    assert "6 removed that are no longer asked for" in done.stderr


def test_a_stage_that_calls_another_counts_the_time_once():
    class Work:
        def inner(self) -> None:
            time.sleep(0.05)

        def outer(self) -> None:
            self.inner()

    profile.attach({"inner": [(Work, "inner")], "outer": [(Work, "outer")]})
    profile.taken()
    Work().outer()
    assert set(profile.taken()) == {"outer"}
    Work().inner()
    assert set(profile.taken()) == {"inner"}


def test_many_copies_make_a_chunk_of_few_sources(tmp_path):
    """So that a stop loses little: a chunk is about half a second of work from the first one on."""
    few, many = (loading.load(write_spec(tmp_path, f"copies: {n}\npipeline: [rotate]\n")) for n in (1, 400))
    items = list(output_names.items(few, SAMPLES, scan(SAMPLES).sources)) * 20

    first = [next(iter(Chunks(items, one.copies, 2))) for one in (few, many)]
    assert [len(chunk.items) for chunk in first] == [4, 1]


def test_a_folder_that_is_called_as_an_output_would_be(tmp_path):
    """The file makes way: its outputs get a hash."""
    names = ("cat/a.jpg", "cat/a_aug000.jpg/b.jpg", "cat/b.jpg", "cat/b.JPG/c/d.jpg", "dog.png/e.jpg")
    source = small(tmp_path / "in", names)
    spec_path = write_spec(tmp_path, "include_originals: true\noutput: {format: jpeg}\npipeline: [horizontal_flip]\n")
    augcli("run", spec_path, source, tmp_path / "out")
    found = {row["source"]: row["file_name"] for row in rows(tmp_path / "out") if row["copy"]}
    assert found["cat/a.jpg"].startswith("cat/a~")
    assert found["cat/b.jpg"].startswith("cat/b~")
    assert found["dog.png/e.jpg"] == "dog.png/e_aug000.jpg"
    augcli("verify", tmp_path / "out")


def endless(scans: int) -> bytes:
    """A progressive JPEG of 130 kB and 4 megapixels that takes as many passes over all of them as it has scans."""

    def segment(kind: int, content: bytes) -> bytes:
        return bytes((0xFF, kind)) + (len(content) + 2).to_bytes(2, "big") + content

    def table(number: int, symbol: int) -> bytes:  # one code, `0`, which stands for the symbol
        return segment(0xC4, bytes((number, 1, *[0] * 15, symbol)))

    side = 2048
    frame = bytes((8, *side.to_bytes(2, "big"), *side.to_bytes(2, "big"), 1, 1, 0x11, 0))
    start = b"\xff\xd8" + segment(0xDB, bytes(1) + b"\1" * 64) + segment(0xC2, frame)
    first = segment(0xDA, bytes((1, 1, 0x00, 0, 0, 0))) + bytes((side // 8) ** 2 // 8)
    # three times "no more values in the next 24575 blocks"
    runs = int("001111111111111" * 3 + "1" * 3, 2).to_bytes(6, "big").replace(b"\xff", b"\xff\0")
    pass_ = segment(0xDA, bytes((1, 1, 0x00, 1, 63, 0))) + runs
    return start + table(0x00, 0) + table(0x10, 0xE0) + first + pass_ * scans + b"\xff\xd9"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_picture_that_takes_too_long_to_open_is_failed_and_the_others_are_made(tmp_path, jobs):
    names = [f"cat/photo{number:03d}.jpg" for number in range(2 if jobs == 1 else 130)]
    source = small(tmp_path / "in", tuple(names))
    (source / "cat/photo001a.jpg").write_bytes(endless(10_000))
    # the limit of five seconds would make this test take twenty
    (tmp_path / "sitecustomize.py").write_text("import augcli.image.pictures.limits as p\np.SLOWEST = 0.2\n")
    command = [sys.executable, "-m", "augcli", "run", "configs/light.yaml", str(source), str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [*command, "--copies", "1", "-j", str(jobs)], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1, done.stderr
    slow = "takes far too long to be opened, as damaged or malicious files do"
    assert [line for line in done.stderr.splitlines() if "photo" in line] == [f"cat/photo001a.jpg: {slow}"]
    assert [row["source"] for row in rows(tmp_path / "out") if row["status"] == "failed"] == ["cat/photo001a.jpg"]
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == len(names)


def test_a_crash_in_a_small_job_does_not_take_the_run_with_it(tmp_path):
    source = small(tmp_path / "in")
    crash = "import os, augcli.image.pictures as p\nread = p.read_header\n"
    crash += "p.read_header = lambda data, most: os.abort() if data == b'\\xff\\xd8\\xffbad' else read(data, most)\n"
    (tmp_path / "sitecustomize.py").write_text(crash)
    (source / "cat/bad.jpg").write_bytes(b"\xff\xd8\xffbad")
    command = [sys.executable, "-m", "augcli", "run", "configs/light.yaml", str(source), str(tmp_path / "out")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == 1, done.stderr
    assert "cat/bad.jpg: its worker crashed, or was killed for using too much memory" in done.stderr
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 12
