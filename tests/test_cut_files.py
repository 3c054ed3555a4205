"""Files that end too soon: whole ones that lack their end marker, and cut ones, which a spec may accept."""

from __future__ import annotations

import csv
import io

import numpy as np
import PIL.Image
import pytest

from augcli.commands import run
from augcli.image import pictures
from augcli.problems import Unusable
from augcli.spec.loading import load


def encoded(image: np.ndarray | PIL.Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, PIL.Image.Image) else PIL.Image.fromarray(image)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.fixture
def busy() -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return np.asarray(PIL.Image.fromarray(noise).resize((320, 240), PIL.Image.Resampling.BICUBIC))


def jpegs(busy: np.ndarray) -> list[bytes]:
    image = PIL.Image.fromarray(busy)
    kinds = ({}, {"progressive": True}, {"subsampling": "4:4:4", "restart_marker_rows": 2})
    return [
        *(encoded(image, "JPEG", quality=90, **kind) for kind in kinds),
        encoded(image.convert("L"), "JPEG", quality=90),
        encoded(image.convert("CMYK"), "JPEG", quality=90),
    ]


def decoded(data: bytes, pitch: int = 1) -> np.ndarray:
    return pictures.decode(data, pictures.read_header(data, 100), pitch).image


def rest(data: bytes) -> np.ndarray:
    return pictures.decode_truncated(data, pictures.read_header(data, 100)).image


def is_refused(data: bytes) -> bool:
    with pytest.raises(Unusable) as unusable:
        decoded(data)
    return str(unusable.value).startswith("cut off: this ")


def test_a_jpeg_file_that_lacks_its_end_marker_alone_is_whole(busy):
    for whole in jpegs(busy):
        for missing in (1, 2):
            assert (decoded(whole[:-missing]) == decoded(whole)).all()
    assert (decoded(jpegs(busy)[0][:-2], pitch=2) == decoded(jpegs(busy)[0], pitch=2)).all()


def test_a_jpeg_file_that_is_cut_is_refused(busy):
    for whole in jpegs(busy):
        for length in (len(whole) // 2, len(whole) - 40, len(whole) - 5):
            assert is_refused(whole[:length])
    assert is_refused(jpegs(busy)[0][:-500] + bytes(500))  # space that was never written


def test_a_progressive_jpeg_file_that_ends_behind_a_scan_is_cut(busy):
    """No decoder warns: each scan that is there is whole."""
    whole = jpegs(busy)[1]
    starts = [at for at in range(len(whole)) if whole.startswith(b"\xff\xda", at)]
    tables = [whole.rfind(b"\xff\xc4", 0, start) for start in starts]
    for table in tables[2:]:
        assert is_refused(whole[:table])


def test_what_is_there_of_a_cut_file_can_be_read(busy):
    for whole in jpegs(busy)[:1] + jpegs(busy)[3:]:
        found = rest(whole[: len(whole) // 2])
        assert found.shape == decoded(whole).shape
        assert (found[:80] == decoded(whole)[:80]).all()
    for format in ("PNG", "BMP", "TIFF", "GIF"):
        options = {"interlace": 0} if format == "GIF" else {}
        whole = encoded(PIL.Image.fromarray(busy).quantize(64), format, **options)
        found, expected = rest(whole[: len(whole) * 2 // 3]), decoded(whole)
        rows = slice(160, None) if format == "BMP" else slice(0, 80)  # which is stored from the bottom
        assert (found[rows] == expected[rows]).all()


def test_damage_is_not_taken_for_a_cut(busy):
    for format in ("JPEG", "PNG"):
        whole = encoded(busy, format)
        damaged = whole[: len(whole) // 2] + b"\x55" * 60 + whole[len(whole) // 2 + 60 :]
        with pytest.raises(Unusable, match="damaged"):
            rest(damaged)


def test_a_png_file_without_its_last_chunk_or_checksum_is_whole(busy):
    whole = encoded(busy, "PNG")
    for missing in (1, 11, 12, 13, 16):
        assert (decoded(whole[:-missing]) == busy).all()
    assert is_refused(whole[: len(whole) // 2])
    assert is_refused(whole[:-40])


def test_the_spec_decides_about_cut_files_and_the_manifest_tells(tmp_path, tree, busy):
    whole = encoded(busy, "JPEG", quality=90)
    tree(tmp_path / "in", {"cat/half.jpg": whole[: len(whole) // 2], "cat/end.jpg": whole[:-2], "cat/whole.jpg": whole})
    told = {}
    for wanted in ("refuse", "accept"):
        text = f"pipeline: [{{horizontal_flip: {{p: 0}}}}]\ninput: {{truncated: {wanted}}}\n"
        (tmp_path / "spec.yaml").write_text(text)
        run.run(load(tmp_path / "spec.yaml"), tmp_path / "in", tmp_path / wanted, run.Options(quiet=True))
        with (tmp_path / wanted / "manifest.csv").open(encoding="utf-8", newline="") as file:
            told[wanted] = [(row["source"], row["status"], row["converted"]) for row in csv.DictReader(file)]
    whole_ones = [("cat/end.jpg", "augmented", ""), ("cat/whole.jpg", "augmented", "")]
    assert told["refuse"] == [whole_ones[0], ("cat/half.jpg", "failed", ""), whole_ones[1]]
    assert told["accept"] == [whole_ones[0], ("cat/half.jpg", "augmented", "truncated"), whole_ones[1]]
