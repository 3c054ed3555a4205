"""How a run grows with its input: `growth.py 1000 10000 100000`; small images, 5 copies, 2 workers.

Prints for each number of sources the wall and CPU time per source, what the parent does alone (listing, planning,
taking stock, the manifest) as a share of the time, its memory after planning and its growth from then to the last
chunk, and how long the same command takes again when everything is there.
"""

import argparse
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from augcli.commands import run
from augcli.engine import profile, report
from augcli.output import folder
from augcli.plan import output_names
from augcli.plan.request import Options
from augcli.spec import loading

SPEC = "copies: 5\npipeline: [horizontal_flip, {rotate: {degrees: 15}}, {brightness: {factor: 0.2}}]\n"
DIFFERENT = 500  # images; the others are links to them


def resident() -> float:
    """Return the megabytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def inner(root: Path, out: Path) -> None:
    profile.attach({"alone": [(run, "request_of"), (folder.Folder, "prepare"), (folder.Folder, "finish")]})
    items, done = output_names.items, report.Report.done
    seen: list[float] = []

    def planned(*given):  # type: ignore[no-untyped-def]
        before, started = resident(), time.perf_counter()
        found = items(*given)
        print("planning", resident() - before, time.perf_counter() - started)
        return found

    def finished(self, chunk):  # type: ignore[no-untyped-def]
        seen.append(resident())
        done(self, chunk)

    output_names.items, report.Report.done = planned, finished  # type: ignore[assignment]
    run.run(loading.load(root.with_name("spec.yaml")), root, out, Options(jobs=2, quiet=True))
    print("alone", profile.taken()["alone"])
    print("resident", seen[0], max(seen[-3:]))


def measured(root: Path, out: Path) -> dict[str, list[float]]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, __file__, "--inner", str(root), str(out)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    wall = time.monotonic() - started
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = (line.split() for line in told.splitlines())
    found = {name: [float(number) for number in numbers] for name, *numbers in lines}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**found, "time": [wall, cpu]}


def main() -> None:
    import ctypes

    import numpy as np
    import PIL.Image

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=int, nargs="*", default=[1000, 10_000], help="numbers of them: 1000 10000")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: workers' time is counted when their run has ended
    print("| sources | wall, us per source | CPU, us per source | parent alone | planning, bytes per source |", end="")
    print(" growth, MB | again, s |\n|--:|--:|--:|--:|--:|--:|--:|")
    for count in given.sources:
        work = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        root, out, draw = work / "in", work / "out", np.random.default_rng(1)
        (work / "spec.yaml").write_text(SPEC, encoding="utf-8")
        for number in range(count):
            path = root / f"class{number % 20:02d}" / f"photo{number:06d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            if number < DIFFERENT:
                small = PIL.Image.fromarray(draw.integers(0, 256, (5, 6, 3), dtype=np.uint8))
                small.resize((40, 32), PIL.Image.Resampling.BICUBIC).save(path, quality=90)
            else:
                first = number % DIFFERENT
                os.link(root / f"class{first % 20:02d}" / f"photo{first:06d}.jpg", path)
        whole = measured(root, out)
        wall, cpu = whole["time"]
        alone = (whole["alone"][0] + whole["planning"][1]) / wall
        growth = whole["resident"][1] - whole["resident"][0]
        again = measured(root, out)["time"][0]
        cells = [f"{count}", f"{wall / count * 1e6:.0f}", f"{cpu / count * 1e6:.0f}", f"{alone:.1%}"]
        cells += [f"{whole['planning'][0] / count * 1e6:.0f}", f"{growth:.1f}", f"{again:.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        shutil.rmtree(work)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inner"]:
        inner(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
