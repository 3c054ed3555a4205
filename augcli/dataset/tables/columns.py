"""Which columns of a table hold its texts and its classes: as the spec says, or as names and fields tell."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from augcli.dataset.layouts.words import words_of
from augcli.dataset.tables import Wanted
from augcli.problems import Problem, Refused, counted, did_you_mean

ADDED = ("augcli_source", "augcli_copy")
"""The columns that are added: the record that a copy is of, and which copy it is; of an original that is empty."""

_TEXTS = words_of(
    "text texts sentence sentences review reviews review_text reviewtext review_body content contents body tweet tweets"
    " headline headlines comment comments comment_text message messages post posts document documents description"
    " utterance question article abstract passage phrase statement email feedback transcript paragraph caption"
    " narrative"
)
_PAIRS = tuple(
    words_of(pair)
    for pair in (
        *("premise hypothesis", "sentence1 sentence2", "sentence_1 sentence_2", "sentence_a sentence_b"),
        *("question1 question2", "question_1 question_2", "text1 text2", "text_1 text_2", "text_a text_b"),
        *("question sentence", "question passage"),
    )
)
"""Columns that are both augmented, where there are no other texts."""
_LABELS = ("label", "class", "sentiment", "target", "category")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_NAMES, _MOST_NEAR, _LONGEST_NAME = 20, 1000, 60
"""Of a table with thousands of columns, or a novel for a name, a message has so many."""


class NoTexts(Refused):
    """It cannot be told which columns of a table hold texts, or those that the spec names are not there."""


class Chosen(NamedTuple):
    """The places of columns, from 0 on: those that are augmented, and the one with the class, if there is one."""

    texts: tuple[int, ...]
    label: int | None


def choose(where: str, names: Sequence[str], rows: Sequence[Sequence[str]], wanted: Wanted) -> Chosen:
    """Return the columns of a table, of which the names are known and some rows.

    `where` stands for it in messages. Raises `NoTexts`, and `Refused` where the column for the class is not there.
    """
    texts = tuple(_place(where, names, one, "columns") for one in wanted.columns) or _found(where, names, rows)
    try:
        label = _label(names, texts) if wanted.label is None else _place(where, names, wanted.label, "label")
    except NoTexts as missing:
        raise Refused(missing.problems) from None
    if label is not None and label in texts:
        raise Refused(Problem(f"{where}: column {_quoted(names, label)} cannot hold both the text and its class"))
    return Chosen(texts, label)


def added(where: str, names: Sequence[str], wanted: Wanted) -> tuple[str, ...]:
    """Return the names of the columns that are added. Raises `Refused` where the table has such columns."""
    if not wanted.origin:
        return ()
    there = [name for name in ADDED if name in names]
    if there:
        what = f"{where}: has a column `{there[0]}`, which augcli adds"
        raise Refused(Problem(what, "remove it, or set `text: {origin: false}` in the spec to add none"))
    return ADDED


def plain(name: str) -> str:
    """Return a name as those of columns are compared."""
    return re.sub(r"[ -]", "_", name.strip()).casefold()


def is_of_texts(name: str) -> bool:
    """Tell whether a column of that name holds texts."""
    return plain(name) in _TEXTS or any(plain(name) in pair for pair in _PAIRS)


def has_words(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Tell whether most fields of a column hold three words and more: dates and names of persons do not."""
    fields = [row[at][:1000] for row in rows if len(row) > at and row[at].strip()]
    return sum(len(_WORD.findall(field)) > 2 for field in fields) * 2 > len(fields)


def _place(where: str, names: Sequence[str], wanted: str | int, setting: str) -> int:
    """Return the place of a column that the spec names or numbers."""
    if isinstance(wanted, int):
        if wanted <= len(names):
            return wanted - 1
        what = f"{where}: no column {wanted}; it has {counted(len(names), 'column')}"
        raise NoTexts(Problem(what, f"correct `{setting}` in `text` of the spec"))
    places = [at for at, name in enumerate(names) if name == wanted]
    places = places or [at for at, name in enumerate(names) if plain(name) == plain(wanted)]
    if len(places) == 1:
        return places[0]
    if places:
        raise NoTexts(Problem(f"{where}: {len(places)} columns are called `{wanted}`", "give them names of their own"))
    help = (
        did_you_mean(wanted, [name[:_LONGEST_NAME] for name in names[:_MOST_NEAR] if name])
        or f"correct `{setting}` in `text` of the spec"
    )
    raise NoTexts(Problem(f"{where}: no column `{wanted}`; {_listed(names)}", help))


def _found(where: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the columns that hold texts: `text`, the only one that is called like that, or the only one with words."""
    called = [plain(name) for name in names]
    known = [at for at, name in enumerate(names) if is_of_texts(name)]
    if called.count("text") == 1:
        return (called.index("text"),)
    if len(known) == 1 or (len(known) == 2 and {called[at] for at in known} in _PAIRS):
        return tuple(known)
    worded = [at for at in range(len(names)) if called[at] not in _LABELS and has_words(rows, at)] if not known else []
    if len(worded) == 1:
        if has_words([names], worded[0]):
            what = (
                f"{where}: its first record is no head, or one with a sentence for a name: {_quoted(names, worded[0])}"
            )
            raise NoTexts(Problem(what, f"number its columns from 1 on, as in `text: {{columns: [{worded[0] + 1}]}}`"))
        return tuple(worded)
    several = known or worded
    these = " and ".join(_quoted(names, at) for at in several[:_MOST_NAMES])
    which = f"which of {these}" if several else "which column"
    example = next((names[at] for at in several if names[at]), next(filter(None, names), ""))
    name = example if re.fullmatch(r"\w[\w -]*", example) else json.dumps(example[:_LONGEST_NAME], ensure_ascii=False)
    write = f"`text: {{columns: [{name}]}}`" if example else "`text: {columns: [1]}`"
    what = f"{where}: {which} holds the texts cannot be told; {_listed(names)}"
    raise NoTexts(Problem(what, f"name the column in the spec, as in {write}"))


def _label(names: Sequence[str], texts: tuple[int, ...]) -> int | None:
    called = [plain(name) for name in names]
    return next((called.index(name) for name in _LABELS if name in called and called.index(name) not in texts), None)


def _quoted(names: Sequence[str], at: int) -> str:
    return f"`{names[at][:_LONGEST_NAME]}`" if names[at] else str(at + 1)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:_LONGEST_NAME]}`" for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"its columns are {shown}{more}" if any(names) else f"its {counted(len(names), 'column')} have no names"
