"""JSON lines: read as `json` reads them, and written so that nothing else of a line changes; spans move with edits."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augcli.dataset.tables import Wanted, Written, spans
from augcli.dataset.tables.json_lines import JsonLines
from augcli.dataset.tables.opening import opened
from augcli.problems import Refused
from augcli.text.edits import Edit
from augcli.text.text import Text
from tests.test_text_tables import records_of

USUAL, BARE = Wanted(), Wanted(origin=False)
REVIEWS = '{"id": 007e0, "text":"Sch\\u00f6n \\/ good","label" : 1.50}\n{"text": "Größe", "label": null, "n": 1E+2}\n'
REVIEWS = REVIEWS.replace("007e0", "7e0")


def table_of(root, content, wanted=BARE, name="train.jsonl"):
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return opened(str(root), name, wanted)


def originals(table):
    return table.head + b"".join(table.written(one, [*map(Written, one.texts)], "", "") for one in records_of(table))


def copies(table, *texts):
    return [
        table.written(one, [Written(text) for text in texts], f"{table.path}#{one.number}", "0").decode()
        for one in records_of(table)
    ]


def refusal(root, content, wanted=BARE):
    with pytest.raises(Refused) as refused:
        records_of(table_of(root, content, wanted))
    return str(refused.value).replace(f"{root}/", "")


STRINGS = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\/\n\t\u2028é你😀'), max_size=12)
BLANKS = st.sampled_from(["", " ", "\t", "  "])
OTHERS = st.sampled_from(["1E+2", "1.50", "-0", "null", '{"a": [1, {}], "text": "no"}', "[]", '"\\u00e9\\/"', "1e999"])


@given(STRINGS, STRINGS, st.lists(st.tuples(STRINGS, OTHERS, BLANKS, BLANKS), max_size=4), st.booleans(), BLANKS)
def test_a_new_text_changes_no_other_byte(text, new, others, escapes, blank):
    """The line is put together from parts that this test knows."""
    members = [f"{a}{json.dumps('x' + key)}{b}:{a}{value}{b}" for key, value, a, b in others]
    before = blank + "{" + "".join(f"{one}," for one in members[:2]) + f'{blank}"text"{blank}:{blank}'
    after = "".join(f",{one}" for one in members[2:]) + blank + "}" + blank + "\r\n"
    line = f"{before}{json.dumps(text, ensure_ascii=escapes)}{after}"
    table = JsonLines("", "t.jsonl", ("text",), None, None, False, b"", "\n")
    (record,) = table.records(line.encode(), 1)
    assert (record.texts, record.error) == ((text,), "")
    assert table.written(record, [Written(text)], "", "") == line.encode()
    made = table.written(record, [Written(new)], "", "").decode()
    assert made.startswith(before)
    assert made.endswith(after)
    written = made[len(before) : len(made) - len(after)]
    assert json.loads(written) == new
    if line.isascii() and "\\u" in line:
        assert written.isascii()
    else:
        assert written == json.dumps(new, ensure_ascii=False) or new == text
    told = JsonLines("", "t.jsonl", ("text",), None, None, True, b"", "\n")
    source = {"augcli_source": "t.jsonl#1", "augcli_copy": 3}
    assert (
        json.loads(told.written(record, [Written(new)], "t.jsonl#1", "3")) == json.loads(line) | {"text": new} | source
    )


@pytest.mark.parametrize(
    "content",
    [
        REVIEWS,
        "\ufeff" + REVIEWS.replace("\n", "\r\n"),
        '{"text": "a", "text": "b"}\n{"text":"\\ud83d\\ude00 \\ud800"}\n',
        '{"text": "' + "x" * 300_000 + '"}\n',
    ],
)
def test_originals_are_written_as_they_were(tmp_path, content):
    assert originals(table_of(tmp_path, content)) == content.encode()


def test_texts_and_classes_are_those_that_the_line_says(tmp_path):
    records = records_of(table_of(tmp_path, REVIEWS))
    assert [(one.texts, one.label) for one in records] == [(("Schön / good",), "1.50"), (("Größe",), "")]
    assert copies(table_of(tmp_path, REVIEWS), "ä") == [
        '{"id": 7e0, "text":"\\u00e4","label" : 1.50}\n',
        '{"text": "ä", "label": null, "n": 1E+2}\n',
    ]
    double = '{"text": "one", "label": true, "text": "two"}\n'  # the last counts, as for `json`
    (record,) = records_of(table_of(tmp_path, double))
    assert (record.texts, record.label) == (("two",), "true")
    assert copies(table_of(tmp_path, double), "new") == ['{"text": "one", "label": true, "text": "new"}\n']
    pairs = '{"premise": "a b", "hypothesis": "c d", "label": 0}\n'
    assert copies(table_of(tmp_path, pairs), "x", "y") == ['{"premise": "x", "hypothesis": "y", "label": 0}\n']


def test_what_is_added_is_spaced_as_the_line_is(tmp_path):
    made = copies(table_of(tmp_path, '{"text":"a"}\n{"text": "b" }\n', USUAL), "c")
    assert made[0] == '{"text":"c","augcli_source":"train.jsonl#1","augcli_copy":0}\n'
    assert made[1] == '{"text": "c", "augcli_source": "train.jsonl#2", "augcli_copy": 0 }\n'
    table = table_of(tmp_path, '{"text":"a"}\n', USUAL)
    (record,) = records_of(table)
    original = table.written(record, [Written("a")], "train.jsonl#1", "")
    assert json.loads(original)["augcli_copy"] is None
    assert "has a column `augcli_copy`" in refusal(tmp_path, '{"text": "a", "augcli_copy": 1}\n', USUAL)


def test_the_last_record_gets_the_line_end_that_it_lacks_and_blank_lines_are_no_records(tmp_path):
    table = table_of(tmp_path, '\r\n{"text": "a"}\r\n \t\r\n{"text": "b"}')
    assert originals(table) == b'{"text": "a"}\r\n{"text": "b"}\r\n'
    assert [one.number for one in records_of(table)] == [1, 2]


def test_a_line_that_cannot_be_read_is_told_and_the_others_go_on(tmp_path):
    lines = [
        *(b'{"text": "fine"}', b'{"text": "caf\xe9"}', b'{"text": "cut', b'{"text": "a" "b"}', b"[1]", b"7"),
        *(b'{"text": "a"} {}', b'{"title": "a"}', b'{"text": 3}', b'{"n": ' + b"9" * 5000 + b', "text": "a"}'),
        *(b'{"text": "a", "n": ' + b"[" * 200_000 + b"}", b'{"text": "tab\there"}', b'{"text": "also fine"}'),
    ]
    records = records_of(table_of(tmp_path, b"\n".join(lines)))
    assert [one.error for one in records] == [
        *("", "byte 14 of the line is no UTF-8", "no JSON (column 14)", "no JSON (column 14)", "no JSON object"),
        *("no JSON object", "no JSON (column 14)", "has no field `text`", "`text` is no string"),
        *("a number of thousands of digits", "JSON that is nested too deep", "no JSON (column 14)", ""),
    ]
    assert records[-1].texts == ("also fine",)


def test_a_table_is_cut_at_the_same_lines_however_long_they_are(tmp_path):
    chance = random.Random(1)
    lines = [json.dumps({"text": "word " * chance.choice((1, 3, 900)), "n": n}) for n in range(400)]
    blank = [chance.choice(("", "", "\n", " \n", "\x0b\n")) for _ in lines]
    content = "".join(f"{line}\n{more}" for line, more in zip(lines, blank, strict=True))
    table = table_of(tmp_path, content)
    assert len([*table.blocks()]) > 20
    assert records_of(table) == [*table.records(content.encode(), 1)]
    assert [one.data.decode().strip() for one in records_of(table)] == lines
    assert [one.number for one in records_of(table)] == [*range(1, 401)]


def test_tables_that_cannot_be_used_are_refused(tmp_path):
    assert "a list, not JSON lines" in refusal(tmp_path, '[\n{"text": "a"},\n{"text": "b"}\n]\n')
    assert "has no object on a line of its own" in refusal(tmp_path, '{\n "text": "a"\n}\n')
    assert "UTF-16" in refusal(tmp_path, '{"text": "a"}'.encode("utf-16"))
    assert "have names, not numbers" in refusal(tmp_path, REVIEWS, Wanted(columns=(1,)))
    assert "no field `tags`; its fields are `id`, `text`" in refusal(tmp_path, REVIEWS, Wanted(spans="tags"))


# Spans

NAMED = '{"text": "Anna met Bob", "spans": [{"start": 0, "label": "PER", "end": 4}, {"end":12,"start":9}], "n": 1}\n'


def test_offsets_are_written_where_the_spans_are_now(tmp_path):
    table = table_of(tmp_path, NAMED)
    (record,) = records_of(table)
    assert record.kept == (((0, 4), (9, 12)),)
    made = table.written(record, [Written("Oh! Anna saw our Bob", ((4, 8), (17, 20)))], "", "0").decode()
    assert made == (
        '{"text": "Oh! Anna saw our Bob", "spans": [{"start": 4, "label": "PER", "end": 8}, {"end":20,"start":17}],'
        ' "n": 1}\n'
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entities", [[9, 12, "PER"], [0, 4, "PER"]]),
        ("label", [[0, 4, "PER"], [9, 12, "PER"]]),
        ("labels", [[0, 4, "PER"], [9, 12, "PER"]]),
        ("entities", [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 4}]),
        ("marks", [{"begin": 9, "end": 12}]),
    ],
)
def test_fields_with_spans_are_known_by_name_and_shape(tmp_path, field, value):
    wanted = Wanted(spans="marks" if field == "marks" else None, origin=False)
    content = json.dumps({"text": "Anna met Bob", field: value}) + '\n{"text": "and so on"}\n'
    table = table_of(tmp_path, content, wanted)
    one, two = records_of(table)
    assert (one.label, two.kept) == ("", ((),))
    assert {"Anna met Bob"[start:end] for start, end in one.kept[0]} <= {"Anna", "Bob"}
    assert one.kept[0]
    assert table_of(tmp_path, json.dumps({"text": "a", "label": [1, 0]}) + "\n").spans is None


def test_offsets_count_code_points(tmp_path):
    content = '{"text": "\\ud83d\\ude00 e\\u0301 Bob", "spans": [[5, 8, "PER"]]}\n'
    (record,) = records_of(table_of(tmp_path, content))
    assert [record.texts[0][start:end] for start, end in record.kept[0]] == ["Bob"]


def test_spans_that_lie_outside_or_are_none_are_told(tmp_path):
    lines = [[[0, 4, "a"]], [[0, 5, "a"]], [[-1, 2, "a"]], [[3, 2, "a"]], [["0", 4]], {}, None, [[4, 4, "a"]]]
    content = "".join(json.dumps({"text": "Anna", "spans": line}) + "\n" for line in lines)
    outside, none = "span 1 of `spans` lies outside the text", "`spans` is no list of spans"
    records = records_of(table_of(tmp_path, content, Wanted(spans="spans")))
    assert [one.error for one in records] == ["", outside, outside, outside, none, none, "", ""]


@pytest.mark.parametrize("other", [None, [], 5, [{"label": "whole"}], [{"start": "0", "end": 4}]])
def test_a_record_without_proper_spans_hides_none_of_the_others(tmp_path, other):
    lines = [{"text": "Anna", "spans": [{"start": 0, "end": 4}]}, {"text": "Bob", "spans": other}]
    table = table_of(tmp_path, "".join(json.dumps(line) + "\n" for line in lines))
    assert table.spans == "spans"
    first, second = records_of(table)
    assert first.kept == (((0, 4),),)
    assert second.error == ("`spans` is no list of spans" if other else "")


def test_spans_that_come_late_fail_and_are_not_left_behind(tmp_path):
    late = json.dumps({"text": "Anna", "spans": [[0, 4, "PER"]]}) + "\n"
    content = json.dumps({"text": "Bob", "spans": []}) + "\n"
    *others, last = records_of(table_of(tmp_path, 100 * content + late))
    assert not any(one.error for one in others)
    assert last.error == "`spans` holds spans, the first records do not: set `text: {spans: spans}`"
    assert records_of(table_of(tmp_path, 100 * content + late, Wanted(spans="spans")))[-1].kept == (((0, 4),),)


def test_spans_hold_the_same_words_behind_any_edits(tmp_path):
    """Spans nest, overlap, touch and are empty; what they hold is compared after random edits around them."""
    chance = random.Random(5)
    words = "Anna's house in New York was not so far, 😀 café e\u0301 3.5 你好".split()
    for number in range(300):
        text = " ".join(chance.choices(words, k=chance.randint(1, 15)))
        ends = [sorted(chance.choices(range(len(text) + 1), k=2)) for _ in range(chance.randint(0, 5))]
        given = [{"start": start, "end": end} for start, end in ends] or [[0, 0, "x"]]
        table = table_of(tmp_path, json.dumps({"text": text, "spans": given}) + "\n")
        (record,) = records_of(table)
        now = Text(text, record.kept[0])
        for _ in range(2):
            edits = []
            for word in now.words:
                what = chance.choice(("", "longer than before", "x", word.text))
                edits.append(Edit(word.start, word.end, word.text, what or "y"))
                if number % 2 and word.end in now.places:
                    edits.append(Edit(word.end, word.end, "", " new"))
            now = now.after(edits)
        made = json.loads(table.written(record, [Written(now.string, now.kept)], "", "0"))
        assert made["text"] == now.string
        for one, (start, end) in zip(made["spans"], ends, strict=False):
            assert now.string[one["start"] : one["end"]] == text[start:end]


def test_spans_that_overlap_are_kept_as_one():
    assert spans.regions([(3, 5), (0, 4), (5, 7), (8, 8), (0, 4)]) == ((0, 5), (5, 7), (8, 8))


def test_labelled_spans_are_known_by_their_shape_and_two_fields_of_them_are_refused(tmp_path):
    def told(**fields):
        line = json.dumps({"text": "Bob met Ann in Rome", **fields})
        (tmp_path / "train.jsonl").write_text(line + "\n", encoding="utf-8")
        return opened(str(tmp_path), "train.jsonl", Wanted()).spans

    assert told(ents=[[0, 3, "PER"], [15, 19, "LOC"]]) == "ents"
    assert told(tagged=[{"start": 0, "end": 3, "type": "PER"}]) == "tagged"
    assert told(boxes=[[0, 3], [4, 5]], ids=[[1, 2, 3]]) is None
    with pytest.raises(Refused, match="both `ner` and `labels` look like spans"):
        told(ner=[[0, 3, "PER"]], labels=[[15, 19, "LOC"]])
