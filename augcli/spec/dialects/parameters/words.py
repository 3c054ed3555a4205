"""Parameters that are words, true or false, or steps; and those of which one value, none or any is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augcli.problems import did_you_mean, flow, listed, spelled, write
from augcli.spec.dialects.entry import REQUIRED, Parameter, Untranslatable


def flag(default: Any = REQUIRED) -> Parameter:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise Untranslatable(f"expected true or false, got {spelled(value)}", _FLAGS.get(str(value)))
        return value

    return Parameter(read, default, words="true or false")


_FLAGS = {"True": write(True), "False": write(False), "1": write(True), "0": write(False)}


def word(known: Mapping[Any, str], default: Any = REQUIRED, others: Mapping[Any, str] = {}) -> Parameter:
    """Read one of some words or numbers into ours; `others` are not offered, each with the help for it.

    What stands before the last dot of a word, as in `InterpolationMode.NEAREST`, is not looked at.
    """
    plain = [str(form) for form in known]

    def read(value: Any) -> str:
        last = value.rpartition(".")[2] if isinstance(value, str) else value
        for form in (last, last.lower() if isinstance(last, str) else last):
            if not isinstance(form, (bool, list, dict)):
                if form in known:
                    return known[form]
                if form in others:
                    raise Untranslatable(f"{spelled(value)} is not offered", others[form])
        same = next((form for form in plain if form in _ALSO_CALLED.get(str(last).lower(), ())), None)
        help = f"write {same}" if same else did_you_mean(str(last), [form for form in known if isinstance(form, str)])
        raise Untranslatable(f"expected {listed(plain)}, got {spelled(value)}", help)

    return Parameter(read, default, words=", ".join(plain))


_ALSO_CALLED = {
    **dict.fromkeys(("zeros", "zero", "black", "fill"), ("constant",)),
    **dict.fromkeys(("edge", "replicate", "border"), ("nearest", "edge")),
    **dict.fromkeys(("mirror", "reflect_101", "reflection"), ("mirror", "reflect")),
    **dict.fromkeys(("symmetric", "symmetry"), ("symmetric", "reflect")),
    **dict.fromkeys(("circular", "tile"), ("wrap",)),
    "linear": ("bilinear",),
    "cubic": ("bicubic",),
}
"""Words of other libraries, and those that mean the same where they are known."""


def choice(*known: str, default: Any = REQUIRED, others: Mapping[str, str] = {}) -> Parameter:
    """Read one of some words that are the same here."""
    return word({form: form for form in known}, default, others)


def resize_method() -> Parameter:
    """Read a way to resize, as TensorFlow and Keras call it."""
    others = dict.fromkeys(("area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"), "write bilinear or bicubic")
    return choice("nearest", "bilinear", "bicubic", default="bilinear", others=others)


def fixed(default: Any, help: str) -> Parameter:
    """Take the default alone; `help` says what to write instead of another value."""

    def read(value: Any) -> Any:
        if value != default or isinstance(value, bool) != isinstance(default, bool):
            raise Untranslatable(f"{spelled(value)} is not offered; {spelled(default)} is", help)
        return value

    return Parameter(read, default, words="this alone")


def not_offered(help: str) -> Parameter:
    """Refuse any value; `help` says what to write instead."""

    def read(value: Any) -> None:
        if value is not None:
            raise Untranslatable(f"{spelled(value)} is not offered", help)

    return Parameter(read, None, words=f"not offered: {help}")


def copies_of_the_spec() -> Parameter:
    """Refuse a number of copies, which the spec has for all its steps."""

    def read(value: Any) -> None:
        if value is not None:
            help = f"leave it out, and write copies: {flow(value)} at the top of the spec"
            raise Untranslatable("the number of copies is the spec's", help)

    return Parameter(read, None, words="not offered: copies stands at the top of the spec")


def ignored(default: Any = None) -> Parameter:
    """Take any value, since it says nothing about what is made: masks, seeds, memory."""
    return Parameter(lambda value: value, default, words="anything; says nothing about what is made")


def steps() -> Parameter:
    """Read a list of steps; the translation hands them on as the `steps` of a container."""
    return Parameter(lambda value: value, holds_steps=True, example=["horizontal_flip"], words="a list of steps")
