"""The preview of texts: the very copies that run writes, what changed marked, in a terminal and as a page."""

from __future__ import annotations

import csv
import html
import json
import os
import pty
import random
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from augcli.random_streams import Stream
from augcli.text.edits import Edit, applied
from augcli.text.pieces import Piece, by_words, changes, excerpt, pieces, with_protected
from augcli.text.text import Text
from augcli.text.transforms import find

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
ENVIRONMENT.pop("NO_COLOR", None)
SPEC = """
copies: 3
seed: 5
pipeline:
  - random_swap
  - word_dropout: {share: 0.3}
"""
TEXTS = {
    "neg/b.txt": "A dull plot, bad acting & <b>no</b> story at all.\r\nThe family left early, see https://example.com/x.",
    "neg/c.txt": "\x1b[2J The screen\x07 must stay\u202e as it is while somebody reads it.",
    "pos/a.txt": "The movie was absolutely fantastic, and the whole audience loved every minute of it.",
    "pos/d.txt": "كان الفيلم رائعا جدا وممتعا من البداية إلى النهاية",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TEXTS.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(text.encode())
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


def augcli(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "augcli", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, env=ENVIRONMENT)


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """Return what a command writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "augcli", *arguments]
    process = subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.PIPE, cwd=folder, env=ENVIRONMENT | environment, close_fds=True
    )
    os.close(theirs)
    printed = b""
    try:
        while part := os.read(ours, 4096):
            printed += part
    except OSError:  # of Linux, where the other side is closed
        pass
    os.close(ours)
    process.communicate()
    return printed.decode()


# Pieces


def edited(chance: random.Random, text: str) -> list[Edit]:
    """Return random edits of a text, many of which touch others."""
    cuts = sorted(chance.choices(range(len(text) + 1), k=2 * chance.randint(0, 4)))
    edits, last = [], -1
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        if start > last or end > start >= last:
            edits.append(Edit(start, end, text[start:end], chance.choice(["", text[start:end], "xy ", "ab"])))
            last = end
    return edits


def test_pieces_are_the_original_without_what_came_and_the_copy_without_what_went():
    chance = random.Random(3)
    for _ in range(3000):
        original = text = "".join(chance.choices("ab \n", k=chance.randint(0, 12)))
        steps = []
        for _ in range(chance.randint(0, 4)):
            steps.append(edited(chance, text))
            text = applied(text, steps[-1])
        found = pieces(original, steps)
        assert "".join(piece.text for piece in found if piece.kind != "inserted") == original
        assert "".join(piece.text for piece in found if piece.kind != "deleted") == text
        assert all(piece.text for piece in found)
        assert all(one.kind != other.kind for one, other in pairwise(found))
        if text == original and len(steps) == 1:
            assert {piece.kind for piece in found} <= {"kept"}
        wide = by_words(found)
        assert "".join(piece.text for piece in wide if piece.kind != "inserted") == original
        assert "".join(piece.text for piece in wide if piece.kind != "deleted") == text


def test_what_one_step_brings_and_another_takes_or_brings_back_is_no_change():
    steps = [
        [Edit(4, 7, "old", "new"), Edit(12, 12, "", " nice")],
        [Edit(4, 7, "new", "last"), Edit(12, 17, " nice", "")],
    ]
    shown = pieces("the old film.", steps)
    assert shown == [("kept", "the "), ("deleted", "old"), ("inserted", "last"), ("kept", " film.")]
    assert pieces("a b c", [[Edit(2, 3, "b", "x")], [Edit(2, 3, "x", "b")]]) == [Piece("kept", "a b c")]


@pytest.mark.parametrize(
    ("text", "edits", "shown"),
    [
        ("the movie.", [(6, "v", "w")], [("movie", "mowie")]),
        ("the movie.", [(4, "m", "n"), (8, "e", "")], [("movie", "novi")]),
        ("movie night", [(3, "", " ")], [("movie", "mov ie")]),
        ("movie night", [(5, " ", "")], [("movie night", "movienight")]),
        ("a good movie", [(1, " good", "")], [(" good", "")]),
        ("a good movie", [(6, "", " big")], [("", " big")]),
        ("a movie", [(2, "", "! ")], [("", "! ")]),
        ("这个电影很好", [(2, "电", "由")], [("电", "由")]),
        ("x" * 200, [(100, "x", "y")], [("x", "y")]),
    ],
)
def test_changes_inside_a_word_are_shown_as_the_whole_word(text, edits, shown):
    step = [Edit(at, at + len(before), before, after) for at, before, after in edits]
    assert changes(pieces(text, [step])) == shown


def test_protected_spans_may_overlap():
    found = with_protected("abcdef", [(3, 5), (1, 4), (2, 3)])
    assert found == [("kept", "a"), ("protected", "bcde"), ("kept", "f")]


def test_of_a_long_text_what_is_far_from_changes_is_left_out():
    text = "word " * 400
    found = pieces(text, [[Edit(1000, 1004, "word", "term")]])
    short = excerpt(found, 50, 10_000)
    assert [piece.kind for piece in short] == [
        *("kept", "omitted", "kept", "deleted", "inserted", "kept", "omitted", "kept"),
    ]
    assert "".join(piece.text for piece in short if piece.kind != "inserted") == text
    assert sum(len(piece.text) for piece in excerpt(found, 50, 100) if piece.kind != "omitted") < 250


# What is shown


def copies_in(printed: str) -> dict[str, list[str]]:
    """Return the copies that were printed, by the name of the source, without what was deleted."""
    found: dict[str, list[str]] = {}
    for block in printed.split("\n\n"):
        name, *lines = block.split("\n")
        for line in lines:
            if line.startswith("  copy"):
                found.setdefault(name.partition(" (")[0], []).append("")
            elif name.partition(" (")[0] in found:
                found[name.partition(" (")[0]][-1] += line[4:] + "\n"
    return {
        name: [re.sub(r"\{\+(.*?)\+\}", r"\1", re.sub(r"\[-.*?-\]", "", text))[:-1] for text in texts]
        for name, texts in found.items()
    }


def test_the_copies_are_those_that_run_writes(folder):
    shown = augcli(folder, "preview", "spec.yaml", "in", "--seed", "8")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert augcli(folder, "run", "spec.yaml", "in", "out", "-q", "--seed", "8").returncode == 0
    found = copies_in(shown.stdout)
    assert {*found} == {*TEXTS}
    for name, texts in found.items():
        for copy, text in enumerate(texts):
            made = (folder / "out" / name.replace(".txt", f"_aug{copy:03d}.txt")).read_bytes().decode()
            made = (
                made.replace("\r\n", "\n")
                .replace("\x1b", "\\x1b")
                .replace("\x07", "\\x07")
                .replace("\u202e", "\\u202e")
            )
            assert text == "\n".join(line.rstrip() for line in made.split("\n"))
            assert f"copy {copy}: random_swap (" in shown.stdout


def test_records_of_tables_are_shown_column_by_column_as_run_writes_them(folder):
    (folder / "table").mkdir()
    with (folder / "table/train.csv").open("w", newline="") as file:
        rows = [["premise", "hypothesis", "label"], ["Two dogs run over the field.", "Some cats sleep.", "no"]]
        csv.writer(file).writerows([*rows, ["A man plays the guitar.", "Somebody makes music here.", "yes"]])
    (folder / "pairs.yaml").write_text(SPEC + "text: {columns: [premise, hypothesis]}\n")
    printed = augcli(folder, "preview", "pairs.yaml", "table", "--copies", "2", "--rows", "1").stdout
    assert printed.startswith("train.csv#1 (no)\n  premise\n    Two dogs run over the field.\n  hypothesis\n")
    assert re.findall("^  copy.*?:", printed, re.MULTILINE) == [
        *("  copy 0, premise:", "  copy 0, hypothesis:", "  copy 1, premise:", "  copy 1, hypothesis:"),
    ]
    assert augcli(folder, "run", "pairs.yaml", "table", "out", "-q", "--copies", "2").returncode == 0
    with (folder / "out/train.csv").open(newline="") as file:
        made = [text for row in csv.reader(file) if row[3:] == ["train.csv#1", row[-1]] for text in row[:2]]
    assert copies_in(printed)["train.csv#1"] == made


def test_the_classes_come_in_turn(folder):
    names = re.findall(r"^(\S+) \(", augcli(folder, "preview", "spec.yaml", "in", "--rows", "3").stdout, re.MULTILINE)
    assert names == ["neg/b.txt", "pos/a.txt", "neg/c.txt"]


def test_a_text_that_cannot_be_read_says_why(folder):
    (folder / "in/neg/a.txt").write_bytes(b"good \xff")
    shown = augcli(folder, "preview", "spec.yaml", "in", "--rows", "1")
    assert (shown.returncode, shown.stdout) == (0, "neg/a.txt (neg)\n  byte 5 is no UTF-8\n\n")


def test_each_step_is_shown_by_itself(folder):
    printed = augcli(folder, "preview", "spec.yaml", "in", "--steps").stdout
    assert re.findall(r"^\S.*", printed, re.MULTILINE) == ["neg/b.txt (neg)", "random_swap", "word_dropout"]
    swapped, dropped = printed.split("random_swap\n")[1].split("word_dropout\n")
    assert re.findall("draw .", swapped) == re.findall("draw .", dropped) == [f"draw {n}" for n in (1, 2, 3, 4)]
    assert "{+" in swapped
    assert "{+" not in dropped.replace("{+The", "")


# A terminal


def test_a_terminal_gets_colours_unless_it_or_its_user_wants_none(folder):
    arguments = ("preview", "spec.yaml", "in", "--rows", "1", "--copies", "1")
    coloured = on_a_terminal(folder, *arguments)
    assert re.search("\x1b\\[31;9m[^\x1b]+\x1b\\[0m", coloured)
    assert re.search("\x1b\\[32m[^\x1b]+\x1b\\[0m", coloured)
    assert "{+" not in coloured
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        printed = on_a_terminal(folder, *arguments, **plain)
        assert "\x1b" not in printed
        assert "{+" in printed


def test_no_control_character_of_a_text_reaches_a_terminal(folder):
    printed = on_a_terminal(folder, "preview", "spec.yaml", "in", "--rows", "4")
    left = re.sub("\x1b\\[(?:1|0|32|31;9)m|\r\n", "", printed)
    assert left.isprintable()
    assert "\\x1b[2J" in left


# A page


def test_a_page_has_the_same_copies_and_nothing_of_a_text_is_markup(folder):
    shown = augcli(folder, "preview", "spec.yaml", "in", "page.html")
    assert (shown.returncode, shown.stderr, shown.stdout) == (0, "page.html: 4 texts and their copies\n", "")
    page = (folder / "page.html").read_bytes().decode()
    assert augcli(folder, "run", "spec.yaml", "in", "out", "-q").returncode == 0
    paragraphs = re.findall(r'<p dir="auto">(.*?)</p>', page, re.DOTALL)
    assert len(paragraphs) == 4 * 4

    def text_of(paragraph: str) -> str:
        text = html.unescape(re.sub(r"</?(?:ins|span)[^>]*>", "", re.sub("<del>.*?</del>", "", paragraph)))
        return text.replace("\\x1b", "\x1b").replace("\\x07", "\x07")

    files = [path.read_bytes().decode() for path in (folder / "out").rglob("*.txt")]
    wanted = [text.replace("\r\n", "\n") for text in [*TEXTS.values(), *files]]
    assert sorted(map(text_of, paragraphs)) == sorted(wanted)
    assert "&lt;b&gt;" in page
    assert '<span class="protected">https://example.com/x.</span>' in page
    assert not re.search(r"(?:src|href)=|<script|url\(|@import", page)
    assert not re.search("[\0-\b\v-\x1f\x7f-\x9f]", page)


def test_a_page_replaces_a_page_and_nothing_else(folder):
    for _ in range(2):
        assert augcli(folder, "preview", "spec.yaml", "in", "page.html", "--steps").stderr == "page.html: 2 steps\n"
    (folder / "mine.html").write_text("<p>mine</p>")
    refused = augcli(folder, "preview", "spec.yaml", "in", "mine.html")
    assert refused.returncode == 2
    assert "already exists and is not a preview" in refused.stderr


@pytest.mark.parametrize("name", ["grid.png", "copies.txt"])
def test_texts_are_no_picture(folder, name):
    refused = augcli(folder, "preview", "spec.yaml", "in", name)
    stem = name.partition(".")[0]
    assert refused.returncode == 2
    assert refused.stderr == (
        f"{name}: a preview of texts is a page of HTML\n"
        f"  = help: write {stem}.html, or leave it out to have them printed\n"
    )
    assert not (folder / name).exists()


def test_images_are_no_page(folder):
    (folder / "images.yaml").write_text("pipeline: [horizontal_flip]\n")
    refused = augcli(folder, "preview", "images.yaml", "in", "page.html")
    assert refused.returncode == 2
    assert refused.stderr == "page.html: a preview of images is a PNG\n  = help: write page.png\n"


# What docs/text.md shows


@pytest.mark.parametrize(
    ("text", "step", "settings", "becomes"),
    [
        ('A  "good"  movie, really...', "random_swap", {}, 'A  "movie"  good, really...'),
        ("A movie. MOVIE!", "synonym_replacement", {"alpha": 1}, "A film. FILM!"),
        ("an old story", "random_deletion", {"alpha": 0.3}, "a story"),
        ("two stories", "synonym_replacement", {}, "two tales"),
    ],
)
def test_the_examples_of_the_page_of_texts_may_come_up(text, step, settings, becomes):
    rows = (ROOT / "docs/text.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{re.escape(text)}` \| .* \| `{re.escape(becomes)}` \|$", rows, re.MULTILINE)
    transform, looked_at = find(step)(**settings), Text(text)
    draws = (transform.sample(Stream(str(number).encode()), looked_at) for number in range(300))
    assert becomes in {looked_at.after(draw.edits).string for draw in draws if draw is not None}


def test_the_spans_of_the_page_of_texts_move_as_it_says():
    shown = re.findall(r'^\{"text".*', (ROOT / "docs/text.md").read_text(encoding="utf-8"), re.MULTILINE)
    (text, spans), (copy, moved) = ((line["text"], line["spans"]) for line in map(json.loads, shown))
    start = Text(text, [(one["start"], one["end"]) for one in spans])
    made = start.after([Edit(7, 11, "film", "movie")])
    assert (made.string, [*made.kept]) == (copy, [(one["start"], one["end"]) for one in moved])
    assert {string[slice(*kept[0])] for string, kept in ((text, start.kept), (copy, made.kept))} == {"Ana Lima"}
