"""Names of nlpaug, EDA, AEDA and TextAttack in specs and in programs; the guide's blocks of texts run on the samples.

What is expected here is worked out by hand from the libraries' documentation.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from augcli.problems import Refused
from augcli.spec import outline
from augcli.spec.conversion import converted
from augcli.spec.loading import load
from augcli.spec.pipeline import canonical, leaves

ROOT = Path(__file__).parents[1]
GUIDE = sorted((ROOT / "configs/guide").glob("text_*.yaml"))
SAMPLES = ROOT / "sample_text"
MODELS = ("text_contextual", "text_back_translation")
"""Blocks that need a model, which no test has; they are loaded, and run with tiny models elsewhere."""


@pytest.fixture
def steps_of(tmp_path):
    """Return the canonical steps of one that is given as plain data."""

    def make(step: Any) -> list[dict[str, Any]]:
        path = tmp_path / "spec.yaml"
        path.write_text(yaml.safe_dump({"pipeline": [step]}), encoding="utf-8")
        return [canonical(node) for node in load(path).pipeline]

    return make


CHARACTERS = {"word_share": 0.3, "char_share": 0.3, "most_words": 10, "most_chars": 10}

TRANSLATED: list[tuple[Any, Any]] = [
    # nlpaug: aug_p 0.3, aug_max 10, null for no limit
    ("nlpaug.SynonymAug", {"synonym_replacement": {"alpha": 0.3, "most_words": 10}}),
    (
        {"nlpaug.SynonymAug": {"aug_src": "wordnet", "aug_p": 0.1, "aug_max": None}},
        {"synonym_replacement": {"alpha": 0.1, "most_words": None}},
    ),
    ("nlpaug.RandomWordAug", {"random_deletion": {"alpha": 0.3, "most_words": 10}}),
    (
        {"nlpaug.RandomWordAug": {"action": "swap", "aug_p": 0.2}},
        {"random_swap": {"alpha": 0.2, "adjacent": True, "most_words": 10}},
    ),
    ("nlpaug.SplitAug", {"split_words": {"word_share": 0.3, "most_words": 10, "min_chars": 4}}),
    ("nlpaug.SpellingAug", {"spelling_errors": {"word_share": 0.3, "most_words": 10}}),
    ("nlpaug.KeyboardAug", {"keyboard_typos": {**CHARACTERS, "min_chars": 4}}),
    ("nlpaug.OcrAug", {"ocr_errors": {**CHARACTERS, "min_chars": 1}}),
    ("nlpaug.RandomCharAug", {"character_substitution": {**CHARACTERS, "min_chars": 4}}),
    (
        {"nlpaug.RandomCharAug": {"action": "swap", "aug_char_max": None, "aug_word_p": 1}},
        {"character_swap": {"word_share": 1, "char_share": 0.3, "most_words": 10, "most_chars": None}},
    ),
    (
        {"nlpaug.ContextualWordEmbsAug": {"action": "insert", "top_k": 20}},
        {"contextual_insertion": {"model": "bert-base-uncased", "share": 0.3, "top_k": 20, "most_words": 10}},
    ),
    (
        "nlpaug.BackTranslationAug",
        {"back_translation": {"to": "facebook/wmt19-en-de", "back": "facebook/wmt19-de-en"}},
    ),
    ("eda.eda", {"eda": {"alpha_sr": 0.1, "alpha_ri": 0.1, "alpha_rs": 0.1, "p_rd": 0.1}}),
    ({"eda.eda": {"alpha_sr": 0.05, "p_rd": 0}}, {"eda": {"alpha_sr": 0.05, "alpha_ri": 0.1, "p_rd": 0}}),
    ("aeda.insert_punctuation_marks", {"punctuation_insertion": {}}),
    ({"textattack.SwapAugmenter": {"pct_words_to_swap": 0.2}}, {"random_swap": {"alpha": 0.2, "adjacent": False}}),
    ("textattack.EasyDataAugmenter", {"eda": {"alpha_sr": 0.1, "alpha_rs": 0.1}}),
]


@pytest.mark.parametrize(("call", "step"), TRANSLATED, ids=[str(call)[:60] for call, _ in TRANSLATED])
def test_a_call_becomes_the_step_that_its_library_means(call, step, steps_of):
    (made,) = steps_of(call)
    ((name, wanted),) = step.items()
    assert name in made
    assert {key: made[name][key] for key in wanted} == wanted


def test_each_of_sometimes_has_a_chance_of_its_own(steps_of):
    flow = ["nlpaug.RandomWordAug", {"word_dropout": {"share": 0.2}}]
    each = steps_of({"nlpaug.Sometimes": {"flow": flow}})
    assert [[*one["sequence"]["steps"][0]] for one in each] == [["random_deletion"], ["word_dropout"]]
    assert [one["sequence"]["p"] for one in each] == [0.8, 0.8]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"nlpaug.SynonymAug": {"stopwords": ["film"]}}, "write text: {protect: [word, ...]} at the top of the spec"),
        ({"nlpaug.SynonymAug": {"aug_src": "ppdb"}}, '`"ppdb"` is not offered | write wordnet'),
        ({"nlpaug.SynonymAug": {"lang": "deu"}}, "text: {language: de, wordnet: PATH}"),
        ({"nlpaug.SynonymAug": {"aug_min": 3}}, "`3` is not offered; `1` is | leave it out; write aug_p for more"),
        ({"nlpaug.RandomWordAug": {"action": "substitute"}}, '`"substitute"` is not offered | write delete or swap'),
        ({"nlpaug.RandomWordAug": {"action": "insert"}}, "it fails in nlpaug as well"),
        ("nlpaug.AntonymAug", "turns the meaning around, and the label with it | write nlpaug.SynonymAug"),
        ("nlpaug.WordEmbsAug", "needs vectors of words"),
        ("nlpaug.TfIdfAug", "needs a model that was fitted to your texts"),
        ("nlpaug.AbstSummAug", "makes a summary, which leaves most of the text out"),
        ("naw.SynonymAug", "unknown transform `naw.SynonymAug` | write nlpaug.SynonymAug"),
        ("nlpaug.augmenter.word.SynonymAug", "| write nlpaug.SynonymAug"),
        ("SynonymAug", "did you mean `nlpaug.SynonymAug` or `synonym_replacement`?"),
        ({"eda.eda": {"num_aug": 16}}, "leave it out, and write copies: 16 at the top of the spec"),
        ({"nlpaug.ContextualWordEmbsAug": {"top_k": None}}, "write top_k: 1000"),
        ({"nlpaug.Sometimes": {"flow": "word_dropout"}}, "expected"),
    ],
)
def test_what_is_not_offered_is_refused_with_a_remedy(step, said, steps_of):
    with pytest.raises(Refused) as refused:
        steps_of(step)
    assert said in "\n".join(f"{problem.what} | {problem.help}" for problem in refused.value.problems)


# Programs

THE_GUIDE = """
    import nlpaug.augmenter.word as naw
    import nlpaug.augmenter.sentence as nas

    syn_aug = naw.SynonymAug(aug_src='wordnet')
    bert_aug = naw.ContextualWordEmbsAug(
        model_path='bert-base-uncased',
        action="substitute"
    )
    back_trans_aug = naw.BackTranslationAug(
        from_model_name='facebook/wmt19-en-de',
        to_model_name='facebook/wmt19-de-en'
    )
    text = "The movie was absolutely fantastic"
    augmented_texts = [syn_aug.augment(text), bert_aug.augment(text), back_trans_aug.augment(text)]
"""


def made_of(program: str, tmp_path: Path) -> tuple[list[Any], list[str]]:
    path = tmp_path / "program.py"
    path.write_text(dedent(program), encoding="utf-8")
    made = converted(path)
    return yaml.safe_load(made.text)["pipeline"], made.left_out


def test_augmenters_that_stand_alone_become_a_choice_for_each_copy(tmp_path):
    (choice,), left_out = made_of(THE_GUIDE, tmp_path)
    assert choice == {
        "one_of": {
            "steps": [
                {"nlpaug.SynonymAug": {"aug_src": "wordnet"}},
                {"nlpaug.ContextualWordEmbsAug": {"model_path": "bert-base-uncased", "action": "substitute"}},
                {
                    "nlpaug.BackTranslationAug": {
                        "from_model_name": "facebook/wmt19-en-de",
                        "to_model_name": "facebook/wmt19-de-en",
                    }
                },
            ]
        }
    }
    assert left_out == []


def test_a_flow_becomes_a_pipeline_and_what_is_not_offered_a_comment(tmp_path):
    program = """
        import nlpaug.augmenter.word as naw, nlpaug.flow as naf
        swap = naw.RandomWordAug("swap", aug_p=0.2)
        flow = naf.Sequential([swap, naw.AntonymAug(), naf.Sometimes(flow=[naw.SynonymAug("wordnet")], aug_p=0.5)])
    """
    steps, left_out = made_of(program, tmp_path)
    assert steps == [
        {"nlpaug.RandomWordAug": {"action": "swap", "aug_p": 0.2}},
        {"nlpaug.Sometimes": {"aug_p": 0.5, "flow": [{"nlpaug.SynonymAug": {"aug_src": "wordnet"}}]}},
    ]
    assert [told.partition(" ")[0] for told in left_out] == ["naw.AntonymAug()"]


def test_a_single_augmenter_is_the_pipeline(tmp_path):
    steps, _ = made_of("from nlpaug.augmenter.word import SynonymAug\naug = SynonymAug(aug_p=0.1)\n", tmp_path)
    assert steps == [{"nlpaug.SynonymAug": {"aug_p": 0.1}}]


# The guide, block by block, and the samples


def test_the_samples_are_the_same_texts_in_three_forms():
    for split, number in (("train", 16), ("val", 8)):
        files = {
            (path.parent.name, path.read_text(encoding="utf-8").rstrip("\n"))
            for path in (SAMPLES / "folders" / split).rglob("*.txt")
        }
        with (SAMPLES / f"csv/{split}.csv").open(encoding="utf-8", newline="") as file:
            rows = [(row["label"], row["text"]) for row in csv.DictReader(file)]
        lines = (SAMPLES / f"jsonl/{split}.jsonl").read_text(encoding="utf-8").splitlines()
        assert rows == [(one["label"], one["text"]) for one in map(json.loads, lines)]
        assert files == {*rows}
        assert len(files) == len(rows) == number


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_a_block_of_the_guide_survives_its_expansion(path, tmp_path):
    spec = load(path)
    (tmp_path / "spec.yaml").write_text(outline.expanded(spec), encoding="utf-8")
    assert load(tmp_path / "spec.yaml").resolved() == spec.resolved()
    assert spec.kind == "text"
    assert not any("." in step.transform.name() for step in leaves(spec.pipeline))


@pytest.mark.parametrize("path", [path for path in GUIDE if path.stem not in MODELS], ids=lambda path: path.stem)
def test_a_block_of_the_guide_runs_over_the_samples(path, augcli, tmp_path):
    out = tmp_path / "out"
    done = augcli("run", path, SAMPLES / "folders", out, "--copies", 2, "-j", 1, "-q")
    assert done.returncode == 0, done.stderr
    assert len([*out.glob("train/*/*.txt")]) == 32
    assert len([*out.glob("val/*/*.txt")]) == 8
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "augmented"]
    assert sum(row["params"] != "[]" for row in rows) > 20
    assert augcli("verify", out).returncode == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_tables_of_the_samples_are_augmented_as_their_files_are(form, augcli, tmp_path):
    spec = ROOT / "configs/guide/text_random_words.yaml"
    for name in (form, "folders"):
        assert augcli("run", spec, SAMPLES / name, tmp_path / name, "--copies", 2, "-j", 1, "-q").returncode == 0
    text = (tmp_path / form / f"train.{form}").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines()) if form == "csv" else map(json.loads, text.splitlines())
    of_files = [path.read_text(encoding="utf-8").rstrip("\n") for path in (tmp_path / "folders/train").rglob("*.txt")]
    assert sorted(row["text"] for row in rows) == sorted(of_files)
