"""Promises that mutants had broken and no test had noticed, each on its own: locks, temporaries, old parts, order."""

import errno
import fcntl
import json
import os
import shutil
import signal

import pytest

from augcli.dataset.listing import scan
from augcli.engine.chunks import Chunk
from augcli.engine.jobs import Job
from augcli.engine.output_state import OutputState
from augcli.engine.tasks.make import Make
from augcli.engine.worker import Worker
from augcli.image import versions
from augcli.modality.images import IMAGES
from augcli.output import inventory, manifest, merging, opening, run_record, verification
from augcli.output.opening import opened
from augcli.plan import output_names
from augcli.problems import Refused
from augcli.spec.loading import parse, restored
from augcli.storage import files
from tests.conftest import written_at
from tests.test_output import FLIP, NAMES, fill, rows, run, tree


def spec_of(text: str = FLIP):
    return parse(text.encode(), "spec.yaml")


@pytest.fixture
def locking(tmp_path):
    """Lock an OUT as a run does."""
    record = run_record.record_of(spec_of(), versions.versions())
    return lambda: opened(tmp_path / "out", record, lambda: ())


def test_a_run_begins_when_the_last_writer_of_a_dead_one_is_done(locking, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    (tmp_path / "out/.augcli").mkdir(parents=True)
    with (tmp_path / "out/.augcli/writers").open("a") as writers:
        fcntl.flock(writers, fcntl.LOCK_SH)
        with pytest.raises(Refused, match="another run is writing to it"), locking():
            pass
    with locking():
        pass


def test_a_lock_counts_only_while_its_file_has_its_name(locking, tmp_path, monkeypatch):
    """Whoever held it may have removed the file, as the last act of a run, while it was being waited for."""
    real, left = fcntl.flock, [1]
    lock = tmp_path / "out/.augcli/lock"

    def flock(file, kind):
        real(file, kind)
        if left[0] and file.name == str(lock):
            left[0] -= 1
            lock.unlink()

    monkeypatch.setattr(fcntl, "flock", flock)
    with locking():
        assert lock.exists()
        with pytest.raises(Refused, match="another run is writing to it"), locking():
            pass


def test_a_process_that_is_forked_holds_no_lock(locking):
    ready, say = os.pipe()
    with locking():
        child = os.fork()
        if not child:
            os.write(say, b"!")
            signal.pause()
    try:
        os.read(ready, 1)
        with locking():
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_worker_holds_the_writers_lock_while_it_writes(tmp_path, monkeypatch):
    fill(tmp_path / "in", NAMES[:2])
    seen, real = [], files.write_whole

    def write_whole(*given):
        with (tmp_path / "writers").open("a") as writers:
            try:
                fcntl.flock(writers, fcntl.LOCK_EX | fcntl.LOCK_NB)
                seen.append("free")
            except BlockingIOError:
                seen.append("held")
        real(*given)

    monkeypatch.setattr(files, "write_whole", write_whole)
    items = list(output_names.items(spec_of(), tmp_path / "in", scan(tmp_path / "in").sources))
    out, part = str(tmp_path / "out"), str(tmp_path / "part")
    os.mkdir(out)
    Worker(Job(Make(OutputState(out)), IMAGES, spec_of(), str(tmp_path / "in"))).do(Chunk(1, items, {}, part))
    assert seen == ["held", "held"]


def test_temporaries_and_parts_of_an_interrupted_run_are_gone_after_the_next(tmp_path):
    fill(tmp_path / "in", NAMES)
    run(tmp_path)
    wanted, out = tree(tmp_path / "out"), tmp_path / "out"
    for part in ("part-000001", "part-000099"):
        (out / ".augcli").mkdir(exist_ok=True)
        manifest.write_part(out / ".augcli" / part, list(manifest.read_rows(out / "manifest.csv"))[:8])
    known = inventory.by_source(manifest.read_rows(out / "manifest.csv"))
    lines = [inventory.existing_line(one.source, one.names) for one in known]
    (out / ".augcli/planned.jsonl").write_text("".join(lines))
    (out / "augcli.json").rename(out / ".augcli/run.json")
    (out / "manifest.csv").unlink()
    (out / "cat/.augcli-0123456789abcdef").write_bytes(b"half")
    assert run(tmp_path) == 0
    assert tree(out) == wanted


@pytest.mark.parametrize("name", ["write", "replace"])
def test_a_write_that_fails_leaves_no_temporary(tmp_path, monkeypatch, name):
    def failing(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, name, failing)
        with pytest.raises(OSError, match="No space left"):
            files.write_whole(str(tmp_path), "cat/a.jpg", b"data")
    assert [path.name for path in tmp_path.rglob("*")] == ["cat"]
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="No space left"):
            files.write_json(tmp_path / "cat/record.json", {})
    assert [path.name for path in tmp_path.rglob("*")] == ["cat"]


def test_what_a_shard_wrote_with_other_versions_is_made_again(tmp_path):
    """Its folder was copied from another machine."""
    fill(tmp_path / "in", NAMES)
    for which in ("1/2", "2/2"):
        run(tmp_path, shard=which)
    path = tmp_path / "out/.augcli/shard-1-of-2/run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "versions": {**record["versions"], "pillow": "1.0"}}))
    before = {path: written_at(path) for path in (tmp_path / "out").rglob("*.jpg")}
    run(tmp_path, shard="1/2")
    assert sum(written_at(path) != inode for path, inode in before.items()) == 24


def test_verify_takes_no_link_for_a_file(tmp_path):
    fill(tmp_path / "in", NAMES[:1])
    run(tmp_path, copies=1)
    made = tmp_path / "out/cat/0_aug000.jpg"
    size = made.stat().st_size
    # the link is as long as the file, and what it leads to is the same
    target = tmp_path / "elsewhere"
    shutil.move(made, target)
    made.symlink_to(str(target).replace("/elsewhere", "/" + "./" * ((size - len(str(target))) // 2) + "elsewhere"))
    data = target.read_bytes()
    if made.lstat().st_size < size:
        made.unlink()
        made.symlink_to(str(target).replace("/elsewhere", "//" + "./" * ((size - len(str(target))) // 2) + "elsewhere"))
    assert (made.lstat().st_size, made.read_bytes()) == (size, data)
    for quick in (False, True):
        assert [one.kind for one in verification.differences(tmp_path / "out", quick)[1]] == ["changed"]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\r", "\x1c"])
def test_whatever_ends_a_line_to_somebody_is_quoted(character):
    assert manifest.line(["a", f"b{character}c"]) == f'a,"b{character}c"\n'


def test_sources_are_sorted_by_their_bytes_and_not_as_text(tmp_path):
    names = [b"\x80.jpg", "\u00e9.jpg".encode(), b"\xff.jpg", "\U0001f600.jpg".encode(), b"z.jpg"]
    fill(tmp_path / "in", [f"cat/{os.fsdecode(name)}" for name in names])
    run(tmp_path, copies=1)
    wanted = [f"cat/{os.fsdecode(name)}" for name in sorted(names)]
    assert wanted != sorted(wanted)
    assert [source.path for source in scan(tmp_path / "in").sources] == wanted
    assert [manifest.unescaped(row["source"]) for row in rows(tmp_path / "out")] == wanted
    for which in ("1/2", "2/2"):
        run(tmp_path, copies=1, out="shared", shard=which)
    merging.merge(tmp_path / "shared")
    assert tree(tmp_path / "shared") == tree(tmp_path / "out")


def test_a_spec_that_is_longer_with_everything_spelled_out_is_read_back():
    steps = ", ".join(f"{{affine: {{name: {chr(97 + number) * 3200}, degrees: 9}}}}" for number in range(20))
    spec = spec_of(f"pipeline: [{steps}]\n")
    text = json.dumps(spec.resolved())
    assert len(text) > 1 << 16
    assert restored(json.loads(text), "augcli.json").key == spec.key


def test_what_may_change_between_runs_is_no_part_of_the_key():
    assert spec_of(FLIP).key == spec_of(f"include_originals: true\ncopies: 7\n{FLIP}").key
    assert spec_of(FLIP).key != spec_of(f"seed: 1\n{FLIP}").key
