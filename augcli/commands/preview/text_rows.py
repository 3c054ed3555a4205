"""What a preview of texts shows, as data: originals and their copies, or each step by itself.

The copies are drawn as a run draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from augcli.commands.preview.choice import MOST_COPIES, chosen
from augcli.dataset.sources import Source
from augcli.modality.texts.copies import Copies, Copy
from augcli.modality.texts.maker import TextMaker, decoded
from augcli.plan.output_names import Item
from augcli.problems import Problem, Refused, Unusable
from augcli.settings.values import PerAxis, Range
from augcli.spec.class_patterns import copies_by_name
from augcli.spec.pipeline import Step, leaves
from augcli.spec.range_ends import ENDS, values
from augcli.spec.spec import Spec
from augcli.text.edits import applied
from augcli.text.pieces import Piece, by_words, changes, pieces, with_protected
from augcli.text.text import Text

DRAWS = 4
"""How often a step without ranges is drawn: `eda` does something else each time, and begins anew with the fifth."""
_TRIED = 1000
"""Texts of which one is sought that each step by itself can be shown on."""


class Applied(NamedTuple):
    """A step that was applied to a text, with what it has changed: what was there, and what came.

    Its name is empty in a row that has it.
    """

    step: str
    changes: Sequence[tuple[str, str]]


class Marked(NamedTuple):
    """The text of a column, whose name is empty where there is but one: what was done to it, in pieces and by step."""

    column: str
    pieces: Sequence[Piece]
    applied: Sequence[Applied] = ()


class Version(NamedTuple):
    """An original, whose title is empty, or a copy. One that has failed has no texts, and notes that say why."""

    title: str
    notes: str
    texts: Sequence[Marked] = ()


class Row(NamedTuple):
    """What is shown together, under the name of a source or a step."""

    title: str
    label: str
    versions: Sequence[Version]


class Original(NamedTuple):
    """A source as it is read: its texts by column, or the reason why there are none."""

    name: str
    label: str
    role: str
    columns: Sequence[str]
    texts: Sequence[Text]
    error: str = ""

    @property
    def shown(self) -> Version:
        marked = [
            Marked(column, with_protected(text.string, _protected(text)))
            for column, text in zip(*self._both, strict=True)
        ]
        return Version("", self.error, marked)

    @property
    def _both(self) -> tuple[Sequence[str], Sequence[Text]]:
        return (self.columns if len(self.texts) > 1 else ("",) * len(self.texts)), self.texts

    def marked(self, title: str, copy: Copy) -> Version:
        """Return what was made of it, against what it was."""
        found = []
        for column, text, edits in zip(*self._both, copy.edits, strict=True):
            steps = [str(entry["step"]) for entry in copy.params if entry.get("column", "") == column]
            done, before = [], text.string
            for step, one in zip(steps, edits, strict=True):
                done.append(Applied(step, changes(pieces(before, [one]))))
                before = applied(before, one)
            found.append(Marked(column, by_words(pieces(text.string, edits)), done))
        return Version(title, copy.notes, found)


def originals(spec: Spec, root: Path, sources: Sequence[Source], wanted: int) -> Iterator[Original]:
    """Read up to so many texts, or records of tables, the classes in turn; of a table, among those that come first."""
    maker = TextMaker(spec, str(root))
    if all(source.block is None for source in sources):
        for source in chosen(sources, wanted):
            yield from read_originals(spec, maker, source)
        return
    left = wanted
    for source in sources:
        found = chosen([*read_originals(spec, maker, source)], left)
        yield from found
        left -= len(found)
        if not left:
            return


def read_originals(spec: Spec, maker: TextMaker, source: Source) -> Iterator[Original]:
    """Read a text, or the records of a block."""

    def without_texts(name: str, label: str, error: str) -> Original:
        return Original(name, label, source.role, (), (), error)

    block = source.block
    try:
        data = maker.read(Item(source, "", "", ""))
        if block is None:
            text = Text(decoded(data), (), spec.text)
            yield Original(source.path, source.label, source.role, ("",), [text])
            return
    except Unusable as unusable:
        yield without_texts(source.path if block is None else block.table, source.label, str(unusable))
        return
    table = maker.table(block.table)
    for record in table.records(data, block.first):
        name = f"{block.table}#{record.number}"
        if record.error:
            yield without_texts(name, record.label, record.error)
            continue
        kept = record.kept or ((),) * len(record.texts)
        texts = [Text(string, spans, spec.text) for string, spans in zip(record.texts, kept, strict=True)]
        yield Original(name, record.label, source.role, table.columns, texts)


def rows(spec: Spec, root: Path, sources: Sequence[Source], wanted: int) -> Iterator[Row]:
    """Return a row for each of some sources: what it is, and what its copies are."""
    for original in originals(spec, root, sources, wanted):
        copies = Copies(spec, original.role, original.texts, original.columns, original.label)
        numbers = range(min(copies_by_name(spec.copies, original.label), MOST_COPIES) if original.texts else 0)
        made = [_version(original, f"copy {number}", copies, number) for number in numbers]
        yield Row(original.name, original.label, [original.shown, *made])


def rows_of_steps(spec: Spec, root: Path, sources: Sequence[Source]) -> Iterator[Row]:
    """Return a row for each step by itself, on the first text that has words, or else on the first.

    Each is applied at both ends and the middle of its ranges, the same draw for all; without ranges it is drawn some
    times. Raises `Refused` where no text can be read.
    """
    original = _example(originals(spec, root, sources, _TRIED))
    if original is None:
        raise Refused(Problem(f"{root}: no text that can be read", "augcli preview without --steps says why"))
    yield Row(original.name, original.label, [original.shown])
    for step in leaves(spec.steps_of(original.role)):
        yield Row(step.name, "", _of_step(spec, original, step))


def _example(found: Iterable[Original]) -> Original | None:
    first = None
    for original in found:
        if any(text.words for text in original.texts):
            return original
        first = first or (original if original.texts else None)
    return first


def _of_step(spec: Spec, original: Original, step: Step) -> list[Version]:
    def copies(fixed: Mapping[str, Range | PerAxis]) -> Copies:
        alone = replace(step, p=1.0, transform=step.transform.with_values(fixed))
        only = {"pipeline": (alone,), "copies": DRAWS, "splits": {**spec.splits, original.role: "augment"}}
        return Copies(spec.with_values(only), original.role, original.texts, original.columns, original.label)

    ends = {end: fixed for end in ENDS if (fixed := values(step.transform, end))}
    drawn = copies({})
    found = [] if ends else [_version(original, f"draw {number + 1}", drawn, number) for number in range(DRAWS)]
    for end, fixed in ends.items():
        told = ", ".join(f"{key} {value[0]:g}" for key, value in fixed.items() if isinstance(value, Range))
        found.append(_version(original, f"{end}, {told}" if told else end, copies(fixed), 0))
    return [version._replace(texts=[_without_name(text) for text in version.texts]) for version in found]


def _without_name(text: Marked) -> Marked:
    return text._replace(applied=[Applied("", changed) for _, changed in text.applied])


def _version(original: Original, title: str, copies: Copies, number: int) -> Version:
    try:
        return original.marked(title, copies.drawn(number))
    except Unusable as unusable:
        return Version(title, str(unusable))


def _protected(text: Text) -> list[tuple[int, int]]:
    """Return where nothing is touched: spans of the data set, addresses and the like, words that stay as they are."""
    free = set(text.words)
    return [*text.kept, *text.found.protected, *(word.span for word in text.all_words if word not in free)]
