"""The versions of everything that decides the bytes of an output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any

from augcli.image import packages
from augcli.image.lazy_imports import cv2

BYTES = 3
"""Of the pixels: raise it when the same spec, source and libraries come to other bytes than before, and only then.

Every OUT of a lower number is made anew. It was 1 until JPEG got its accurate DCT and colour profiles were converted,
2 until PNG files were packed by a loop of our own, and JPEG files decoded smaller from shrinks of 3 on.
"""


def versions(of: Iterable[str] = ()) -> dict[str, Any]:
    """Return the versions of everything that decides bytes, and the family of the CPU.

    `of` are other packages whose transforms are used.
    """
    import numpy
    import PIL
    import simplejpeg

    opencv, features = _known_opencv() or (cv2.__version__, cv2.getCPUFeaturesLine())
    return {
        "bytes": BYTES,
        "cpu": family(features),
        "numpy": numpy.__version__,
        "opencv": opencv,
        "pillow": PIL.__version__,
        "simplejpeg": ".".join(simplejpeg.__version__.split(".")[:3]),
        **{package: packages.version_of(package) for package in of},
    }


def _known_opencv() -> tuple[str, str] | None:
    """Return what OpenCV would say of its version and of the CPU, without loading it, where that is known.

    It is known of the wheels for Linux on x86-64, up to version 5, and of processors with AVX2 that OpenCV may use.
    """
    package = find_spec("cv2")
    folders = package and package.submodule_search_locations
    of_cpu = getattr(import_module("numpy._core._multiarray_umath"), "__cpu_features__", {})
    is_usual = sys.platform == "linux" and of_cpu.get("AVX2") and of_cpu.get("F16C")
    if not folders or not is_usual or "OPENCV_CPU_DISABLE" in os.environ:
        return None
    wheel = PathFinder.find_spec("version", folders)
    if not (wheel and wheel.loader):
        return None
    wheel.loader.exec_module(told := module_from_spec(wheel))
    version = getattr(told, "opencv_version", "").split(".")
    if not getattr(told, "ci_build", False) or version[0] not in ("4", "5"):
        return None
    return ".".join(version[:3]), "SSE SSE2 SSE3 *SSE4.1 *SSE4.2 *AVX *FP16 *AVX2"


def family(features: str) -> str:
    """Return the CPU features that decide bytes, of those that OpenCV uses.

    With AVX-512 or without, every transform comes to the same bytes; without AVX2 some differ by a level.
    """
    return " ".join(name for name in features.split() if not name.lstrip("*").startswith("AVX512"))
