"""Which steps may stand where in a pipeline: one that mixes images, and numbers only at the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from augcli.spec import dialects
from augcli.spec.pipeline import PipelineNode, Step, mixes
from augcli.spec.strict_yaml import YamlNode
from augcli.spec.validation import Mistake

ONE_MIXING_STEP = ("only one mixing step per pipeline", "put both into one `one_of`")
"""What is wrong with a second one, and what to do."""


def mistakes_of_order(steps: list[tuple[YamlNode, PipelineNode]], gives_numbers: bool) -> Iterator[Mistake]:
    """Return what is wrong with the places of steps, each given with the item of the list that it stands for.

    With `gives_numbers` the output holds numbers, which steps at the end may make.
    """
    mixing = [item for item, step in steps if mixes((step,))]
    for item in mixing[1:]:
        yield Mistake(item, *ONE_MIXING_STEP)
    changing = [pair for pair in steps if _makes_numbers(pair[1])]
    if not gives_numbers:
        for item, step in changing:
            yield Mistake(
                item,
                f"`{_called(item, step)}` makes numbers outside 0 to 255, which an image file cannot hold",
                "leave it out: training code does it, or set output: {format: npy}",
            )
        return
    at_end = [*takewhile(lambda pair: _makes_numbers(pair[1]), reversed(steps))]
    early = changing[: len(changing) - len(at_end)]
    if early:
        names = [_called(item, step) for item, step in early]
        after = next(pair for pair in steps[steps.index(early[0]) :] if not _makes_numbers(pair[1]))
        help = f"`{_called(*after)}` works on bytes: move {' and '.join(dict.fromkeys(names))} to the end"
        yield Mistake(early[0][0], f"`{names[0]}` makes numbers that no other step takes", help)


def _makes_numbers(step: PipelineNode) -> bool:
    return isinstance(step, Step) and step.transform.changes_range


def _called(item: YamlNode, step: PipelineNode) -> str:
    """Return what the user called a step."""
    name = item.value if isinstance(item.value, str) else next(iter(item.value))
    return str(name) if dialects.library(name) else step.kind
