"""Runs over texts: the same bytes for any number of workers, from any layout, after any interruption."""

import csv
import json
import random
import re

import pytest

import augcli as api
from augcli.engine import runner
from augcli.output.manifest import record_of
from tests.test_runs import tree
from tests.text_sets import LAYOUTS, as_classes, as_csv, texts

SPEC = """
seed: 3
copies: 4
include_originals: true
pipeline:
  - eda
  - word_dropout: {share: 0.2, p: 0.5}
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "text.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def rows(out):
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edits(out):
    """Return what was done to each copy, as `applied` of the source's text tells."""
    return [json.loads(row["params"]) for row in rows(out) if row["status"] == "augmented"]


@pytest.mark.parametrize(
    "layout", ["csv", *(pytest.param(name, marks=pytest.mark.slow) for name in ("classes", "jsonl"))]
)
def test_any_number_of_workers_and_shards_write_the_same_bytes(layout, spec, tmp_path, augcli):
    root = LAYOUTS[layout](tmp_path / "in", texts(300))
    trees = []
    for jobs in (1, 2, 4):
        done = augcli("run", spec, root, tmp_path / f"out{jobs}", "-j", jobs)
        assert done.returncode == 0, done.stderr
        trees.append(tree(tmp_path / f"out{jobs}"))
    for number in (2, 1, 3):
        assert augcli("run", spec, root, tmp_path / "shards", "--shard", f"{number}/3").returncode == 0
    assert augcli("merge", tmp_path / "shards").returncode == 0
    trees.append(tree(tmp_path / "shards"))
    assert trees[1:] == trees[:1] * 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_plan_has_the_classes_that_check_has(layout, spec, tmp_path, augcli):
    root = LAYOUTS[layout](tmp_path / "in", texts(40))
    planned, checked = (augcli(command, spec, root).stdout for command in ("plan", "check"))
    classes = re.findall("^  .* -> .*$", planned, re.MULTILINE)
    assert len(classes) > 1
    assert "no label" not in planned
    assert classes == re.findall("^  .* -> .*$", checked, re.MULTILINE)


def test_the_layout_decides_no_edit(spec, tmp_path, augcli):
    given = texts(120)
    found = []
    for layout, make in LAYOUTS.items():
        assert augcli("run", spec, make(tmp_path / layout, given), tmp_path / "out" / layout).returncode == 0
        found.append(sorted(map(json.dumps, edits(tmp_path / "out" / layout))))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 480


def test_the_manifest_tells_each_copy_in_full(spec, tmp_path, augcli):
    """The edits of a row, applied by this test to the text of its source, give the record that it names."""
    given = texts(60)
    out = tmp_path / "out"
    assert augcli("run", spec, as_csv(tmp_path / "in", given), out).returncode == 0
    with (out / "train.csv").open(encoding="utf-8", newline="") as file:
        made = list(csv.DictReader(file))
    told = [row for row in rows(out) if row["source"]]
    assert len(told) == len(made) == 300
    for row, record in zip(told, made, strict=True):
        table, number = record_of(row["file_name"])
        assert (table, made[number - 1]) == ("train.csv", record)
        assert record["augcli_source"] == row["source"]
        assert record["augcli_copy"] == row["copy"]
        text, label = given[record_of(row["source"])[1] - 1]
        assert label == row["label"] == record["label"]
        for entry in json.loads(row["params"] or "[]"):
            for start, end, before, after in reversed(entry["edits"]):
                assert text[start:end] == before
                text = text[:start] + after + text[end:]
        assert text == record["text"]


def test_copies_differ_from_their_original_and_from_one_another(tmp_path, augcli):
    (tmp_path / "text.yaml").write_text("copies: 5\npipeline: [random_swap: {alpha: 0.1}]\n", encoding="utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "train.csv").write_text("text\none two\none two three four five six\n", encoding="utf-8")
    assert augcli("run", tmp_path / "text.yaml", tmp_path / "in", tmp_path / "out").returncode == 0
    found = [row for row in rows(tmp_path / "out") if row["source"]]
    few, many = found[:5], found[5:]
    assert [row["notes"] for row in few[1:]] == ["draw 8 unchanged"] * 4  # there is one way to swap two words
    assert all("unchanged" not in row["notes"] for row in many)
    assert len({row["sha256"] for row in many}) == 5


def test_what_is_there_is_kept_and_what_changed_is_made_anew(spec, tmp_path, augcli):
    given = texts(200)
    root, out = as_csv(tmp_path / "in", given), tmp_path / "out"
    first = json.loads(_summary(augcli, spec, root, out))
    assert (first["made"], first["kept"]) == (1000, 0)
    given[70] = ("A text that was never there before, not even once.", "pos")
    as_csv(root, given)
    assert augcli("run", spec, root, out, "--frozen").stdout.count("source changed: train.csv#") == 5
    again = json.loads(_summary(augcli, spec, root, out))
    assert (again["made"], again["kept"]) == (5, 995)
    assert augcli("run", spec, root, out, "--frozen").returncode == 0
    assert augcli("run", spec, root, tmp_path / "fresh").returncode == 0
    assert tree(out) == tree(tmp_path / "fresh")


def _summary(augcli, spec, root, out):
    path = out.with_suffix(".json")
    done = augcli("run", spec, root, out, "--summary-json", path, "-v")
    assert done.returncode == 0, done.stderr
    return path.read_text(encoding="utf-8")


OF_EDITORS = (  # what somebody may write into a row: a step that is not there, no edits, another edit
    (b'""step"": ""', b'""step"": ""no_'),
    (b'""edits"": ', b'""edit"": '),
    (b'""edits"": [', b'""edits"": [[0, 0, """", ""More. ""], '),
)


def test_a_record_whose_row_was_edited_is_made_again(spec, tmp_path, augcli):
    root, out = as_csv(tmp_path / "in", texts(60)), tmp_path / "out"
    assert augcli("run", spec, root, out).returncode == 0
    before = tree(out)
    manifest = (out / "manifest.csv").read_bytes().splitlines(keepends=True)
    places = [at for at, line in enumerate(manifest) if b'""edits"": [[' in line]
    for at, (old, new) in zip(places, OF_EDITORS, strict=False):
        manifest[at] = manifest[at].replace(old, new, 1)
    (out / "manifest.csv").write_bytes(b"".join(manifest))
    assert augcli("run", spec, root, out, "--frozen").stdout.count("changed: train.csv#") == 3
    again = json.loads(_summary(augcli, spec, root, out))
    assert (again["made"], again["kept"]) == (3, 297)
    assert tree(out) == before


def test_a_record_that_cannot_be_read_fails_alone(spec, tmp_path, augcli):
    root, out = as_csv(tmp_path / "in", texts(40)), tmp_path / "out"
    lines = (root / "train.csv").read_bytes().split(b"\r\n")
    lines[7] = lines[7].replace(b"customer", b"cust\xffmer")
    (root / "train.csv").write_bytes(b"\r\n".join(lines))
    done = augcli("run", spec, root, out)
    assert done.returncode == 1
    assert "train.csv#" in done.stderr
    assert "no UTF-8" in done.stderr
    found = [row for row in rows(out) if row["source"]]
    assert [row["status"] for row in found].count("failed") == 1
    numbers = [record_of(row["file_name"])[1] for row in found if row["file_name"]]
    assert numbers == [*range(1, 196)]  # as they stand in the table
    assert augcli("verify", out).returncode == 0
    assert augcli("run", spec, root, out).stderr.count("were there already") == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_verify_and_replay_restore_what_is_lost(layout, spec, tmp_path, augcli):
    root, out = LAYOUTS[layout](tmp_path / "in", texts(60)), tmp_path / "out"
    assert augcli("run", spec, root, out).returncode == 0
    before = tree(out)
    lost = [
        path for path in out.rglob("*") if path.suffix in (".txt", ".csv", ".jsonl") and path.name != "manifest.csv"
    ]
    random.Random(1).shuffle(lost)
    for path in lost[:20]:
        path.unlink()
    assert augcli("verify", out).returncode == 1
    assert augcli("replay", out, root, "-q").returncode == 0
    assert tree(out) == before


def test_the_text_of_a_record_that_is_named_is_printed(spec, tmp_path, augcli):
    root, out = as_csv(tmp_path / "in", texts(40)), tmp_path / "out"
    assert augcli("run", spec, root, out).returncode == 0
    with (out / "train.csv").open(encoding="utf-8", newline="") as file:
        text = list(csv.DictReader(file))[17]["text"]
    done = augcli("replay", out, root, "train.csv#18")
    assert done.returncode == 0
    assert done.stdout == text + "\n"


def test_the_plan_has_the_id_of_what_is_written(spec, tmp_path, augcli):
    for layout, make in LAYOUTS.items():
        root = make(tmp_path / layout, texts(30))
        planned = augcli("plan", spec, root, "--print-id").stdout.strip()
        assert json.loads(_summary(augcli, spec, root, tmp_path / f"{layout}-out"))["plan_id"] == planned


def test_python_makes_the_texts_of_a_run(spec, tmp_path, augcli):
    given = texts(25)
    out = tmp_path / "out"
    assert augcli("run", spec, as_classes(tmp_path / "in", given), out).returncode == 0
    augment = api.TextAugmenter(SPEC_AS_DATA)
    for number, (text, label) in enumerate(given):
        for copy in (3, 0):
            made = (out / "train" / label / f"{number:05d}_aug{copy:03d}.txt").read_bytes().decode()
            assert augment(f"{text}\n", copy).text == made


SPEC_AS_DATA = {
    "seed": 3,
    "copies": 4,
    "include_originals": True,
    "pipeline": ["eda", {"word_dropout": {"share": 0.2, "p": 0.5}}],
}


def test_spans_that_are_given_stay_and_are_told():
    augment = api.TextAugmenter({"pipeline": [{"word_dropout": {"share": 0.9}}]})
    text = "We met Anna Maria Schmidt in New York on a rainy day in spring"
    for copy in range(20):
        made = augment(text, copy, spans=[(29, 37), (7, 25)])
        assert [made.text[start:end] for start, end in made.spans] == ["New York", "Anna Maria Schmidt"]
    with pytest.raises(ValueError, match="spans lie in the text"):
        augment(text, spans=[(7, 99)])


def test_each_kind_of_spec_has_a_class_of_its_own():
    with pytest.raises(api.Refused, match="TextAugmenter"):
        api.Augmenter({"pipeline": ["word_dropout"]})
    with pytest.raises(api.Refused, match=r"augcli\.Augmenter"):
        api.TextAugmenter({"pipeline": ["hue"]})


def test_originals_stand_before_their_copies_and_other_splits_stay_whole(spec, tmp_path, augcli):
    root, out = as_csv(tmp_path / "in", texts(10)), tmp_path / "out"
    as_csv(root, texts(5, seed=2), "val.csv")
    assert augcli("run", spec, root, out).returncode == 0
    assert (out / "val.csv").read_bytes() == (root / "val.csv").read_bytes()
    assert [row["status"] for row in rows(out) if not row["source"]] == ["table", "copied"]
    (root / "val.csv").write_bytes(b"id,text,label\r\n1,another text,pos\r\n")
    assert "val.csv" in augcli("run", spec, root, out, "--frozen").stdout
    assert augcli("run", spec, root, out, "-q").returncode == 0
    assert (out / "val.csv").read_bytes() == (root / "val.csv").read_bytes()


def test_copies_of_many_records_are_not_removed_unasked(spec, tmp_path, augcli):
    given = texts(100)
    root, out = as_csv(tmp_path / "in", given), tmp_path / "out"
    assert augcli("run", spec, root, out).returncode == 0
    before = tree(out)
    as_csv(root, given[:89])
    done = augcli("run", spec, root, out)
    assert done.returncode == 2
    assert f"{out / 'train.csv'}: the copies of 11 of 100 records would be removed: IN has 89 now" in done.stderr
    assert tree(out) == before
    assert "refused without --overwrite" in augcli("run", spec, root, out, "--frozen").stdout
    as_csv(root, given[:90])
    assert augcli("run", spec, root, out).returncode == 0
    as_csv(root, given[:3])
    assert augcli("run", spec, root, out, "--overwrite").returncode == 0
    assert augcli("run", spec, root, tmp_path / "fresh").returncode == 0
    assert tree(out) == tree(tmp_path / "fresh")


def test_a_table_that_changes_under_a_run_is_told(spec, tmp_path, monkeypatch):
    """Its blocks lie elsewhere then; the next run makes right what was read of it."""
    root, out = as_csv(tmp_path / "in", texts(40)), tmp_path / "out"
    real = runner.run

    def changing(*arguments):
        as_csv(root, texts(41))
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "run", changing)
        with pytest.raises(api.Refused, match=r"train\.csv: was changed while it was read") as refused:
            api.run(SPEC_AS_DATA, root, out, jobs=1)
    assert refused.value.exit_code == 3
    api.run(SPEC_AS_DATA, root, out, jobs=1)
    api.run(SPEC_AS_DATA, root, tmp_path / "fresh", jobs=1)
    assert tree(out) == tree(tmp_path / "fresh")
