"""OpenCV and Pillow, imported and set up when something first uses them.

`check` and `show` never do. A run of photos whose steps are all compiled does without OpenCV, whose library is large:
to load it and to end with it takes a tenth of a short run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from augcli.image.process import where_ours

if TYPE_CHECKING:
    import cv2
    import PIL.Image as pillow  # noqa: N813  the package's name says more here than the module's
else:

    class _Module:
        def __init__(self, load: Callable[[], Any]) -> None:
            self._load = load

        def __getattr__(self, attribute: str) -> Any:
            value = getattr(self._load(), attribute)
            setattr(self, attribute, value)  # found without us the next time
            return value

    @cache
    def _opencv() -> Any:
        module = import_module("cv2")

        @where_ours
        def set_up() -> None:
            module.utils.logging.setLogLevel(module.utils.logging.LOG_LEVEL_SILENT)  # we say what is wrong with a file
            module.setNumThreads(1)  # each worker has a core of its own, and with threads none could be forked

        return module

    @cache
    def _pillow() -> Any:
        module = import_module("PIL.Image")

        @where_ours
        def set_up() -> None:
            import logging  # which Pillow has imported

            logging.getLogger("PIL").addHandler(logging.NullHandler())
            module.MAX_IMAGE_PIXELS = None  # sizes are capped by us, from the header, before anything is allocated

        return module

    cv2, pillow = _Module(_opencv), _Module(_pillow)

__all__ = ["cv2", "pillow"]
