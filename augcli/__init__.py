"""augcli makes augmented copies of images and texts; the command line is in `cli`, the Python API in `api`.

Whatever is named here is imported when it is first used: `import augcli` itself loads nothing else.
"""

TYPE_CHECKING = False  # which type checkers know by its name; `typing` takes longer to import than all of this

if TYPE_CHECKING:
    from augcli import torch as torch
    from augcli.api import Augmented as Augmented
    from augcli.api import AugmentedText as AugmentedText
    from augcli.api import Augmenter as Augmenter
    from augcli.api import Difference as Difference
    from augcli.api import Failure as Failure
    from augcli.api import Problem as Problem
    from augcli.api import Refused as Refused
    from augcli.api import Spec as Spec
    from augcli.api import SpecError as SpecError
    from augcli.api import SpecLike as SpecLike
    from augcli.api import Summary as Summary
    from augcli.api import TextAugmenter as TextAugmenter
    from augcli.api import Unusable as Unusable
    from augcli.api import Where as Where
    from augcli.api import check as check
    from augcli.api import load as load
    from augcli.api import replay as replay
    from augcli.api import run as run
    from augcli.api import verify as verify

__version__ = "0.1.0"

__all__ = [
    "Augmented",
    "AugmentedText",
    "Augmenter",
    "Difference",
    "Failure",
    "Problem",
    "Refused",
    "Spec",
    "SpecError",
    "SpecLike",
    "Summary",
    "TextAugmenter",
    "Unusable",
    "Where",
    "__version__",
    "check",
    "load",
    "replay",
    "run",
    "torch",
    "verify",
]


if not TYPE_CHECKING:  # or names that are none would have a type

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        if name != "torch":
            return getattr(import_module("augcli.api"), name)
        try:
            return import_module("augcli.torch")
        except ModuleNotFoundError as missing:
            if missing.name != "torch":
                raise
            raise AttributeError("augcli.torch needs PyTorch: pip install torch") from None

    def __dir__():
        return __all__
