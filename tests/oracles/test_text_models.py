"""Steps with models, with tiny ones of each kind: the real libraries load them and run them, alone and by the CLI."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections import Counter

import ctranslate2
import pytest
import torch
import transformers

from augcli.problems import Unusable
from augcli.random_streams import Streams
from augcli.text.edits import applied
from augcli.text.models import masked, translation
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transforms.back_translation import BackTranslation
from augcli.text.transforms.contextual_insertion import ContextualInsertion
from augcli.text.transforms.contextual_substitution import ContextualSubstitution
from tests.oracles import tiny_models
from tests.test_runs import tree

pytestmark = pytest.mark.oracle

TEXTS = [
    "The movie was great. The price was $5.00.",
    "An old actor was never bad, and the audience loved every minute of it!",
    "The story is awful.\nThe film was long.",
    "The actor was great, see https://example.com/movie for it. The story was awful.",
]
KINDS = ("bert", "roberta", "there", "back", "fsmt_there", "fsmt_back", "ct2_there", "ct2_back")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return folders of models by their kind."""
    root = tmp_path_factory.mktemp("models")
    transformers.utils.logging.disable_progress_bar()
    tiny_models.bert(root / "bert")
    tiny_models.roberta(root / "roberta")
    tiny_models.marian(root / "there", tiny_models.THERE)
    tiny_models.marian(root / "back", tiny_models.BACK)
    tiny_models.fsmt(root / "fsmt_there", tiny_models.THERE, ("en", "de"))
    tiny_models.fsmt(root / "fsmt_back", tiny_models.BACK, ("de", "en"))
    for side in ("there", "back"):
        converter = ctranslate2.converters.TransformersConverter(
            str(root / side), copy_files=["source.spm", "target.spm"]
        )
        converter.convert(str(root / f"ct2_{side}"))
    return {kind: str(root / kind) for kind in KINDS}


def stream(copy):
    return Streams(7, b"text", copy)("step")


@pytest.mark.parametrize("kind", ["bert", "roberta"])
@pytest.mark.parametrize("step", [ContextualSubstitution, ContextualInsertion])
def test_words_come_in_whole_and_nothing_else_is_touched(step, kind, models):
    transform = step(model=models[kind], share=0.4, top_k=400)
    string = 'The old movie was never good; Paris (an old story) had $5.00 and the "movie" was LOVED.'
    kept = ((39, 48),)
    seen = 0
    for copy in range(40):
        text = Text(string, kept, copy=copy)
        draw = transform.sample(stream(copy), text)
        if draw is None:
            continue
        made = applied(string, draw.edits)
        seen += len(draw.edits)
        for start, end, before, after in draw.edits:
            word = after.strip()
            assert word.replace("'", "").isalpha()
            assert word.lower() not in ("never", "not", before.lower())
            assert end <= 39 or start >= 48
            assert not before[:1].isupper() or word[0].isupper()
        assert "never good" in made
        assert "$5.00" in made
    assert seen > 60


def test_the_law_of_choice_is_the_softmax_of_the_likeliest(models):
    """A position of the text is asked by hand; 4,000 draws are compared by chi-square."""
    string, at, top_k, temperature = "The movie was great and the actor loved it .", 14, 12, 0.1
    tokenizer = transformers.AutoTokenizer.from_pretrained(models["bert"])
    model = transformers.AutoModelForMaskedLM.from_pretrained(models["bert"]).eval()
    ids = tokenizer(string.replace("great", "[MASK]"), return_tensors="pt")
    place = ids["input_ids"][0].tolist().index(tokenizer.mask_token_id)
    with torch.no_grad():
        logits = model(**ids).logits[0, place].double()
    allowed = {}
    for number in logits.argsort(descending=True)[:top_k].tolist():
        word = tokenizer.convert_ids_to_tokens(number)
        if word.isalpha() and word not in ("great", "was", "and", "never", "not", "b", "bad"):
            allowed[word] = math.exp(logits[number] / temperature)
    assert len(allowed) > 4
    step = ContextualSubstitution(model=models["bert"], share=0, top_k=top_k, temperature=temperature)
    found = Counter()
    for copy in range(15_000):
        draw = step.sample(stream(copy), Text(string))
        found.update(edit.after for edit in draw.edits if edit.start == at)
    found["a"] += found.pop("an", 0)  # mended for what follows
    allowed["a"] = allowed.get("a", 0) + allowed.pop("an", 0)
    total = sum(found.values())
    assert {*found} <= {*allowed}
    assert total > 1000
    expected = {word: total * weight / sum(allowed.values()) for word, weight in allowed.items()}
    chi = sum((found[word] - wanted) ** 2 / wanted for word, wanted in expected.items())
    assert chi < 3 * len(allowed) + 10  # far beyond the 99.9 % point


def test_what_a_model_says_of_a_place_does_not_depend_on_what_was_asked_before(models):
    one, other = masked.MaskedModel(models["bert"]), masked.MaskedModel(models["bert"])
    places = [("The ", " was great"), ("The movie ", " great"), ("", " movie")]
    assert [one.guesses(*place, 9) for place in places] == [other.guesses(*place, 9) for place in places[::-1]][::-1]


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_long_and_strange_texts_are_taken(kind, models):
    model = masked.load(models[kind])
    assert model.guesses("word " * 200_000, " word" * 200_000, 50)
    assert model.guesses("\U0001f600" * 5000, "\U0001f600" * 5000, 50) is not None
    mask = "[MASK] <mask> "
    assert model.guesses(mask * 3, mask, 50) is not None


@pytest.mark.parametrize(("to", "back"), [("there", "back"), ("fsmt_there", "fsmt_back"), ("ct2_there", "ct2_back")])
def test_copies_take_different_ways_back_and_numbers_stay(to, back, models):
    step = BackTranslation(to=models[to], back=models[back])
    made = []
    for copy in range(4):
        text = Text("The movie was great. The price was $5.00.", copy=copy)
        draw = step.sample(stream(0), text)
        made.append(text.string if draw is None else text.after(draw.edits).string)
    assert len({*made}) > 1
    assert all("$5.00" in one for one in made)
    assert any("picture" in one or "wonderful" in one for one in made)


def test_ctranslate2_says_what_transformers_does(models):
    for english, _ in tiny_models.THERE:
        ways = [translation.load(models[kind]).wordings(english, 2)[0] for kind in ("there", "ct2_there")]
        assert ways[0] == ways[1]


@pytest.mark.parametrize("kind", ["there", "fsmt_there", "ct2_there"])
def test_what_is_too_long_is_not_translated_in_part(kind, models):
    model = translation.load(models[kind])
    assert model.wordings("The movie was great. " * 200, 2) == ()
    assert model.wordings("The movie was great " * 100_000, 2) == ()


def specs(models):
    words = "contextual_substitution: {{model: {0}, share: 0.3}}\n  - contextual_insertion: {{model: {0}}}"
    return {kind: words.format(models[kind]) for kind in ("bert", "roberta")} | {
        to: f"back_translation: {{to: {models[to]}, back: {models[back]}}}"
        for to, back in (("there", "back"), ("fsmt_there", "fsmt_back"), ("ct2_there", "ct2_back"))
    }


@pytest.mark.parametrize("kind", ["bert", "roberta", "there", "fsmt_there", "ct2_there"])
def test_runs_give_the_same_bytes_for_any_jobs_and_are_replayed_without_the_model(kind, models, tmp_path, augcli):
    for number, text in enumerate(TEXTS * 3):
        path = tmp_path / f"in/train/{'ab'[number % 2]}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} The movie was number {number}.\n", encoding="utf-8")
    copied = {one: shutil.copytree(folder, tmp_path / "models" / one) for one, folder in models.items()}
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"copies: 3\npipeline:\n  - {specs(copied)[kind]}\n", encoding="utf-8")
    for jobs in (1, 2):
        done = augcli("run", spec, tmp_path / "in", tmp_path / f"out{jobs}", "-j", jobs, "-q")
        assert (done.returncode, done.stderr) == (0, "")
    trees = [tree(tmp_path / f"out{jobs}") for jobs in (1, 2)]
    assert trees[0] == trees[1]
    with (tmp_path / "out1/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "augmented"]
    assert sum(json.loads(row["params"]) != [] for row in rows) > 20

    shutil.rmtree(tmp_path / "models")
    for path in (tmp_path / "out1").rglob("*_aug*.txt"):
        path.unlink()
    done = augcli("replay", tmp_path / "out1", tmp_path / "in", "-q")
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "out1") == trees[0]
    done = augcli("run", spec, tmp_path / "in", tmp_path / "out3", "-q")
    assert done.returncode == 2
    assert "there is no folder" in done.stderr


def test_a_damaged_model_is_told_in_one_line(models, tmp_path):
    folder = shutil.copytree(models["bert"], tmp_path / "bert")
    (folder / "config.json").write_text(
        (folder / "config.json").read_text().replace('"hidden_size": 16', '"hidden_size": 32'), encoding="utf-8"
    )
    with pytest.raises(Unusable, match=r"^the model .* (cannot be loaded|lacks some of its weights)"):
        masked.load(str(folder))
    folder = shutil.copytree(models["ct2_there"], tmp_path / "ct2")
    (folder / "model.bin").write_bytes(b"damaged")
    with pytest.raises(Unusable, match="its files are damaged"):
        translation.load(str(folder))


def test_protected_words_are_not_replaced(models):
    settings = TextSettings(protect=["movie"])
    step = ContextualSubstitution(model=models["bert"], share=1)
    for copy in range(5):
        text = Text("The movie was great", settings=settings)
        assert "movie" in text.after(step.sample(stream(copy), text).edits).string
