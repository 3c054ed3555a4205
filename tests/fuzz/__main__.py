"""Fuzzes for long: `python -m tests.fuzz --examples 20000 --seed 3`. What fails is kept for the tests, in the corpus.

The same seed makes the same inputs, on the same versions of this and of Hypothesis.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded

from tests.fuzz import damage, pictures, specs, texts

CORPUS = Path(__file__).parent / "corpus"
AT_ONCE = 500
"""Inputs of a round: of specs, one fault is found in each; of pictures, as many are tried by one process."""

Found = tuple[bytes, str]


def wrong_specs(examples: int, seed: int) -> Iterator[Found]:
    """Yield the smallest spec that fails in each round, and how it fails."""
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, examples, AT_ONCE):
            last = b""

            @seeded(f"{seed}/{start}")
            @settings(
                max_examples=min(AT_ONCE, examples - start),
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            )
            @given(texts.any_size)
            def try_one(data: bytes) -> None:
                nonlocal last
                last = data
                specs.check(data, Path(folder))

            try:
                try_one()
            except Exception as error:  # any is a fault; the smallest was tried last
                yield last, f"{type(error).__name__}: {error}"


def wrong_pictures(examples: int, seed: int) -> Iterator[Found]:
    """Yield each damaged picture that fails, and how it fails."""
    for start in range(0, examples, AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"{number}" for number in range(start, min(examples, start + AT_ONCE))]
            for file in files:
                file.write_bytes(damage.damaged(Random(f"{seed}/{file.name}")))
            for file, wrong in pictures.faults(files).items():
                yield file.read_bytes(), wrong


def keep(data: bytes, folder: str) -> Path:
    path = CORPUS / folder / hashlib.sha256(data).hexdigest()[:10]
    path.write_bytes(data)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=5000, help="how many specs, and how many pictures")
    parser.add_argument("--seed", type=int, default=0, help="another number, other inputs")
    parser.add_argument("--only", choices=("specs", "pictures"))
    chosen = parser.parse_args()
    count = 0
    for kind, wrong in (("specs", wrong_specs), ("pictures", wrong_pictures)):
        if chosen.only in (None, kind):
            for data, words in wrong(chosen.examples, chosen.seed):
                count += 1
                print(f"{keep(data, kind).relative_to(CORPUS.parents[2])}: {words.splitlines()[0]}", flush=True)
            print(f"{kind}: {chosen.examples} tried", flush=True)
    return count > 0


if __name__ == "__main__":
    sys.exit(main())
