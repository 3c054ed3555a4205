"""IN and OUT in buckets, on a real S3 server: the tree of a run on the disk, whatever fails, and whoever dies."""

import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from augcli.problems import Refused
from augcli.storage.addresses import in_bucket, place
from augcli.storage.bucket.profiles import profile
from tests import buckets
from tests.clusters import wait_until
from tests.commands import ROOT, Done, command
from tests.test_runs import jpeg, tree

SPEC = """
seed: 3
copies: 2
include_originals: true
pipeline:
  - random_resized_crop: {size: 48}
  - mixup: {p: 0.5}
"""


@pytest.fixture(scope="module")
def server():
    with buckets.server() as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory, server):
    """A folder with photos and what a run on the disk makes of them, and the address of the same photos in a bucket."""
    work = tmp_path_factory.mktemp("buckets")
    for number in range(16):
        path = work / "in/train" / f"class{number % 2}" / f"photo {number:02d} ü.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number))
    (work / "in/val/class0").mkdir(parents=True)
    (work / "in/val/class0/photo+1.jpg").write_bytes(jpeg(51))
    (work / "spec.yaml").write_text(SPEC)
    assert command("run", work / "spec.yaml", work / "in", work / "whole").code == 0
    return work, server.upload(work / "in", f"{server.bucket()}/in")


LEASED = """
import sys
from augcli import cli
from augcli.storage.bucket import locks

locks.LEASE = float(sys.argv.pop(1))
cli.main()
"""
"""The command line with a lease of so many seconds."""
SHORT = 1.5


def run(server, *arguments, endpoint: str = "", **environment: str) -> Done:
    return command(*arguments, **{**server.environment(endpoint), **environment})


def started(server, *arguments, endpoint: str = "", lease: float = 30) -> subprocess.Popen[str]:
    """Start a command with a lease of so many seconds."""
    given = [sys.executable, "-c", LEASED, str(lease), *map(str, arguments)]
    environment = {**os.environ, **server.environment(endpoint)}
    return subprocess.Popen(given, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)


def tree_of(server, out) -> dict[str, str]:
    """Every object below a place, or file below a folder, with the hash of its content."""
    if isinstance(out, Path):
        return tree(out)
    return {name: hashlib.sha256(data).hexdigest() for name, data in server.tree(out).items()}


def slow_writes(number: int, method: str, path: str) -> str:
    return "slow" if method == "PUT" and "_aug" in path else ""


def test_a_place_in_a_bucket_is_a_path_whose_text_is_its_address():
    out = place("s3://bucket/some/")
    for path in (out / "a", out.parent / "some/a", pickle.loads(pickle.dumps(out / "a")), place(str(out)) / "a"):
        assert (str(path), os.fspath(path), path.name) == ("s3://bucket/some/a", "s3://bucket/some/a", "a")
        assert in_bucket(path)
        assert in_bucket(os.path.join(out, "a"))
        assert path == out / "a"
    assert not in_bucket(place("some/s3"))


def test_buckets_and_folders_give_one_tree_for_any_jobs(server, made, tmp_path):
    work, there = made
    whole = tree(work / "whole")
    kinds = [(there, f"{server.bucket()}/out", 1), (work / "in", server.bucket(), 2), (there, tmp_path / "out", 2)]
    for root, out, jobs in kinds:
        done = run(server, "run", work / "spec.yaml", root, out, "-j", jobs)
        assert done.code == 0, done.said
        assert tree_of(server, out) == whole
    again = run(server, "run", work / "spec.yaml", there, kinds[0][1])
    assert "0 images written" in again.said
    assert tree_of(server, kinds[0][1]) == whole


def test_what_is_done_with_an_out_on_the_disk_is_done_with_one_in_a_bucket(server, made, tmp_path):
    work, there = made
    out = f"{server.bucket()}/a/b"
    spec = work / "spec.yaml"
    for shard in ("2/2", "1/2"):
        assert run(server, "run", spec, there, out, "--shard", shard).code == 0
    assert run(server, "merge", out).code == 0
    whole = tree(work / "whole")
    assert tree_of(server, out) == whole
    assert run(server, "run", spec, there, out, "--frozen").code == 0
    lost, changed = sorted(name for name in whole if "_aug" in name)[:2]
    server.delete(f"{out}/{lost}")
    server.put(f"{out}/{changed}", b"other")
    server.put(f"{out}/extra.txt", b"extra")
    found = run(server, "verify", out)
    assert found.code == 1
    assert found.printed.splitlines() == [f"missing: {lost}", f"changed: {changed}", "extra: extra.txt"]
    server.delete(f"{out}/extra.txt")
    assert run(server, "replay", out, there, "--overwrite").code == 0
    assert tree_of(server, out) == whole
    fewer = run(server, "run", spec, there, out, "--copies", "1", "--overwrite")
    assert fewer.code == 0, fewer.said
    assert sum("_aug" in name for name in server.keys(out)) == 16


def test_the_calls_of_a_run_do_not_grow_with_folders_or_with_what_was_made_before(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    with buckets.proxy(server.endpoint, lambda *about: "") as proxy:
        for _ in range(2):
            before = len(proxy.requests)
            assert run(server, "run", work / "spec.yaml", there, out, "-j1", endpoint=proxy.endpoint).code == 0
            asked = Counter(_kind(request) for request in proxy.requests[before:])
            assert asked["HEAD of an image"] == 0, asked
            assert asked["GET of an image"] <= 17 * 3, asked  # each once, and partners of mixes
            assert asked["list"] < 50, asked
        assert asked["PUT of an image"] == 0


def _kind(request: str) -> str:
    method = request.partition(" ")[0]
    return "list" if "list-type" in request else f"{method} of an image" if ".jpg" in request else method


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_driver_killed_at_a_random_instant_goes_on_to_the_same_tree(server, made, seed):
    killed(server, made, random.Random(seed).uniform(0.3, 4))


def test_a_killed_driver_is_taken_over_when_its_lease_has_run_out(server, made):
    said = killed(server, made, None)
    assert "held by a run that may be dead; waiting up to 2 seconds to see whether it renews its lock" in said


def killed(server, made, seconds: float | None) -> str:
    """Kill a driver, after so many seconds or when it has written the first image; return what the next one says."""
    work, there = made
    out = f"{server.bucket()}/out"
    with buckets.proxy(server.endpoint, slow_writes) as proxy:
        first = started(server, "run", work / "spec.yaml", there, out, "-j2", endpoint=proxy.endpoint, lease=SHORT)
        if seconds is None:
            wait_until(lambda: any("_aug" in name for name in server.keys(out)))
        else:
            time.sleep(seconds)
        os.killpg(first.pid, 9)
        first.communicate()
    done = run(server, "run", work / "spec.yaml", there, out)
    assert done.code == 0, done.said
    assert tree_of(server, out) == tree(work / "whole")
    return done.said


def test_a_second_driver_is_refused_as_soon_as_the_first_renews_its_lock(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    with buckets.proxy(server.endpoint, slow_writes) as proxy:
        proxy.delay = 4
        first = started(server, "run", work / "spec.yaml", there, out, "-j1", endpoint=proxy.endpoint, lease=9)
        wait_until(lambda: ".augcli/run.json" in server.keys(out))
        second = run(server, "run", work / "spec.yaml", there, out)
        assert (second.code, "another run is writing to it" in second.said) == (2, True), second.said
        proxy.delay = 0
        assert first.communicate(timeout=120)[1]
    assert first.returncode == 0
    assert tree_of(server, out) == tree(work / "whole")


def test_a_driver_whose_lock_was_taken_over_stops(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    with buckets.proxy(server.endpoint, slow_writes) as proxy:
        proxy.delay = 2
        first = started(server, "run", work / "spec.yaml", there, out, "-j1", endpoint=proxy.endpoint, lease=SHORT)
        wait_until(lambda: ".augcli/run.json" in server.keys(out))
        lock = json.dumps({"holder": "another", "said": "", "lease": 1.0, "state": "1"})
        server.put(f"{out}/.augcli/lock", lock.encode())
        said = first.communicate(timeout=120)[1]
    assert first.returncode == 3
    assert "another run has taken OUT over" in said
    assert json.loads(server.get(f"{out}/.augcli/lock"))["holder"] == "another"


def test_a_run_through_a_network_that_fails_gives_the_same_tree(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    faults = buckets.every(20, "503 SlowDown", "drop", "lose", "cut", "500 InternalError")
    with buckets.proxy(server.endpoint, faults) as proxy:
        done = run(server, "run", work / "spec.yaml", there, out, endpoint=proxy.endpoint)
    assert done.code == 0, done.said
    assert proxy.faults > 5
    assert tree_of(server, out) == tree(work / "whole")


@pytest.mark.slow
def test_a_server_that_fails_for_good_stops_a_run_that_can_be_resumed(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    with buckets.proxy(server.endpoint, lambda *about: "") as proxy:
        proxy.fault = lambda number, method, path: "503 SlowDown" if proxy.requests[-1:] and "_aug" in path else ""
        start = time.monotonic()
        done = run(server, "run", work / "spec.yaml", there, out, "-j1", endpoint=proxy.endpoint)
        assert done.code == 3, done.said
        assert time.monotonic() - start < 90
        assert "the server keeps failing (503)" in done.said
        assert "rerun to resume" in done.said
    assert run(server, "run", work / "spec.yaml", there, out).code == 0
    assert tree_of(server, out) == tree(work / "whole")


REFUSALS = {
    "403 AccessDenied": ("access is denied", "the right to list, read, write and delete"),
    "400 ExpiredToken": ("the credentials have expired", "renew them"),
    "403 InvalidAccessKeyId": ("the credentials are not accepted", "check AWS_ACCESS_KEY_ID"),
    "301 PermanentRedirect": ("lies in another region", "set AWS_REGION"),
    "404 NoSuchBucket": ("no such bucket", "make it, or correct its name"),
}


@pytest.mark.parametrize("answer", REFUSALS)
@pytest.mark.parametrize("of_out", [False, True])
def test_a_bucket_that_cannot_be_used_is_told_in_a_line_before_anything_is_written(server, made, answer, of_out):
    work, there = made
    out = server.bucket()
    name = (out if of_out else there).split("/")[2]
    with buckets.proxy(server.endpoint, lambda number, method, path: answer if f"/{name}" in path else "") as proxy:
        done = run(server, "run", work / "spec.yaml", there, out, endpoint=proxy.endpoint)
    what, help = REFUSALS[answer]
    assert done.code == 2, done.said
    problem = done.said.splitlines()[-2:]
    assert (f"s3://{name}" in problem[0], what in problem[0], help in problem[1]) == (True, True, True), done.said
    assert server.keys(out) == []


@pytest.mark.slow
def test_an_endpoint_that_is_down_is_told_in_bounded_time(server, made):
    work, there = made
    endpoint = f"http://127.0.0.1:{buckets.free_port()}"
    start = time.monotonic()
    done = run(server, "run", work / "spec.yaml", there, server.bucket(), endpoint=endpoint)
    assert (done.code, "cannot be reached" in done.said) == (2, True), done.said
    assert time.monotonic() - start < 90


def test_a_source_that_vanishes_or_is_not_what_its_name_says_fails_alone(server, made):
    work, _ = made
    top = server.bucket()
    there, out = f"{top}/in", f"{top}/out"
    server.put(f"{there}/cat/a.jpg", jpeg(1))
    server.put(f"{there}/cat/gone.jpg", jpeg(2))
    server.put(f"{there}/cat/png.jpg", next((ROOT / "sample_data").rglob("*.png")).read_bytes())

    def vanished(number: int, method: str, path: str) -> str:
        return "404 NoSuchKey" if "/in/cat/gone.jpg" in path else ""

    with buckets.proxy(server.endpoint, vanished) as proxy:
        done = run(server, "run", work / "spec.yaml", there, out, endpoint=proxy.endpoint)
    assert done.code == 1, done.said
    assert "cat/gone.jpg: cannot be read (no such file or directory)" in done.said
    assert "cat/png.jpg: its content is PNG, and its name ends with .jpg" in done.said
    assert "rename it, or set `output: {format: png}`" in done.said
    assert sum("_aug" in name for name in server.keys(out)) == 2


def test_a_refused_run_leaves_no_object(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    server.put(f"{out}/notes.txt", b"mine")
    done = run(server, "run", work / "spec.yaml", there, out)
    assert (done.code, "not empty (it holds `notes.txt`)" in done.said) == (2, True), done.said
    inside = run(server, "run", work / "spec.yaml", there, f"{there}/out")
    assert (inside.code, "OUT lies inside IN" in inside.said) == (2, True), inside.said
    assert server.keys(out) == ["notes.txt"]
    assert not any(".augcli" in name for name in server.keys(there))


def test_without_obstore_the_command_that_installs_it_is_told(made):
    work, there = made
    code = "import sys; sys.modules['obstore'] = None; from augcli import cli; cli.main()"
    given = [sys.executable, "-c", code, "run", work / "spec.yaml", there, work / "out"]
    done = subprocess.run(given, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, 'pip install "augcli[cloud]"' in done.stderr) == (2, True), done.stderr


def test_shards_at_once_make_the_tree_of_one_run(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    shards = [
        started(server, "run", work / "spec.yaml", there, out, "--shard", f"{number}/3", "-j1") for number in (1, 2, 3)
    ]
    said = [one.communicate(timeout=120)[1] for one in shards]
    assert [one.returncode for one in shards] == [0, 0, 0], said
    assert not [name for name in server.keys(out) if name.startswith(".augcli/lock")]
    done = run(server, "merge", out)
    assert done.code == 0, done.said
    assert tree_of(server, out) == tree(work / "whole")


def test_the_keys_and_the_region_of_a_profile_count_where_no_variables_are_set(tmp_path):
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n[other]\n")
    (aws / "config").write_text("[default]\nregion = eu-west-1\n[profile other]\nregion = eu-north-1\n")
    home = {"HOME": str(tmp_path)}
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    assert profile(home) == {**keys, "aws_region": "eu-west-1"}
    assert profile({**home, "AWS_REGION": "us-east-1"}) == keys
    assert profile({**home, "AWS_ACCESS_KEY_ID": "mine"}) == {"aws_region": "eu-west-1"}
    with pytest.raises(Refused, match="AWS_PROFILE: the profile `other` has no static keys"):
        profile({**home, "AWS_PROFILE": "other"})


def test_a_lock_whose_answer_was_lost_is_known_to_be_ours(server, made):
    work, there = made
    out = f"{server.bucket()}/out"
    seen: list[str] = []

    def fault(number: int, method: str, path: str) -> str:
        if method == "PUT" and path.endswith("/.augcli/lock"):
            seen.append(path)
            return "lose" if len(seen) % 2 else ""  # the second try finds what the first has done
        return slow_writes(number, method, path)

    with buckets.proxy(server.endpoint, fault) as proxy:
        first = started(server, "run", work / "spec.yaml", there, out, "-j1", endpoint=proxy.endpoint, lease=SHORT)
        said = first.communicate(timeout=120)[1]
    assert first.returncode == 0, said
    assert "held by" not in said
    assert len(seen) > 4  # made and renewed
    assert tree_of(server, out) == tree(work / "whole")
