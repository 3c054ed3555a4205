"""Kills runs with SIGKILL at random instants, gives the same command again, and compares with runs left in peace.

    python -m tests.kill_trials 50 [--seed 0]

makes 50 trials of each kind: the whole process group is killed, the parent alone, or one worker. The instants are
uniform from a run's start to the end of an undisturbed one, so that some fall into the start-up and into the finish;
for a worker they begin with the first of them. Every other trial kills the second run, too, in any of the three ways.
The exit code is 1 if a tree was not equal, or if something else that a kill may not do was seen; each is told with
what repeats it.

Runs are told apart by their session, and processes are found in /proc, so this needs Linux.
"""

import argparse
import contextlib
import hashlib
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import PIL.Image

from tests import text_sets
from tests.labelled_sets import SETS
from tests.test_runs import ROOT, jpeg, tree, workers_of
from tests.text_sets import as_csv

KINDS = ("group", "parent", "worker")
MIXED = """
seed: 5
copies: 4
include_originals: true
pipeline:
  - horizontal_flip
  - rotate: {degrees: 20}
  - one_of:
      p: 0.6
      steps: [gaussian_blur, gauss_noise, color_jitter: {brightness: 0.3, hue: 0.1}]
  - mixup: {p: 0.7}
"""
LABELLED = """
seed: 6
copies: 4
include_originals: true
pipeline:
  - horizontal_flip
  - rotate: {degrees: 20}
  - mosaic: {p: 0.4}
  - resize: {size: [480, 640]}
"""
TEXTS = """
seed: 7
copies: 4
include_originals: true
pipeline:
  - eda
  - word_dropout: {share: 0.2, p: 0.5}
"""
ENDS_BY_ITSELF = 120.0  # seconds; a run takes two or three of them, on a busy machine ten
ORPHANS_END = 60.0  # seconds, likewise: a worker leaves when it hears that its run died, after what it is writing


class Case(NamedTuple):
    """A command but for its OUT, and what it comes to when nothing disturbs it.

    Times are in seconds: until the first worker, until the end from nothing, and until the end when all is there.
    """

    name: str
    arguments: list[str]
    tree: dict[str, str]
    first_worker: float
    end: float
    end_again: float


class Trial(NamedTuple):
    """What was done to a command, what became of each kill, and all that was wrong afterwards."""

    story: str
    fates: list[str]
    faults: list[str]


def make_photos(root: Path) -> Path:
    """Photos in three classes and two splits, of a size that gives the workers half of the time of a run."""
    for number in range(54):
        split = "val" if number % 5 == 4 else "train"
        path = root / split / f"class{number % 3}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, 640, 480))
    return root


def make_cases(folder: Path, which: slice = slice(None)) -> list[Case]:
    """Run specs undisturbed, with many copies and with few, over class folders, sets with labels, and texts.

    The last makes tar shards. A pool of two makes them, or one worker.
    """
    photos, mixed, heavy = make_photos(folder / "in"), folder / "mixed.yaml", ROOT / "configs/heavy.yaml"
    mixed.write_text(MIXED)
    labelled = folder / "labelled.yaml"
    labelled.write_text(LABELLED)
    sets = [SETS[name](folder / name, 60) for name in ("coco", "yolo")]
    cases = []
    asked = [(heavy, photos, 5), (mixed, photos, 1), (heavy, photos, 1), (mixed, photos, 4)]
    texts = folder / "texts.yaml"
    texts.write_text(TEXTS)
    tables = as_csv(as_csv(folder / "tables", text_sets.texts(1500)), text_sets.texts(50, seed=2), "val.csv")
    asked[2:2] = [(texts, tables, 6)]
    asked[1:1], asked[4:4] = [(labelled, sets[0], 6)], [(labelled, sets[1], 6)]
    tars = folder / "tars.yaml"
    tars.write_text(MIXED + "output: {container: webdataset, shard_size: 20}\n")
    asked.append((tars, folder / "in", 4))
    for spec, photos, copies in asked[which]:
        name = f"{spec.stem} {photos.name} {copies}"
        arguments = [str(spec), str(photos), "--copies", str(copies), "-j", "2"]
        trees, times = [], []
        for out in (folder / f"{name} first", folder / name, folder / name):  # what is cold costs time only once
            started = time.monotonic()
            run = start(arguments, out)
            first_worker = until_first_worker(run) - started
            faults = not_as_promised(run, out, {0})
            assert not faults, faults
            times.append((first_worker, time.monotonic() - started))
            trees.append(tree(out))
        assert trees[0] == trees[1] == trees[2]
        cases.append(Case(name, arguments, trees[0], times[1][0], times[1][1], times[2][1]))
    return cases


def start(arguments: list[str], out: Path) -> subprocess.Popen:
    """Start a run in a session of its own, which tells its problems to a file beside OUT."""
    spec, photos, *options = arguments
    command = [sys.executable, "-m", "augcli", "run", spec, photos, str(out), *options]
    with said_to(out).open("wb") as said:  # a pipe would be kept open by orphans
        return subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)


def said_to(out: Path) -> Path:
    return out.with_name(f"{out.name}.txt")


def workers(run: subprocess.Popen) -> list[int]:
    """Return the workers of a run that is still there."""
    try:
        return workers_of(run.pid)
    except (FileNotFoundError, ProcessLookupError):
        return []


def until_first_worker(run: subprocess.Popen) -> float:
    """Wait until a run has a worker, or has ended without one; return when that was."""
    while run.poll() is None and not workers(run):
        time.sleep(0.005)
    return time.monotonic()


def kill(run: subprocess.Popen, kind: str, draw: random.Random) -> str:
    """Kill a run in one of the three ways; return `killed`, or why there was nothing to kill."""
    if run.poll() is not None:
        return "after the end"
    if kind == "group":
        os.killpg(run.pid, signal.SIGKILL)
    elif kind == "parent":
        run.kill()
    else:
        try:
            os.kill(draw.choice(workers(run)), signal.SIGKILL)
        except (IndexError, ProcessLookupError):
            return "without a worker"
    return "killed"


def trial(kind: str, case: Case, out: Path, twice: bool, draw: random.Random) -> Trial:
    """Start a run, kill it at a random instant, perhaps once more, and give the same command to the end."""
    story, fates, faults, sessions = [case.name], [], [], []
    for kind_now in (kind, draw.choice(KINDS)) if twice else (kind,):
        missing = 1 - len(images(out)) / len(case.tree)
        latest = case.end_again + (case.end - case.end_again) * missing
        started = time.monotonic()
        run = start(case.arguments, out)
        sessions.append(run.pid)
        if kind_now == "worker":
            started, latest = until_first_worker(run), latest - case.first_worker
        instant = draw.uniform(0, latest)
        time.sleep(max(0, started + instant - time.monotonic()))
        fates.append(kill(run, kind_now, draw))
        story.append(f"{kind_now} {fates[-1]} at {instant:.3f} s of {latest:.3f}")
        # a run that was just about to end may have ended before the signal came
        codes = {-signal.SIGKILL, 0} if fates[-1] == "killed" and kind_now != "worker" else {0}
        faults += not_as_promised(run, out, codes)
        faults += not_whole(out, case, ended=run.returncode == 0)
    # At once, while orphans of a dead parent may still be there: they must not write into this run.
    run = start(case.arguments, out)
    sessions.append(run.pid)
    faults += not_as_promised(run, out, {0})
    faults += different(tree(out), case.tree)
    if (out / ".augcli").exists():
        faults.append(".augcli is still there")
    faults += orphans(sessions)
    return Trial("; ".join(story), fates, faults)


def images(out: Path) -> list[Path]:
    """What has a final name, besides the manifest and the record."""
    found = []
    for folder, folders, names in os.walk(out):
        folders[:] = [name for name in folders if name != ".augcli"]
        found += [Path(folder, name) for name in names if not name.startswith(".")]  # those are temporary
    return [path for path in found if path not in (out / "manifest.csv", out / "augcli.json")]


def not_as_promised(run: subprocess.Popen, out: Path, codes: set[int]) -> list[str]:
    """Wait until a run ends, and tell if it does not, or with another exit code or a traceback."""
    try:
        code = run.wait(ENDS_BY_ITSELF)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return [f"a run hung for {ENDS_BY_ITSELF:.0f} s: {said_to(out).read_text().strip()}"]
    said = said_to(out).read_text().strip()
    return [f"a run ended with {code}: {said}"] if code not in codes or "Traceback" in said else []


def not_whole(out: Path, case: Case, ended: bool) -> list[str]:
    """Tell what a killed run has left under a final name that is not what an undisturbed one writes there.

    All must be there if the run has `ended` nevertheless, or if there is a manifest.
    """
    faults, found = [], {}
    complete = ended or (out / "manifest.csv").exists()  # looked for first: orphans may still be adding images
    for path in images(out):
        name = path.relative_to(out).as_posix()
        data = path.read_bytes()
        found[name] = hashlib.sha256(data).hexdigest()
        if path.suffix in (".csv", ".json", ".txt", ".yaml", ".tar"):  # these are compared below
            continue
        try:
            with PIL.Image.open(io.BytesIO(data)) as image:
                image.load()
        except (OSError, SyntaxError) as error:
            faults.append(f"after the kill, no whole image: {name} ({error})")
    wanted = {name: digest for name, digest in case.tree.items() if complete or name in found}
    if complete:
        found |= {name: digest for name, digest in tree(out).items() if "/" not in name}
    return faults + [f"after the kill: {fault}" for fault in different(found, wanted)]


def different(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Tell in a line in what two trees differ."""
    kinds = {
        "missing": wanted.keys() - found.keys(),
        "extra": found.keys() - wanted.keys(),
        "changed": {name for name in found.keys() & wanted.keys() if found[name] != wanted[name]},
    }
    told = [f"{len(names)} {kind}, as {min(names)}" for kind, names in kinds.items() if names]
    return [", ".join(told)] if told else []


def orphans(sessions: list[int]) -> list[str]:
    """Wait until all processes of these sessions have ended by themselves; tell of those that do not, and end them."""
    deadline = time.monotonic() + ORPHANS_END
    while (left := alive(sessions)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return [f"{len(left)} processes were there {ORPHANS_END:.0f} s after the end"] if left else []


def alive(sessions: list[int]) -> list[int]:
    """Return the processes of some sessions; not those that wait to be reaped, who can do nothing more."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # after the name, which may hold anything but is in parentheses: state, parent, group, session
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z" and int(session) in sessions:
            found.append(int(folder.name))
    return found


def trials(kind: str, count: int, seed: int, cases: list[Case], folder: Path):
    """Make the trials of a kind: the cases in turn, every other killed twice, in the next round those in between."""
    for number in range(count):
        draw = random.Random(f"{seed} {kind} {number}")
        twice = (number + number // len(cases)) % 2 == 1
        out = folder / f"{kind}{number}"
        yield trial(kind, cases[number % len(cases)], out, twice, draw)
        shutil.rmtree(out)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill runs at random instants and see that they go on.")
    parser.add_argument("count", type=int, help="how many trials of each kind")
    parser.add_argument("--seed", type=int, default=0, help="another number, other instants")
    given = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        cases = make_cases(Path(folder))
        for kind in KINDS:
            equal, fates = 0, Counter()
            for number, done in enumerate(trials(kind, given.count, given.seed, cases, Path(folder))):
                equal += not done.faults
                fates[done.fates[0]] += 1
                for fault in done.faults:
                    print(f"{kind} {number} of seed {given.seed}: {done.story}: {fault}", flush=True)
            idle = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()) if fate != "killed")
            print(f"{kind}: {equal} of {given.count} equal{f' ({idle})' if idle else ''}", flush=True)
            failed |= equal < given.count
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
