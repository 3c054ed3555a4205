"""Specs for texts: what makes one, what does not belong into it, and what its record holds."""

import pytest

from augcli.problems import Refused
from augcli.spec.loading import parse, restored
from augcli.spec.spec import OF_OTHERS, Spec
from augcli.text.settings import TextSettings
from augcli.text.text import Text

MISTAKES = [
    (
        "pipeline: [eda, {one_of: {steps: [word_dropout, rotate]}}]",
        "1:49: `rotate` is for images, other steps here are for texts",
        "write a spec for each, and run both",
    ),
    (
        "pipeline: [hue, random_swap]",
        "1:17: `random_swap` is for texts, other steps here are for images",
        "write a spec for each, and run both",
    ),
    (
        "splits: {val: [resize: {size: 30}]}\npipeline: [eda]",
        "2:12: `eda` is for texts, other steps here are for images",
        "write a spec for each, and run both",
    ),
    ("fusion: off\npipeline: [eda]", "1:1: `fusion` is for images, the steps are for texts", "leave it out"),
    (
        "labels: {on_empty: skip}\npipeline: [eda]",
        "1:1: `labels` is for images, the steps are for texts",
        "leave it out",
    ),
    ("text: {label: x}\npipeline: [hue]", "1:1: `text` is for texts, the steps are for images", "leave it out"),
    (
        "layout: yolo\npipeline: [eda]",
        "1:9: `layout: yolo` is for images; `auto`, `classes`, `splits`, `flat` or `tables` is for texts",
        None,
    ),
    (
        "layout: tables\npipeline: [hue]",
        "1:9: `layout: tables` is for texts, the steps are for images",
        "leave it out",
    ),
    (
        "splits: {val: []}\npipeline: [eda]",
        "1:15: a split of texts has no steps of its own",
        "write `augment`, `copy` or `skip`",
    ),
    (
        "pipeline: [word_dropout: {share: 2}]",
        "1:34: `share`: `2` is out of bounds; 0 to 1 is allowed",
        "write 0.02",
    ),
    ("text: {colums: [a]}\npipeline: [eda]", "1:8: unknown setting `colums`", "did you mean `columns`?"),
    (
        "text: {columns: [a, 2]}\npipeline: [eda]",
        '1:17: `columns`: expected names or numbers, not both, got `["a", 2]`',
        None,
    ),
    (
        "text: {columns: [a, a]}\npipeline: [eda]",
        '1:17: `columns`: a column stands twice in `["a", "a"]`',
        None,
    ),
]


@pytest.mark.parametrize(("text", "what", "help"), MISTAKES)
def test_what_is_wrong_is_told_with_its_place(text, what, help):
    with pytest.raises(Refused) as refused:
        parse(text.encode(), "spec.yaml")
    (problem,) = refused.value.problems
    assert f"{problem.where.line}:{problem.where.column}: {problem.what}" == what
    assert (None if problem.help is None else str(problem.help)) == help


def test_a_spec_is_for_what_its_steps_are_for():
    assert parse(b"pipeline: [sequence: {steps: [eda]}]", "x").kind == "text"
    assert parse(b"pipeline: [hue]", "x").kind == "image"
    assert parse(b"splits: {train: copy}", "x").kind == "image"


@pytest.mark.parametrize("text", [b"pipeline: [eda]\ntext: {protect: a}", b"pipeline: [hue]"])
def test_the_record_of_a_spec_has_no_settings_of_the_other_kind(text):
    spec = parse(text, "x")
    resolved = spec.resolved()
    assert {*Spec.fields} - {*resolved} == {*OF_OTHERS[spec.kind]}
    assert restored(resolved, "x") == spec


@pytest.mark.parametrize(
    ("protected", "text", "left"),
    [
        ("New York", "In New York it is new, said new york.", ["New York", "new york"]),
        ("C++", "We write C++ and C, not c++.", ["C++", "c++"]),
        ("AT&T", "The AT&T shop", ["AT&T"]),
        ("film", "The film of films, a filmed Film", ["film", "Film"]),
        ("电影", "这部电影很好看", ["电影"]),
    ],
)
def test_words_and_phrases_that_are_protected_stay_wherever_they_stand(protected, text, left):
    seen = Text(text, settings=TextSettings(protect=protected))
    assert [text[start:end] for start, end in seen.fixed] == left
    changeable = [(word.start, word.end) for word in (*seen.words, *seen.runs)]
    assert not [1 for a, b in changeable for start, end in seen.fixed if a < end and start < b]
