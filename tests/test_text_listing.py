"""What IN is taken for where it holds texts: class folders, splits, files without classes, tables; what is left out."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pandas
import pytest

from augcli.dataset.listing import Listing
from augcli.dataset.tables import Wanted
from augcli.dataset.text_listing import scan_texts
from augcli.problems import Refused

TABLE = "text,label\na good film,pos\na dull one,neg\n"


def lay(root: Path, *paths: str, **contents: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        kind = path.rpartition(".")[2]
        (root / path).write_text(TABLE if kind == "csv" else "so it goes")
    return root


def scanned(root: Path, layout: str = "auto", **wanted) -> Listing:
    return scan_texts(root, layout, Wanted(**wanted))


def found(listing: Listing) -> list[tuple[str, str, str, str]]:
    return [source[:4] for source in listing.sources]


def refusal(root: Path, layout: str = "auto", **wanted) -> str:
    with pytest.raises(Refused) as refused:
        scanned(root, layout, **wanted)
    return str(refused.value).replace(str(root), "IN")


def test_class_folders_hold_texts(tmp_path):
    listing = scanned(
        lay(tmp_path, "pos/a.txt", "neg/z.TXT", "neg/deep/1.txt", "empty/x.pdf", "README.md", "pos/p.jpg")
    )
    assert found(listing) == [
        ("neg/deep/1.txt", "", "train", "neg"),
        ("neg/z.TXT", "", "train", "neg"),
        ("pos/a.txt", "", "train", "pos"),
    ]
    assert listing.empty_classes == ["empty"]
    assert listing.left_out == {
        "documents that are not read (.pdf)": ["empty/x.pdf"],
        "notes about the data set": ["README.md"],
        "images (.jpg)": ["pos/p.jpg"],
    }


def test_reviews_of_imdb_are_read_without_those_that_have_no_label(tmp_path):
    files = ["train/pos/0_9.txt", "train/neg/0_2.txt", "train/unsup/0_0.txt", "train/unsup/1_0.txt", "test/pos/0_8.txt"]
    beside = ["train/urls_pos.txt", "train/labeledBow.feat", "imdb.vocab", "imdbEr.txt", "README"]
    listing = scanned(lay(tmp_path, *files, *beside))
    assert found(listing) == [
        ("test/pos/0_8.txt", "test", "test", "pos"),
        ("train/neg/0_2.txt", "train", "train", "neg"),
        ("train/pos/0_9.txt", "train", "train", "pos"),
    ]
    assert {reason: len(paths) for reason, paths in listing.left_out.items()} == {
        "texts without labels (unsup)": 2,
        "texts outside of class folders": 2,
        "without a suffix of texts or tables": 2,
        "notes about the data set": 1,
    }
    around = tmp_path / "around"
    around.mkdir()
    for name in ("train", "test"):
        (tmp_path / name).rename(around / name)
    assert "splits one level too deep: `around` holds `test` and `train`" in refusal(tmp_path)


def test_unsup_may_be_a_class_where_there_is_no_other(tmp_path):
    assert len(scanned(lay(tmp_path, "unsup/1.txt")).sources) == 1


def test_texts_without_classes_are_read_if_the_spec_says_so(tmp_path):
    lay(tmp_path, "a.txt", "b/c.txt")
    assert found(scanned(tmp_path, "flat")) == [("a.txt", "", "train", ""), ("b/c.txt", "", "train", "")]
    (tmp_path / "b/c.txt").unlink()
    assert refusal(tmp_path) == (
        "IN: texts that lie in no class folder, such as `a.txt`\n"
        "  = help: move them into class folders, or set `layout: flat` in the spec (no labels)"
    )


@pytest.mark.parametrize(
    ("path", "split", "role"),
    [
        ("reviews.csv", "", "train"),
        ("train.csv", "train", "train"),
        ("data/validation.csv", "validation", "val"),
        ("test/part-0.csv", "test", "test"),
        ("tweets_dev.csv", "dev", "val"),
        ("data/train-00000-of-00002.csv", "train", "train"),
    ],
)
def test_a_table_is_of_the_split_that_its_name_or_its_folder_says(tmp_path, path, split, role):
    (source,) = scanned(lay(tmp_path, path)).sources
    assert source[:4] == (f"{path}#000000000001", split, role, "")
    assert source.block is not None
    assert source.block[3:] == (1, 2)


def test_the_blocks_of_tables_hold_all_records_in_order(tmp_path):
    """The records are those of pandas."""
    lay(tmp_path, "readme.txt")
    texts = [f'review {n}, "the\r\n{"very " * (n % 50)}long" one' for n in range(700)]
    frame = pandas.DataFrame({"id": range(700), "text": texts, "label": [n % 3 for n in range(700)]})
    frame.to_csv(tmp_path / "train.csv", index=False)
    (tmp_path / "test.tsv.gz").write_bytes(gzip.compress(frame.to_csv(index=False, sep="\t").encode()))
    listing = scanned(tmp_path)
    assert listing.left_out == {"notes about the data set": ["readme.txt"]}
    assert [*listing.tables] == ["test.tsv.gz", "train.csv"]
    assert {source.path for source in listing.sources} == {s.block.path for s in listing.sources if s.block}
    assert [s.path for s in listing.sources] == sorted(s.path for s in listing.sources)
    for path, table in listing.tables.items():
        blocks = [source.block for source in listing.sources if source.block and source.block.table == path]
        assert len(blocks) > 10
        records = [one for block in blocks for one in table.records(table.read(block), block.first)]
        assert [one.texts[0] for one in records] == texts
        assert Counter(one.label for one in records) == Counter(str(n % 3) for n in range(700))
        assert [one.number for one in records] == [*range(1, 701)]


def test_class_folders_and_tables_in_one_are_refused_unless_the_spec_says_which(tmp_path):
    lay(tmp_path, "pos/a.txt", "neg/b.txt", "reviews.csv")
    assert refusal(tmp_path) == (
        "IN: texts in folders, such as `neg/b.txt`, and tables, such as `reviews.csv`\n"
        "  = help: set `layout: classes`, `splits`, `flat` or `tables` in the spec"
    )
    classes, tables = scanned(tmp_path, "classes"), scanned(tmp_path, "tables")
    assert [source.path for source in classes.sources] == ["neg/b.txt", "pos/a.txt"]
    assert classes.left_out == {"tables beside texts": ["reviews.csv"]}
    assert [source.path for source in tables.sources] == ["reviews.csv#000000000001"]
    assert tables.left_out == {"texts beside tables": ["neg/b.txt", "pos/a.txt"]}


def test_tables_of_something_else_beside_texts_are_left_out(tmp_path):
    lay(tmp_path, "pos/a.txt", "neg/b.txt")
    (tmp_path / "scores.csv").write_text("file,score\na.txt,3\n")
    assert scanned(tmp_path).left_out == {"tables beside texts": ["scores.csv"]}


def test_tables_without_texts_are_left_out_unless_they_are_splits(tmp_path):
    lay(tmp_path, "train.csv")
    (tmp_path / "sample_submission.csv").write_text("id,label\n1,0\n")
    assert scanned(tmp_path).left_out == {"tables without a column of texts": ["sample_submission.csv"]}
    (tmp_path / "test.csv").write_text(
        "id,body\n1,0\n",
    )
    assert len(scanned(tmp_path).sources) == 2
    (tmp_path / "test.csv").write_text("id,n\n1,0\n")
    assert refusal(tmp_path).startswith("IN/test.csv: which column holds the texts cannot be told; its columns are")
    (tmp_path / "train.csv").unlink()
    (tmp_path / "test.csv").unlink()
    assert refusal(tmp_path).startswith("IN/sample_submission.csv: which column")


def test_empty_tables_are_told(tmp_path):
    lay(tmp_path, "train.csv")
    (tmp_path / "val.csv").write_text("text,label\n")
    (tmp_path / "test.csv").write_text("")
    listing = scanned(tmp_path)
    assert len(listing.sources) == 1
    assert listing.left_out == {"tables without records": ["test.csv", "val.csv"]}
    (tmp_path / "train.csv").unlink()
    assert refusal(tmp_path).startswith("IN: no texts in it; 2 tables without records")


def test_lines_of_label_tab_text_are_a_table(tmp_path):
    (tmp_path / "train.txt").write_text("pos\tas good as it gets\nneg\tworse than all others\n")
    lay(tmp_path, "notes.txt")
    listing = scanned(tmp_path)
    assert found(listing) == [("train.txt#000000000001", "train", "train", "")]
    assert listing.left_out == {"texts beside tables": ["notes.txt"]}


def test_a_manifest_of_augcli_is_no_table(tmp_path):
    lay(tmp_path, "train.csv", "manifest.csv", "augcli.json")
    assert [*scanned(tmp_path).tables] == ["train.csv"]


def test_nothing_to_read_is_refused(tmp_path):
    assert refusal(tmp_path / "gone") == "IN: no such folder"
    lay(tmp_path, "a/x.jpg", "b.zip")
    told = refusal(tmp_path)
    assert told.startswith("IN: no texts in it; 1 archive that is not unpacked (.zip); 1 image (.jpg)\n")
    assert "a file, not a folder" in refusal(tmp_path / "b.zip")


def test_links_are_followed_if_wanted(tmp_path):
    lay(tmp_path / "far", "1.txt")
    lay(tmp_path / "in", "pos/a.txt")
    (tmp_path / "in/neg").symlink_to(tmp_path / "far")
    assert len(scanned(tmp_path / "in").sources) == 1
    assert len(scan_texts(tmp_path / "in", "auto", Wanted(), follow_links=True).sources) == 2
