"""What is said of a model that is not there, lacks files or packages, or is of another kind; no model is loaded."""

from __future__ import annotations

import json
import sys

import pytest

from augcli.problems import Refused
from augcli.text.edits import applied
from augcli.text.models import folders
from augcli.text.models.alignment import aligned, fixed_spans
from augcli.text.models.folders import MASKED, TRANSLATION
from augcli.text.models.sentences import sentences
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transforms import back_translation

EMPTY = b"\2\0\0\0\0\0\0\0{}"
"""A file of weights without any."""
BERT = {"config.json": {"architectures": ["BertForMaskedLM"], "model_type": "bert"}, "model.safetensors": EMPTY}
MARIAN = {"config.json": {"architectures": ["MarianMTModel"], "model_type": "marian"}, "model.safetensors": EMPTY}
CONVERTED = {"config.json": {}, "model.bin": b""}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Make a folder with files, where all packages are installed but those that are named."""

    def make(files, without=()):
        monkeypatch.setattr(folders, "_is_installed", lambda package: package not in without)
        folder = tmp_path / "model"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(folder)

    return make


@pytest.mark.parametrize(
    ("files", "without", "kind", "what", "help"),
    [
        ({}, (), MASKED, "the folder `{}` has no `config.json`", "name a folder with all files of a model"),
        ({"config.json": b"{"}, (), MASKED, "`{}/config.json` cannot be read", "name a folder with all files"),
        ({"config.json": b"[]"}, (), MASKED, "`{}/config.json` is not that of a model", "name a folder"),
        (
            BERT,
            ("torch", "transformers"),
            MASKED,
            "the model `{}` needs transformers and torch, which are not installed",
            "pip install 'augcli[text-models]'",
        ),
        (
            MARIAN,
            ("sacremoses",),
            TRANSLATION,
            "the model `{}` needs sacremoses, which is not installed",
            "pip install 'augcli[text-models]'",
        ),
        (
            CONVERTED,
            ("ctranslate2",),
            TRANSLATION,
            "the model `{}` needs ctranslate2, which is not installed",
            "pip install 'augcli[text-ct2]'",
        ),
        (BERT, (), MASKED, "the folder `{}` lacks `tokenizer.json`", "name a folder"),
        ({"config.json": BERT["config.json"], "vocab.txt": b""}, (), MASKED, "lacks `model.safetensors`", "name a"),
        (
            {**BERT, "vocab.txt": b"", "model.safetensors": b"version https://git-lfs.github.com/spec/v1\n"},
            (),
            MASKED,
            "`{}/model.safetensors` is cut short, or only points to the file",
            "name a folder",
        ),
        (MARIAN, (), TRANSLATION, "the folder `{}` lacks `source.spm`, `target.spm`, `vocab.json`", "name a folder"),
        (CONVERTED, (), TRANSLATION, "the folder `{}` lacks `source.spm`, `target.spm`", "name a folder"),
        (
            MARIAN,
            (),
            MASKED,
            "the model in `{}` is `MarianMTModel`; a masked language model is needed",
            "take one such as bert-base-uncased",
        ),
        (
            BERT,
            (),
            TRANSLATION,
            "the model in `{}` is `BertForMaskedLM`; a translation model for one pair of languages, of the type marian",
            "take one such as Helsinki-NLP/opus-mt-en-de",
        ),
    ],
    ids=str,
)
def test_what_a_folder_lacks_is_told_with_a_remedy(files, without, kind, what, help, made):
    folder = made(files, without)
    with pytest.raises(Refused) as refused:
        folders.find(folder, kind)
    (problem,) = refused.value.problems
    assert what.format(folder) in problem.what
    assert help in problem.help


def test_a_name_is_looked_up_in_the_users_cache_and_never_fetched(tmp_path, monkeypatch, made):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(Refused) as refused:
        folders.find("some/bert", MASKED)
    (problem,) = refused.value.problems
    assert problem.what == f"the model `some/bert` is neither a folder nor in your Hugging Face cache, `{tmp_path}/hub`"
    assert problem.help == "fetch it with: hf download some/bert"

    made({})
    snapshot = tmp_path / "hub/models--some--bert/snapshots/0a1b"
    snapshot.mkdir(parents=True)
    (tmp_path / "hub/models--some--bert/refs").mkdir()
    (tmp_path / "hub/models--some--bert/refs/main").write_text("0a1b")
    for name, content in {**BERT, "vocab.txt": b""}.items():
        (snapshot / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert folders.find("some/bert", MASKED).path == snapshot


@pytest.mark.parametrize("name", ["no/such/folder/here", "/nowhere", "a b"])
def test_what_is_no_name_is_a_folder_that_is_not_there(name):
    with pytest.raises(Refused, match=f"there is no folder `{name}`"):
        folders.find(name, MASKED)


def test_the_digest_is_that_of_the_files_that_are_read(made, tmp_path, monkeypatch):
    folder = made({**BERT, "vocab.txt": b"a"})
    monkeypatch.setattr(folders, "version", lambda package: "1")
    ((_, before), *_) = folders.resources(folder, MASKED)
    (tmp_path / "model/README.md").write_text("other")
    ((_, same), *_) = folders.resources(folder, MASKED)
    (tmp_path / "model/vocab.txt").write_text("bb")
    ((_, after), *_) = folders.resources(folder, MASKED)
    assert before == same != after


def test_nothing_large_is_imported_to_look_for_a_model(made):
    made({**BERT, "vocab.txt": b""})
    before = {"torch", "transformers", "ctranslate2"} & {*sys.modules}
    assert {"torch", "transformers", "ctranslate2"} & {*sys.modules} == before


# Sentences, and how wordings of them become edits


def test_a_text_is_cut_into_sentences_at_end_marks_lines_and_pictures():
    text = 'Dr. Smith came. He saw 3.5 U.S. films! "Really?" she said... no. \U0001f44d Then\r\nwe left。好。'
    assert [text[start:end] for start, end in sentences(text)] == [
        "Dr. Smith came.",
        "He saw 3.5 U.S. films!",
        '"Really?" she said... no.',
        "Then",
        "we left。",
        "好。",
    ]


@pytest.mark.parametrize(
    ("wording", "edits"),
    [
        ("I paid 5 euros for  it.", []),
        ("I spent 5 euros on it.", [(2, 6, "paid", "spent"), (15, 18, "for", "on")]),
        ("For it I paid 5 euros.", [(0, 0, "", "For it "), (9, 22, "euros for it.", "euros.")]),
        ("I paid five euros for it.", None),
        ("I paid 55 euros for it.", None),
        ("I paid 5 or 5 euros for it.", None),
    ],
)
def test_what_is_fixed_comes_back_as_it_was_or_nothing_is_edited(wording, edits):
    text = Text("I paid 5 euros for it.")
    found = aligned(text.string, (0, len(text.string)), fixed_spans(text), wording)
    assert found == edits
    if edits:
        assert applied(text.string, edits) == wording


class Told:
    """A model that says what it was told to."""

    def __init__(self, wordings):
        self._wordings = wordings

    def wordings(self, sentence, count):
        return tuple(self._wordings.get(sentence, ())[:count])


@pytest.fixture
def copies_of(monkeypatch):
    """Return what copies of a text become with certain wordings of its sentences."""

    def make(string, wordings, kept=(), settings=None, copies=5, candidates=4):
        models = {
            "to": Told({one: [f"{one}{at}" for at in range(candidates)] for one in wordings}),
            "back": Told({f"{one}{at}": [told] for one, all in wordings.items() for at, told in enumerate(all)}),
        }
        monkeypatch.setattr(back_translation.translation, "load", models.__getitem__)
        step = back_translation.BackTranslation(to="to", back="back", candidates=candidates)
        found = []
        for copy in range(copies):
            text = Text(string, kept, settings or TextSettings(), copy)
            draw = step.sample(None, text)
            found.append(None if draw is None else text.after(draw.edits).string)
        return found

    return make


def test_copies_take_one_wording_after_the_other(copies_of):
    made = copies_of("A good film.", {"A good film.": ["A fine film.", "A good movie.", "A fine movie."]})
    assert made == ["A fine film.", "A good movie.", "A fine movie.", "A fine film.", "A fine film."]


@pytest.mark.parametrize(
    "wrong", ["A good film.", "A  good film.", "Film.", "A good film, " * 3, "No good film.", "..."]
)
def test_a_wording_that_says_too_little_too_much_or_the_same_is_passed_over(wrong, copies_of):
    assert copies_of("A good film.", {"A good film.": [wrong, "A fine film."]}, copies=2) == ["A fine film."] * 2
    assert copies_of("A good film.", {"A good film.": [wrong]}, copies=1) == [None]


def test_labelled_spans_and_protected_words_stay(copies_of):
    string, wordings = "Anna saw it. Anna left.", {"Anna saw it.": ["Ann saw it.", "Anna watched it."]}
    assert copies_of(string, wordings, [(0, 4)], copies=1) == ["Anna watched it. Anna left."]
    settings = TextSettings(protect=["anna"])
    assert copies_of(string, wordings, settings=settings, copies=1) == ["Anna watched it. Anna left."]
    assert copies_of(string, wordings, [(9, 17)], copies=1) == [None]  # it reaches over two sentences
