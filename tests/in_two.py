"""Runs pytest in two processes that share the files of tests: a single one keeps one core busy.

`python -m tests.in_two [ARGUMENTS OF PYTEST]`. Each process collects all tests, and claims a file before it runs the
first test of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

CLAIMS = "TESTS_IN_TWO"
"""The environment variable that names the folder of claims, which holds an empty file for each file of tests."""


def pytest_runtestloop(session):
    """Run the tests file by file, of the files that the other process has not claimed."""
    if session.testsfailed or session.config.option.collectonly:
        return None  # as pytest does by itself
    files: dict[Path, list] = {}
    for item in session.items:
        files.setdefault(item.path, []).append(item)
    mine = (item for path, items in files.items() if _claim(path) for item in items)
    item = next(mine, None)
    while item is not None:
        following = next(mine, None)  # what is set up is torn down for the one that follows
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _claim(path: Path) -> bool:
    """Tell whether a file is ours; who asks first has it."""
    try:
        (Path(os.environ[CLAIMS]) / str(path).replace(os.sep, "+")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Run both; what the second one says follows the first."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.in_two", *arguments]
    with tempfile.TemporaryDirectory() as claims, tempfile.TemporaryFile("w+") as said:
        environment = {**os.environ, CLAIMS: claims}
        second = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            first = subprocess.run(command, env=environment).returncode
            other = second.wait()
        finally:
            second.kill()
            said.seek(0)
            sys.stdout.write(said.read())
    return max(first, other, key=abs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
