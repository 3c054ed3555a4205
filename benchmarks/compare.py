"""Runs the contestants in turn, round after round, and prints what each took and the paired ratios.

CPU is that of the whole process tree, per image written; a ratio is the median over rounds of a contestant's CPU
divided by augcli's in the same round. Data and outputs lie on tmpfs. The set `start-up` is so small that most of what
it takes is the start. Below each table stands where the workers of augcli spent their time.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

SLOW = 8
OURS = "**augcli**"
HERE = Path(__file__).parent
SETS = {  # name: width, height, sources, suffix
    "500x375": (500, 375, 1000, ".jpg"),
    "1920x1080": (1920, 1080, 200, ".jpg"),
    "4000x3000": (4000, 3000, 60, ".jpg"),
    "32x32": (32, 32, 2000, ".png"),
    "start-up": (500, 375, 20, ".jpg"),
}
MAKE = """
import sys, numpy as np, PIL.Image
from pathlib import Path
from typing import NamedTuple
samples, out, width, height, count, suffix = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6]), sys.argv[6]
files = sorted(path for path in samples.rglob("*.*") if path.suffix in (".jpg", ".webp") or path.name == "gravel.png")
photos = [PIL.Image.open(path).convert("RGB") for path in files]
draw = np.random.default_rng(1)
for number in range(count):
    photo = photos[number % len(photos)]
    scale = draw.uniform(0.5, 0.95) * min(photo.width / width, photo.height / height)
    w, h = width * scale, height * scale
    left, top = draw.uniform(0, photo.width - w), draw.uniform(0, photo.height - h)
    part = photo.resize((width, height), PIL.Image.Resampling.BICUBIC, (left, top, left + w, top + h))
    folder = out / f"class{number % 10}"
    folder.mkdir(parents=True, exist_ok=True)
    part.save(folder / f"photo{number:05d}{suffix}", **({"quality": 90} if suffix == ".jpg" else {}))
"""


class Taken(NamedTuple):
    """What one run of a contestant took."""

    cpu: float  # seconds of its whole process tree
    wall: float  # seconds
    megabytes: float  # of its largest process


def taken_by(command: list[str]) -> Taken:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # In a process of its own, or the largest child of all so far would be reported.
    measured = subprocess.run([sys.executable, "-c", MEASURE, *command], check=True, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, kilobytes = map(float, measured.stdout.split()[-2:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(cpu, wall, kilobytes / 1024)


MEASURE = """
import ctypes, os, resource, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: processes that outlive theirs become ours
started = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.monotonic() - started
try:
    while True:
        os.wait()
except ChildProcessError:
    print(wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def main() -> None:
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or it asks the network for a newer version at each start
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=SETS)
    parser.add_argument("--pipelines", nargs="*", default=["a", "b"])
    parser.add_argument("--peer", action="append", default=[], metavar="LABEL:NAME:PYTHON")
    parser.add_argument("--before", type=checkout, metavar="FOLDER", help="another checkout of augcli, as a contestant")
    parser.add_argument("--sources", type=int, help="instead of the set's own number")
    given = parser.parse_args()
    ours = {OURS: HERE.parent} | ({} if given.before is None else {"augcli before": given.before})
    for label, tree in ours.items():
        if not [*(tree / "augcli" / "image" / "native").glob("_kernels*.so")]:
            print(f"{label}: no compiled kernels in {tree}, so it is slow", file=sys.stderr)
    # Whoever sets it for an editable installation would compare compilers: all of augcli would be compiled at each
    # start, and its peers, which pip has compiled, would not.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    work = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    peers = {label: (name, python) for label, name, python in (peer.split(":") for peer in given.peer)}
    print(f"{given.rounds} rounds, contestants in turn; 5 copies, 2 workers; start-up included")
    try:
        for name in given.sets:
            width, height, count, suffix = SETS[name]
            count = count if name == "start-up" else given.sources or count
            data = work / name
            arguments = [str(HERE.parent / "sample_data"), str(data), *map(str, (width, height, count)), suffix]
            subprocess.run([sys.executable, "-c", MAKE, *arguments], check=True)
            for pipeline in given.pipelines:
                if pipeline == "a" or name == "500x375":
                    compare(name, pipeline, data, count, ours, peers, given.rounds, work / "out")
            shutil.rmtree(data)
    finally:
        shutil.rmtree(work)


def checkout(text: str) -> Path:
    """Return the path of a checkout of augcli, for argparse, which says in a line what is none."""
    tree = Path(text).resolve()
    if not (tree / "augcli" / "__main__.py").is_file():
        raise argparse.ArgumentTypeError(f"{text} is no checkout of augcli")
    return tree


def augcli_in(tree: Path, *arguments: object) -> list[str]:
    """Return the command that runs the augcli of a checkout, in this environment."""
    found = ["env", f"PYTHONPATH={tree}", "PYTHONSAFEPATH=1", sys.executable, "-m", "augcli"]
    return found + [str(argument) for argument in arguments]


def compare(
    name: str,
    pipeline: str,
    data: Path,
    count: int,
    ours: dict[str, Path],
    peers: dict[str, tuple[str, str]],
    rounds: int,
    out: Path,
) -> None:
    spec = out.with_name("spec.yaml")
    text = (HERE / f"{pipeline}.yaml").read_text(encoding="utf-8")
    if name == "32x32":
        text = text.replace("size: 224", "size: 32")
    spec.write_text(text.replace("format: jpeg", "format: source"), encoding="utf-8")
    run = ("run", spec, data, out)
    commands = {label: augcli_in(tree, *run, "-j", 2, "-q") for label, tree in ours.items()}
    for label, (contestant, python) in peers.items():
        commands[label] = [python, str(HERE / "peers.py"), contestant, pipeline, str(data), str(out)]
    found: dict[str, list[Taken]] = {label: [] for label in commands}
    for number in range(rounds):
        for label, command in commands.items():
            if number >= 2 and found[label][0].cpu > SLOW * found[OURS][0].cpu:
                continue  # two rounds tell enough of those far behind
            shutil.rmtree(out, ignore_errors=True)
            found[label].append(taken_by(command))
    outputs = 5 * count
    print(f"\n{pipeline.upper()} from {count} sources of {name}:\n")
    print("| | CPU per image, ms | images/s | wall, s | largest process, MB | CPU, augcli = 1 (least to most) |")
    print("|---|--:|--:|--:|--:|--:|")
    for label, runs in found.items():
        middle = Taken(*(statistics.median(values) for values in zip(*runs, strict=True)))
        ratios = sorted(theirs.cpu / own.cpu for theirs, own in zip(runs, found[OURS], strict=False))
        ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        label = label if len(runs) == rounds else f"{label} ({len(runs)} rounds)"
        cells = [f"{middle.cpu / outputs * 1e3:.2f}", f"{outputs / middle.wall:.0f}", f"{middle.wall:.2f}"]
        cells += [f"{middle.megabytes:.0f}", ratio]
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)
    for label, tree in ours.items():
        shutil.rmtree(out, ignore_errors=True)
        command = augcli_in(tree, *run, "-j", 1, "--profile")
        told = subprocess.run(command, check=True, capture_output=True, text=True).stderr.splitlines()
        table = told[next(at for at, line in enumerate(told) if line.startswith("stage ")) :]
        print("\n".join([f"\n{label.strip('*')}, one worker:\n", *(f"    {line}" for line in table)]), flush=True)


if __name__ == "__main__":
    main()
