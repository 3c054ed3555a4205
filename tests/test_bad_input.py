"""What a user can point augcli at by mistake: each is told in a line, nothing is lost, and the rest is written."""

from __future__ import annotations

import csv
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas
import PIL.Image
import pytest

from augcli.dataset import file_kinds, listing
from augcli.problems import Refused

FLIP = "pipeline: [{horizontal_flip: {p: 1}}]\n"


def encoded(array: np.ndarray, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, format, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a whole PNG of a few bytes that claims to be of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder: files with their bytes, folders and others without."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


@pytest.fixture
def work(tmp_path, tree, photo):
    """Make a folder to work in: two good images in `in`, and `spec.yaml`."""
    tree(tmp_path / "in", {"cat/a.png": photo(), "dog/b.png": photo(seed=1)})
    (tmp_path / "spec.yaml").write_text(FLIP)
    return tmp_path


def refused(done, *lines: str) -> None:
    assert done.stderr.splitlines() == list(lines)
    assert done.stdout == ""
    assert done.returncode == 2


# --- IN that is not what it should be


def test_in_that_does_not_exist(augcli, work):
    refused(augcli("run", "spec.yaml", "nowhere", "out", cwd=work), "nowhere: no such folder")
    assert not (work / "out").exists()


def test_in_that_is_empty(augcli, work):
    (work / "empty").mkdir()
    done = augcli("run", "spec.yaml", "empty", "out", cwd=work)
    refused(
        done,
        "empty: no images in it",
        f"  = help: images must have one of the suffixes {' '.join(sorted(file_kinds.IMAGE_SUFFIXES))}",
    )
    assert not (work / "out").exists()


def test_in_that_holds_no_images_says_what_it_left_out(augcli, work, tree):
    tree(work / "other", {"cat/notes.txt": b"x", "cat/.hidden.png": b"x"})
    done = augcli("run", "spec.yaml", "other", "out", cwd=work)
    refused(
        done,
        "other: no images in it; 1 hidden; 1 without an image suffix",
        "  = help: texts need a spec with steps for texts, as `augcli init --preset text` prints",
    )


def test_in_that_is_a_file(augcli, work):
    refused(
        augcli("run", "spec.yaml", "in/cat/a.png", "out", cwd=work),
        "in/cat/a.png: a file, not a folder",
        "  = help: give the folder that holds the class folders",
    )
    assert not (work / "out").exists()


def test_images_that_lie_directly_in_in(augcli, work):
    refused(
        augcli("run", "spec.yaml", "in/cat", "out", cwd=work),
        "in/cat: an image lies directly in it, namely `a.png`; class folders are expected",
        "  = help: move it into a class folder, such as in/cat/cat, or set `layout: flat` in the spec (no labels)",
    )
    assert not (work / "out").exists()


def test_images_that_lie_directly_in_in_are_read_with_layout_flat(augcli, work):
    (work / "spec.yaml").write_text(FLIP + "layout: flat\n")
    assert augcli("run", "spec.yaml", "in/cat", "out", cwd=work).returncode == 0
    (row,) = rows_of(work / "out")
    assert (row["file_name"], row["source"], row["split"], row["label"]) == ("a_aug000.png", "a.png", "", "")


def test_split_folders_mixed_with_others(augcli, work, tree, photo):
    tree(work / "mixed", {"train/cat/a.png": photo(), "Validation/cat/b.png": photo(), "dog/c.png": photo()})
    done = augcli("run", "spec.yaml", "mixed", "out", cwd=work)
    refused(
        done,
        "mixed: `Validation` or `train` looks like a split, `dog` does not",
        "  = help: set `layout: classes` if every folder is a class, or move the others away",
    )
    assert not (work / "out").exists()
    (work / "spec.yaml").write_text(FLIP + "layout: classes\n")
    assert augcli("run", "spec.yaml", "mixed", "out", cwd=work).returncode == 0
    assert {row["label"] for row in rows_of(work / "out")} == {"Validation", "train", "dog"}


def test_a_link_to_itself_as_in(augcli, work):
    (work / "loop").symlink_to("loop")
    done = augcli("run", "spec.yaml", "loop", "out", cwd=work)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) <= 2, done.stderr
    assert done.stderr.startswith("loop: ")


@pytest.mark.parametrize("which", ["in", "out"])
def test_a_name_that_no_file_system_takes(augcli, work, which):
    folders = ["n" * 300, "out"] if which == "in" else ["in", "n" * 300]
    done = augcli("run", "spec.yaml", *folders, cwd=work)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) <= 2, done.stderr
    assert done.stderr.startswith("n" * 300 + ": ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_without_permission(augcli, work):
    (work / "in" / "cat").chmod(0)
    done = augcli("run", "spec.yaml", "in", "out", cwd=work)
    (work / "in" / "cat").chmod(0o755)
    refused(done, "in/cat: cannot be read (Permission denied)", "  = help: change its permissions")
    assert not (work / "out").exists()


def test_a_folder_that_cannot_be_read(work, monkeypatch):
    whole = os.scandir

    def scandir(path):
        if str(path).endswith("cat"):  # root is refused nothing on a real disk
            raise PermissionError(13, "Permission denied", path)
        return whole(path)

    monkeypatch.chdir(work)
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(Refused) as refusal:
        listing.scan(Path("in"))
    assert str(refusal.value) == "in/cat: cannot be read (Permission denied)\n  = help: change its permissions"
    assert refusal.value.exit_code == 2


# --- IN and OUT that must not be or contain each other


@pytest.mark.parametrize(
    ("source", "out", "said"),
    [
        ("in", "in", ["in: IN and OUT are the same folder", "  = help: choose another OUT"]),
        ("in", "in/new", ["in/new: OUT lies inside IN (in)", "  = help: choose an OUT beside it"]),
        ("in/train", "in", ["in/train: IN lies inside OUT (in)", "  = help: choose another OUT"]),
        ("link", "in", ["in: IN and OUT are the same folder", "  = help: choose another OUT"]),
        ("in", "link", ["link: IN and OUT are the same folder", "  = help: choose another OUT"]),
        ("link", "in/new", ["in/new: OUT lies inside IN (link)", "  = help: choose an OUT beside it"]),
        ("in", "link/new/er", ["link/new/er: OUT lies inside IN (in)", "  = help: choose an OUT beside it"]),
        ("in/train", "link", ["in/train: IN lies inside OUT (link)", "  = help: choose another OUT"]),
        (
            "in",
            "in/../in/train/..",
            ["in/../in/train/..: IN and OUT are the same folder", "  = help: choose another OUT"],
        ),
    ],
)
def test_in_and_out_that_are_or_contain_each_other(augcli, tmp_path, tree, photo, source, out, said):
    tree(tmp_path / "in", {"train/cat/a.png": photo()})
    (tmp_path / "spec.yaml").write_text(FLIP)
    (tmp_path / "link").symlink_to("in")
    before = contents(tmp_path)
    refused(augcli("run", "spec.yaml", source, out, cwd=tmp_path), *said)
    assert contents(tmp_path) == before


# --- OUT that is not ours, or of another spec


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_an_out_that_holds_other_files_is_refused_and_left_alone(augcli, work, tree, flags):
    tree(work / "out", {"thesis/chapter.txt": b"years of work"})
    before = contents(work)
    refused(
        augcli("run", "spec.yaml", "in", "out", *flags, cwd=work),
        "out: not empty (it holds `thesis`) and not made by augcli",
        "  = help: choose another OUT",
    )
    assert contents(work) == before


def test_an_out_that_is_a_file(augcli, work):
    (work / "out").write_text("years of work")
    refused(
        augcli("run", "spec.yaml", "in", "out", cwd=work), "out: a file, not a folder", "  = help: choose another OUT"
    )
    assert (work / "out").read_text() == "years of work"


def test_an_out_below_a_file(augcli, work):
    (work / "file").write_text("years of work")
    refused(
        augcli("run", "spec.yaml", "in", "file/out", cwd=work),
        "file/out: cannot be made or written to (Not a directory)",
    )


def test_an_out_of_another_spec_is_refused_with_the_differences_and_overwrite_goes_on(augcli, work):
    assert augcli("run", "spec.yaml", "in", "out", cwd=work).returncode == 0
    (work / "spec.yaml").write_text("seed: 18\npipeline: [{horizontal_flip: {p: 0.5}}, rotate]\n")
    before = contents(work)
    refused(
        augcli("run", "spec.yaml", "in", "out", cwd=work),
        'out: made by another spec: pipeline ["horizontal_flip"] -> ["horizontal_flip", "rotate"]; seed 0 -> 18',
        "  = help: choose another OUT, or give --overwrite to make it anew",
    )
    assert contents(work) == before

    assert augcli("run", "spec.yaml", "in", "out", "--overwrite", cwd=work).returncode == 0
    assert augcli("run", "spec.yaml", "in", "fresh", cwd=work).returncode == 0
    assert contents(work / "out") == contents(work / "fresh")


def test_an_out_given_as_in_is_refused_unless_it_is_on_purpose(augcli, work):
    assert augcli("run", "spec.yaml", "in", "out", cwd=work).returncode == 0
    refused(
        augcli("run", "spec.yaml", "out", "again", cwd=work),
        "out: this is itself an output of augcli; all of it would be augmented twice",
        "  = help: give the originals, or --allow-augmented-input if it is on purpose",
    )
    assert not (work / "again").exists()
    done = augcli("run", "spec.yaml", "out", "again", "--allow-augmented-input", cwd=work)
    assert done.returncode == 0
    assert len(rows_of(work / "again")) == 2


# --- files that are not what their names say, all in one folder of good ones

NO_IMAGE = "not an image: neither JPEG, PNG, WebP, TIFF, BMP, PNM, GIF, AVIF, HEIC, JPEG 2000, JPEG XL"
DEEP = "more than 8 bits per channel, which would be clipped; convert it to 8 bits first"
CUT = "cut off: this {} ends before its pixels do; `input: {{truncated: accept}}` reads what is there"

BAD = {
    "zero.jpg": "the file is empty",
    "text.jpg": NO_IMAGE,
    "cut.jpg": CUT.format("JPEG"),
    "cut.png": CUT.format("PNG"),
    "cut.webp": "damaged, or of a rare kind: the header of this WebP cannot be read",
    "cut.tif": "damaged: this TIFF cannot be decoded to its end",
    "cut.bmp": "damaged: this BMP cannot be decoded to its end",
    "cut.ppm": "damaged: this PNM cannot be decoded to its end",
    "only-magic.png": "damaged, or of a rare kind: the header of this PNG cannot be read",
    "only-magic.jpg": "damaged, or of a rare kind: the header of this JPEG cannot be read",
    "changed.png": "damaged: this PNG cannot be decoded to its end",
    "deep.png": DEEP,
    "deep-colour.ppm": DEEP,
    "deep.tif": DEEP,
    "deep.pgm": DEEP,
    "float.tif": DEEP,
    "page.jpg": "a web page, not an image",
    "postscript.jpg": "a PostScript drawing, not pixels",
    "bomb.png": "50000x50000 is too large; `max_megapixels` is 100, a side 32766",
    "long.png": "40000x1 is too large; `max_megapixels` is 100, a side 32766",
    "small.png": "10x10 is smaller than the crop of 24x24; set pad_if_needed, or resize before it",
    "bad\nname\x1b[31m.png": "the file is empty",
}
GOOD = {
    "good.jpg": "good_aug000.jpg",
    "cut-at-the-last-byte.jpg": "cut-at-the-last-byte_aug000.jpg",
    "gif.jpg": "gif_aug000.png",
    "good.png": "good~d21ef7_aug000.png",
    "really-a-png.jpg": "really-a-png_aug000.png",
    "really-a-jpeg.png": "really-a-jpeg_aug000.jpg",
    "bitmap.bmp": "bitmap_aug000.png",
    "plain.ppm": "plain_aug000.png",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, tree, photo, augcli):
    """Run a folder of good and bad files once; return the folder and the finished process."""
    work = tmp_path_factory.mktemp("hostile")
    image = photo((160, 120), seed=2)
    jpeg, png, webp = (encoded(image, format) for format in ("JPEG", "PNG", "WEBP"))
    deep = image[:, :, 0].astype(np.uint16) * 257
    changed = bytearray(png)
    changed[len(png) // 2 : len(png) // 2 + 40] = b"\x55" * 40
    files = {
        "zero.jpg": b"",
        "text.jpg": b"These are notes, not an image.\n",
        "cut.jpg": jpeg[: len(jpeg) * 3 // 4],
        "cut-at-the-last-byte.jpg": jpeg[:-1],
        "cut.png": png[: len(png) // 2],
        "cut.webp": webp[: len(webp) // 2],
        "cut.tif": encoded(image, "TIFF")[:2000],
        "cut.bmp": encoded(image, "BMP")[:2000],
        "cut.ppm": encoded(image, "PPM")[:2000],
        "only-magic.png": png[:8],
        "only-magic.jpg": jpeg[:4],
        "changed.png": bytes(changed),
        "deep.png": encoded(deep, "PNG"),
        "deep-colour.ppm": b"P6\n30 30\n65535\n" + bytes(2 * 3 * 30 * 30),
        "deep.tif": encoded(deep, "TIFF"),
        "deep.pgm": b"P5\n160 120\n65535\n" + deep.astype(">u2").tobytes(),
        "float.tif": encoded(deep.astype(np.float32), "TIFF"),
        "gif.jpg": encoded(image, "GIF"),
        "page.jpg": b"\n<!DOCTYPE html><html><body>404</body></html>",
        "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 30 30\nshowpage\n",
        "bomb.png": png_header(50_000, 50_000),
        "long.png": png_header(40_000, 1),
        "small.png": photo((10, 10)),
        "bad\nname\x1b[31m.png": b"",
        "good.jpg": jpeg,
        "good.png": png,
        "really-a-png.jpg": png,
        "really-a-jpeg.png": jpeg,
        "bitmap.bmp": encoded(image, "BMP"),
        "plain.ppm": encoded(image, "PPM"),
        ".hidden.png": png,
        ".cache/inside.png": png,
        "notes.txt": b"x",
    }
    assert set(BAD) | set(GOOD) <= set(files)
    cat = tree(work / "in" / "cat", files)
    os.mkfifo(cat / "pipe.png")
    (cat / "folder.png").mkdir()
    (cat / "link.png").symlink_to("good.png")
    (cat / "broken.png").symlink_to("nowhere.png")
    tree(work / "elsewhere", {"linked.png": png, "deeper/also.png": png})
    (work / "in" / "linked-class").symlink_to(work / "elsewhere")
    (cat / "up").symlink_to(work / "in")
    (work / "spec.yaml").write_text("pipeline: [{random_crop: {size: 24}}]\n")
    before = contents(work / "in")
    done = augcli("run", "spec.yaml", "in", "out", cwd=work)
    assert contents(work / "in") == before, "IN was changed"
    return work, done


def test_a_run_over_bad_files_ends_with_1_and_no_traceback(hostile):
    work, done = hostile
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (work / "out" / ".augcli").exists()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_and_one_failed_row(hostile, name):
    work, done = hostile
    shown = name.replace("\n", "\\n").replace("\x1b", "\\x1b")
    assert [line for line in done.stderr.splitlines() if shown in line] == [f"cat/{shown}: {BAD[name]}"]
    (row,) = [row for row in rows_of(work / "out") if row["source"] == f"cat/{name}"]
    assert (row["status"], row["error"], row["file_name"], row["sha256"]) == ("failed", BAD[name], "", "")
    assert row["label"] == "cat"


@pytest.mark.parametrize("name", GOOD)
def test_the_good_files_beside_bad_ones_are_written_as_what_they_are(hostile, name):
    work, _ = hostile
    (row,) = [row for row in rows_of(work / "out") if row["source"] == f"cat/{name}"]
    assert (row["status"], row["file_name"], row["error"]) == ("augmented", f"cat/{GOOD[name]}", "")
    with PIL.Image.open(work / "out" / row["file_name"]) as image:
        assert image.size == (24, 24)
        assert image.format == {".jpg": "JPEG", ".png": "PNG"}[Path(row["file_name"]).suffix]


def test_nothing_but_what_the_manifest_says_is_in_out(hostile):
    work, _ = hostile
    found = {str(p.relative_to(work / "out")) for p in (work / "out").rglob("*") if p.is_file()}
    named = {row["file_name"] for row in rows_of(work / "out") if row["file_name"]}
    assert found == named | {"manifest.csv", "augcli.json"}
    assert len(rows_of(work / "out")) == len(BAD) + len(GOOD)


def test_pipes_links_and_hidden_files_are_counted_aloud(hostile):
    _, done = hostile
    assert done.stderr.splitlines()[:4] == [
        "left out: 2 hidden",
        "left out: 4 links (not followed)",
        "left out: 1 not a regular file",
        "left out: 1 without an image suffix",
    ]


def test_links_are_followed_on_demand_but_never_in_a_circle(augcli, tmp_path, tree, photo):
    tree(tmp_path / "elsewhere", {"linked.png": photo(), "deeper/also.png": photo()})
    tree(tmp_path / "in", {"cat/a.png": photo()})
    (tmp_path / "in" / "dog").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "cat" / "b.png").symlink_to("a.png")
    (tmp_path / "in" / "cat" / "broken.png").symlink_to("nowhere.png")
    (tmp_path / "in" / "cat" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "in" / "cat" / "pipe.png").symlink_to(tmp_path / "pipe")
    (tmp_path / "spec.yaml").write_text(FLIP)
    done = augcli("run", "spec.yaml", "in", "out", "--follow-links", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [row["source"] for row in rows_of(tmp_path / "out")] == [
        "cat/a.png",
        "cat/b.png",
        "dog/deeper/also.png",
        "dog/linked.png",
    ]
    assert done.stderr.splitlines()[:3] == [
        "left out: 1 broken link",
        "left out: 2 links back to a folder around them",
        "left out: 1 not a regular file",
    ]


def test_a_mended_file_is_made_on_the_next_run(augcli, work, tree, photo):
    tree(work / "in", {"cat/bad.png": b""})
    first = augcli("run", "spec.yaml", "in", "out", cwd=work)
    assert first.returncode == 1
    assert first.stderr.splitlines()[0] == "cat/bad.png: the file is empty"
    tree(work / "in", {"cat/bad.png": photo(seed=9)})
    assert augcli("run", "spec.yaml", "in", "out", cwd=work).returncode == 0
    assert [row["status"] for row in rows_of(work / "out")] == ["augmented"] * 3


def test_fail_fast_stops_at_the_first_bad_file(augcli, work, tree):
    tree(work / "in", {"cat/bad.png": b""})
    done = augcli("run", "spec.yaml", "in", "out", "--fail-fast", cwd=work)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "cat/bad.png: the file is empty",
        "stopped at the first failure, as --fail-fast asks",
    ]
    assert not (work / "out" / "manifest.csv").exists()


def test_a_resize_to_a_side_of_a_million_fails_in_our_own_words(augcli, work, tree):
    tree(work / "in", {"cat/thin.png": np.zeros((20_000, 1), np.uint8)})
    (work / "spec.yaml").write_text("pipeline: [{resize: {size: 64}}]\n")
    done = augcli("run", "spec.yaml", "in", "out", cwd=work)
    row = next(row for row in rows_of(work / "out") if row["source"] == "cat/thin.png")
    assert (done.returncode, row["status"]) == (1, "failed")
    assert "please report it" not in row["error"]
    # Only our own lines: what is told of the source, and the summary.
    assert len(done.stderr.splitlines()) == 2


def test_a_webp_wider_than_its_format_allows_fails_in_our_own_words(augcli, work, tree):
    tree(work / "in", {"cat/wide.png": np.zeros((4, 16_400), np.uint8)})
    (work / "spec.yaml").write_text(FLIP + "output: {format: webp}\n")
    done = augcli("run", "spec.yaml", "in", "out", cwd=work)
    row = next(row for row in rows_of(work / "out") if row["source"] == "cat/wide.png")
    assert (done.returncode, row["status"]) == (1, "failed")
    assert "please report it" not in row["error"]


# --- names

NAMES = {
    "NA/plain.png": "NA/plain_aug000.png",
    "007/null.png": "007/null_aug000.png",
    "007/nan.png": "007/nan_aug000.png",
    "odd/with,comma.png": "odd/with,comma_aug000.png",
    'odd/with"quote.png': 'odd/with"quote_aug000.png',
    "odd/with\nnewline.png": "odd/with\nnewline_aug000.png",
    "odd/with\rreturn.png": "odd/with\rreturn_aug000.png",
    "odd/with\r\nboth.png": "odd/with\r\nboth_aug000.png",
    "odd/with\x1b[31mescape.png": "odd/with\x1b[31mescape_aug000.png",
    "odd/with\\backslash.png": "odd/with\\\\backslash_aug000.png",
    "odd/ with spaces .png": "odd/ with spaces _aug000.png",
    "odd/=cmd.png": "odd/=cmd_aug000.png",
    "odd/日本\u2028語.png": "odd/日本\u2028語_aug000.png",
    os.fsdecode(b"odd/caf\xe9.png"): "odd/caf\\xE9_aug000.png",
    "odd/" + "n" * 244 + ".png": "odd/" + "n" * 244 + "_aug000.png",
    "odd/" + "é" * 122 + ".png": "odd/" + "é" * 122 + "_aug000.png",
    "class\nof\rtwo/a.png": "class\nof\rtwo/a_aug000.png",
}
TOO_LONG = "odd/" + "m" * 251 + ".png"


def escaped(name: str) -> str:
    """Write a name as the manifest does."""
    doubled = name.replace("\\", "\\\\").encode("utf-8", "surrogateescape")
    return doubled.decode("utf-8", "backslashreplace").replace("\\xe9", "\\xE9")


@pytest.fixture(scope="module")
def named(tmp_path_factory, tree, photo, augcli):
    """Run a folder of strange names once."""
    work = tmp_path_factory.mktemp("named")
    files = {name: photo((12, 9), seed) for seed, name in enumerate([*NAMES, TOO_LONG])}
    try:
        tree(work / "in", files)
    except OSError as error:  # macOS takes only UTF-8
        pytest.skip(f"this file system does not take such names ({error.strerror})")
    (work / "spec.yaml").write_text(FLIP)
    return work, augcli("run", "spec.yaml", "in", "out", cwd=work)


def test_strange_names_run_through(named):
    work, done = named
    assert done.returncode == 1  # for the one name that is too long
    for name, written in NAMES.items():
        on_disk = written.replace("\\xE9", os.fsdecode(b"\xe9")).replace("\\\\", "\\")
        assert (work / "out" / on_disk).is_file(), name
    said = [line for line in done.stderr.splitlines() if "m" * 251 in line]
    assert said == [f"{TOO_LONG}: the name is too long: its outputs would need 262 of 255 bytes"]
    # One line for it and one for the summary: no name broke a line.
    assert len(done.stderr.splitlines()) == 2


def test_strange_names_read_back_with_csv_and_with_pandas(named):
    work, _ = named
    rows = rows_of(work / "out")
    table = pandas.read_csv(work / "out" / "manifest.csv", dtype=str, keep_default_na=False)
    assert table.to_dict("records") == rows
    assert {row["source"]: row["file_name"] for row in rows if row["status"] == "augmented"} == {
        escaped(name): written for name, written in NAMES.items()
    }
    assert {row["label"] for row in rows} == {"NA", "007", "odd", "class\nof\rtwo"}


def test_the_manifest_is_sorted_by_the_bytes_of_the_source(named):
    work, _ = named
    names = sorted([*NAMES, TOO_LONG], key=os.fsencode)
    assert [row["source"] for row in rows_of(work / "out")] == [escaped(name) for name in names]


def test_strange_names_verify(named, augcli):
    work, _ = named
    done = augcli("verify", "out", cwd=work)
    assert (done.returncode, done.stdout) == (0, "")
    (work / "out" / "odd" / "with\nnewline_aug000.png").unlink()
    done = augcli("verify", "out", cwd=work)
    assert (done.returncode, done.stdout) == (1, "missing: odd/with\\nnewline_aug000.png\n")


def test_control_characters_in_the_folders_given_never_reach_the_terminal(augcli, work):
    (work / "in").rename(work / "in\x1b[31m")
    done = augcli("run", "spec.yaml", "in\x1b[31m", "out\x1b[31m\n", cwd=work)
    assert done.returncode == 0
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = augcli("check", "spec.yaml", "in\x1b[31m", cwd=work)
    assert "\x1b" not in done.stdout + done.stderr


def test_a_spec_and_folders_whose_names_are_not_utf_8(augcli, work):
    spec, source, out = (os.fsdecode(name) for name in (b"sp\xe9c.yaml", b"\xefn", b"\xf6ut"))
    (work / "spec.yaml").rename(work / spec)
    (work / "in").rename(work / source)
    for arguments in (["check", spec, source], ["run", spec, source, out], ["verify", out]):
        done = augcli(*arguments, cwd=work, env={"PYTHONIOENCODING": "utf-8:strict"})
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_two_sources_that_ask_for_one_name_both_get_an_output(augcli, tmp_path, tree, photo):
    names = ["a.jpg", "a.png", "A.png", "caf\u00e9.png", "cafe\u0301.png", "a_aug000.jpg"]
    tree(tmp_path / "in" / "cat", {name: photo(seed=seed) for seed, name in enumerate(names)})
    (tmp_path / "spec.yaml").write_text(FLIP + "include_originals: true\n")
    assert augcli("run", "spec.yaml", "in", "out", cwd=tmp_path).returncode == 0
    rows = rows_of(tmp_path / "out")
    written = [row["file_name"] for row in rows]
    assert len({name.casefold() for name in written}) == len(written) == 2 * len(names)
    assert all((tmp_path / "out" / name).is_file() for name in written)


def test_other_libraries_say_nothing_to_the_terminal(augcli, work, photo):
    """Pillow's logger, its libtiff and OpenCV's WebP reader all have words of their own for damaged files."""
    whole = encoded(photo((160, 120)), "TIFF", compression="tiff_lzw")
    (work / "in/cat/lzw.tif").write_bytes(whole[:200] + b"\xff" * 300 + whole[500:])
    samples = whole.replace(struct.pack("<HHIH", 277, 3, 1, 3), struct.pack("<HHIH", 277, 3, 1, 65535))
    assert samples != whole
    (work / "in/cat/samples.tif").write_bytes(samples)
    webp = encoded(photo((160, 120)), "WEBP")
    (work / "in/cat/broken.webp").write_bytes(webp[:40] + b"\xff" * 60 + webp[100:])
    done = augcli("run", "-q", "spec.yaml", "in", "out", cwd=work)
    assert done.stdout == ""
    for line in done.stderr.splitlines():
        assert line.startswith("cat/"), line
    assert len(done.stderr.splitlines()) >= 2
