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
_mine: dict[Path, bool] = {}


def pytest_runtest_protocol(item, nextitem):
    """Pass over the tests of files that the other process has claimed."""
    if item.path not in _mine:
        claim = Path(os.environ[CLAIMS]) / str(item.path).replace(os.sep, "+")
        try:
            claim.touch(exist_ok=False)
            _mine[item.path] = True
        except FileExistsError:
            _mine[item.path] = False
    return None if _mine[item.path] else True


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
