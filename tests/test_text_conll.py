"""Tagged tokens in CoNLL's lines: read as a parser of this test reads them, and written with the tags they had."""

import json
import random

import pytest

from augcli.dataset.tables import Wanted, Written
from augcli.dataset.tables.opening import opened
from augcli.problems import Refused
from augcli.text.edits import Edit
from augcli.text.text import Text
from tests.test_text_tables import records_of

USUAL = Wanted()
NEWS = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
the DT B-NP O
call NN I-NP O
of IN B-PP O
Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER
. . O O

London NNP B-NP B-LOC
1996-08-22 CD I-NP O

"""


def table_of(root, content, wanted=USUAL, name="train.conll"):
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return opened(str(root), name, wanted)


def originals(table):
    return table.head + b"".join(
        table.written(one, [Written(*one.texts, *one.kept)], f"{table.path}#{one.number}", "")
        for one in records_of(table)
    )


def behind(table, record, *steps):
    """Return a record behind the edits of steps, each (what, by what); behind `what|` something is put."""
    text, edits = record.texts[0], []
    for step in steps:
        made = []
        for what, after in step:
            start = text.index(what.rstrip("|"))
            start, before = (start + len(what) - 1, "") if what.endswith("|") else (start, what)
            made.append((start, start + len(before), before, after))
        edits.append(made)
        for start, end, _, after in reversed(made):
            text = text[:start] + after + text[end:]
    return table.written(record, [Written(text, (), tuple(edits))], "", "0").decode()


def sentences(text, comment="#"):
    """Return the tokens of each sentence, each with its columns: a parser of its own."""
    found = [[]]
    for line in text.splitlines():
        if line.startswith(("-DOCSTART-", f"{comment} ")):
            continue
        if line.strip():
            found[-1].append(line.split("\t") if "\t" in line else line.split())
        elif found[-1]:
            found.append([])
    return [sentence for sentence in found if sentence]


def entities(sentence):
    """Return the tagged spans as (kind, words), as conlleval counts them."""
    found, before = [], "O"
    for token, *_, tag in sentence:
        if tag != "O":
            if tag[0] in "BSU" or before == "O" or before[2:] != tag[2:]:
                found.append((tag[2:], []))
            found[-1][1].append(token)
        before = tag
    return found


def test_a_record_is_a_sentence_with_its_spans(tmp_path):
    one, two = records_of(table_of(tmp_path, NEWS))
    assert one.texts == ("EU rejects the call of Peter Blackburn .",)
    assert [one.texts[0][start:end] for start, end in one.kept[0]] == ["EU", "Peter Blackburn"]
    assert (two.texts, two.kept) == (("London 1996-08-22",), (((0, 6),),))


@pytest.mark.parametrize(
    "content",
    [
        NEWS,
        "\ufeff" + NEWS.replace("\n", "\r\n"),
        NEWS.replace(" ", "\t"),
        NEWS.replace(" ", "   "),
        NEWS.replace("\n\n", "\n\n \t\n"),
        "# sent_id = 1\n# text = A b\nA\tO\nb\tB-X\n\n\n# sent_id = 2\nc\tO\n\n",
        "# O\n# O\n\n# B-TAG\na O\n\n",
    ],
)
def test_originals_are_written_as_they_were(tmp_path, content):
    table = table_of(tmp_path, content, Wanted(origin=False))
    end = len(content.rstrip("\r\n \t"))
    assert originals(table).decode()[:end] == content[:end]
    assert originals(table).decode().startswith(content[: end + 1])
    assert len(records_of(table)) == 2


def test_edits_become_lines(tmp_path):
    one, _ = records_of(table := table_of(tmp_path, NEWS))
    lead, rejects = "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n", "rejects VBZ B-VP O\n"
    rest = "the DT B-NP O\ncall NN I-NP O\nof IN B-PP O\nPeter NNP B-NP B-PER\nBlackburn NNP I-NP I-PER\n. . O O\n\n"
    assert behind(table, one, [("rejects", "refuses")]) == f"{lead}refuses VBZ B-VP O\n{rest}"
    assert behind(table, one, [("rejects ", "")]) == lead + rest
    assert behind(table, one, [("rejects|", " quickly")]) == f"{lead}{rejects}quickly _ _ O\n{rest}"
    assert behind(table, one, [("ects|", "ing"), ("the|", " old")]) == (
        f"{lead}rejectsing VBZ B-VP O\nthe DT B-NP O\nold _ _ O\n{rest.partition(chr(10))[2]}"
    )
    assert behind(table, one, [("rejects", "re jects")]) == f"{lead}re VBZ B-VP O\njects VBZ B-VP O\n{rest}"
    assert behind(table, one, [("rejects the", "turns down a")]) == (
        f"{lead}turns VBZ B-VP O\ndown DT B-NP O\na DT B-NP O\n{rest.partition(chr(10))[2]}"
    )
    assert behind(table, one, [("EU|", ", well")]) == f"{lead}, _ _ O\nwell _ _ O\n{rejects}{rest}"
    assert behind(table, one, [("Blackburn|", ";")]).endswith("Blackburn NNP I-NP I-PER\n; _ _ O\n. . O O\n\n")


def test_steps_are_followed_one_after_another(tmp_path):
    one, _ = records_of(table := table_of(tmp_path, NEWS))
    made = behind(table, one, [("call|", " again")], [("rejects ", ""), ("again", "now and then")], [("and", "&")])
    lines = "the DT B-NP O\ncall NN I-NP O\nnow _ _ O\n& _ _ O\nthen _ _ O\nof IN B-PP O\n"
    assert made.partition("B-ORG\n")[2].startswith(lines)


def test_spans_stay_apart_where_no_tag_says_that_one_begins(tmp_path):
    content = "met O\nAnna I-PER\nand O\nBob I-PER\nor O\nelse O\nEve I-PER\nin O\nRome I-LOC\nUlm B-LOC\n\n"
    (one,) = records_of(table_of(tmp_path, content))
    found = [one.texts[0][start:end] for start, end in one.kept[0]]
    assert found == ["Anna", "and Bob", "else Eve", "Rome", "Ulm"]
    (plain,) = records_of(table_of(tmp_path, "Anna PER\nSmith PER\nis O\nill O\nBob PER\n\n"))
    assert [plain.texts[0][start:end] for start, end in plain.kept[0]] == ["Anna Smith", "ill Bob"]


WORDS = "the old house was not far from a river and home . , # 3.5 it's U.S. \u4f60\u597d caf\u00e9 well-known".split()
SCHEMES = {
    "BIO": lambda kind, at, last: f"{'I' if at else 'B'}-{kind}",
    "BIOES": lambda kind, at, last: f"{'S' if last and not at else 'E' if last else 'I' if at else 'B'}-{kind}",
    "BILOU": lambda kind, at, last: f"{'U' if last and not at else 'L' if last else 'I' if at else 'B'}-{kind}",
    "IO": lambda kind, at, last: f"I-{kind}",
}


def a_sentence(chance, scheme):
    rows = []
    for _ in range(chance.randint(1, 6)):
        rows += [(word, "X", "O") for word in chance.choices(WORDS, k=chance.randint(1, 5))]
        length, kind = chance.randint(0, 3), chance.choice(("PER", "LOC"))
        rows += [(chance.choice(WORDS), "Y", SCHEMES[scheme](kind, at, at + 1 == length)) for at in range(length)]
    return rows


@pytest.mark.parametrize("scheme", SCHEMES)
def test_entities_are_the_same_behind_any_edits(tmp_path, scheme):
    """Words are dropped, replaced and put in at random; a parser of this test finds the same entities."""
    chance = random.Random(scheme)
    given = [a_sentence(chance, scheme) for _ in range(60)]
    content = "".join("".join(f"{' '.join(row)}\n" for row in rows) + "\n" for rows in given)
    table = table_of(tmp_path, content)
    for record, rows in zip(records_of(table), given, strict=True):
        text, steps = Text(record.texts[0], record.kept[0]), []
        for _ in range(3):
            edits, end = [], 0
            for word in text.words:
                what = chance.choice(("", "", "put", "take", "other", "typo"))
                if what == "put" and text.string[word.end : word.end + 1] == " ":
                    edits.append((word.end, word.end, "", " new"))
                elif what == "take" and word.start > max(end, 0) and text.string[word.start - 1] == " ":
                    edits.append((word.start - 1, word.end, f" {word.text}", ""))
                elif what in ("other", "typo"):
                    edits.append((word.start, word.end, word.text, "two words" if what == "other" else word.text + "x"))
                end = word.end
            text = text.after([Edit(*edit) for edit in edits])
            steps.append(edits)
        made = table.written(record, [Written(text.string, text.kept, tuple(steps))], "", "0").decode()
        (read,) = sentences(made, comment="\0")
        assert entities(read) == entities(rows)
        assert [row for row in read if row[-1] != "O"] == [[*row] for row in rows if row[-1] != "O"]
        assert {row[1] for row in read if row[-1] == "O"} <= {"X", "_"}
        assert "".join(row[0] for row in read) == text.string.replace(" ", "")


def test_between_tabs_a_token_may_hold_blanks(tmp_path):
    content = "10 000\tO\nfine days\tO\nin\tO\nNew York\tB-LOC\n\n"
    (record,) = records_of(table := table_of(tmp_path, content))
    assert record.kept == (((20, 28),),)
    made = behind(table, record, [("fine", "grey"), (" in", " at")])
    assert made == "10 000\tO\ngrey days\tO\nat\tO\nNew York\tB-LOC\n\n"


def test_where_a_table_has_comments_copies_name_their_source_and_hold_their_text(tmp_path):
    content = "# sent_id = 7\r\n# text = we met Anna\r\nwe\tO\r\nmet\tO\r\nAnna\tB-PER"
    table = table_of(tmp_path, content)
    (record,) = records_of(table)
    assert originals(table).decode() == (
        "# sent_id = 7\r\n# text = we met Anna\r\n# augcli_source = train.conll#1\r\n"
        "we\tO\r\nmet\tO\r\nAnna\tB-PER\r\n\r\n"
    )
    made = table.written(record, [Written("we saw Anna", (), ([(3, 6, "met", "saw")],))], "train.conll#1", "2")
    assert made.decode() == (
        "# sent_id = 7\r\n# text = we saw Anna\r\n# augcli_source = train.conll#1\r\n# augcli_copy = 2\r\n"
        "we\tO\r\nsaw\tO\r\nAnna\tB-PER\r\n\r\n"
    )


def test_a_sentence_that_cannot_be_read_is_told_and_the_others_go_on(tmp_path):
    content = b"fine O\n\ncaf\xe9 O\n\na O\nNew York B-LOC\n\nalso O\nfine O\n"
    records = records_of(table_of(tmp_path, content))
    assert [record.error for record in records] == [
        *("", "byte 4 of the sentence is no UTF-8", "line 2 of the sentence has 3 columns, others have 2", ""),
    ]
    (empty,) = records_of(table_of(tmp_path, "a\tO\n\tO\n"))
    assert empty.error == "line 2 of the sentence has no token"
    (without,) = records_of(table_of(tmp_path, "a\t\nb\tO\n"))
    assert without.error == "line 1 of the sentence has no tag"


def test_a_table_is_cut_at_the_same_sentences_however_it_is_read(tmp_path):
    content = "\n\n# a\n\n" + "".join(f"# id {n}\nw{n} O\nAnna B-PER\n" + "\n" * (1 + n % 3) for n in range(900))
    table = table_of(tmp_path, content)
    whole = [*table.records(content.encode(), 1)]
    assert len([*table.blocks()]) > 5
    assert records_of(table) == whole
    assert [record.number for record in whole] == [*range(1, 901)]
    assert b"".join(record.data for record in whole) == content.rstrip("\n").encode() + b"\n\n"


def refusal(root, content, wanted=USUAL):
    with pytest.raises(Refused) as refused:
        records_of(table_of(root, content, wanted))
    return str(refused.value).replace(f"{root}/", "")


def test_tables_that_cannot_be_used_are_refused(tmp_path):
    assert refusal(tmp_path, "a\nb\n\n").startswith("train.conll: no line with a token and its tag")
    assert "no token is tagged `O`" in refusal(tmp_path, "a DT\nb NN\n\n")
    assert "no column 5; it has 2 columns" in refusal(tmp_path, "a O\n\n", Wanted(columns=(5,)))
    assert "columns of CoNLL have numbers" in refusal(tmp_path, "a O\n\n", Wanted(columns=("text",)))
    assert "UTF-16" in refusal(tmp_path, "a O\n\n".encode("utf-16"))


def test_the_spec_numbers_the_columns_of_tokens_and_tags(tmp_path):
    table = table_of(tmp_path, "1\tAnna\tB-PER\tx\n2\tsmiles\tO\ty\n\n", Wanted(columns=(2,), spans=3))
    (record,) = records_of(table)
    assert (record.texts, record.kept) == (("Anna smiles",), (((0, 4),),))
    made = behind(table, record, [("smiles|", " now")])
    assert made == "1\tAnna\tB-PER\tx\n2\tsmiles\tO\ty\n_\tnow\tO\t_\n\n"


def test_runs_keep_entities_and_replay_restores_them(tmp_path, augcli):
    """The same sentences as CoNLL and as JSON lines with offsets: the same copies, with the same entities."""
    chance = random.Random(4)
    given = [a_sentence(chance, "BIO") for _ in range(120)]
    lines = []
    for rows in given:
        at, spans = 0, []
        for word, _, tag in rows:
            if tag[0] == "B":
                spans.append([at, 0, tag[2:]])
            if tag != "O":
                spans[-1][1] = at + len(word)
            at += len(word) + 1
        lines.append(json.dumps({"text": " ".join(row[0] for row in rows), "entities": spans}) + "\n")
    contents = {
        "train.conll": "".join("".join(f"{' '.join(row)}\n" for row in rows) + "\n" for rows in given),
        "train.jsonl": "".join(lines),
    }
    (tmp_path / "text.yaml").write_text("copies: 3\npipeline: [eda, word_dropout: {share: 0.3}]\n", encoding="utf-8")
    found = []
    for name, content in contents.items():
        root, out = tmp_path / f"in {name}", tmp_path / f"out {name}"
        root.mkdir()
        (root / name).write_text(content, encoding="utf-8")
        assert augcli("run", tmp_path / "text.yaml", root, out).returncode == 0
        made = (out / name).read_text(encoding="utf-8")
        (out / name).unlink()
        assert augcli("replay", out, root, "-q").returncode == 0
        assert (out / name).read_text(encoding="utf-8") == made
        found.append(made)
    read = sentences(found[0], comment="\0")
    told = [json.loads(line) for line in found[1].splitlines()]
    assert len(read) == len(told) == 360
    for at, (rows, record) in enumerate(zip(read, told, strict=True)):
        assert " ".join(row[0] for row in rows) == record["text"]
        assert entities(rows) == entities(given[at // 3])
        named = [(kind, record["text"][start:end].split()) for start, end, kind in record["entities"]]
        assert named == entities(rows)
