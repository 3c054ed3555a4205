"""Parquet with a column of images as IN: what Hugging Face's `datasets` writes, and plain bytes of files."""

import json
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest

from augcli.dataset.containers import parquet_images
from augcli.dataset.listing import scan
from augcli.problems import Refused
from tests import buckets
from tests.commands import command
from tests.test_runs import augcli, jpeg, rows, write_spec
from tests.test_tar_input import PHOTOS, SPEC, files_of, loose, pack, params_of, png

CLASSES = ["cat", "dog"]


def features(**columns):
    return {b"huggingface": json.dumps({"info": {"features": columns}}).encode()}


HF = features(image={"_type": "Image"}, label={"_type": "ClassLabel", "names": CLASSES})


def write(path, metadata=None, rows_of_a_group=2, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table(columns).replace_schema_metadata(metadata)
    pyarrow.parquet.write_table(table, path, row_group_size=rows_of_a_group)
    return path


def images_of(split):
    return [(path.split("/")[1:], data) for path, data in PHOTOS.items() if path.startswith(split)]


def hugging_face(root):
    for split in ("train", "val"):
        found = images_of(split)
        image = [{"bytes": data, "path": name} for (_, name), data in found]
        label = [CLASSES.index(name) for (name, _), _ in found]
        write(root / f"data/{split}-00000-of-00001.parquet", HF, image=image, label=label)


def plain_bytes(root):
    for split in ("train", "val"):
        found = images_of(split)
        columns = {"id": [b"no image"] * len(found), "photo": [data for _, data in found]}
        write(root / split / "a.parquet", **columns, label=[name for (name, _), _ in found])


def test_images_in_a_table_become_what_they_become_as_files(tmp_path):
    spec = write_spec(tmp_path, SPEC)
    loose(tmp_path / "loose")
    augcli("run", spec, tmp_path / "loose", tmp_path / "wanted")
    hugging_face(tmp_path / "in")
    done = augcli("run", spec, tmp_path / "in", tmp_path / "out", "-j", 2)
    assert "read as 2 Parquet files, images in `image`, classes from column (`label`)" in done.stderr
    assert files_of(tmp_path / "out") == files_of(tmp_path / "wanted")
    assert params_of(tmp_path / "out") == params_of(tmp_path / "wanted")
    assert rows(tmp_path / "out")[0]["source"] == "data/train-00000-of-00001.parquet#00000000:0001.jpg"
    assert augcli("run", "--frozen", spec, tmp_path / "in", tmp_path / "out").returncode == 0
    gone = [tmp_path / "out" / name for name in ("train/cat/0001_aug000.jpg", "val/dog/0006.jpg")]
    for path in gone:
        path.unlink()
    assert augcli("replay", tmp_path / "out", tmp_path / "in").stderr == f"2 files of {tmp_path / 'out'} made again\n"
    planned = augcli("plan", spec, tmp_path / "in")
    assert "would fail" not in planned.stdout
    assert "  cat: 2 -> 6\n  dog: 2 -> 6" in augcli("check", spec, tmp_path / "in").stdout


def test_images_without_names_are_called_by_their_row(tmp_path):
    plain_bytes(tmp_path / "in")
    found = {source.path: source for source in scan(tmp_path / "in").sources}
    assert [*found][:2] == ["train/a.parquet#00000000.jpg", "train/a.parquet#00000001.jpg"]
    assert found["train/a.parquet#00000002.jpg"].name == "train/dog/a_00000002.jpg"
    done = augcli("run", write_spec(tmp_path, SPEC), tmp_path / "in", tmp_path / "out", check=False)
    assert done.returncode == 1  # the second is a PNG, and nothing says so
    (failed,) = [row for row in rows(tmp_path / "out") if row["status"] == "failed"]
    assert failed["source"] == "train/a.parquet#00000001.jpg"
    assert "PNG" in failed["error"]
    assert "output: {format: " in failed["error"]
    write_spec(tmp_path, SPEC + "output: {format: png}\n")
    assert augcli("run", "--overwrite", tmp_path / "spec.yaml", tmp_path / "in", tmp_path / "out").returncode == 0


def test_names_that_are_not_unique_are_no_names(tmp_path):
    image = [{"bytes": jpeg(n), "path": "image.jpg"} for n in range(2)] + [{"bytes": png(3), "path": "a/b.png"}]
    write(tmp_path / "x.parquet", image=image)
    found = [source.path for source in scan(tmp_path).sources]
    assert found == [f"x.parquet#0000000{row}.{suffix}" for row, suffix in enumerate(("jpg", "jpg", "png"))]


def test_rows_without_an_image_fail_and_no_other_does(tmp_path):
    image = [
        {"bytes": jpeg(1), "path": None},
        None,
        {"bytes": None, "path": "/far/away.jpg"},
        {"bytes": jpeg(4), "path": ""},
    ]
    write(tmp_path / "in/x.parquet", HF, image=image, label=[0, 1, 0, -1])
    spec = write_spec(tmp_path, "pipeline: [horizontal_flip]")
    augcli("run", spec, tmp_path / "in", tmp_path / "out", check=False)
    assert [row["error"] for row in rows(tmp_path / "out")] == [
        "",
        "null in the table",
        "the table has only the path of a file",
        "it has no class, and others of its split have one",
    ]


def test_a_table_is_read_forward_a_few_rows_at_a_time(tmp_path, monkeypatch):
    """In whichever order rows are asked for, they are right; in order, the column is read once."""
    data = [jpeg(n, 20, 20) for n in range(150)]
    path = write(tmp_path / "x.parquet", rows_of_a_group=70, image=[{"bytes": one, "path": None} for one in data])
    real, batches = pyarrow.parquet.ParquetFile.iter_batches, []

    def iter_batches(self, *args, **kwargs):
        for batch in real(self, *args, **kwargs):
            batches.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(pyarrow.parquet.ParquetFile, "iter_batches", iter_batches)
    assert [parquet_images.read(str(path), row) for row in range(150)] == data
    assert (sum(batches), max(batches)) == (150, 32)
    assert [parquet_images.read(str(path), row) for row in (149, 3, 100, 2)] == [data[n] for n in (149, 3, 100, 2)]


def refusal(root, layout="auto"):
    with pytest.raises(Refused) as refused:
        scan(root, layout)
    return str(refused.value)


def test_tables_without_images_are_refused_or_left_out(tmp_path):
    write(tmp_path / "x.parquet", text=["a"], label=[1])
    assert "no images in it" in refusal(tmp_path)
    assert refusal(tmp_path, "parquet") == (
        f"{tmp_path}: no images in its shards; 1 table without a column of images\n"
        "  = help: the column must be a struct of `bytes` and `path`, or the bytes of image files"
    )
    write(tmp_path / "y.parquet", image=[{"bytes": jpeg(1), "path": "a.jpg"}])
    assert scan(tmp_path).left_out == {"tables without a column of images": ["x.parquet"]}
    (tmp_path / "z.parquet").write_bytes(b"PAR1 and no more")
    assert refusal(tmp_path) == (
        f"{tmp_path}/z.parquet: cannot be read as Parquet\n  = help: copy or download it again, or move it out of IN"
    )
    (tmp_path / "z.parquet").unlink()
    pack(tmp_path / "0.tar", [("a.jpg", jpeg(1))])
    assert "images in tar files, such as `0.tar`, and in Parquet, such as `x.parquet`" in refusal(tmp_path)


def test_without_pyarrow_the_command_that_installs_it_is_told(tmp_path):
    write(tmp_path / "x.parquet", image=[{"bytes": jpeg(1), "path": "a.jpg"}])
    code = (
        "import sys; sys.modules['pyarrow'] = None\nfrom pathlib import Path\n"
        "from augcli.dataset.listing import scan\nfrom augcli.problems import Refused\n"
        f"try: scan(Path({str(tmp_path)!r}))\nexcept Refused as refused: print(refused)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'Parquet needs pyarrow\n  = help: pip install "augcli[parquet]"\n'


@pytest.mark.slow
def test_a_table_in_a_bucket_is_read_as_on_the_disk(tmp_path):
    hugging_face(tmp_path / "in")
    spec = write_spec(tmp_path, SPEC)
    augcli("run", spec, tmp_path / "in", tmp_path / "wanted")
    with buckets.server() as server:
        place = server.upload(tmp_path / "in", f"{server.bucket()}/in")
        done = command("run", spec, place, tmp_path / "out", **server.environment())
        assert done.code == 0, done.said
    assert files_of(tmp_path / "out") == files_of(tmp_path / "wanted")
