"""What a page says of the counts in words and charts. Names are escaped for people here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from markupsafe import Markup

from augcli.commands.applied import Placed, percent, placed
from augcli.commands.report import charts
from augcli.commands.report.applied import Applied
from augcli.commands.report.choice import Class, in_order
from augcli.commands.report.counting import Tally
from augcli.commands.report.distributions import Numbers, Words
from augcli.problems import Problem, counted, printable
from augcli.spec.pipeline import ForClasses

MOST_ROWS, AT_ONCE = 400, 24
"""Classes of a split that a page has, and those that are seen before one asks for all."""
MOST_WORDS = 12


class Counted(NamedTuple):
    """A word, how often it came, and a bar of that."""

    word: str
    number: int
    bar: Markup


class ClassRow(NamedTuple):
    label: str
    before: int | None
    after: int
    failed: int
    bars: Markup


class Split(NamedTuple):
    name: str
    rows: list[ClassRow]
    hidden: int
    before: int | None
    after: int
    ratio: str
    """How much larger the largest class is than the smallest, before and after."""


class Value(NamedTuple):
    """A value that a step drew: a chart of numbers, or words with their numbers."""

    name: str
    said: str
    low: str
    high: str
    chart: Markup | None
    words: list[Counted]
    others: int


class StepTold(NamedTuple):
    """A step: what it was applied to, and of how many that it was for."""

    pipeline: str
    name: str
    kind: str
    number: int
    meant: int
    share: str
    bar: Markup
    asked: str
    shown: list[Value]


def number(value: float) -> str:
    """Write a number in few digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def size_in_words(length: float) -> str:
    """Write so many bytes."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if length < 1000 or unit == "TB":
            break
        length /= 1000
    return f"{length:.0f} {unit}" if unit == "bytes" or length >= 100 else f"{length:.1f} {unit}"


def words_of(counts: Mapping[str, int] | Words, whole: int = 0, most: int = MOST_WORDS) -> tuple[list[Counted], int]:
    """Return the most frequent words with bars, and how often all others came."""
    if isinstance(counts, Words):
        words = counts
    else:
        words = Words()
        words.counts.update(counts)
    found = words.most_frequent(most)
    largest = whole or max((n for _, n in found), default=1)
    return [Counted(printable(word), n, charts.bar(n / largest)) for word, n in found], words.beyond(most)


def splits_of(before: Counter[Class] | None, after: Counter[Class], failed: Counter[Class]) -> list[Split]:
    """Return the classes of each split, with bars of what there was, if that is known, and what there is."""
    by_split: dict[str, list[Class]] = {}
    for one in sorted(after if before is None else before | after, key=in_order):
        by_split.setdefault(one[0], []).append(one)
    return [_split(before, after, failed, name, classes) for name, classes in by_split.items()]


def _split(
    before: Counter[Class] | None, after: Counter[Class], failed: Counter[Class], name: str, classes: list[Class]
) -> Split:
    first = Counter[Class]() if before is None else before
    largest = max([1, *(counts[one] for counts in (first, after) for one in classes)])
    shown = sorted(classes, key=lambda one: (-first[one] or -after[one], one))
    if len(classes) > MOST_ROWS:
        by_size = sorted(classes, key=lambda one: (-after[one], -first[one], one))
        half = MOST_ROWS // 2
        shown = by_size[:half] + by_size[-half:]
    rows = [
        ClassRow(
            printable(one[1]) or "no label",
            None if before is None else before[one],
            after[one],
            failed[one],
            charts.before_and_after(first[one] / largest, after[one] / largest),
        )
        for one in shown
    ]
    ratios = [_ratio(counts, classes) for counts in (first, after)]
    ratio = f"largest to smallest class: {ratios[0]} before, {ratios[1]} after" if all(ratios) else ""
    total = None if before is None else sum(before[one] for one in classes)
    return Split(printable(name), rows, len(classes) - len(shown), total, sum(after[one] for one in classes), ratio)


def _ratio(counts: Mapping[Class, int], classes: list[Class]) -> str:
    least = min(counts[one] for one in classes) if len(classes) > 1 else 0
    return f"{max(counts[one] for one in classes) / least:.3g} : 1" if least else ""


def steps_of(tally: Tally) -> list[StepTold]:
    """Return what each step did, in the order of the spec; those that did nothing, too."""
    found = []
    for pipeline, step, name in _steps(tally):
        applied = tally.steps.get((pipeline, name), Applied())
        meant = tally.through.number(pipeline, step)
        p = step.settings.get("p", 1)
        about = ["in a group"] if step.group else [f"p {p:g} in the spec"] if p != 1 else []
        about += (classes := [word for own in step.classes for word in _classes(own)])
        about += ["counted among all classes"] if classes and tally.has_labels else []
        told = [*(_words(key, one) for key, one in applied.words.items())]
        told += [_numbers(key, one) for key, one in applied.numbers.items()]
        found.append(
            StepTold(
                printable(_called(pipeline)),
                printable(name),
                step.kind if step.kind != name else "",
                applied.number,
                meant,
                percent(applied.number, meant),
                charts.bar(applied.number / max(1, meant)),
                printable(", ".join(about)),
                told,
            )
        )
    return found


def never_applied(tally: Tally, thing: str) -> Iterator[Problem]:
    """Tell the steps that nothing went through, of pipelines that something went through."""
    for pipeline, step, name in _steps(tally):
        if (pipeline, name) not in tally.steps and (through := tally.through.number(pipeline)):
            of = f"`{name}` of {own}" if (own := _called(pipeline)) else f"`{name}`"
            meant = tally.through.number(pipeline, step)
            if meant:
                yield Problem(f"{of} was applied to none of {counted(meant, thing)}", "look at its `p`")
            else:
                help = "look at the classes that it is for"
                yield Problem(f"{of} is for none of the {counted(through, thing)} that its pipeline made", help)


def _steps(tally: Tally) -> Iterator[tuple[str, Placed, str]]:
    """Give the steps of each pipeline, groups left out, with the path to it and their names."""
    for pipeline, nodes in tally.through.pipelines.items():
        yield from ((pipeline, step, name) for name, step in placed(nodes) if not step.is_group)


def _called(pipeline: str) -> str:
    """Return what one of several pipelines is called: its own name, or the split that it is for."""
    return pipeline.removesuffix(".steps").partition(".")[2]


def _classes(own: ForClasses) -> Iterator[str]:
    yield from (f"{word} {', '.join(names)}" for word, names in (("only", own.only), ("except", own.but)) if names)


def _numbers(name: str, numbers: Numbers) -> Value:
    name, bars = printable(name), numbers.bars()
    if numbers.are_few:
        largest = max(one.number for one in bars)
        words = [Counted(number(one.low), one.number, charts.bar(one.number / largest)) for one in bars]
        return Value(name, "", "", "", None, words, 0)
    low, high, mean = number(numbers.low), number(numbers.high), number(float(f"{numbers.mean:.4g}"))
    said = f"{counted(numbers.number, 'value')}, mean {mean}"
    return Value(name, said, low, high, charts.histogram(bars), [], 0)


def _words(name: str, words: Words) -> Value:
    shown, others = words_of(words)
    return Value(printable(name), "", "", "", None, shown, others)


def spread(name: str, numbers: Numbers, in_words: Callable[[float], str] = number) -> Value | None:
    """Return a chart of numbers with its ends in words; None where there are none."""
    if not numbers.number:
        return None
    bars = numbers.bars()
    said = f"mean {in_words(round(numbers.mean))}"
    if len(bars) == 1:
        return Value(name, f"always {in_words(numbers.low)}", "", "", None, [], 0)
    return Value(name, said, in_words(numbers.low), in_words(numbers.high), charts.histogram(bars), [], 0)
