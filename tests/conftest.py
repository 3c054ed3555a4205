"""What the tests share: the command line as a user calls it, and makers of images, folders and specs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import hypothesis
import numpy as np
import PIL.Image
import pytest

from tests.commands import completed

# The same examples at every run, so that a check fails for a change and not by chance; `make fuzz` tries new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")
cv2.setNumThreads(1)  # or runs inside the tests could fork no workers
LONGEST = 300  # seconds


@pytest.fixture(autouse=True)
def a_test_that_hangs_says_where() -> Iterator[None]:
    def interrupt(number: int, frame: object) -> None:
        raise TimeoutError("this test hangs")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def augcli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `augcli` in a process of its own; `env` adds to the environment, which Python itself reads when it starts."""

    def run(
        *args: Any, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        if env is None:
            return completed(*args, cwd=cwd or Path.cwd())
        command = [sys.executable, "-m", "augcli", *(os.fspath(a) if isinstance(a, Path) else str(a) for a in args)]
        return subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **env},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
        )

    return run


@pytest.fixture(scope="session")
def photo() -> Callable[..., np.ndarray]:
    """Make a smooth, colourful RGB array of `size` (width, height); the same one for the same seed."""

    def make(size: tuple[int, int] = (48, 36), seed: int = 0) -> np.ndarray:
        width, height = size
        waves = np.random.default_rng(seed).uniform(0.5, 2.5, (3, 3))
        x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
        planes = [127.5 + 115 * np.sin(2 * np.pi * (a * x + b * y + c)) for a, b, c in waves]
        return np.stack(planes, axis=2).round().astype(np.uint8)

    return make


@pytest.fixture(scope="session")
def tree() -> Callable[[Path, Mapping[str, Any]], Path]:
    """Fill a folder with files: arrays are encoded as their suffix says, bytes are written as they are."""

    def make(folder: Path, files: Mapping[str, Any]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                options = {"quality": 95} if path.suffix.lower() in (".jpg", ".jpeg", ".webp") else {}
                PIL.Image.fromarray(content).save(path, **options)
        return folder

    return make


@pytest.fixture
def spec_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a spec file with this text."""

    def make(text: str | bytes) -> Path:
        path = tmp_path / "spec.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def written_at(path: Path) -> tuple[int, int]:
    """Tell one file from another of the same name, which may have got the number of the one before."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


@pytest.fixture(autouse=True)
def threads_of_libraries_do_not_count(monkeypatch):
    """Workers are forked, and so know what a test has changed, though libraries have threads by now.

    A thread of ours that has ended does not count either, which the system may list for a moment more.
    """
    from augcli.engine import pool

    if pool._threads() is not None:
        monkeypatch.setattr(pool, "_threads", threading.active_count)
