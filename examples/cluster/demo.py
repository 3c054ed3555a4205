"""A bucket, a scheduler and two workers on this machine's loopback, and one data set made twice: there, and plainly.

`python demo.py` (or `make cluster-demo`) augments sample_data from an S3 bucket into tar shards of another prefix with
two Dask workers, then once more without cluster and bucket, and compares the two. Nothing listens but on 127.0.0.1.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "sample_data"
SPEC = HERE / "augment.yaml"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def process(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the end of the block."""
    with log.open("wb") as said:
        started = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Wait until a server listens on a port; end with what it has said where it does not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{log.stem} did not start:\n{log.read_text()}")
            time.sleep(0.1)


def shell(*command: str) -> None:
    print("$", *command, flush=True)
    subprocess.run([sys.executable, "-m", *command], check=True)


def digest_of(summary: Path) -> str:
    return str(json.loads(summary.read_text())["manifest_sha256"])


def main() -> int:
    s3, scheduler = free_port(), free_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
    }
    address = f"tcp://127.0.0.1:{scheduler}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="augcli-demo-")))

        def start(name: str, *command: str) -> subprocess.Popen[bytes]:
            return stack.enter_context(process(sys.executable, "-m", *command, log=folder / f"{name}.log"))

        print("--- start an S3 server, a scheduler and two workers on 127.0.0.1")
        servers = {"s3": start("s3", "moto.server", "--host", "127.0.0.1", "--port", str(s3))}
        servers["scheduler"] = start(
            "scheduler", "distributed.cli.dask_scheduler", *("--host", "127.0.0.1", "--port", str(scheduler)), *PLAIN
        )
        for name, port in (("s3", s3), ("scheduler", scheduler)):
            wait_for(port, servers[name], folder / f"{name}.log")
        for number in (1, 2):
            own = ("--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(folder))
            start(f"worker-{number}", "distributed.cli.dask_worker", address, *own, *PLAIN)
        print("--- put sample_data into a bucket, and augment it there")
        subprocess.run([sys.executable, str(HERE / "upload.py"), str(SAMPLES), "s3://photos/in"], check=True)
        given = ("s3://photos/in", "s3://photos/out")
        there, here = folder / "there.json", folder / "here.json"
        shell("augcli", "run", str(SPEC), *given, "--cluster", address, "--summary-json", str(there))
        shell("augcli", "verify", "s3://photos/out", "--cluster", address)
        print("--- the same on this machine, from folder to folder")
        shell("augcli", "run", str(SPEC), str(SAMPLES), str(folder / "out"), "--summary-json", str(here))
        print(f"digest of the cluster's data set: {digest_of(there)}")
        print(f"digest of the plain run's:        {digest_of(here)}")
        if digest_of(there) != digest_of(here):
            print("they differ")
            return 1
        print("they are equal")
    return 0


PLAIN = ("--no-dashboard",)

if __name__ == "__main__":
    sys.exit(main())
