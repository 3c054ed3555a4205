"""The public Python API: a spec loaded, checked and run, and the same images or texts made one by one.

It prints nothing and changes nothing of the process that uses it; `augcli.torch` is built on it. May import `commands`,
`lint`, `engine`, `modality`, `labels`, `plan`, `output`, `spec`, `dataset`, `text`, `image`, `storage`, `problems`.
"""

from augcli.api.augmenter import Augmented, Augmenter
from augcli.api.runs import check, replay, run, verify
from augcli.api.specs import SpecLike, load
from augcli.api.texts import AugmentedText, TextAugmenter
from augcli.commands.summary import Summary
from augcli.engine.failures import Failure
from augcli.output.verification import Difference
from augcli.problems import Problem, Refused, SpecError, Unusable, Where
from augcli.spec.spec import Spec

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
    "check",
    "load",
    "replay",
    "run",
    "verify",
]
