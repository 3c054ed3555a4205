"""The texts of a run made one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from augcli.api.arguments import whole_number
from augcli.api.specs import SpecLike, load
from augcli.modality.kinds import modality_of
from augcli.modality.texts.copies import Copies
from augcli.problems import Problem, Refused
from augcli.text.text import Text


class AugmentedText(NamedTuple):
    """A copy of a text; `applied` says what was done, as the manifest's `params` do, with all edits.

    `spans` are those that were given, in their order, where they are now.
    """

    text: str
    applied: list[dict[str, Any]]
    spans: list[tuple[int, int]]


class TextAugmenter:
    """Makes the texts that `run` makes of a training set, each a function of the spec, the text and the copy's number.

    It keeps no state and can be pickled: all workers of a loader give the same texts.
    """

    def __init__(self, spec: SpecLike) -> None:
        """Take a spec for texts. Raises `SpecError`, and `Refused` where the spec is for images or lacks a model."""
        self.spec = load(spec)
        if self.spec.kind != "text":
            raise Refused(Problem("the spec is for images", "make them with augcli.Augmenter(spec)"))
        modality_of(self.spec).versions(self.spec)  # models and tables that are missing are told now

    def __call__(self, text: str, copy: int = 0, *, spans: Sequence[tuple[int, int]] = ()) -> AugmentedText:
        """Return a copy of a text, the very one that `run` writes whatever file the text stands in.

        `spans` are parts that stay as they are, each (start, end) in characters. `copy` counts from 0, and may go
        beyond the spec's `copies`; those before it are made as well, as no two copies of a text are alike.

        Raises TypeError for what is no text and no span, ValueError for spans that do not lie in it.
        """
        if not isinstance(text, str):
            raise TypeError(f"a text is a str, not {type(text).__name__}")
        number = whole_number("copy", copy, 0)
        given = [_span(one) for one in spans]
        if any(not 0 <= start <= end <= len(text) for start, end in given):
            raise ValueError(f"spans lie in the text, from 0 to {len(text)}, each as (start, end)")
        kept = sorted(set(given))
        made = Copies(self.spec, "train", [Text(text, kept, self.spec.text)], ("",), "").drawn(number)
        now = dict(zip(kept, made.texts[0].kept, strict=True))
        return AugmentedText(made.texts[0].string, made.params, [now[span] for span in given])


def _span(given: object) -> tuple[int, int]:
    """Return a span. Raises TypeError for what is none."""
    if isinstance(given, Sequence) and len(given) == 2 and all(type(end) is int for end in given):
        return given[0], given[1]
    raise TypeError(f"a span is two whole numbers, (start, end), not {given!r}")
