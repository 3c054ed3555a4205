"""Other libraries' names: each call becomes canonical steps, with the meaning and the units of its library.

This file finds the entry of a name. One package or file per library holds its table, in the order in which
`augcli show` lists it; `entry`, `parameters` and `units` are what the tables are written with.

Nothing here touches a pixel, and nothing is imported but `augcli.problems`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augcli.spec.dialects.entry import Entries, Entry, Untranslatable

LIBRARIES = {
    "torchvision": "torchvision",
    "albumentations": "albumentations",
    "keras": "keras",
    "tf": "tf_image",
    "ultralytics": "ultralytics",
    "nlpaug": "nlpaug",
    "eda": "eda",
    "aeda": "aeda",
    "textattack": "textattack",
}
"""What a name begins with, and the module that knows it."""

FOR_TEXTS = ("nlpaug", "eda", "aeda", "textattack")
"""Those whose steps are for texts."""

_ROOTS = {"A": "albumentations", "T": "torchvision", "v2": "torchvision", "transforms": "torchvision"}
_ROOTS |= dict.fromkeys(("naw", "nac", "nas", "naf"), "nlpaug")
_ROOTS |= {"layers": "keras", "tensorflow": "tf"} | {library: library for library in LIBRARIES}


def library(name: str) -> str | None:
    """Return the library that a name begins with, `torchvision` of `torchvision.Resize`; None for ours.

    Names as a program imports them, as `T.Resize` or `torchvision.transforms.v2.Resize`, have one too.
    """
    return _ROOTS.get(name.partition(".")[0]) if "." in name else None


def shortened(name: str) -> str:
    """Return the one way to write a name that has a library, whatever a program imports it from."""
    root, *modules, call = name.split(".")
    found = _ROOTS[root]
    if found == "tf":
        if "keras" in modules:
            return f"keras.{call}"
        return f"tf.image.{call}" if modules else f"tf.{call}"
    return f"{found}.{call}"


@cache
def entries(library: str) -> Entries:
    """Return the table of a library."""
    found: Entries = import_module(f"{__name__}.{LIBRARIES[library]}").ENTRIES
    return found


def find(name: str) -> Entry:
    """Return the entry of `library.Call`. Raises KeyError if there is none."""
    library, _, call = name.partition(".")
    return entries(library)[call]


def names() -> list[str]:
    """Return all names with their libraries."""
    return [f"{library}.{call}" for library in LIBRARIES for call in entries(library)]


def offered(library: str) -> list[str]:
    """Return the names of a library that stand for steps, without its own."""
    return [name for name, entry in entries(library).items() if entry.refusal is None]


def like(word: str) -> list[str]:
    """Return what a name without a library may mean: that call of each library, and the step that it stands for.

    Case and underscores count only where a name is the very same: `to_tensor` is `ToTensor`.
    """
    every = [f"{library}.{call}" for library in LIBRARIES for call in offered(library)]
    found = [name for name in every if name.rpartition(".")[2] == word]
    found = found or [name for name in every if _folded(name) == _folded(word)]
    steps = {step for name in found for step in find(name).step_names}
    holds = any(parameter.holds_steps for name in found for parameter in find(name).parameters.values())
    return [*found, *(steps if len(steps) == 1 and (holds or steps.isdisjoint(("one_of", "sequence"))) else ())]


def refused_like(word: str) -> Untranslatable | None:
    """Return why no library's call of this name is offered; None where none has it."""
    folded = _folded(word)
    return next((found for name in names() if _folded(name) == folded and (found := find(name).refusal)), None)


def _folded(name: str) -> str:
    return name.rpartition(".")[2].replace("_", "").lower()
