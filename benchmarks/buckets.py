"""What a bucket costs: `python -m benchmarks.buckets [photos]`, from folder to folder and from S3 to S3, files and tar.

The S3 server is moto on loopback, once as it is and once behind a proxy that adds 20 ms to each call, as a bucket of a
cloud does. Rounds are interleaved; printed are wall time, CPU time of the run without the server, and the share of the
time of two workers in which none of them computes, which is waiting.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from tests import buckets

ROOT = Path(__file__).parents[1]
ROUNDS, JOBS = 3, 2
STEPS = (ROOT / "benchmarks/a.yaml").read_text()
DELAY = 0.02  # seconds


def once(spec: Path, root: str, out: str, environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the wall and the CPU seconds of a run."""
    command = [sys.executable, "-m", "augcli", "run", str(spec), root, out, "--quiet", "--jobs", str(JOBS)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), monotonic()
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT), **environment})
    wall, after = monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=int, nargs="?", default=200, help="how many: 200")
    number = parser.parse_args().photos
    photos = sorted((ROOT / "sample_data/train").rglob("*.jpg"))
    with tempfile.TemporaryDirectory(prefix="augcli-buckets-") as folder, buckets.server() as server:
        work = Path(folder)
        (work / "in/a").mkdir(parents=True)
        for at in range(number):
            shutil.copy(photos[at % len(photos)], work / f"in/a/{at:06d}.jpg")
        there = server.upload(work / "in", f"{server.bucket()}/in")
        (work / "files.yaml").write_text(STEPS)
        (work / "tar.yaml").write_text(STEPS.replace("output: {", "output: {container: webdataset, shard_size: 200, "))
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        with buckets.proxy(server.endpoint, lambda number, method, path: "slow") as slow:
            slow.delay = DELAY
            for turn in range(ROUNDS):
                for kind in ("files", "tar"):
                    ways = {
                        "folder to folder": (str(work / "in"), str(work / f"out-{kind}-{turn}"), {}),
                        "S3 to S3": (there, f"{server.bucket()}/{kind}", server.environment()),
                        "S3 to S3, 20 ms a call": (
                            there,
                            f"{server.bucket()}/{kind}",
                            server.environment(slow.endpoint),
                        ),
                    }
                    for way, (root, out, environment) in ways.items():
                        found.setdefault((kind, way), []).append(once(work / f"{kind}.yaml", root, out, environment))
    for (kind, way), times in found.items():
        wall, cpu = (statistics.median(one[at] for one in times) for at in (0, 1))
        print(f"{kind:6} {way:24} {wall:6.1f} s wall, {cpu:6.1f} s CPU, waiting {max(0, 1 - cpu / wall / JOBS):4.0%}")


if __name__ == "__main__":
    main()
