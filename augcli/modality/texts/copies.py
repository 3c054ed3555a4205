"""The copies of one source of texts: drawn from its own content, each unlike the original and those before it.

A source has one text, or several: the columns of a record. What is drawn follows from the seed, the text itself, the
number of the copy and the name of the step alone: neither the file that the text stands in, nor its place there, nor
who works on it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from augcli.plan.choices import chosen, is_for
from augcli.random_streams import Streams
from augcli.spec.pipeline import Pipeline, PipelineNode, Step, leaves
from augcli.spec.spec import Spec
from augcli.text.text import Text

MOST_DRAWS = 8
"""How often a copy is drawn that is like its original or an earlier copy."""


class Copy(NamedTuple):
    """What is made of a source: its texts, the manifest's account of what was applied, and what else is to be known.

    `edits` are those of each text, step by step.
    """

    texts: tuple[Text, ...]
    params: list[dict[str, Any]]
    notes: str
    edits: tuple[tuple[Any, ...], ...]


class Copies:
    """Makes the copies of one source in any order; those before one are made first, as it must differ from them."""

    def __init__(self, spec: Spec, role: str, texts: Sequence[Text], columns: Sequence[str], label: str) -> None:
        """Take the texts of a source and its class; `columns` are their names where there are several."""
        self._label = label
        self._spec, self._pipeline = spec, spec.steps_of(role)
        self._texts, self._columns = tuple(texts), columns if len(texts) > 1 else ("",)
        self._keys = [_key(text.string, at) for at, text in enumerate(texts)]
        self._made: dict[int, Copy] = {}
        self._seen = {self._strings(texts)}
        self._is_dense = any(text.is_unsegmented for text in texts)

    @staticmethod
    def _strings(texts: Sequence[Text]) -> tuple[str, ...]:
        return tuple(text.string for text in texts)

    def drawn(self, number: int) -> Copy:
        """Draw a copy."""
        for earlier in range(number):
            if earlier not in self._made:
                self._draw(earlier)
        return self._made[number] if number in self._made else self._draw(number)

    def _draw(self, number: int) -> Copy:
        for attempt in range(MOST_DRAWS):
            copy = self._attempted(number, attempt)
            if self._strings(copy.texts) not in self._seen:
                break
        else:
            copy = copy._replace(notes=f"{copy.notes} unchanged".lstrip())
        return self.keep(number, copy)

    def keep(self, number: int, copy: Copy) -> Copy:
        """Take a copy as the one of that number, which those after it must be unlike."""
        self._made[number] = copy
        self._seen.add(self._strings(copy.texts))
        return copy

    def _attempted(self, number: int, attempt: int) -> Copy:
        made: list[Text] = []
        params: list[dict[str, Any]] = []
        edits: list[tuple[Any, ...]] = []
        for text, column, key in zip(self._texts, self._columns, self._keys, strict=True):
            making = _Making(text.as_copy(number), column, self._label)
            making.streams = Streams(self._spec.seed, key + attempt.to_bytes(1), number)
            for node in self._pipeline:
                making.add(node)
            made.append(making.text)
            params += making.params
            edits.append(tuple(making.edits))
        notes = ["unsegmented"] if self._is_dense else []
        notes += [f"draw {attempt + 1}"] if attempt else []
        return Copy(tuple(made), params, " ".join(notes), tuple(edits))

    def recorded(self, params: Sequence[Mapping[str, Any]], notes: str) -> Copy:
        """Return a copy that the manifest tells of, without drawing anything. Raises as the function `recorded`."""
        return recorded(self._spec, self._pipeline, self._texts, self._columns, params)._replace(notes=notes)


def recorded(
    spec: Spec, pipeline: Pipeline, texts: Sequence[Text], columns: Sequence[str], params: Sequence[Mapping[str, Any]]
) -> Copy:
    """Return the copy that a row's `params` tell of.

    Raises ValueError where they are of other texts; KeyError, TypeError and AttributeError for what augcli never wrote.
    """
    known = {step.name: step for step in leaves(pipeline)}
    made = [_Making(text, column) for text, column in zip(texts, columns, strict=True)]
    places = {column: at for at, column in enumerate(columns)}
    for entry in params:
        step = known[entry["step"]]
        told = {key: value for key, value in entry.items() if key not in ("step", "column")}
        made[places[entry.get("column", "")]].apply(step, step.transform.draw_from(told))
    return Copy(
        tuple(one.text for one in made),
        [entry for one in made for entry in one.params],
        "",
        tuple(tuple(one.edits) for one in made),
    )


def _key(string: str, at: int) -> bytes:
    """Return the key of a text's draws; blanks at its ends do not count, which differ from layout to layout."""
    string = string.removeprefix("\ufeff").strip()
    return blake2b(string.encode("utf-8", "surrogatepass"), digest_size=16).digest() + at.to_bytes(2)


class _Making:
    """Walks a pipeline with one text."""

    streams: Streams

    def __init__(self, text: Text, column: str, label: str = "") -> None:
        self.text, self._column, self._label = text, column, label
        self.params: list[dict[str, Any]] = []
        self.edits: list[Any] = []

    def add(self, node: PipelineNode) -> None:
        stream = self.streams(node.name)
        if not stream.happens(node.p) or not is_for(node, self._classes):
            return
        if isinstance(node, Step):
            if node.transform.needs_words and self.text.is_unsegmented:
                return
            draw = node.transform.sample(stream, self.text)
            if draw is not None and draw.edits:
                self.apply(node, draw)
            return
        for index in chosen(node, stream, self._classes):
            self.add(node.steps[index])

    def _classes(self) -> tuple[str, ...]:
        return (self._label,) if self._label else ()

    def apply(self, step: Step, draw: Any) -> None:
        self.text = self.text.after(draw.edits)
        self.edits.append(draw.edits)
        told = {"step": step.name} | ({"column": self._column} if self._column else {})
        self.params.append({**told, **step.transform.params(draw)})
