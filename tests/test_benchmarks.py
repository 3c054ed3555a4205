"""Benchmarks say how they are used, and measure no checkout that is none."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def said(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["billion.py", "compare.py", "growth.py", "start_up.py"])
def test_a_benchmark_says_how_it_is_used(name, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    done = said(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: {name}")


@pytest.mark.parametrize("name", ["compare.py", "start_up.py"])
def test_what_is_no_checkout_is_not_compared(name, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    done = said(name, "--before", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{name}: error: argument --before: {tmp_path} is no checkout of augcli\n")
