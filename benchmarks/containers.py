"""What shards cost beside loose files, and what img2dataset takes to put the same photos into shards.

`python containers.py [--rounds N] [--sources N] [--img2dataset PYTHON]`; img2dataset stands in an environment of its
own, and gets the photos as file:// addresses. Contestants take turns, round after round, with two workers each; CPU is
that of the whole process tree, start-up included. A ratio is the median over rounds of a contestant's figure divided by
that of the first in the same round. Data and outputs lie on tmpfs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from compare import HERE, MAKE, SETS, Taken, taken_by

AUGMENTED = """
copies: 5
output: {{format: jpeg, container: {container}}}
pipeline: [random_resized_crop: {{size: 224}}, horizontal_flip, color_jitter: {{brightness: 0.2, contrast: 0.2}}]
"""
RESIZED = "output: {{format: jpeg, container: {container}}}\npipeline: [resize: {{size: 256}}]\n"
IMG2DATASET = """
import json, sys
from img2dataset import download
if __name__ == "__main__":
    download(**json.loads(sys.argv[1]))
"""


def augcli(spec: str, container: str, data: Path, work: Path) -> list[str]:
    """Return the command that writes photos into a container."""
    path = work / f"{container}.yaml"
    shards = "" if container == "files" else ", shard_size: 250"  # or the last one would be waited for
    path.write_text(spec.format(container=container + shards), encoding="utf-8")
    return [sys.executable, "-m", "augcli", "run", str(path), str(data), str(work / "out"), "-j", "2", "-q"]


def img2dataset(python: str, data: Path, work: Path) -> list[str]:
    """Return the command that resizes photos as `resize: {size: 256}` does, and puts them into tar shards."""
    addresses, program = work / "addresses.txt", work / "program.py"
    addresses.write_text("".join(f"file://{path}\n" for path in sorted(data.rglob("*.*"))), encoding="utf-8")
    program.write_text(IMG2DATASET, encoding="utf-8")
    options = {
        "url_list": str(addresses),
        "input_format": "txt",
        "output_folder": str(work / "out"),
        "output_format": "webdataset",
        "number_sample_per_shard": 250,
        "processes_count": 2,
        "image_size": 256,
        "resize_mode": "keep_ratio",
        "encode_quality": 95,
    }
    return [python, str(program), json.dumps(options)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="*", default=["500x375", "1920x1080"], choices=SETS)
    parser.add_argument("--sources", type=int, help="instead of the set's own number")
    parser.add_argument("--img2dataset", metavar="PYTHON")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    print(f"{given.rounds} rounds, contestants in turn, 2 workers; start-up included")
    try:
        for name in given.sets:
            width, height, count, suffix = SETS[name]
            count = given.sources or count
            data = work / name
            arguments = [str(HERE.parent / "sample_data"), str(data), *map(str, (width, height, count)), suffix]
            subprocess.run([sys.executable, "-c", MAKE, *arguments], check=True)
            kinds = ("files", "webdataset", "parquet")
            print(f"\n5 copies of {count} photos of {name}, into:")
            compare({kind: augcli(AUGMENTED, kind, data, work) for kind in kinds}, 5 * count, given.rounds, work)
            if given.img2dataset:
                ours = {f"augcli, {kind}": augcli(RESIZED, kind, data, work) for kind in ("webdataset", "files")}
                theirs = {"img2dataset, webdataset": img2dataset(given.img2dataset, data, work)}
                print(f"\n{count} photos of {name} resized to 256:")
                compare(ours | theirs, count, given.rounds, work)
            shutil.rmtree(data)
    finally:
        shutil.rmtree(work)


def compare(commands: Mapping[str, Sequence[str]], images: int, rounds: int, work: Path) -> None:
    """Run commands in turn, and print a table of what they took."""
    found: dict[str, list[Taken]] = {label: [] for label in commands}
    sizes: dict[str, tuple[int, int]] = {}
    for _ in range(rounds):
        for label, command in commands.items():
            shutil.rmtree(work / "out", ignore_errors=True)
            found[label].append(taken_by(list(command)))
            written = [path.stat().st_size for path in (work / "out").rglob("*.*") if path.is_file()]
            sizes[label] = len(written), sum(written)
    first = next(iter(found.values()))
    print("\n| | CPU per image, ms | images/s | largest process, MB | files | MB | CPU (least to most) | wall |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for label, runs in found.items():
        middle = Taken(*(statistics.median(values) for values in zip(*runs, strict=True)))
        cpu = sorted(own.cpu / other.cpu for own, other in zip(runs, first, strict=True))
        wall = statistics.median(own.wall / other.wall for own, other in zip(runs, first, strict=True))
        cells = [f"{middle.cpu / images * 1e3:.2f}", f"{images / middle.wall:.0f}", f"{middle.megabytes:.0f}"]
        cells += [str(sizes[label][0]), f"{sizes[label][1] / 1e6:.1f}"]
        cells += [f"{statistics.median(cpu):.2f} ({cpu[0]:.2f} to {cpu[-1]:.2f})", f"{wall:.2f}"]
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
