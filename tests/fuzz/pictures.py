"""Says what must hold when any bytes are read as a picture, and tries files.

Files are tried by a process of its own, `python -m tests.fuzz.pictures`: a decoder may crash, hang or take all memory.
It reads paths from its standard input, tells each before it is tried, and what is wrong with it after that.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import math
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from augcli.image import pictures
from augcli.image.arrays import Picture, Size
from augcli.problems import Unusable
from tests.fuzz import samples

ROOT = Path(__file__).parents[2]
MEGAPIXELS = 4.0
"""The cap: small, so that what is made by a damaged header's size stays small."""
PER_PIXEL = 64
"""Bytes of memory for each pixel of the header's size: four channels, eight times for the steps on the way, twice."""
BESIDE = 64 << 20
"""Bytes of memory beside the pixels: buffers of decoders, and what they set up at their first use."""
SLOWEST = 20
"""Seconds of CPU until a picture is given up; what is to be decoded has 4 megapixels at most."""
MOST_MEMORY = 4 << 30

# --- what must hold


def check(data: bytes) -> bool:
    """Read bytes as a picture; tell whether they are one. Raises AssertionError where that goes wrong."""
    format = pictures.format_of(data[: pictures.MAGIC_LENGTH])
    with _memory_for(Size(0, 0)):
        stored = _reason(pictures.stored_size, data)
        header = _reason(pictures.read_header, data, MEGAPIXELS) if format != "png" else None
    if header is None:  # a PNG file may have its pixels read for what stands behind them
        with _memory_for(stored if _fits(stored) else Size(0, 0)):
            header = _reason(pictures.read_header, data, MEGAPIXELS)
    if isinstance(header, str):
        return False
    assert header.format == format
    assert _fits(header.size), f"{header.size} is above the cap"
    if isinstance(stored, Size):  # Pillow may refuse a JPEG file that another decoder reads to its end
        assert stored in (header.size, header.size[::-1]), f"{stored} is stored, {header.size} in the header"
    with _memory_for(header.size):
        outcomes = [_reason(pictures.decode, data, header, pitch) for pitch in (1, 2, 4, 8)]
    for picture, pitch in zip(outcomes, (1, 2, 4, 8), strict=True):
        assert isinstance(picture, str) == isinstance(outcomes[0], str), f"pitch {pitch}: {picture}"
        if isinstance(picture, Picture):
            assert picture.pitch in (1, pitch)
            _check_picture(picture, header.size)
    if not isinstance(outcomes[0], Picture):
        return False
    with _memory_filled_with(0x5A):
        again = pictures.decode(data, header)
    for one, other in zip(outcomes[0][:2], again[:2], strict=True):
        assert np.array_equal(one, other) if one is not None else other is None, "pixels of memory that nobody wrote"
    _check_written(pictures.encode(again, "png", 95, "4:2:0", False), again)
    return True


def _fits(size: object) -> bool:
    return isinstance(size, Size) and 0 < size.width * size.height <= MEGAPIXELS * 1e6


def _reason(read: Callable[..., object], *arguments: object) -> object:
    """Return what is read, or the reason why it is not: a line in our own words."""
    try:
        return read(*arguments)
    except Unusable as unusable:
        reason = str(unusable)
    assert reason.isprintable(), f"unprintable: {reason!r}"
    assert len(reason) <= 120, f"too long: {reason}"
    assert not re.search(r"\b0x|[<>]|Error|\bobject\b|PIL|Pillow|cv2|OpenCV|enough memory", reason), reason
    return reason


def _check_picture(picture: Picture, upright: Size) -> None:
    width, height = (math.ceil(side / picture.pitch) for side in upright)
    assert picture.size == (width, height), f"{picture.size} for {upright} at {picture.pitch}"
    assert picture.image.dtype == np.uint8
    assert picture.image.shape[2] in (1, 3)
    if picture.alpha is not None:
        assert picture.alpha.dtype == np.uint8
        assert picture.alpha.shape == (height, width, 1)


def _check_written(written: bytes, picture: Picture) -> None:
    with PIL.Image.open(io.BytesIO(written)) as image:
        image.load()
        assert image.size == picture.size
    by_opencv = cv2.imdecode(np.frombuffer(written, np.uint8), cv2.IMREAD_UNCHANGED)
    assert by_opencv.shape[1::-1] == picture.size


@contextlib.contextmanager
def _memory_for(size: Size) -> Iterator[None]:
    """Check that what is done takes no more memory than a picture of `size` may; on Linux alone."""
    if not os.path.exists("/proc/self/clear_refs"):
        yield
        return
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _kilobytes("VmHWM")
    yield
    taken = (_kilobytes("VmHWM") - before) << 10
    allowed = BESIDE + PER_PIXEL * size.width * size.height
    assert taken <= allowed, f"{taken >> 20} MB for {size.width}x{size.height}"


def _kilobytes(what: str) -> int:
    return int(re.search(rf"{what}:\s*(\d+)", Path("/proc/self/status").read_text())[1])


@contextlib.contextmanager
def _memory_filled_with(byte: int) -> Iterator[None]:
    """Fill memory with a byte as it is allocated, so that pixels that nobody wrote differ; with glibc alone."""
    perturb = -6  # M_PERTURB of malloc.h
    libc = ctypes.CDLL(None)
    mallopt = getattr(libc, "mallopt", lambda option, value: None)
    mallopt(perturb, byte)
    yield
    mallopt(perturb, 0)


# --- the process that tries files


def faults(files: Sequence[Path]) -> dict[Path, str]:
    """Return what is wrong with each of some files, those that are read as they should be left out."""
    found: dict[Path, str] = {}
    left = [*files]
    while left:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.pictures"],
            cwd=ROOT,
            input="\n".join(str(path.absolute()) for path in left),
            stdout=subprocess.PIPE,
            text=True,
        )
        tried = 0
        for line in done.stdout.splitlines():
            if line.startswith("wrong "):
                found[left[tried - 1]] = line.removeprefix("wrong ")
            else:
                tried += 1
        if done.returncode == 0:
            break
        assert tried, f"the process did not start: {done.returncode}"
        found[left[tried - 1]] = f"killed by {signal.Signals(-done.returncode).name}"
        left = left[tried:]
    return found


def _try_files(paths: Iterable[str]) -> None:
    """Try files as a worker reads them, and tell on the standard output what happens; others must not print."""
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")
    with contextlib.suppress(ValueError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    check(samples.whole()[0])  # what is loaded at first use belongs to no file
    with os.fdopen(os.dup(1), "w", buffering=1) as told, tempfile.TemporaryFile() as noise:
        for stream in (1, 2):
            os.dup2(noise.fileno(), stream)
        for path in paths:
            print("tries", path, file=told)
            data = Path(path.rstrip("\n")).read_bytes()
            signal.setitimer(signal.ITIMER_VIRTUAL, SLOWEST)
            try:
                check(data)
                printed = os.pread(noise.fileno(), 80, 0)
                assert not printed, f"a library prints {printed!r}"
            except Exception as error:  # any is a fault
                where = error.__traceback__
                while where.tb_next:
                    where = where.tb_next
                words = f"{type(error).__name__} in {where.tb_frame.f_code.co_name}: {error}"
                print("wrong", words.replace("\n", " ")[:200], file=told)
            noise.truncate(0)
            os.lseek(1, 0, os.SEEK_SET)


if __name__ == "__main__":
    _try_files(sys.stdin.read().splitlines())
