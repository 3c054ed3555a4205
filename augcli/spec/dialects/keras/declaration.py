"""What layers of Keras share: parameters that say nothing about an image, and the names of borders."""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled
from augcli.spec.dialects.entry import Decorator, Entries, Parameter, Untranslatable, register_into
from augcli.spec.dialects.parameters.words import choice, ignored

DATA_FORMAT = choice("channels_last", default=None, others={"channels_first": "leave it out; files have no layout"})
MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
_LAYER = {"data_format": DATA_FORMAT, "seed": ignored(), "dtype": ignored(), "trainable": ignored()}


def entry_into(entries: Entries) -> Decorator:
    """Return the decorator for layers."""
    return register_into(entries, _LAYER)


def ranged_into(entries: Entries) -> Decorator:
    """Return the decorator for layers that are told the range of values."""
    return register_into(entries, {"value_range": _value_range(), **_LAYER})


def _value_range() -> Parameter:
    def read(given: Any) -> Any:
        if list(given if isinstance(given, (list, tuple)) else [given]) not in ([0, 255], [0, 1]):
            raise Untranslatable(f"{spelled(given)} is not offered", "leave it out; images are bytes")
        return given

    return Parameter(read, [0, 255], words="[0, 255] or [0, 1]")
