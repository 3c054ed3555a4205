"""The same spec over the same photos, made in every way that there is: on one machine, on a cluster, in buckets, in
containers, and by workers that are killed. All must give one digest.

    python -m tests.one_digest

prints the ways with the digest of the images with their sources, copies and parameters, which is one for all, and with
that of all files of OUT, which is one for all ways of a container. The exit code is 1 if any differs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests import buckets
from tests.clusters import LoopbackCluster, ended, loopback_cluster, lose_workers, started
from tests.commands import command
from tests.test_runs import jpeg

SPEC = """
seed: 20
copies: 3
include_originals: true
pipeline:
  - horizontal_flip
  - rotate: {degrees: 20}
  - color_jitter: {brightness: 0.3, hue: 0.1}
  - one_of: {p: 0.6, steps: [gauss_noise, mixup, elastic]}
output: {container: %s}
"""
CONTAINERS = {"files": "files", "tar": "webdataset, shard_size: 16", "parquet": "parquet, shard_size: 40"}
SLOW = {"SLOW": "0.2"}


class Way(NamedTuple):
    """A container, how it is made, and what makes it: that gets an OUT on the disk, and returns where it wrote."""

    container: str
    name: str
    make: Callable[[Path], Path | str]


class Digests(NamedTuple):
    """What came of a way: of images and their draws, of all files, and how many images there are."""

    images: str
    files: str
    count: int


class Made:
    """Photos on the disk and in a bucket, specs, a cluster, and the ways to use them."""

    def __init__(self, work: Path, server: buckets.Server, cluster: LoopbackCluster) -> None:
        self.work, self.server, self.cluster = work, server, cluster
        for number in range(32):
            path = work / "in" / ("val" if number % 8 == 7 else "train") / f"class{number % 3}/photo{number:02d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jpeg(number))
        for container, text in CONTAINERS.items():
            (work / f"{container}.yaml").write_text(SPEC % text)
        self.there = server.upload(work / "in", f"{server.bucket()}/in")
        self.on = ("--cluster", cluster.address)

    def run(self, container: str, *options: object, root: Path | str = "") -> Callable[[Path], Path]:
        """Return a run from IN, or another place, onto the disk."""

        def make(out: Path) -> Path:
            self.do("run", self.work / f"{container}.yaml", root or self.work / "in", out, *options)
            return out

        return make

    def in_shards(self, container: str) -> Callable[[Path], Path]:
        def make(out: Path) -> Path:
            for shard in ("2/3", "3/3", "1/3"):
                self.run(container, "--shard", shard)(out)
            self.do("merge", out)
            return out

        return make

    def to_bucket(self, container: str) -> Callable[[Path], str]:
        def make(out: Path) -> str:
            there = f"{self.server.bucket()}/out"
            self.do("run", self.work / f"{container}.yaml", self.there, there, *self.on)
            return there

        return make

    def with_kills(self, container: str, of_bucket: bool) -> Callable[[Path], Path | str]:
        """Return a run whose workers are killed one after the other, while a third joins."""

        def make(out: Path) -> Path | str:
            more = {**SLOW, **self.server.environment()}
            root, there = (self.there, f"{self.server.bucket()}/out") if of_bucket else (self.work / "in", out)
            with loopback_cluster(out.with_suffix(".cluster"), 2, **more) as cluster:
                given = ("run", self.work / f"{container}.yaml", root, there, "--cluster", cluster.address)
                run = started(*given, **self.server.environment())
                lose_workers(cluster, **more)
                code, said = ended(run)
            assert code == 0, said
            return there

        return make

    def do(self, *given: object) -> None:
        done = command(*given, **self.server.environment())
        assert done.code == 0, done.said

    def digests(self, out: Path | str) -> Digests:
        """Read what a way has written."""
        if isinstance(out, str):
            files = self.server.tree(out)
        else:
            files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        rows = csv.DictReader(io.StringIO(files["manifest.csv"].decode(), newline=""))
        told = sorted(
            [row["source"], row["copy"], row["sha256"], row["params"]]
            for row in rows
            if row["source"] and row["sha256"]
        )
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
        return Digests(_digest(told), _digest(hashes), len(told))


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def ways(made: Made) -> list[Way]:
    """Return all ways; the first is what the others are compared with."""
    found = []
    for container in CONTAINERS:
        found += [
            Way(container, "one process", made.run(container, "-j", 1)),
            Way(container, "two processes", made.run(container, "-j", 2)),
            Way(container, "Dask, two workers", made.run(container, *made.on)),
        ]
    return [
        *found,
        Way("files", "three shards in odd order", made.in_shards("files")),
        Way("files", "Dask, workers killed", made.with_kills("files", of_bucket=False)),
        Way("files", "Dask, from S3 to S3", made.to_bucket("files")),
        Way("files", "Dask, from S3 to files", made.run("files", *made.on, root=made.there)),
        Way("tar", "three shards in odd order", made.in_shards("tar")),
        Way("tar", "Dask, from S3 to S3, workers killed", made.with_kills("tar", of_bucket=True)),
    ]


def main() -> int:
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(buckets.server())
        cluster = stack.enter_context(loopback_cluster(work / "cluster", 2, **server.environment()))
        made = Made(work, server, cluster)
        print(f"{'OUT':8} {'made by':36} {'images':>6}  {'their digest':16}  {'of all files':16}  seconds")
        images: set[str] = set()
        files: set[tuple[str, str]] = set()
        for number, way in enumerate(ways(made)):
            began = time.monotonic()
            found = made.digests(way.make(work / f"out{number}"))
            images.add(found.images)
            files.add((way.container, found.files))
            took = f"{time.monotonic() - began:7.1f}"
            print(f"{way.container:8} {way.name:36} {found.count:6}  {found.images}  {found.files}  {took}", flush=True)
        same = len(images) == 1 and len(files) == len(CONTAINERS)
        print("all the same" if same else "not the same")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
