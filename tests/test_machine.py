"""Machines and habits: limits, closed or full streams, folders that are gone, and programs that only import augcli."""

import contextlib
import errno
import json
import multiprocessing
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import wait
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import pytest

from augcli import cli
from augcli.commands import run
from augcli.dataset import reading
from augcli.dataset.listing import scan
from augcli.engine import pool, runner, worker
from augcli.engine.chunks import Chunk, Chunks
from augcli.engine.executors import ThisMachine
from augcli.engine.jobs import Job
from augcli.engine.pool import Death, Pool
from augcli.image import native, versions
from augcli.modality import Maker
from augcli.modality.images import IMAGES
from augcli.plan import request
from augcli.plan.output_names import items
from augcli.problems import Refused
from augcli.spec import loading
from augcli.storage import files
from tests.commands import ROOT
from tests.test_runs import SAMPLES, augcli, rows, small, tree, write_spec

LIGHT = ROOT / "configs/light.yaml"
MAIN = [sys.executable, "-c", "from augcli.cli import main; main()"]


def job_of(task) -> Job:
    return Job(task, IMAGES, loading.load(LIGHT), "")


def idle() -> Job:
    """A job whose workers wait for what a test gives them."""
    return job_of(_dying_over_the_third)


# --- streams


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "arguments", ["show", "schema", "init", "check configs/light.yaml", "--help", "show --help", "--version"]
)
def test_what_is_printed_to_a_full_device_is_told_in_a_line(arguments, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    full = open("/dev/full", "w")  # noqa: SIM115  it cannot be closed without an error
    monkeypatch.setattr(sys, "stdout", full)
    code = cli.exit_code_of(lambda: cli.augcli.main(arguments.split(), "augcli", standalone_mode=False))
    monkeypatch.undo()
    with contextlib.suppress(OSError):
        full.close()
    assert code == 3
    assert capsys.readouterr().err == "standard output: no space left on device\n"


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_a_run_works_with_closed_streams(tmp_path, closed):
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *MAIN, "run", LIGHT, SAMPLES, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    augcli("verify", tmp_path / "out")


def test_what_is_printed_to_a_closed_stdout_is_no_success():
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *MAIN, "show"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "standard output: bad file descriptor\n")


def test_an_interpreter_that_stays_is_left_without_a_word():
    environment = {**os.environ, "PYTHONINSPECT": "1"}
    done = subprocess.run([*MAIN, "show", "rotte"], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (2, "unknown transform `rotte`\n  = help: did you mean `rotate`?\n")


def test_a_current_folder_that_was_removed_is_named_or_not_needed(tmp_path):
    gone = f'mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec "$@"'
    for out, code, said in ((tmp_path / "out", 0, ""), ("out", 3, "the current folder was removed\n  = help: cd ..\n")):
        command = ["sh", "-c", gone, "sh", *MAIN, "run", LIGHT, SAMPLES, out, "-q"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (code, said)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "not enough memory: `ulimit -v` is 300000"),
        (ImportError("libx.so: failed to map segment from shared object"), "not enough memory: `ulimit -v` is 300000"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "/x/y: no space left on device"),
    ],
)
def test_what_a_machine_lacks_is_told_in_a_line(capsys, monkeypatch, error, said):
    def lacking() -> int:
        raise error

    monkeypatch.setattr(resource, "getrlimit", lambda which: (300_000 << 10, -1))
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert cli.exit_code_of(lacking) == 3
    assert capsys.readouterr().err.splitlines()[0] == said


@pytest.mark.parametrize("command", ["run", "plan", "check"])
def test_a_library_that_a_worker_cannot_load_ends_a_command_and_is_blamed_on_no_image(augcli, tmp_path, command):
    (tmp_path / "site/cv2").mkdir(parents=True)
    (tmp_path / "site/cv2/__init__.py").write_text("raise ImportError('libx.so: cannot be opened')")
    (tmp_path / "site/cv2/version.py").write_text("opencv_version, ci_build = '5.0.0.93', True")
    (tmp_path / "spec.yaml").write_text("pipeline: [median_blur]\n")
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    given = [tmp_path / "spec.yaml", SAMPLES, *([tmp_path / "out", "-q"] if command == "run" else [])]
    done = augcli(command, *given, env={"PYTHONPATH": path})
    what = "this installation is incomplete (libx.so: cannot be opened)\n  = help: reinstall augcli\n"
    assert (done.returncode, done.stderr.removeprefix("left out: 1 without an image suffix\n")) == (3, what)


def test_an_interrupt_before_the_command_is_loaded_is_told_in_a_line():
    code = "import sys\nsys.modules['augcli.cli'] = None\nimport builtins, augcli.__main__ as m\n"
    code += "real = builtins.__import__\ndef interrupted(name, *given):\n"
    code += "    if name == 'augcli.cli': raise KeyboardInterrupt\n    return real(name, *given)\n"
    code += "builtins.__import__ = interrupted\nm.main()\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


# --- workers


def test_a_worker_that_dies_is_missed_at_once_with_its_own_task_only():
    with Pool(2, idle()) as two:
        slow = two.submit(_slept, 0.5)
        answer = two.submit(os.kill, 0, 0)  # a signal of nothing, to see that a worker answers
        assert answer.result() is None
        dead = two.submit(_killed, signal.SIGKILL)
        with pytest.raises(Death) as death:
            dead.result()
        assert death.value.by == signal.SIGKILL
        assert slow.result() == 0.5


def _slept(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _killed(by: int) -> None:
    os.kill(os.getpid(), by)


def test_a_worker_that_dies_in_the_middle_of_its_answer_is_missed_as_any_other():
    pool = Pool(1, idle())
    try:
        with pytest.raises(Death) as death:
            pool.submit(_killed_while_it_answers).result(120)
        assert death.value.by == signal.SIGKILL
    finally:
        pool.kill()


def _killed_while_it_answers() -> None:
    run = sys._getframe(1).f_locals["run"]  # of the worker's loop
    os.write(run.fileno(), struct.pack("!i", 100_000) + bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_task_raises_is_raised_here_with_where_it_was():
    with Pool(1, idle()) as one:
        error = one.submit(os.rmdir, "/nowhere").exception()
    assert isinstance(error, FileNotFoundError)
    assert "os.rmdir" not in str(error)
    assert "Traceback" in error.__notes__[0]


def test_a_pool_that_is_stopped_right_after_it_was_given_work_ends_at_once(capfd):
    """As when a chunk says that the disk is full while the next is handed out."""
    two = Pool(2, idle())
    begun = [two.submit(_slept, 60) for _ in range(3)]
    assert wait(begun, timeout=0.05).done == set()
    two.kill()
    assert [type(one.exception()) for one in begun[:2]] == [Death, Death]
    assert capfd.readouterr() == ("", "")


def test_a_pool_leaves_no_name_anywhere_whatever_becomes_of_it(tmp_path, monkeypatch):
    """A folder for temporary files may have any length, and /dev/shm may be full or missing."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    before = names_of_open_files()
    with Pool(2, idle()) as two:
        assert two.submit(os.getpid).result() != os.getpid()
        names = two.submit(names_of_open_files).result() - before
        assert not [name for name in names if name.startswith(("/dev/shm", str(long)))]
    assert os.listdir(long) == []


def names_of_open_files() -> set[str]:
    """Return what is open in this process, but for what lists it."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/self/fd/{name}"))
    return found


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        (BlockingIOError(errno.EAGAIN, "no"), "the limit on processes and threads is reached (`ulimit -u` is 7"),
        (RuntimeError("can't start new thread"), "the limit on processes and threads is reached (`ulimit -u` is 7"),
        (OSError(errno.ENOMEM, "no"), "there is not enough memory (`ulimit -v` is 0)"),
        (OSError(errno.EMFILE, "no"), "the limit on open files is reached (`ulimit -n` is 7)"),
    ],
)
@pytest.mark.parametrize("where", ["process", "thread", "thread of a worker"])
def test_a_limit_that_is_reached_is_named_and_no_worker_stays(monkeypatch, lacking, said, where):
    """When the third worker is forked, when its thread is started here, and when one is started in it."""
    owner, name, at = {
        "process": (os, "fork", 3),
        "thread": (threading.Thread, "start", 3),
        "thread of a worker": (worker, "start_worker", 1),
    }[where]
    real, calls = getattr(owner, name), []

    def limited(*given):
        calls.append(1)
        if len(calls) == at:
            raise lacking
        return real(*given)

    monkeypatch.setattr(owner, name, limited)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (7, -1))
    started = multiprocessing.active_children()
    with pytest.raises(Refused) as refused:
        Pool(4, idle())
    assert refused.value.exit_code == 3
    assert f"worker processes cannot be started: {said}" in str(refused.value)
    assert multiprocessing.active_children() == started


def test_a_worker_that_is_started_afresh_differs_only_in_its_environment(monkeypatch, tmp_path):
    """It finds modules where this process does, whose environment stays as it is, and dies as any other."""
    (tmp_path / "only_here.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr(pool, "_threads", lambda: None)  # as where there is no way to count them
    with Pool(2, idle()) as two:
        assert two.submit(find_spec, "only_here").result() is not None
        assert two.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
        assert "OPENBLAS_NUM_THREADS" not in os.environ
        with pytest.raises(Death) as death:
            two.submit(_killed, signal.SIGKILL).result()
        assert death.value.by == signal.SIGKILL


def test_a_limit_that_is_reached_when_a_worker_is_started_afresh_is_named(monkeypatch):
    started = []

    class Limited(pool.Popen):
        def __init__(self, *given, **named):
            if started:
                raise BlockingIOError(errno.EAGAIN, "no")
            super().__init__(*given, **named)
            started.append(self)

    monkeypatch.setattr(pool, "Popen", Limited)
    monkeypatch.setattr(pool, "_threads", lambda: None)
    with pytest.raises(Refused, match="worker processes cannot be started: the limit on processes and threads"):
        Pool(2, idle())
    assert [one.returncode for one in started] == [-signal.SIGKILL]


@pytest.mark.parametrize("threads", [1, None], ids=["forked", "afresh"])
def test_workers_end_with_their_run_whatever_they_are_doing(threads):
    """The pipes of its output are closed when the last process is gone that has them."""
    code = "import os, signal, time\nfrom augcli.engine import pool\nfrom tests.test_machine import idle\n"
    code += f"pool._threads = lambda: {threads}\ntwo = pool.Pool(2, idle())\n"
    code += "for _ in range(2): two.submit(time.sleep, 100)\ntime.sleep(0.2)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=120)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")


def test_workers_end_though_a_fork_of_the_program_lives():
    """It has copies of whatever this process has open, as those of a loader do that was started meanwhile."""
    with Pool(1, idle()) as one:
        assert one.submit(os.getpid).result() != os.getpid()
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    assert os.waitpid(child, os.WNOHANG) == (0, 0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_worker_that_dies_while_it_starts_is_done_without(monkeypatch, tmp_path):
    def dying(*given):
        with contextlib.suppress(FileExistsError):
            os.close(os.open(tmp_path / "first", os.O_CREAT | os.O_EXCL))
            os._exit(1)
        real(*given)

    real = worker.start_worker
    monkeypatch.setattr(worker, "start_worker", dying)
    with Pool(2, idle()) as two:
        assert len({two.submit(os.getpid).result() for _ in range(4)}) == 1


def test_a_process_that_may_have_no_children_by_multiprocessing_has_workers(tmp_path):
    code = "import augcli, multiprocessing, sys\n\n\ndef run(out):\n"
    code += "    return augcli.run({'pipeline': ['rotate']}, 'sample_data', out, jobs=1).failed\n\n\n"
    code += "if __name__ == '__main__':\n    with multiprocessing.get_context('fork').Pool(1) as pool:\n"
    code += "        print(pool.map(run, sys.argv[1:]))\n"
    (tmp_path / "script.py").write_text(code)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "out")]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "[0]\n"), done.stderr


CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


@pytest.mark.skipif(not CHILDREN.exists(), reason="only Linux lists the children of a process")
def test_a_run_leaves_no_process_beside_the_program_that_it_is_part_of(tmp_path):
    """A lock for several processes would, where they are not forked by default: from Python 3.14 on."""
    code = (
        "import multiprocessing, os, sys\nfrom pathlib import Path\nfrom augcli.commands import run\n"
        "from augcli.plan.request import Options\nfrom augcli.spec import loading\n"
        "multiprocessing.set_start_method('spawn')\nloaded = loading.load(Path('configs/light.yaml'))\n"
        "run.run(loaded, Path('sample_data'), Path(sys.argv[1]), Options(jobs=2))\n"
        "print(Path(f'/proc/self/task/{os.getpid()}/children').read_text())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "\n"


def test_a_check_whose_workers_keep_dying_says_so(monkeypatch, capsys):
    def dying(*given):
        raise Death(signal.SIGKILL)

    monkeypatch.setattr(runner, "run", dying)
    command = ["check", str(LIGHT), str(SAMPLES)]
    assert cli.exit_code_of(lambda: cli.augcli.main(command, "augcli", standalone_mode=False)) == 3
    assert capsys.readouterr().err.startswith("workers keep dying\n  = help: free memory or use fewer --jobs, then")


def test_chunks_that_a_dead_worker_had_not_begun_are_run_as_they_were():
    """Only what it died over is tried source by source; the rest of the window is handed over again, once."""
    done, lost = [], []
    loaded = loading.load(LIGHT)
    found = list(items(loaded, SAMPLES, scan(SAMPLES).sources))
    cut = Chunks(found, 1, 2)
    cut.learn(100.0, 1)  # so that each holds one source
    runner.run(
        job_of(_dying_over_the_third), cut, ThisMachine(2), 1000, lambda one: done.append(one.result), lost.append
    )
    assert sum(done) == len(found)
    assert lost == ["a worker died; trying again"]


def _dying_over_the_third(job: Job, maker: Maker, chunk: Chunk) -> int:
    if chunk.number == 3 and not job.under_way:  # nor when it is tried by itself
        os.kill(os.getpid(), signal.SIGKILL)
    return len(chunk.items)


class _Counting:
    """A task that knows how often it was sent."""

    sent: ClassVar[list[str]] = []

    def __reduce__(self):
        self.sent.append("once")
        return _Counting, ()

    def __call__(self, job: Job, maker: Maker, chunk: Chunk) -> int:
        return chunk.number


def test_a_job_is_sent_to_each_worker_at_most_once_however_many_chunks_there_are():
    """Forked workers have it already; others are told with their start."""
    found = list(items(loading.load(LIGHT), SAMPLES, scan(SAMPLES).sources))
    cut, done = Chunks(found, 1, len(found)), []
    runner.run(job_of(_Counting()), cut, ThisMachine(2), 1000, lambda one: done.append(one.result), lambda text: None)
    assert sorted(done) == list(range(1, len(found) + 1))
    assert len(_Counting.sent) <= 2 < len(found)


# --- partners that cannot be read


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOENT])
def test_a_partner_that_cannot_be_read_for_a_moment_has_no_other_in_its_place(tmp_path, monkeypatch, code):
    """Its source fails, and the next run makes it; who cannot be decoded passes to the next, as ever."""
    source = small(tmp_path / "in", tuple(f"cat/{n}.jpg" for n in range(6)))
    loaded = loading.load(write_spec(tmp_path, "copies: 1\npipeline: [mixup: {alpha: 1, p: 1}]\n"))

    def code_of_run(name):
        return run.run(loaded, source, tmp_path / name, request.Options(quiet=True)).exit_code

    assert code_of_run("wanted") == 0
    real, failed_for = reading.read_source, []

    def read_source(root, path, member=None):
        if not failed_for:
            failed_for.append(path)
            raise files.unread(OSError(code, os.strerror(code)))
        return real(root, path)

    monkeypatch.setattr(reading, "read_source", read_source)
    assert code_of_run("out") == 1
    (error,) = [row["error"] for row in rows(tmp_path / "out") if row["status"] == "failed"]
    reason = f"cannot be read ({os.strerror(code).lower()})"
    assert re.fullmatch(rf"cat/\d.jpg, which is mixed in, {re.escape(reason)}", error)
    monkeypatch.undo()
    assert code_of_run("out") == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "wanted")


# --- the kernels, and importing


@pytest.mark.parametrize(
    ("library", "cpu", "said"),
    [
        (object(), "SSE2 AVX2", ""),
        (object(), "SSE2 *AVX *AVX2", ""),
        (object(), "NEON *NEON_FP16", ""),
        (None, "SSE2 AVX2", "the compiled kernels are missing: images take up to 15 times longer"),
        (object(), "SSE2 *AVX *AVX2?", "this processor has no AVX2, which the compiled kernels are for"),
    ],
)
def test_a_machine_that_is_slow_for_want_of_a_compiler_is_told_so(monkeypatch, library, cpu, said):
    monkeypatch.setattr(native, "library", lambda: library)
    assert IMAGES.slowed({"cpu": cpu})[: len(said) or None] == said


def test_what_is_told_of_opencv_without_loading_it_is_what_it_says():
    import cv2

    told = versions.versions()
    assert told["opencv"] == cv2.__version__
    assert told["cpu"] == versions.family(cv2.getCPUFeaturesLine())


def test_opencv_is_asked_of_the_cpu_where_it_is_told_to_do_without_something():
    code = "import cv2\nfrom augcli.image.versions import family, versions\n"
    code += "print(versions()['cpu'])\nprint(family(cv2.getCPUFeaturesLine()))"
    environment = {**os.environ, "OPENCV_CPU_DISABLE": "AVX2"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    told, said = done.stdout.splitlines()
    assert told == said


def test_opencv_has_one_thread_in_a_process_of_ours_whoever_loads_it():
    """As a step of another package may, without us."""
    code = "from augcli.image import process\nprocess.take_over()\nimport cv2\nprint(cv2.getNumThreads())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "1\n"


STATE = """
import importlib, json, logging, os, pkgutil, sys, threading, warnings
def state():
    import cv2, PIL.Image, tqdm
    return [PIL.Image.MAX_IMAGE_PIXELS, cv2.utils.logging.getLogLevel(), cv2.getNumThreads(), dict(os.environ),
            tqdm.tqdm.monitor_interval, [str(one) for one in warnings.filters], sys.path,
            str(logging.getLogger("PIL").handlers), sys.excepthook.__name__, str(threading.excepthook)]
import click, numpy
before = state()
import augcli
for module in pkgutil.walk_packages(augcli.__path__, "augcli."):
    if not module.name.endswith(("__main__", "_kernels", "augcli.torch")):
        importlib.import_module(module.name)
print(json.dumps([before, state()]))
"""


def test_importing_augcli_changes_nothing_of_a_process():
    done = subprocess.run([sys.executable, "-c", STATE], capture_output=True, text=True, cwd=ROOT, check=True)
    before, after = json.loads(done.stdout)
    assert after == before


def test_a_run_inside_another_program_changes_nothing_of_it(tmp_path):
    """Its workers do: they are processes of their own."""
    code = STATE[: STATE.index("import click")] + (
        "before = state()\nfrom pathlib import Path\nfrom augcli.commands import run\n"
        "from augcli.plan.request import Options\n"
        "from augcli.spec import loading\n"
        "loaded, given = loading.load(Path('configs/light.yaml')), Options(quiet=True)\n"
        "run.run(loaded, Path('sample_data'), Path(sys.argv[1]), given)\n"
        "print(json.dumps([before, state()]))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    before, after = json.loads(done.stdout)
    assert after == before
