"""Runs with every number of workers, by shards, whole or interrupted, all of which must leave one tree.

`python -m tests.test_one_tree 3` makes three rounds.
"""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.test_runs import ROOT, augcli, jpeg, tree, write_spec

SPEC = """
seed: 11
copies: 4
balance: {to: largest, at_most: 9}
split: {val: 0.1, group_by: "photo(.)"}
reject: {identical: true, clipped: 0.3, blank: true}
include_originals: true
pipeline:
  - horizontal_flip: {except: class1}
  - brightness: {p: 0.3, factor: [0.2, 4]}
  - rotate: {degrees: 20}
  - random_resized_crop: {size: 64}
  - color_jitter: {brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1}
  - one_of: {p: 0.5, steps: [mixup, cutmix]}
  - one_of: {p: 0.5, steps: [gauss_noise, gaussian_blur, elastic]}
"""


def make(folder: Path, sources: int = 48) -> list[object]:
    """Make photos and a spec that splits and balances them; return the arguments of a run but for OUT."""
    for number in range(sources):
        path = folder / "in" / f"class{number % 4 % 3}" / f"photo{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    return [write_spec(folder, SPEC), folder / "in"]


def digest(out: Path) -> str:
    return hashlib.sha256(json.dumps(tree(out)).encode()).hexdigest()


def interrupt(arguments: list[object], out: Path, moment: random.Random) -> None:
    """Start a run and end it at once after a while: politely, or not."""
    command = [sys.executable, "-m", "augcli", "run", *map(str, arguments), str(out)]
    run = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    some = moment.randint(1, 150)
    while run.poll() is None and sum(1 for _ in out.glob("train/*/*.jpg")) < some:
        time.sleep(0.002)
    run.send_signal(moment.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL]))
    run.wait()


def rounds(folder: Path, times: int) -> dict[str, list[str]]:
    """Return which ways led to which tree."""
    moment = random.Random(7)
    arguments = make(folder)
    found: dict[str, list[str]] = {}
    for number in range(times):
        for jobs in (1, 2, 4):
            for interrupted in (False, True) if times == 1 else ((number + jobs) % 2 == 1,):
                out = folder / f"out{number}-{jobs}-{interrupted}"
                if interrupted:
                    interrupt([*arguments, "-j", jobs], out, moment)
                augcli("run", *arguments, out, "-j", jobs)
                found.setdefault(digest(out), []).append(f"jobs {jobs}{', interrupted' * interrupted}")
        out = folder / f"out{number}-shards"
        for shard in (["3/3", "1/3", "2/3"], ["2/3", "3/3", "1/3"])[number % 2]:
            if shard != "1/3":
                interrupt([*arguments, "--shard", shard], out, moment)
            augcli("run", *arguments, out, "--shard", shard)
        augcli("merge", out)
        found.setdefault(digest(out), []).append("shards, two of them interrupted")
    return found


@pytest.mark.slow  # `make trials` makes it thrice
def test_every_way_leads_to_one_tree(tmp_path):
    assert len(rounds(tmp_path, 1)) == 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        ways = rounds(Path(name), int(sys.argv[1]))
        for one, led in ways.items():
            print(one[:16], len(led), "runs:", "; ".join(led))
        sys.exit(len(ways) != 1)
