"""Parquet: what is written is read by pyarrow, pandas and Hugging Face's `datasets` as the original is."""

import csv
import datetime
import decimal
import io
import json
import pickle
import random

import pytest

from augcli.dataset.tables import Wanted, Written, parquet
from augcli.dataset.tables.opening import opened
from augcli.dataset.tables.packing import write
from augcli.problems import Refused, Unusable
from tests.test_runs import tree
from tests.test_text_tables import records_of
from tests.text_sets import as_csv, texts

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("pyarrow.parquet")
pytestmark = pytest.mark.oracle

USUAL, BARE = Wanted(), Wanted(origin=False)


def all_kinds():
    """Return a table with columns of many types."""
    words = pyarrow.dictionary(pyarrow.int8(), pyarrow.string())
    number = decimal.Decimal("-1.50")
    columns = {
        "id": pyarrow.array([7, None, 9], pyarrow.uint16()),
        "text": pyarrow.array(["A good film", "", "Größe 😀\n\0"]),
        "label": pyarrow.array(["pos", None, "neg"]).dictionary_encode(),
        "ordered": pyarrow.DictionaryArray.from_arrays([0, 1, None], ["low", "high"], ordered=True),
        "numbers": pyarrow.array([5, 6, 5]).dictionary_encode(),
        "list": pyarrow.array([["x", None], [], None], pyarrow.list_(words)),
        "inside": pyarrow.array([{"a": "x", "b": [1.5]}, None, {"a": None, "b": None}]),
        "map": pyarrow.array([[("k", 1)], [], None], pyarrow.map_(pyarrow.string(), pyarrow.int8())),
        "price": pyarrow.array([number, None, number], pyarrow.decimal128(7, 2)),
        "nanoseconds": pyarrow.array([1, 2**62, None], pyarrow.timestamp("ns", "UTC")),
        "far": pyarrow.array([2**62, -(2**62), None], pyarrow.timestamp("us")),
        "day": pyarrow.array([datetime.date(2020, 2, 29), None, None]),
        "bytes": pyarrow.array([b"\xff\0", b"", None], pyarrow.large_binary()),
        "nothing": pyarrow.nulls(3),
        "real": pyarrow.array([float("nan"), -0.0, 1e-320]),
    }
    fields = [pyarrow.field(name, column.type, metadata={"of": name}) for name, column in columns.items()]
    return pyarrow.table(list(columns.values()), pyarrow.schema(fields, {"made by": "a test"}))


def stored(root, table, **options):
    pyarrow.parquet.write_table(table, root / "train.parquet", **options)
    return root


def joined(table, records, copies=1):
    """Return the table as a run writes it, each copy after its original."""
    lines = [table.head]
    for record in records:
        source = f"{table.path}#{record.number}"
        lines.append(table.written(record, [*map(Written, record.texts)], source, ""))
        lines += [table.written(record, [Written("a new text")], source, str(copy)) for copy in range(copies)]
    target = io.BytesIO()
    write(table.path, [b"".join(lines)], target)
    return target


def test_rows_and_schema_are_those_of_the_original(tmp_path):
    given = all_kinds()
    table = opened(str(stored(tmp_path, given)), "train.parquet", USUAL)
    records = records_of(table)
    assert [(one.texts, one.label) for one in records] == [
        (("A good film",), "pos"),
        (("",), ""),
        (("Größe 😀\n\0",), "neg"),
    ]
    made = pyarrow.parquet.read_table(joined(table, records))
    assert made.schema.names == [*given.schema.names, "augcli_source", "augcli_copy"]
    before = pyarrow.parquet.read_table(tmp_path / "train.parquet")
    for name in given.schema.names:
        assert made.schema.field(name).equals(before.schema.field(name), check_metadata=True)
        originals = made.column(name).take([0, 2, 4])
        assert originals.to_string() == before.column(name).take([0, 1, 2]).to_string()
        assert name == "text" or made.column(name).take([1, 3, 5]).to_string() == originals.to_string()
    assert made.schema.metadata[b"made by"] == b"a test"
    assert made.column("text").to_pylist()[1::2] == ["a new text"] * 3
    assert made.column("augcli_source").to_pylist() == [f"train.parquet#{at}" for at in (1, 1, 2, 2, 3, 3)]
    assert made.column("augcli_copy").to_pylist() == [None, 0] * 3


def test_originals_alone_are_the_same_table(tmp_path):
    given = all_kinds()
    table = opened(str(stored(tmp_path, given)), "train.parquet", BARE)
    made = pyarrow.parquet.read_table(joined(table, records_of(table), copies=0))
    before = pyarrow.parquet.read_table(tmp_path / "train.parquet")
    assert made.schema.equals(before.schema, check_metadata=True)
    assert made.drop_columns(["real"]).equals(before.drop_columns(["real"]))  # a NaN equals nothing


def test_rows_are_read_in_any_order_and_groups(tmp_path, monkeypatch):
    given = pyarrow.table({"text": [f"text {n} " * 20 for n in range(9000)], "n": range(9000)})
    table = opened(str(stored(tmp_path, given, row_group_size=2500)), "train.parquet", USUAL)
    blocks = [*table.blocks()]
    assert len(blocks) > 4
    assert sum(block.records for block in blocks) == 9000
    again = pickle.loads(pickle.dumps(table))
    for block in (blocks[-1], *blocks, blocks[2], blocks[0]):
        texts = [one.texts[0] for one in again.records(again.read(block), block.first)]
        assert texts == [f"text {n} " * 20 for n in range(block.first - 1, block.first - 1 + block.records)]
    monkeypatch.setattr(parquet, "BYTES_OF_A_GROUP", 300_000)
    first, second = (joined(table, records_of(table)[:2000]) for _ in range(2))
    assert first.getvalue() == second.getvalue()
    made = pyarrow.parquet.ParquetFile(first)
    assert 2 < made.num_row_groups < 100
    assert made.read().column("n").to_pylist() == [n for n in range(2000) for _ in range(2)]


def test_a_row_has_the_same_bytes_whatever_stands_beside_it(tmp_path):
    given, chance, known = all_kinds(), random.Random(3), {}
    for _ in range(20):
        rows = chance.choices(range(3), k=chance.randint(1, 20))
        table = opened(str(stored(tmp_path, given.take(rows))), "train.parquet", USUAL)
        for record, row in zip(records_of(table), rows, strict=True):
            line = table.written(record, [Written("a new text")], "", "0")
            assert known.setdefault(row, (record.data, line)) == (record.data, line)


def test_runs_write_the_same_bytes_and_replay_restores_them(tmp_path, augcli):
    root = as_csv(tmp_path / "csv", texts(300))
    (tmp_path / "in").mkdir()
    columns = zip(*texts(300), strict=True)
    stored(
        tmp_path / "in", pyarrow.table(dict(zip(("text", "label"), map(list, columns), strict=True))), row_group_size=70
    )
    spec = tmp_path / "text.yaml"
    spec.write_text("copies: 3\ninclude_originals: true\npipeline: [eda]\n", encoding="utf-8")
    for jobs in (1, 2):
        assert augcli("run", spec, tmp_path / "in", tmp_path / f"out{jobs}", "-j", jobs).returncode == 0
    before = tree(tmp_path / "out1")
    assert tree(tmp_path / "out2") == before
    (tmp_path / "out1" / "train.parquet").unlink()
    assert augcli("replay", tmp_path / "out1", tmp_path / "in", "-q").returncode == 0
    assert tree(tmp_path / "out1") == before
    assert augcli("run", spec, root, tmp_path / "as csv").returncode == 0
    with (tmp_path / "as csv" / "train.csv").open(encoding="utf-8", newline="") as file:
        expected = [row["text"] for row in csv.DictReader(file)]
    assert pyarrow.parquet.read_table(tmp_path / "out1" / "train.parquet").column("text").to_pylist() == expected


def test_pandas_reads_its_own_table_back(tmp_path):
    pandas = pytest.importorskip("pandas")
    given = pandas.DataFrame({"text": ["one", "two"], "label": pandas.Categorical(["a", "b"])}, index=["x", "y"])
    for frame in (given, given.reset_index(drop=True)):
        frame.to_parquet(tmp_path / "train.parquet")
        table = opened(str(tmp_path), "train.parquet", USUAL)
        made = pandas.read_parquet(joined(table, records_of(table)))
        pandas.testing.assert_frame_equal(
            made[::2][["text", "label"]].reset_index(drop=True), given.reset_index(drop=True)
        )
        assert list(made["augcli_copy"][1::2]) == [0, 0]


def test_datasets_reads_its_own_table_back(tmp_path):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["neg", "pos"]),
            "tags": [datasets.Value("string")],
        }
    )
    given = datasets.Dataset.from_dict({"text": ["one", "two"], "label": [1, 0], "tags": [["x"], []]}, features)
    given.to_parquet(tmp_path / "train.parquet")
    for wanted in (USUAL, BARE):
        table = opened(str(tmp_path), "train.parquet", wanted)
        made = tmp_path / f"{wanted.origin}.parquet"
        made.write_bytes(joined(table, records_of(table)).getvalue())
        read = datasets.load_dataset("parquet", data_files=str(made), cache_dir=str(tmp_path / "cache"))["train"]
        assert read.features["label"].names == ["neg", "pos"]
        assert read["text"][:] == ["one", "a new text", "two", "a new text"]
        assert read["tags"][:] == [["x"], ["x"], [], []]
        assert ("augcli_copy" in read.features) == wanted.origin


def refusal(root, table, wanted=BARE):
    with pytest.raises(Refused) as refused:
        opened(str(stored(root, table)), "train.parquet", wanted)
    return str(refused.value).replace(f"{root}/", "")


def test_tables_that_cannot_be_used_are_refused(tmp_path):
    texts = pyarrow.array(["one", "two"])
    assert "has a column `augcli_copy`" in refusal(
        tmp_path, pyarrow.table({"text": texts, "augcli_copy": texts}), USUAL
    )
    assert "column `text` holds no strings" in refusal(tmp_path, pyarrow.table({"text": [1, 2]}))
    assert "no column `review`" in refusal(tmp_path, pyarrow.table({"text": texts}), Wanted(columns=("review",)))
    spans = pyarrow.array([[{"start": 0, "end": 3, "label": "x"}], []])
    assert "do not move with the texts of Parquet" in refusal(tmp_path, pyarrow.table({"text": texts, "spans": spans}))
    (tmp_path / "train.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(Refused, match="cannot be read as Parquet"):
        opened(str(tmp_path), "train.parquet", BARE)


def test_a_text_that_is_null_fails_alone_and_damage_fails_blocks(tmp_path):
    table = opened(str(stored(tmp_path, pyarrow.table({"text": ["one", None, "three"]}))), "train.parquet", BARE)
    assert [one.error for one in records_of(table)] == ["", "`text` is null", ""]
    (block,) = table.blocks()
    stored(tmp_path, pyarrow.table({"text": ["one"]}))
    with pytest.raises(Unusable, match="has changed since it was listed"):
        table.read(block)
    (tmp_path / "train.parquet").write_bytes(b"PAR1" * 99)
    for _ in range(2):
        with pytest.raises(Unusable, match="cannot be read as Parquet"):
            table.read(block)


def test_metadata_of_others_stays_whatever_it_is(tmp_path):
    for told in (b"no JSON", b"[]", b'{"info": 3}', json.dumps({"info": {"features": []}}).encode()):
        given = pyarrow.table({"text": ["one"]}).replace_schema_metadata({b"huggingface": told})
        table = opened(str(stored(tmp_path, given)), "train.parquet", USUAL)
        assert pyarrow.parquet.read_schema(joined(table, records_of(table))).metadata[b"huggingface"] == told


def test_a_damaged_row_group_fails_alone_and_the_plan_says_so(tmp_path, augcli):
    root, spec = tmp_path / "in", tmp_path / "spec.yaml"
    root.mkdir()
    spec.write_text("copies: 1\npipeline:\n  - random_swap\n", encoding="utf-8")
    given = pyarrow.table({"text": [text for text, _ in texts(2000)]})
    path = stored(root, given, row_group_size=500, use_dictionary=False) / "train.parquet"
    start = pyarrow.parquet.read_metadata(path).row_group(2).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 200] = bytes(200)
    path.write_bytes(data)

    augcli("run", spec, root, tmp_path / "out", "--summary-json", tmp_path / "told.json")
    with (tmp_path / "out/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [(int(row["source"].partition("#")[2]), row["status"]) for row in csv.DictReader(file) if row["source"]]
    assert {number for number, status in rows if status == "augmented"} == {*range(1, 1001), *range(1501, 2001)}
    planned = augcli("plan", spec, root, "--print-id").stdout.strip()
    assert json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["plan_id"] == planned
