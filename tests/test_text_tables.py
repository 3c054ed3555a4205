"""Delimited tables of texts: read as `csv` and pandas read them, and written so that nothing else changes."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from augcli.dataset.tables import Record, Wanted, Written, delimited
from augcli.dataset.tables.delimited import Delimited
from augcli.dataset.tables.dialect import Dialect, parted, sniffed
from augcli.dataset.tables.opening import opened
from augcli.problems import Refused, Unusable

REVIEWS = 'text,label\nA good film,pos\n"Long, and ""dull""\nto the end",neg\nNA,007\n'
BARE = Wanted(origin=False)


def table_of(root: Path, content: str | bytes, wanted: Wanted = BARE, name: str = "train.csv") -> Delimited:
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    table = opened(str(root), name, wanted)
    assert isinstance(table, Delimited)
    return table


def records_of(table: Delimited) -> list[Record]:
    return [one for block in table.blocks() for one in table.records(table.read(block), block.first)]


def texts_of(table: Delimited) -> list[str]:
    return [text for record in records_of(table) for text in record.texts]


def originals(table: Delimited) -> bytes:
    """Return the table as it is written without any copy."""
    records = records_of(table)
    return table.head + b"".join(table.written(one, [*map(Written, one.texts)], "", "") for one in records)


def with_copies(table: Delimited, text: str) -> bytes:
    """Return the table as it is written with one copy of each record, which has another text."""
    parts = [table.head]
    for one in records_of(table):
        source = f"{table.path}#{one.number}"
        parts += [
            table.written(one, [*map(Written, one.texts)], source, ""),
            table.written(one, [Written(text)] * len(one.texts), source, "000"),
        ]
    return b"".join(parts)


def refusal(root: Path, content: str | bytes, wanted: Wanted = BARE, name: str = "train.csv") -> str:
    with pytest.raises(Refused) as refused:
        records_of(table_of(root, content, wanted, name))
    return str(refused.value).replace(f"{root}/", "")


PIECES = st.lists(st.sampled_from([*'ab",;\t\r\n\0é ', '""', '","', "\r\n", ',"', '",', "\n\n"]), max_size=40).map(
    "".join
)


@given(PIECES, st.sampled_from(",;\t"))
def test_records_and_fields_are_those_of_the_csv_module(text, delimiter):
    dialect = Dialect(delimiter, True, "\n")
    data = text.encode()
    end, number = dialect.whole(data, is_last=True)
    if data[end:].strip(b"\r\n"):  # ends inside quotes: `csv` takes what there is
        assert text.count('"')
        data = data[:end]
    read = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)
    expected = [row for row in read if row]
    rows = [parted(row.decode())[0] for row in dialect.rows(data)]
    assert [[*map(dialect.value, dialect.cells(row))] for row in rows] == expected
    assert number == len(expected)


@given(PIECES, st.integers(1, 9))
def test_a_table_is_cut_at_the_same_places_however_it_is_read(text, length):
    """Blocks of any length hold the same records, in order and with their numbers."""

    class Bits(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 3))

    table = Delimited("", "t.csv", Dialect(",", True, "\n"), ["text"], delimited.Chosen((0,), None), b"", 0, 0)
    data = text.encode()
    end, number = table.dialect.whole(data, is_last=True)
    blocks = []
    with contextlib.suppress(Refused) if data[end:].strip(b"\r\n") else contextlib.nullcontext():
        blocks.extend(table._blocks("t.csv", Bits(data), length))
    rows = [row for one in blocks for row in table.dialect.rows(data[one.offset : one.offset + one.length])]
    assert rows == [*table.dialect.rows(data[:end])]
    assert [one.first for one in blocks] == [1 + sum(b.records for b in blocks[:at]) for at in range(len(blocks))]
    assert sum(one.records for one in blocks) == number


@given(st.lists(st.tuples(PIECES, PIECES, PIECES), min_size=1, max_size=5), PIECES, st.booleans())
def test_a_new_text_changes_no_other_byte(rows, text, quotes_all):
    # with other line ends `csv` before Python 3.13 would leave a CR without quotes
    quoting, end = (csv.QUOTE_ALL, "\n") if quotes_all else (csv.QUOTE_MINIMAL, "\r\n")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerows([("b", "text", "a"), *rows])
    dialect = Dialect(",", True, end)
    table = Delimited("", "t.csv", dialect, ["b", "text", "a"], delimited.Chosen((1,), 2), b"", 0, 0)
    data = out.getvalue().encode()
    head, *records = table.records(data, 0)
    assert [(one.texts[0], one.label) for one in records] == [row[1:] for row in rows]
    same = b"".join(table.written(one, [Written(one.texts[0])], "", "") for one in records)
    assert head.data + same == data
    changed = b"".join(table.written(one, [Written(text)], "", "") for one in records)
    read = [*csv.reader(io.StringIO(changed.decode(), newline=""))]
    assert read == [[row[0], text, row[2]] for row in rows]


def test_originals_are_written_as_they_were(tmp_path):
    for content in (
        REVIEWS,
        "\ufeff" + REVIEWS.replace("\n", "\r\n"),
        'text,label\r5" pipe,1\r"x"y,"2"\r',
        "id;text\n1;so, so\n007;NA\n",
        'a,text,b\n,"",\n',
        "text,label\n" + "x" * 300_000 + ",1\n",
        "text,label\na\0b,1\n",
    ):
        assert originals(table_of(tmp_path, content)) == content.encode()


def test_pandas_reads_what_is_written_as_it_reads_the_original(tmp_path):
    table = table_of(tmp_path, REVIEWS, Wanted())
    before = pandas.read_csv(tmp_path / "train.csv", dtype=str, keep_default_na=False)
    after = pandas.read_csv(io.BytesIO(with_copies(table, 'a, "b"\nc')), dtype=str, keep_default_na=False)
    assert list(after) == ["text", "label", "augcli_source", "augcli_copy"]
    assert after[::2].reset_index(drop=True)[["text", "label"]].equals(before)
    assert list(after["text"][1::2]) == ['a, "b"\nc'] * 3
    assert list(after["label"]) == ["pos", "pos", "neg", "neg", "007", "007"]
    assert list(after["augcli_source"]) == [f"train.csv#{n}" for n in (1, 1, 2, 2, 3, 3)]
    assert list(after["augcli_copy"]) == ["", "000"] * 3


def test_a_field_is_quoted_where_it_was_or_must_be(tmp_path):
    table = table_of(tmp_path, 'text,n\n"a",1\nb,2\n')
    assert with_copies(table, "new") == b'text,n\n"a",1\n"new",1\nb,2\nnew,2\n'
    assert with_copies(table, "x, y").endswith(b'b,2\n"x, y",2\n')
    assert with_copies(table, "x\ny").endswith(b'b,2\n"x\ny",2\n')
    assert with_copies(table, '5" pipe').endswith(b'b,2\n5" pipe,2\n')  # that quote is one of its signs to all readers
    assert with_copies(table, '"Oh"').endswith(b'b,2\n"""Oh""",2\n')
    quoted = table_of(tmp_path, '"text","n"\n"a","1"\n', Wanted())
    assert with_copies(quoted, "b").endswith(b'"b","1","train.csv#1","000"\n')


def test_the_last_record_gets_the_line_end_that_it_lacks(tmp_path):
    assert with_copies(table_of(tmp_path, "text\r\none\r\ntwo"), "x") == b"text\r\none\r\nx\r\ntwo\r\nx\r\n"
    assert originals(table_of(tmp_path, "text\none\n\n\ntwo\n\n")) == b"text\none\ntwo\n"
    assert with_copies(table_of(tmp_path, "text"), "x") == b"text\n"


def test_a_record_with_a_bad_byte_is_told_and_the_others_go_on(tmp_path):
    records = records_of(table_of(tmp_path, b"text,label\nfine,1\ncaf\xe9,2\nalso fine,3\n"))
    assert [one.error for one in records] == ["", "byte 4 of the record is no UTF-8", ""]
    assert [one.texts for one in records] == [("fine",), (), ("also fine",)]


def test_records_with_too_few_or_too_many_fields_are_told(tmp_path):
    table = table_of(tmp_path, "id,text,label\n1,fine,a\n2\n3,short\n4,to,o,much\n", Wanted())
    records = records_of(table)
    assert [one.error for one in records] == [
        "",
        "has 1 field, and its text is field 2",
        "",
        "has 4 fields, the head has 3",
    ]
    assert table.written(records[2], [Written("new")], "train.csv#3", "001") == b"3,new,,train.csv#3,001\n"


def test_the_delimiter_is_the_one_that_parts_the_records_evenly():
    assert sniffed(b"id;text\n1;a, b, c\n2;d, e\n", ",;\t", True).delimiter == ";"
    assert sniffed(b"id\ttext\n1\ta, b\n", ",;\t", True).delimiter == "\t"
    assert sniffed(b'text,a\n"one; two",1\n', ",;\t", True).delimiter == ","
    assert sniffed(b"text\nno more\n", ",;\t", True) == Dialect(",", True, "\n")
    assert sniffed(b"text\r\nno more\r\n", ",;\t", True).line_end == "\r\n"


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('text\tlabel\n"Nice" he said\t1\n"Oh\t0\n', ['"Nice" he said', '"Oh']),
        ('text\tlabel\n"a title"\t1\nb\t0\n', ['"a title"', "b"]),
        ('text\tlabel\n"Oh\t1\nwell"\t0\n', ['"Oh', 'well"']),
        ('text\tlabel\n"a\tb"\t1\nc\t0\n', ["a\tb", "c"]),
        ('text\tlabel\n"a\nb"\t1\nc\t0\n', ["a\nb", "c"]),
        ('text\tlabel\n"so ""good"""\t1\n', ['so "good"']),
        ('"text"\t"label"\n"a"\t"1"\n', ["a"]),
        ('id\ttext\tlabel\n1\t"Oh\t0\n2\tx\t"y\n', ['"Oh', "x"]),
        ('text\tlabel\n"so ""good"""\t1\n"Oh\t0\n', ['"so ""good"""', '"Oh']),
    ],
)
def test_in_tsv_quotes_count_where_the_fields_say_so(tmp_path, content, texts):
    table = table_of(tmp_path, content, name="train.tsv")
    assert texts_of(table) == texts
    assert originals(table) == content.encode()


def test_a_table_without_quotes_cannot_say_a_tab(tmp_path):
    table = table_of(tmp_path, "text\tlabel\na\t1\n", name="dev.tsv")
    with pytest.raises(Unusable, match="a tab or a line end"):
        with_copies(table, "a\tb")


def test_numbers_of_columns_mean_that_there_is_no_head(tmp_path):
    news = '"3","Oil up","Prices rose, again"\n"4","Chips","A faster one"\n'
    table = table_of(tmp_path, news, Wanted(columns=(2, 3), label=1))
    assert table.head == b""
    assert [(one.texts, one.label) for one in records_of(table)] == [
        (("Oil up", "Prices rose, again"), "3"),
        (("Chips", "A faster one"), "4"),
    ]
    assert table.columns == ("", "")
    assert "no column 4; it has 3 columns" in refusal(tmp_path, news, Wanted(columns=(4,)))
    assert "no column `label`; its 3 columns have no names" in refusal(tmp_path, news, Wanted((2,), "label"))


def test_lines_of_label_tab_text_are_known(tmp_path):
    lines = "pos\ta film to be seen twice\nneg\tnot a minute of it\npos\tand what a cast it has\n"
    for name in ("train.txt", "train.tsv"):
        table = table_of(tmp_path, lines, name=name)
        records = records_of(table)
        assert [one.label for one in records] == ["pos", "neg", "pos"]
        assert records[1].texts == ("not a minute of it",)
        assert originals(table) == lines.encode()
    pairs = "".join(f"sentence number {n}\tSatz mit der Nummer {n}\n" for n in range(20))
    (tmp_path / "pairs.txt").write_text(pairs)
    assert not delimited.holds_labelled_lines(str(tmp_path), "pairs.txt")
    assert texts_of(table_of(tmp_path, "sentence\tlabel\nso it goes on\t1\n", name="dev.tsv")) == ["so it goes on"]


@pytest.mark.parametrize(
    ("head", "row", "columns", "label"),
    [
        ("label,Text,title", "1,a,b", ("Text",), "1"),
        ("id,Review Text,Sentiment", "1,a,good", ("Review Text",), "good"),
        ("idx,premise,hypothesis,label", "1,a,b,2", ("premise", "hypothesis"), "2"),
        (",blurb,class", "0,some more words here,x", ("blurb",), "x"),
        ("text,text_a,text_b", "a,b,c", ("text",), ""),
        ("blurb,category", "some more words here,arts and crafts", ("blurb",), "arts and crafts"),
    ],
)
def test_the_column_with_texts_is_found(tmp_path, head, row, columns, label):
    table = table_of(tmp_path, f"{head}\n{row}\n")
    (record,) = records_of(table)
    assert table.columns == columns
    assert record.label == label


def test_the_class_is_never_in_a_column_with_texts(tmp_path):
    table = table_of(tmp_path, "label,category\nso it goes,a\n", Wanted(columns=("label",)))
    assert [(one.texts, one.label) for one in records_of(table)] == [(("so it goes",), "a")]
    assert "cannot hold both" in refusal(tmp_path, "text,n\na,1\n", Wanted(("text",), "text"))


def test_columns_that_cannot_be_told_are_listed(tmp_path):
    assert refusal(tmp_path, "title,review,comment\na,b,c\n") == (
        "train.csv: which of `review` and `comment` holds the texts cannot be told; its columns are `title`, `review`,"
        " `comment`\n  = help: name the column in the spec, as in `text: {columns: [review]}`"
    )
    assert "which column holds the texts cannot be told" in refusal(tmp_path, "id,when\n1,2020-01-01 10:00\n")
    assert "did you mean `review`?" in refusal(tmp_path, "review,n\na,1\n", Wanted(columns=("reviews",)))
    assert "2 columns are called `text`" in refusal(tmp_path, "text,text\na,b\n", Wanted(columns=("text",)))
    assert "columns: [2]" in refusal(tmp_path, "1,a whole sentence of words\n2,one more of these here\n")
    assert "no column `labels`" in refusal(tmp_path, "text,label\na,1\n", Wanted(label="labels"))


def test_tables_that_cannot_be_used_are_refused(tmp_path):
    unclosed = 'text,label\na,1\n"b,2\nc,3\n'
    assert refusal(tmp_path, unclosed).startswith("train.csv: record 2 does not end: a quote at the start of a field")
    assert refusal(tmp_path, 'te"xt,"label\n').startswith("train.csv: its first line does not end")
    assert refusal(tmp_path, "text,n\na,1\n".encode("utf-16")).startswith("train.csv: UTF-16 text")
    assert refusal(tmp_path, b"text,\xfcber\na,1\n").startswith("train.csv: byte 6 is no UTF-8")
    assert refusal(tmp_path, "text,label\n1,a,b\n2,c,d\n").startswith("train.csv: its head has 2 fields, its records")
    added = refusal(tmp_path, "text,augcli_copy\na,\n", Wanted())
    assert added.startswith("train.csv: has a column `augcli_copy`, which augcli adds")


def test_a_quote_that_is_not_closed_is_told_before_the_whole_table_is_held(monkeypatch):
    class Endless:
        read_so_far = 0

        def read(self, length: int) -> bytes:
            self.read_so_far += length
            assert self.read_so_far < 1 << 20
            return b'"c\n\n'[:length] if self.read_so_far == length else b"\n" * length

    monkeypatch.setattr(delimited, "LARGEST", 1 << 16)
    table = Delimited("", "t.csv", Dialect(",", True, "\n"), ["text"], delimited.Chosen((0,), None), b"", 0, 0)
    with pytest.raises(Refused, match="record 1 is longer than"):
        list(table._blocks("t.csv", Endless(), 4))


def test_packed_tables_are_read_as_others(tmp_path):
    plain = table_of(tmp_path, REVIEWS)
    packed = table_of(tmp_path, gzip.compress(REVIEWS.encode()), name="train.csv.gz")
    assert records_of(packed) == records_of(plain)
    assert packed.head == plain.head
