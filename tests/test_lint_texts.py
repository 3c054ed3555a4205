"""Every pitfall of texts that `check` warns of, with the whole text, and what is near it but no pitfall."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from augcli import lint
from augcli.dataset.text_listing import scan_texts
from augcli.lint import of_texts, text_folder
from augcli.lint import texts as texts_rules
from augcli.lint.languages import language_of
from augcli.lint.naming import name_of
from augcli.lint.text_folder import Texts
from augcli.plan.text_sources import wanted
from augcli.spec.loading import load
from augcli.spec.pipeline import Step

ROOT = Path(__file__).parents[1]
WORDS = "bread water stone river window garden letter summer winter morning evening kitchen".split()


@pytest.fixture
def spec_of(tmp_path):
    """Load a spec, given as its only step or whole."""

    def make(spec: str) -> Any:
        text = spec if "pipeline" in spec else f"pipeline:\n  - {spec}\n"
        (tmp_path / "spec.yaml").write_text(dedent(text), encoding="utf-8")
        return load(tmp_path / "spec.yaml")

    return make


@pytest.fixture
def warned(spec_of, tmp_path):
    """Return everything that is warned of a spec and of texts: files by their paths, or records."""

    def warn(spec: str, texts: dict[str, str] | list[dict[str, Any]] | None = None) -> str:
        loaded = spec_of(spec)
        if texts is None:
            return "\n".join(map(str, lint.warnings(loaded)))
        root = tmp_path / "in"
        root.mkdir()
        if isinstance(texts, list):
            lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in texts]
            (root / "train.jsonl").write_text("".join(lines), encoding="utf-8")
        else:
            for name, text in texts.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
        found = lint.warnings(loaded, root, scan_texts(root, loaded.layout, wanted(loaded)))
        return "\n".join(map(str, found)).replace(str(root), "in")

    return warn


def told(rule: str, what: str, help: str) -> str:
    """Return a warning as it is printed."""
    return f"warning[{rule}]: {what}\n  = help: {help}"


def sentence(number: int, words: int = 8) -> str:
    """Return a text unlike those of other numbers."""
    return " ".join(WORDS[(number // len(WORDS) ** (at % 3) + at) % len(WORDS)] for at in range(words)) + "."


def reviews(count: int = 12, words: int = 8, **others: str) -> dict[str, str]:
    """Return texts of two classes, and some more."""
    plain = {f"train/{'ab'[number % 2]}/{number}.txt": sentence(number, words) for number in range(count)}
    return {**plain, **others}


def test_sound_texts_are_not_warned_of(warned):
    assert warned("{pipeline: [word_dropout, random_swap], splits: {val: copy}}", reviews()) == ""


def test_the_samples_and_their_specs_are_no_pitfalls():
    for path in (ROOT / "configs/guide").glob("text_*.yaml"):
        if path.stem in ("text_contextual", "text_back_translation"):
            continue  # they need a model
        spec = load(path)
        for name in ("folders", "csv", "jsonl"):
            root = ROOT / "sample_text" / name
            found = lint.warnings(spec, root, scan_texts(root, "auto", wanted(spec)))
            assert [one.rule for one in found] == ([] if name == "folders" else ["columns-of-splits"])


def test_evaluation_on_augmented_texts(warned):
    assert "warning[augments-evaluation]" in warned("{pipeline: [word_dropout], splits: {test: augment}}")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            "word_dropout: {p: 0.1}",
            told(
                "p-for-share",
                "`word_dropout` happens to 10% of the copies, and then to the usual share of words, 0.1",
                "write word_dropout: {share: 0.1} for that share of the words, or both p and share",
            ),
        ),
        (
            "synonym_replacement: {p: 0.3, phrases: true}",
            told(
                "p-for-share",
                "`synonym_replacement` happens to 30% of the copies, and then to the usual share of words, 0.1",
                "write synonym_replacement: {alpha: 0.3} for that share of the words, or both p and alpha",
            ),
        ),
        ("word_dropout: {p: 0.1, share: 0.1}", ""),
        ("word_dropout: {p: 0.5}", ""),
        ("word_dropout", ""),
    ],
)
def test_a_chance_that_is_meant_as_a_share(step, said, warned):
    assert warned(step) == said


def test_eda_is_as_strong_as_its_paper_advises(warned):
    settings = "alpha_sr: 0.05, alpha_ri: 0.05, alpha_rs: 0.05, p_rd: 0.05"
    assert warned("{copies: 4, pipeline: [eda]}", reviews(500)) == told(
        "eda-strength",
        "in: of 500 texts `eda` makes 4 copies each, with up to 0.1 of the words changed; its paper advises 16 copies "
        "and 0.05",
        f"write copies: 16, and eda: {{{settings}}}",
    )
    (rule,) = [rule for rule in of_texts.RULES if rule.__name__ == "eda_strength"]
    assert rule.__name__ == "eda_strength"


@pytest.mark.parametrize(
    ("count", "copies", "alpha", "advised"),
    [
        (500, 16, 0.05, None),
        (500, 8, 0.07, None),  # half as many copies, and little more of the words, are near enough
        (501, 16, 0.05, None),
        (501, 17, 0.05, "copies: 8, and eda: {alpha_sr: 0.05"),
        (2000, 8, 0.1, "copies: 8, and eda: {alpha_sr: 0.05"),
        (2001, 8, 0.1, None),
        (9000, 9, 0.1, "copies: 4, and eda: {alpha_sr: 0.1"),
        (9000, 4, 0.2, "copies: 4, and eda: {alpha_sr: 0.1"),
    ],
)
def test_the_advice_of_eda_follows_its_table(count, copies, alpha, advised, spec_of, tmp_path):
    spec = spec_of(f"{{copies: {copies}, pipeline: [eda: {{alpha_sr: {alpha}, alpha_ri: 0, alpha_rs: 0, p_rd: 0}}]}}")
    (tmp_path / "in").mkdir()
    lines = [f'{{"text": "{sentence(number)}", "label": "a"}}\n' for number in range(count)]
    (tmp_path / "in/train.jsonl").write_text("".join(lines), encoding="utf-8")
    listing = scan_texts(tmp_path / "in", "auto", wanted(spec))
    found = [str(one.help) for one in lint.quick_warnings(spec, tmp_path / "in", listing) if one.rule == "eda-strength"]
    assert len(found) == (advised is not None)
    assert all(advised in help for help in found)


@pytest.mark.parametrize(
    ("others", "is_told"),
    [("", True), (", text: {origin: false}", False), (", splits: {val: skip}", False)],
)
def test_tables_of_splits_with_other_columns(others, is_told, spec_of):
    spec, root = spec_of(f"{{pipeline: [word_dropout]{others}}}"), ROOT / "sample_text/csv"
    found = lint.warnings(spec, root, scan_texts(root, "auto", wanted(spec)))
    what = "`train.csv` gets the columns `augcli_source` and `augcli_copy`, `val.csv` is copied without them"
    what = f"{root}: {what}; Hugging Face `datasets` refuses such splits"
    help = "write text: {origin: false}"
    assert [str(one) for one in found] == [told("columns-of-splits", what, help)] * is_told


def test_texts_that_are_trained_on_and_tested_with(warned):
    more = {"val/a/x.txt": sentence(3).upper() + " \n", "val/b/y.txt": sentence(500)}
    assert warned("word_dropout", reviews(**more)) == told(
        "texts-in-two-splits",
        "in: 1 text of `val` stands in `train` too, namely `train/b/3.txt` and `val/a/x.txt`",
        "remove them from `val`",
    )


def test_equal_texts_of_two_classes(warned):
    again = {"train/a/again.txt": sentence(3)}
    assert warned("word_dropout", reviews(**again)) == told(
        "texts-with-two-labels",
        "in: 1 text has a like of another class, namely `train/a/again.txt` and `train/b/3.txt`",
        "correct the labels, or remove these texts",
    )


def test_equal_texts_of_one_class_are_none_of_this(warned):
    assert warned("word_dropout", reviews(**{"train/b/again.txt": sentence(3)})) == ""


def test_records_are_compared_as_files_are(warned):
    records = [{"text": sentence(number), "label": "ab"[number % 2]} for number in range(12)]
    records.append({"text": sentence(3), "label": "a"})
    assert "namely `train.jsonl#4` and `train.jsonl#13`" in warned("word_dropout", records)


def test_texts_that_name_their_class(warned):
    named = {f"train/sport/{n}.txt": f"Sport: {sentence(n)}" for n in range(6)}
    other = {f"train/art/{n}.txt": sentence(50 + n) for n in range(6)}
    assert warned("word_dropout", {**named, **other}) == told(
        "label-in-text",
        "in: 6 of 6 texts of `sport` name their class, and 0 of 6 others do",
        "take the labels out of the texts, if they were not meant to stand there",
    )


def test_a_class_that_others_name_as_often_gives_nothing_away(warned):
    every = {
        f"train/{name}/{n}.txt": f"Sport: {sentence(n + 50 * len(name))}" for name in ("sport", "art") for n in range(6)
    }
    assert warned("word_dropout", every) == ""


class Model(NamedTuple):
    """A step with models, as far as rules look at it: its settings, and its name."""

    kind: str
    to: str = ""
    back: str = ""
    model: str = ""

    def name(self) -> str:
        return self.kind


def with_model(spec: Any, *settings: str) -> Any:
    """Return a spec whose only step has models, which need not be there."""
    return spec.with_values({"pipeline": (Step(settings[0], Model(*settings)),)})


@pytest.mark.parametrize(
    ("there", "back", "said"),
    [
        ("models/opus-mt-en-de", "models/opus-mt-de-en/", []),
        ("facebook/wmt19-en-de", "any folder", []),
        ("facebook/wmt19-en-de", "facebook/wmt19-en-de", ["goes from `en` to `de`, and back from `en` to `de`"]),
        ("opus-mt-en-de", "opus-mt-de-fr", ["goes from `en` to `de`, and back from `de` to `fr`"]),
        ("opus-mt-en-de", "opus-mt-fr-en", ["goes from `en` to `de`, and back from `fr` to `en`"]),
    ],
)
def test_models_lead_there_and_back(there, back, said, spec_of):
    found = list(texts_rules.translation_pair(with_model(spec_of("random_swap"), "back_translation", there, back)))
    assert [one.what for one in found] == [f"`back_translation` {what}" for what in said]
    assert name_of(texts_rules.translation_pair) == "translation-pair"


@pytest.mark.parametrize(
    ("settings", "is_told"),
    [
        (("back_translation", "facebook/wmt19-en-de", ""), True),
        (("back_translation", "facebook/wmt19-de-en", ""), False),
        (("contextual_insertion", "", "", "bert-base-uncased"), True),
        (("contextual_substitution", "", "", "FacebookAI/roberta-base"), True),
        (("contextual_substitution", "", "", "bert-base-german-cased"), False),
        (("contextual_substitution", "", "", "models/mine"), False),
    ],
)
def test_models_are_for_a_language(settings, is_told, spec_of, tmp_path):
    for name, text in in_language(GERMAN).items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    spec = spec_of("random_swap")
    listing = scan_texts(tmp_path / "in", "auto", wanted(spec))
    found = list(texts_rules.other_language(Texts(with_model(spec, *settings), tmp_path / "in", listing)))
    assert [one.what.partition(": ")[2] for one in found] == [
        f"`{settings[0]}` is for English texts, most of these seem to be German"
    ] * is_told


NEGATIONS = "{pipeline: [word_dropout], text: {protect_negations: false}}"


def test_negations_that_are_dropped_from_opinions(warned):
    texts = {f"train/{name}/{n}.txt": sentence(n + 50 * (name == "pos")) for name in ("pos", "neg") for n in range(3)}
    assert warned(NEGATIONS, texts) == told(
        "unprotected-negations",
        "in: negations are not protected, and the classes are of sentiment (`neg` and `pos`)",
        "write text: {protect_negations: true}",
    )


def test_negations_count_less_in_other_classes(warned):
    assert warned(NEGATIONS, reviews()) == ""


GERMAN = "Das ist ein Buch, und die Seiten sind nicht schwer zu lesen: {}"
RUSSIAN = "Это хорошая книга, и я читал её дома: {}"


def in_language(text: str) -> dict[str, str]:
    return {f"train/{'ab'[number % 2]}/{number}.txt": text.format("x" * number) for number in range(8)}


def test_synonyms_of_another_language(warned):
    what = "in: `synonym_replacement` is for English texts, most of these seem to be German"
    help = "write text: {language: de, wordnet: PATH}, or leave the step out"
    assert warned("synonym_replacement", in_language(GERMAN)) == told("other-language", what, help)


def test_a_script_of_another_language(warned):
    what = "in: `eda` is for English texts, most of these seem to be in Cyrillic script"
    assert what in warned("{copies: 16, pipeline: [eda: {alpha_sr: 0.05}]}", in_language(RUSSIAN))


def test_steps_that_have_no_language_fit_all(warned):
    assert warned("random_swap", in_language(GERMAN)) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The film was not bad, and the music is good.", "en"),
        ("Der Film war nicht schlecht, und die Musik ist gut.", "de"),
        ("Le film est dans les salles, mais je ne suis pas sûr.", "fr"),
        ("La película no es mala, pero los actores son como el guion.", "es"),
        ("Il film non è male, ma gli attori sono anche peggio.", "it"),
        ("O filme não é mau, mas os atores foram muito fracos.", "pt"),
        ("De film is niet slecht, maar het verhaal van de held is dat ook niet.", "nl"),
        ("Фильм неплохой", "Cyrillic"),
        ("映画は良かった", "Hiragana"),
        ("ok", ""),
        ("the end", ""),  # one word is chance
        ("", ""),
    ],
)
def test_languages_are_told_by_their_common_words_and_scripts(text, language):
    assert language_of(text) == language


CHINESE = "这部电影的故事很好看{}"


def test_steps_for_words_alone_do_nothing_to_texts_without_blanks(warned):
    what = (
        "in: 8 of 8 texts are written without blanks between words; all steps are for words, and leave them as they are"
    )
    said = warned("random_swap", in_language(CHINESE))
    assert said == told("unsegmented-texts", what, "add a step for characters, such as character_swap")


def test_a_step_for_characters_changes_them(warned):
    assert "unsegmented-texts" not in warned("{pipeline: [random_swap, character_swap]}", in_language(CHINESE))


def test_texts_that_are_too_short_for_a_step(warned):
    assert warned("word_dropout", reviews(words=3)) == told(
        "short-texts",
        "in: 12 of 12 texts have fewer than 4 words; `word_dropout` leaves them as they are",
        "write min_words: 2, or take another step",
    )


def test_what_is_just_long_enough_is_none_of_this(warned):
    assert warned("{pipeline: [word_dropout: {min_words: 3}, random_swap]}", reviews(words=3)) == ""


def test_spans_with_labels_are_told_of_as_no_pitfall(spec_of, tmp_path, augcli):
    spec_of("random_swap")
    (tmp_path / "in").mkdir()
    lines = [
        {"text": f"{sentence(number)}", "label": "ab"[number % 2], "spans": [[0, 5, "THING"]] if number < 2 else []}
        for number in range(12)
    ]
    (tmp_path / "in/train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    done = augcli("check", tmp_path / "spec.yaml", tmp_path / "in", "--strict")
    assert done.returncode == 0
    assert "2 of 12 texts have labelled spans, which no step changes" in done.stderr


def test_of_many_texts_a_sample_is_kept_in_which_equal_ones_still_meet(spec_of, tmp_path, monkeypatch):
    monkeypatch.setattr(text_folder, "REMEMBERED", 50)
    spec = spec_of("word_dropout")
    records = [{"text": f"{sentence(number)} {number}", "label": "a"} for number in range(600)]
    again = [{**record, "label": "b"} for record in records]
    (tmp_path / "in").mkdir()
    lines = "".join(json.dumps(record) + "\n" for record in records + again)
    (tmp_path / "in/train.jsonl").write_text(lines, encoding="utf-8")
    texts = Texts(spec, tmp_path / "in", scan_texts(tmp_path / "in", "auto", wanted(spec)))
    assert texts.seen.texts == 1200
    assert 10 <= texts.seen.with_two_labels <= 50
    assert texts.seen.augmented < 600


def test_missing_model(warned):
    """What a run would be refused for is a warning: the machine that checks need not be the one that runs."""
    step = "contextual_substitution: {model: nowhere/tiny}"
    assert warned(step).startswith("warning[missing-model]: the model `nowhere/tiny` is neither a folder nor in ")
    assert "fetch it with: hf download nowhere/tiny" in warned(step)
    assert "missing-model" not in warned("eda")


def test_columns_of_moved_words(spec_of, tmp_path):
    (tmp_path / "in").mkdir()
    for width, told_of in (("", False), (" NN B-NP", True)):
        lines = [f"{word}{width} O\n" for word in WORDS]
        (tmp_path / "in/train.conll").write_text("".join(lines) + "\n", encoding="utf-8")
        for step, moves in (("random_swap", True), ("synonym_replacement", False)):
            spec = spec_of(step)
            found = lint.warnings(spec, tmp_path / "in", scan_texts(tmp_path / "in", "auto", wanted(spec)))
            assert [one.rule for one in found] == ["columns-of-moved-words"] * (moves and told_of)


def test_unusable_texts(warned, tmp_path):
    good = [{"text": sentence(number), "label": "a"} for number in range(6)]
    assert "unusable-texts" not in warned("word_dropout", [*good])
    (tmp_path / "in/train.jsonl").write_text('{"text": "one two"}\n{"text": 3}\n{"text" 4}\n', encoding="utf-8")
    spec = load(tmp_path / "spec.yaml")
    found = lint.warnings(spec, tmp_path / "in", scan_texts(tmp_path / "in", "auto", wanted(spec)))
    (one,) = [one for one in found if one.rule == "unusable-texts"]
    assert one.what.endswith("there are 2 texts that cannot be used, such as `train.jsonl#2`: `text` is no string")
