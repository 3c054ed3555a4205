"""The page of `augcli report`: what it counts, what it shows, what it refuses; and, in a browser, how it behaves."""

from __future__ import annotations

import base64
import io
import os
import random
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from augcli.commands.report.choice import MOST_CLASSES, MOST_COPIES, MOST_PICTURES, MOST_SOURCES, Choice, families
from augcli.commands.report.distributions import FEW, Numbers
from augcli.output.manifest import Row, read_rows
from tests.browser import NAMES, Page, chromium
from tests.commands import command

ROOT = Path(__file__).parents[1]
HOSTILE = "<script>alert(1)<"
CLASSES = {"zebra": 5, "okapi": 2, HOSTILE: 1, "a\tb\u202ec": 1, "'\"&amp;{{ 7 * 7 }}": 1}
SPEC = """
copies: 4
pipeline:
  - horizontal_flip
  - rotate: {degrees: 15}
  - gaussian_blur: {p: 0}
splits: {val: [{resize: {size: 16}}]}
"""


class Read(HTMLParser):
    """A page as tags and texts; those of style and script stand apart."""

    VOID = ("meta", "img", "br", "path", "rect")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert tag in self.VOID or self._open.pop() == tag, tag

    def handle_data(self, data):
        kind = self._open[-1] if self._open else ""
        (self.scripts if kind == "script" else [] if kind == "style" else self.texts).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def pictures(self) -> list[dict[str, str | None]]:
        return [about for tag, about in self.tags if tag == "img" and "src" in about]


def picture(seed: int) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with IN, of odd names and one broken file, its OUT, and the page of that."""
    top = tmp_path_factory.mktemp("report")
    for number, (label, count) in enumerate(CLASSES.items()):
        (top / "in/train" / label).mkdir(parents=True)
        (top / "in/val" / label).mkdir(parents=True)
        for at in range(count):
            picture(10 * number + at).save(top / "in/train" / label / f"{at} <b>.png")
        picture(number).save(top / "in/val" / label / "v.png")
    (top / "in/train/zebra/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n<i>")
    (top / "spec.yaml").write_text(SPEC)
    assert command("run", top / "spec.yaml", top / "in", top / "out", "-q", "-j", 1).code == 1
    done = command("report", "out", cwd=top)
    assert (done.code, done.printed) == (0, "")
    assert done.said.startswith("report.html: ")
    return top


def test_a_page_counts_what_the_manifest_says(made):
    page = Read(made / "report.html")
    augmented = [row for row in read_rows(made / "out/manifest.csv") if row.status == "augmented"]
    flipped = sum("horizontal_flip" in row.params for row in augmented)
    assert f"45 images of 16 sources: {len(augmented)} augmented, 5 transformed." in page.text
    assert f"{flipped} of 40, p 0.5 in the spec" in page.text
    assert "40 of 40" in page.text
    assert "val / resize 100 % 5 of 5" in page.text
    assert "`gaussian_blur` was applied to none of 40 images" in page.text
    assert "Looked at: the spec, the names of classes and the manifest. Not looked at: the sources." in page.text
    assert "zebra 1 failed" in page.text
    assert "train/zebra/broken.png" in page.text
    assert "augcli report out --source IN" in page.text


def test_names_are_text_and_nothing_else(made):
    page, data = Read(made / "report.html"), (made / "report.html").read_text(encoding="utf-8")
    assert HOSTILE in page.text
    assert "a\\tb\\u202ec" in page.text
    assert "'\"&amp;{{ 7 * 7 }}" in page.text
    assert len(page.scripts) == 1
    assert "alert" not in page.scripts[0]
    assert "0 <b>.png" in page.text
    assert "i" not in {tag for tag, _ in page.tags}
    assert not any(character in data for character in "\t\u202e\r\x7f")


def test_a_page_needs_nothing_besides_itself(made):
    page = Read(made / "report.html")
    for tag, about in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "action", "srcset"):
            value = about.get(name) or ""
            assert value.startswith(("data:image/webp;base64,", "#")) or not value, value[:50]
    assert "url(" not in (made / "report.html").read_text(encoding="utf-8")


def test_headings_are_in_order_and_pictures_have_words(made):
    page = Read(made / "report.html")
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.pictures
    assert all(len(about["alt"] or "") > 8 for about in page.pictures)


def test_a_picture_is_that_of_its_row_and_originals_are_shown_where_they_are_given(made):
    def shown(page, title):
        about = next(about for about in page.pictures if (about["alt"] or "").startswith(f"{title}: "))
        data = base64.b64decode((about["src"] or "").partition(",")[2])
        return about["alt"], PIL.Image.open(io.BytesIO(data)).convert("RGB")

    assert command("report", "out", "with.html", "--source", "in", cwd=made).code == 0
    page = Read(made / "with.html")
    assert "--source IN" not in page.text
    assert "Not looked at: what the images of IN show." in page.text
    for title, folder in (("original", "in"), ("copy 0", "out")):
        alt, image = shown(page, title)
        name = alt.partition(": ")[2].partition(", ")[0]
        stored = PIL.Image.open(made / folder / name).convert("RGB").resize(image.size, PIL.Image.Resampling.NEAREST)
        difference = np.abs(np.asarray(stored, float) - np.asarray(image, float)).mean()
        assert difference < 25, title  # of WebP; another picture is 80 away


def test_a_page_is_the_same_every_time(made):
    first = (made / "report.html").read_bytes()
    assert command("report", "out", cwd=made).code == 0
    assert (made / "report.html").read_bytes() == first


def test_what_no_report_can_be_made_of_or_written_to_is_refused_in_a_line(made, tmp_path):
    def said(*arguments, cwd=made):
        done = command("report", *arguments, cwd=cwd)
        assert (done.code, done.printed) == (2, "")
        return done.said

    (made / "own.html").write_text("<p>mine</p>")
    assert said("out", "own.html") == ("own.html: already exists and is not a report\n  = help: choose another name\n")
    assert said("out", "out/report.html").startswith("out/report.html: lies in an output of augcli, ")
    assert said("out", "report.png") == "report.png: a report is a page of HTML\n  = help: write report.html\n"
    assert said("in").startswith("in: there is no augcli.json in it that augcli wrote\n")
    assert said("gone").startswith("gone: no such folder\n")
    unfinished = tmp_path / "out"
    shutil.copytree(made / "out", unfinished)
    (unfinished / ".augcli").mkdir()
    (unfinished / "augcli.json").rename(unfinished / ".augcli/run.json")
    (unfinished / "manifest.csv").unlink()
    assert said(unfinished).startswith(f"{unfinished}: its run is not finished\n")
    assert said("out", "r.html", "--source", "none").startswith("none: no such folder\n")
    assert not (made / "r.html").exists()


def test_pictures_that_are_gone_or_changed_are_told(made, tmp_path):
    shutil.copytree(made / "out", tmp_path / "out")
    shutil.copytree(made / "in", tmp_path / "in")
    for path in (tmp_path / "out/train/okapi").iterdir():
        path.unlink()
    page = Read(made / "report.html")
    alt = next(about["alt"] for about in page.pictures if "/zebra/" in (about["alt"] or ""))
    shown = re.findall(r"train/zebra/(\d+) <b>", alt or "")[0]
    picture(99).save(tmp_path / f"in/train/zebra/{shown} <b>.png")
    assert command("report", "out", "--source", "in", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    assert page.text.count("cannot be read (no such file or directory)") == 2 * 4
    assert "has changed since it was augmented" in page.text


@pytest.mark.parametrize("kind", ["webdataset", "parquet"])
def test_pictures_and_their_labels_are_taken_out_of_containers(kind, tmp_path):
    (tmp_path / "spec.yaml").write_text(
        f"include_originals: true\npipeline: [horizontal_flip]\noutput: {{container: {kind}}}\n"
    )
    assert command("run", "spec.yaml", ROOT / "sample_coco", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "out", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    assert len(page.pictures) == 6
    assert _has_labels(page)


def test_labels_are_drawn_and_objects_counted_by_class(tmp_path):
    (tmp_path / "spec.yaml").write_text("copies: 2\ninclude_originals: true\npipeline: [horizontal_flip]\n")
    assert command("run", "spec.yaml", ROOT / "sample_coco", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "out", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    assert len(page.pictures) == 9
    assert _has_labels(page)
    assert "rocket 2 6" in page.text
    assert "person 1 3" in page.text


def _has_labels(page: Read) -> bool:
    """Tell whether the rocket, beside which there is only sky, has the colour of its class."""
    from augcli.commands.preview.labels import Palette

    about = next(about for about in page.pictures if "rocket" in (about["alt"] or ""))
    data = base64.b64decode((about["src"] or "").partition(",")[2])
    image = np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"), float)
    return bool((np.abs(image - Palette().of("rocket")).max(axis=2) < 30).sum() > 100)


@pytest.mark.parametrize("folder", ["folders", "csv"])
def test_texts_are_shown_with_what_changed(folder, tmp_path):
    (tmp_path / "spec.yaml").write_text(
        "copies: 2\ninclude_originals: true\npipeline: [{random_deletion: {alpha: 0.3}}]\n"
    )
    assert command("run", "spec.yaml", ROOT / "sample_text" / folder, "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "out", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    assert len(re.findall(r" copy 1(, text)?: random_deletion \(-", page.text)) == 2 * MOST_SOURCES
    assert [tag for tag, _ in page.tags].count("del") >= 2 * MOST_SOURCES
    (tmp_path / "spec.yaml").write_text("copies: 1\npipeline: [{random_deletion: {alpha: 0.3}}]\n")
    assert command("run", "spec.yaml", ROOT / "sample_text" / folder, "alone", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "alone", "alone.html", cwd=tmp_path).code == 0
    assert "del" not in [tag for tag, _ in Read(tmp_path / "alone.html").tags]
    assert command("report", "alone", "both.html", "--source", ROOT / "sample_text" / folder, cwd=tmp_path).code == 0
    assert [tag for tag, _ in Read(tmp_path / "both.html").tags].count("del") >= MOST_SOURCES


def test_a_step_is_counted_among_those_that_it_was_for(tmp_path):
    for split, number in (("train", 4), ("val", 2)):
        for label in ("cat", "dog"):
            (tmp_path / f"in/{split}/{label}").mkdir(parents=True)
            for at in range(number):
                picture(at).save(tmp_path / f"in/{split}/{label}/{at}.png")
    (tmp_path / "spec.yaml").write_text(
        "copies: 2\npipeline: [{horizontal_flip: {p: 1, only: cat}}, {sequence: {except: [cat],"
        " steps: [{rotate: {degrees: 9}}]}}]\nsplits: {val: {views: 3, steps: [{rotate: {degrees: 5}}]}}\n"
    )
    assert command("run", "spec.yaml", "in", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "out", cwd=tmp_path).code == 0
    text = Read(tmp_path / "report.html").text
    assert "horizontal_flip 100 % 8 of 8, only cat" in text
    assert " rotate 100 % 8 of 8, in a group, except cat" in text
    assert "val / rotate 100 % 12 of 12" in text


def test_pipelines_with_names_are_counted_each_alone_and_their_arrays_shown_as_they_were(tmp_path):
    (tmp_path / "in").mkdir()
    PIL.Image.new("RGB", (20, 20), (200, 40, 90)).save(tmp_path / "in/0.png")
    (tmp_path / "spec.yaml").write_text(
        "layout: flat\noutput: {format: npy}\npipeline:\n"
        "  weak: [{normalize: {name: first}}]\n  strong: [{horizontal_flip: {p: 1}}, {normalize: {name: second}}]\n"
    )
    assert command("run", "spec.yaml", "in", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert command("report", "out", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    for told in ("weak / first normalize 100 % 1 of 1", "strong / horizontal_flip 100 % 1 of 1"):
        assert told in page.text
    assert len(page.pictures) == 2
    for about in page.pictures:
        data = base64.b64decode((about["src"] or "").partition(",")[2])
        image = np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"), float)
        assert np.abs(image - (200, 40, 90)).max() < 8


def test_texts_that_the_spec_has_split_are_shown(tmp_path):
    for label in ("neg", "pos"):
        (tmp_path / "in" / label).mkdir(parents=True)
        for n in range(6):
            (tmp_path / f"in/{label}/{n}.txt").write_text(f"the cat {n} sat on the mat by the door")
    (tmp_path / "spec.yaml").write_text("split: {val: 0.3}\npipeline: [{random_swap: {alpha: 0.3}}]\n")
    assert command("run", "spec.yaml", "in", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    for source in ((), ("--source", "in")):
        assert command("report", "out", *source, cwd=tmp_path).code == 0
        text = Read(tmp_path / "report.html").text
        assert "is not shown" not in text
        assert "sat on" in text


# What is counted and chosen


def test_numbers_are_counted_whole_in_any_order_and_little_memory():
    chance = random.Random(0)
    values = [chance.gauss(0, 1) for _ in range(50_000)]
    one, other = Numbers(), Numbers()
    for value in values:
        one.add(value)
    for value in reversed(values):
        other.add(value)
    assert one.bars() == other.bars()
    assert sum(bar.number for bar in one.bars()) == len(values)
    told = np.array([bar.number for bar in one.bars()])
    true, _ = np.histogram(values, bins=len(told), range=(min(values), max(values)))
    assert np.abs(told - true).max() < 0.02 * true.max()  # a bin lies in two bars


def test_few_values_and_whole_numbers_are_counted_exactly():
    few, whole = Numbers(), Numbers()
    for value in (3, 5, 5, 0.25):
        few.add(value)
    assert [(bar.low, bar.number) for bar in few.bars()] == [(0.25, 1), (3, 1), (5, 2)]
    for value in range(100):
        whole.add(value)
    bars = whole.bars()
    assert len(bars) <= max(FEW, 10) + 1
    assert {bar.number for bar in bars[:-1]} == {10}
    assert (bars[0].low, bars[-1].high >= 99) == (0, True)


def test_large_whole_numbers_are_neither_lost_nor_rounded():
    sizes, few = Numbers(), Numbers()
    for value in range(2_000_000, 2_000_900, 3):
        sizes.add(value)
    assert sum(bar.number for bar in sizes.bars()) == 300
    for value in (12_345_670, 12_345_674):
        few.add(value)
    assert [bar.low for bar in few.bars()] == [12_345_670, 12_345_674]


def _row(label: str, source: str, copy: int, status: str = "augmented") -> Row:
    empty = dict.fromkeys(Row._fields, "")
    told = {"file_name": f"{source}_{copy}", "source": source, "label": label, "copy": str(copy), "status": status}
    return Row(**{**empty, **told})


def test_of_many_classes_the_largest_and_the_smallest_are_shown_and_never_too_many_pictures():
    rows = [
        _row(f"{label:03d}", f"{label:03d}/{number}", copy)
        for label in range(100)
        for number in range(1 + label)
        for copy in range(8)
    ]
    choice = Choice()
    for row in rows:
        choice.offer(row)
    sizes = {("", f"{label:03d}"): 8 * (1 + label) for label in range(100)}
    chosen = choice.made(sizes)
    half = MOST_CLASSES // 2
    assert {label for _, label in chosen.values()} == {
        f"{label:03d}" for label in (*range(half), *range(100 - (MOST_CLASSES - half), 100))
    }
    found = families(rows, chosen)
    assert all(len(family.made) == MOST_COPIES and family.more == 3 for one in found.values() for family in one)
    assert sum(len(family.made) + 1 for one in found.values() for family in one) <= MOST_PICTURES


def test_what_is_shown_of_a_class_does_not_hang_on_other_classes():
    def chosen(labels):
        choice = Choice()
        for label in labels:
            for number in range(20):
                choice.offer(_row(label, f"{label}/{number}", 0))
        return {source for source, (_, label) in choice.made({}).items() if label == "a"}

    assert chosen(["a"]) == chosen(["a", "b", "c"])
    assert len(chosen(["a"])) == MOST_SOURCES


def test_rows_that_stand_beside_their_shards_alone_are_counted(tmp_path):
    for number in range(3):
        (tmp_path / "in/a").mkdir(parents=True, exist_ok=True)
        picture(number).save(tmp_path / f"in/a/{number}.png")
    (tmp_path / "spec.yaml").write_text(
        "pipeline: [horizontal_flip]\noutput: {container: webdataset, manifest: parts}\n"
    )
    assert command("run", "spec.yaml", "in", "out", "-q", "-j", 1, cwd=tmp_path).code == 0
    assert not any(row.source for row in read_rows(tmp_path / "out/manifest.csv"))
    assert command("report", "out", cwd=tmp_path).code == 0
    page = Read(tmp_path / "report.html")
    assert "3 images of 3 sources: 3 augmented." in page.text
    assert len(page.pictures) == 3


# In a browser


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_fits_complains_of_nothing_and_is_driven_by_keys(width, dark, made):
    if chromium() is None:
        assert "CI" not in os.environ, f"none of {NAMES} is installed"
        pytest.skip("no Chromium")
    with Page(made / "report.html", width, 844, dark) as page:
        assert page.value("document.documentElement.scrollWidth") == width
        assert page.value("getComputedStyle(document.body).backgroundColor") == (
            "rgb(21, 22, 26)" if dark else "rgb(251, 250, 247)"
        )
        assert page.value("document.querySelectorAll('nav a').length") == 8
        page.press("2", "2")
        assert page.value("document.activeElement.textContent") == "Classes"
        page.press("j", "j")
        assert page.value("document.activeElement.textContent") == "Pictures"
        page.press("j", "j")
        assert page.value("document.activeElement.textContent") == "Steps"
        page.press("k", "k")
        assert page.value("document.activeElement.textContent") == "Pictures"
        page.press("Tab")
        assert page.value("document.activeElement.className") == "picture"
        page.press("Enter", "\r")
        assert page.value("document.getElementById('viewer').open")
        first = page.value("document.querySelector('dialog img').src")
        assert first == page.value("document.querySelector('button.picture img').src")
        page.press("ArrowRight")
        assert page.value("document.querySelector('dialog img').src") != first
        page.value("void (window.gone = new Promise((done) => viewer.addEventListener('close', () => done(1))))")
        page.press("Escape")
        page.value("gone")
        assert not page.value("document.getElementById('viewer').open")
        assert page.value("document.activeElement === document.querySelectorAll('button.picture')[1]")
        page.value("document.querySelectorAll('main img').forEach((one) => { one.loading = 'eager'; })")
        page.value("Promise.all([...document.querySelectorAll('main img')].map((one) => one.decode())).then(() => 1)")
        assert page.complaints == []
        # what stands in attributes and texts has not become an element
        assert page.value("document.querySelectorAll('script').length") == 1
