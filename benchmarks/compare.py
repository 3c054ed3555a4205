"""Runs the contestants in turn, round after round, and prints what each took and the paired ratios.

CPU is that of the whole process tree, per output; a ratio is the median over rounds of a contestant's CPU divided by
augcli's in the same round. Data and outputs lie on tmpfs.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
HERE = Path(__file__).parent
SETS = {  # name: width, height, sources, suffix
    "500x375": (500, 375, 300, ".jpg"),
    "1920x1080": (1920, 1080, 60, ".jpg"),
    "4000x3000": (4000, 3000, 16, ".jpg"),
    "32x32": (32, 32, 2000, ".png"),
}
MAKE = """
import sys, numpy as np, PIL.Image
from pathlib import Path
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


def cpu_of(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return CPU seconds of its process tree, wall seconds, and megabytes of its largest process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.monotonic() - started
    with contextlib.suppress(ChildProcessError):
        while True:  # processes that outlived theirs are ours now
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="*", default=["500x375"], choices=SETS)
    parser.add_argument("--pipelines", nargs="*", default=["a", "b"])
    parser.add_argument("--peer", action="append", default=[], metavar="LABEL:NAME:PYTHON")
    parser.add_argument("--sources", type=int, help="instead of the set's own number")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    work = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    peers = {label: (name, python) for label, name, python in (peer.split(":") for peer in given.peer)}
    try:
        for name in given.sets:
            width, height, count, suffix = SETS[name]
            count = given.sources or count
            data = work / name
            arguments = [str(HERE.parent / "sample_data"), str(data), *map(str, (width, height, count)), suffix]
            subprocess.run([sys.executable, "-c", MAKE, *arguments], check=True)
            for pipeline in given.pipelines:
                compare(name, pipeline, data, count, peers, given.rounds, work / "out")
    finally:
        shutil.rmtree(work)


def compare(
    name: str, pipeline: str, data: Path, count: int, peers: dict[str, tuple[str, str]], rounds: int, out: Path
) -> None:
    spec = out.with_name("spec.yaml")
    text = (HERE / f"{pipeline}.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("format: jpeg", "format: source"), encoding="utf-8")
    ours = [sys.executable, "-m", "augcli", "run", str(spec), str(data), str(out), "-j", "2", "-q"]
    commands = {"augcli": ours}
    for label, (contestant, python) in peers.items():
        commands[label] = [python, str(HERE / "peers.py"), contestant, pipeline, str(data), str(out)]
    taken: dict[str, list[tuple[float, float, float]]] = {label: [] for label in commands}
    for _ in range(rounds):
        for label, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            taken[label].append(cpu_of(command))
    outputs = 5 * count
    print(f"\n{pipeline.upper()}: {count} sources of {name}, 5 copies, 2 workers, {rounds} rounds\n")
    print("| | CPU per output, ms | images/s | ratio of CPU to augcli (least to most) |")
    print("|---|--:|--:|--:|")
    for label, found in taken.items():
        cpu, wall = (statistics.median(values) for values in list(zip(*found, strict=True))[:2])
        ratios = sorted(theirs[0] / own[0] for theirs, own in zip(found, taken["augcli"], strict=True))
        middle = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {label} | {cpu / outputs * 1e3:.2f} | {outputs / wall:.0f} | {middle} |", flush=True)


if __name__ == "__main__":
    main()
