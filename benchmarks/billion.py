"""A billion outputs on paper: `billion.py 1000 10000 100000`, so many tar shards of 1000 images.

The driver's own work is real: a listing of synthetic names is packed and planned, chunks are cut and handed over by
`engine.runner` and taken in, and the rows of all shards are gathered to `manifest: parts`. Only the workers are stubs,
which write the small file of rows that a worker writes last, and no image. Five copies of each source: 200 sources a
shard. Prints what the driver holds and takes for each shard, and what follows for a million of them.
"""

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import Source
from augcli.engine import runner
from augcli.engine.chunks import Chunk, PackChunks
from augcli.engine.jobs import Done, Job
from augcli.engine.pool import Workers
from augcli.modality.images import IMAGES
from augcli.output.containers.gathering import gather
from augcli.output.containers.packed import Packed, made_by, own_row, write_packed
from augcli.output.manifest import Row
from augcli.plan import output_names
from augcli.plan.packs import Packs, names_of
from augcli.spec.loading import parse
from augcli.spec.spec import Spec

SPEC = b"""
copies: 5
pipeline: [horizontal_flip]
output: {format: jpeg, container: webdataset, shard_size: 1000, manifest: parts}
"""
SOURCES = 200
"""Of a shard."""
CLASSES = 1000


def resident() -> float:
    """Return the bytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def listed(number: int) -> Iterator[Source]:
    """Give the names of so many photos, in the order of their bytes, as pages of a listing do."""
    for label in range(CLASSES):
        for photo in range(number // CLASSES):
            yield Source(f"class{label:04d}/photo_{photo:08d}.jpg", "", "train", f"class{label:04d}")


class Stubs(Workers):
    """Workers that are done at once, having written a row for each container."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.sent = 0

    @property
    def size(self) -> int:
        return 64

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        chunk: Chunk = given[0]
        rows = [Row(**{**dict.fromkeys(Row._fields, ""), "status": "augmented"})]
        own = own_row(f"{chunk.pack}.tar", 20_000_000, "0" * 64, "0" * 64, made_by("stubs", {}), rows * 1000)
        write_packed(self._out / f"{chunk.pack}.csv", Packed(own, []))
        future: Future[Any] = Future()
        future.set_result(Done(chunk.number, None, 0.0, 0, {}))
        return future

    def kill(self) -> None:
        pass


class StubMachines:
    """Machines without any."""

    jobs = 64

    def __init__(self, out: Path) -> None:
        self._out = out

    def start(self, job: Job[Any], files: int) -> Workers:
        return Stubs(self._out)

    def start_one(self, job: Job[Any]) -> Workers:
        return Stubs(self._out)

    def each(self, function: Callable[[Any], Any], given: Any) -> Iterator[Any]:
        return map(function, given)


def measured(spec: Spec, shards: int) -> dict[str, float]:
    before, started = resident(), time.perf_counter()
    sources = PackedSources(listed(shards * SOURCES))
    items = output_names.items(spec, Path("nowhere"), sources)
    packs = Packs(spec, Path("nowhere"), items)
    planned = resident() - before
    planning = time.perf_counter() - started
    assert len(packs) == shards
    folder = Path(tempfile.mkdtemp(prefix="augcli-billion-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        highest = 0.0

        def taken(done: Done[Any]) -> None:
            nonlocal highest
            if done.number % 1000 == 0:
                highest = max(highest, resident() - before)

        started = time.perf_counter()
        job: Job[Any] = Job(None, IMAGES, spec, "nowhere")  # type: ignore[arg-type]
        chunks = PackChunks(packs, range(len(packs)), lambda number: "")
        runner.run(job, chunks, StubMachines(folder), 1 << 40, taken, print)
        driving = time.perf_counter() - started
        (folder / "classes.txt").write_text("")
        started = time.perf_counter()
        record = {"spec": {"output": {"manifest": "parts"}}, "spec_key": "stubs", "versions": {}}
        counts = gather(folder / "manifest.csv", folder, record, lambda: names_of(packs, spec))
        gathering = time.perf_counter() - started
        assert counts["shard"] == shards
    finally:
        shutil.rmtree(folder)
    return {
        "bytes a source": planned / (shards * SOURCES),
        "plan, us a source": planning / (shards * SOURCES) * 1e6,
        "drive, us a shard": driving / shards * 1e6,
        "gather, us a shard": gathering / shards * 1e6,
        "growth while driving, MB": (highest - planned) / 1e6,
        "peak, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=int, nargs="*", default=[1000, 10_000], help="numbers of them: 1000 10000")
    given = parser.parse_args()
    spec = parse(SPEC, "spec.yaml")
    found = {}
    for shards in given.shards:
        found[shards] = measured(spec, shards)
        print(
            f"{shards} shards, {shards * SOURCES} sources:",
            json.dumps({k: round(v, 1) for k, v in found[shards].items()}),
        )
    last = found[max(found)]
    sources = 200_000_000
    print("for a billion outputs, a million shards of 200 million sources:")
    print(f"  memory of the driver {sources * last['bytes a source'] / 1e9:.1f} GB")
    print(f"  planning {sources * last['plan, us a source'] / 6e7:.0f} minutes, one core")
    print(f"  driving {last['drive, us a shard']:.0f} us a shard: {last['drive, us a shard'] / 6e7 * 1e6:.0f} minutes")
    print(f"  gathering the rows of files {last['gather, us a shard'] / 6e7 * 1e6:.0f} minutes")
