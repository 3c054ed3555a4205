"""The versions of everything that decides the bytes of an output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from augcli.image import packages

BYTES = 3
"""Of the pixels: raise it when the same spec, source and libraries come to other bytes than before, and only then.

Every OUT of a lower number is made anew. It was 1 until JPEG got its accurate DCT and colour profiles were converted,
2 until PNG files were packed by a loop of our own, and JPEG files decoded smaller from shrinks of 3 on.
"""


def versions(of: Iterable[str] = ()) -> dict[str, Any]:
    """Return the versions of everything that decides bytes, and the family of the CPU.

    `of` are other packages whose transforms are used.
    """
    import cv2
    import numpy
    import PIL
    import simplejpeg

    return {
        "bytes": BYTES,
        "cpu": family(cv2.getCPUFeaturesLine()),
        "numpy": numpy.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "simplejpeg": ".".join(simplejpeg.__version__.split(".")[:3]),
        **{package: packages.version_of(package) for package in of},
    }


def family(features: str) -> str:
    """Return the CPU features that decide bytes, of those that OpenCV uses.

    With AVX-512 or without, every transform comes to the same bytes; without AVX2 some differ by a level.
    """
    return " ".join(name for name in features.split() if not name.lstrip("*").startswith("AVX512"))
