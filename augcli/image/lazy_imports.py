"""OpenCV and Pillow, imported when a kernel first uses them: `check` and `show` never do."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cv2
    import PIL.Image as pillow  # noqa: N813  the package's name says more here than the module's
else:

    class _Module:
        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            value = getattr(import_module(self._name), attribute)
            setattr(self, attribute, value)  # found without us the next time
            return value

    cv2 = _Module("cv2")
    pillow = _Module("PIL.Image")

__all__ = ["cv2", "pillow"]
