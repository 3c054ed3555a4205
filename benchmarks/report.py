"""What `augcli report` takes for a large OUT: seconds, memory, and the size of the page.

    .venv/bin/python benchmarks/report.py [SOURCES] [--layout classes|yolo]

An IN of tiny pictures in a hundred classes of very different sizes is made and augmented, four copies of each.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import PIL.Image

CLASSES = 100
SPEC = """
copies: 4
pipeline:
  - horizontal_flip
  - rotate: {degrees: 15}
  - color_jitter: {brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1}
  - one_of: {p: 0.5, steps: [gaussian_blur, gauss_noise]}
"""


def make_input(root: Path, sources: int, layout: str) -> None:
    """Write so many pictures, of a few contents; a class has ever fewer."""
    noise = np.random.default_rng(0)
    files = [encoded(noise.integers(0, 256, (4, 4, 3), np.uint8)) for _ in range(16)]
    chance = random.Random(0)
    classes = chance.choices(range(CLASSES), [1 / (number + 1) for number in range(CLASSES)], k=sources)
    if layout == "yolo":
        (root / "images/train").mkdir(parents=True)
        (root / "labels/train").mkdir(parents=True)
        names = "\n".join(f"  {number}: class {number}" for number in range(CLASSES))
        (root / "data.yaml").write_text(f"path: .\ntrain: images/train\nval: images/train\nnames:\n{names}\n")
    for number, label in enumerate(classes):
        data = files[number % len(files)]
        if layout == "yolo":
            (root / f"images/train/{number:06d}.jpg").write_bytes(data)
            (root / f"labels/train/{number:06d}.txt").write_text(f"{label} 0.5 0.5 0.6 0.6\n")
        else:
            folder = root / f"class {label:02d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:06d}.jpg").write_bytes(data)


def encoded(squares: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(squares).resize((32, 32), PIL.Image.Resampling.NEAREST).save(buffer, "JPEG")
    return buffer.getvalue()


def measured(*arguments: object) -> tuple[float, float]:
    """Run augcli; return the seconds and the peak of its memory, in MB."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "augcli", *map(str, arguments)])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"augcli {arguments[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=int, nargs="?", default=25_000)
    parser.add_argument("--layout", choices=("classes", "yolo"), default="classes")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        make_input(top / "in", asked.sources, asked.layout)
        (top / "spec.yaml").write_text(SPEC)
        seconds, _ = measured("run", top / "spec.yaml", top / "in", top / "out", "-q")
        rows = sum(1 for _ in (top / "out/manifest.csv").open()) - 1
        print(f"{rows:,} rows, made in {seconds:.0f} s")
        for title, more in (("OUT alone", ()), ("with --source", ("--source", top / "in"))):
            seconds, memory = measured("report", top / "out", top / "report.html", *more)
            size = (top / "report.html").stat().st_size / 1e6
            print(f"{title}: {seconds:.1f} s, {memory:.0f} MB of memory, a page of {size:.2f} MB")


if __name__ == "__main__":
    main()
