"""`augcli --version`: versions of augcli and of what it works with, from what is installed; nothing is imported."""

from __future__ import annotations

import platform
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from augcli import __version__

OPENCV = ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "opencv-contrib-python")
NEEDED = ("numpy", *OPENCV, "pillow", "simplejpeg", "pyyaml", "regex", "jinja2", "click", "tqdm")
EXTRAS = (
    "pillow-heif",
    "pillow-jxl-plugin",
    "pyarrow",
    "obstore",
    "distributed",
    "transformers",
    "ctranslate2",
    "torch",
)


def versions() -> str:
    """Return what to write into a report of a bug, a line each: versions, machine, and whether kernels are compiled."""
    native = Path(__file__).parents[1] / "image" / "native"
    compiled = PathFinder.find_spec("_kernels", [str(native)]) is not None
    lines = [f"augcli {__version__}"]
    lines += [
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    ]
    lines += [f"kernels {'compiled' if compiled else 'not compiled: the same bytes, more slowly'}"]
    for name in (*NEEDED, *EXTRAS):
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return "\n".join(lines)
