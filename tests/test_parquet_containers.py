"""Parquet as a container: what is written is read back, the same bytes each time, a row group in memory at most."""

import errno
import io
import json
import subprocess
import sys

import numpy as np
import PIL.Image
import pyarrow.parquet
import pytest

from augcli.output.containers import Sample, Stored
from augcli.output.containers.arrays import array_of
from augcli.output.containers.parquet import BYTES_OF_A_GROUP, ROWS_OF_A_GROUP, Parquet
from augcli.output.manifest import Row
from augcli.problems import Unusable
from tests.commands import ROOT, command
from tests.test_runs import tree

CLASSES = ["cat", "d\\og\udce9"]


def row(**fields):
    return Row(**{**dict.fromkeys(Row._fields, ""), "width": "3", "height": "2", **fields})


def samples():
    box = {"class": "cat", "box": [1.0, 2.0, 3.5, 4.0], "polygons": [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], []]}
    pose = {"class": "hen", "corners": [0.5] * 8, "lines": [[1.0, 2.0]], "keypoints": [1.0, 2.0, 2.0]}
    original = row(source="cat/a\udce9.jpg", label="cat")
    mixed = row(
        source="cat/b.png",
        copy="1",
        params='[{"step": "mixup"}]',
        soft_label='{"cat": 0.75, "d\\\\\\\\og\\\\xE9": 0.25}',
    )
    yield Sample("cat/a\udce9\\~", original, {"jpg": b"\xff\xd8"}, 0)
    yield Sample("b", mixed, {"png": b"P", "txt": b"0 1", "mask.png": b"M", "mask_1.tif": b""}, 1, [box, pose])
    yield Sample("c", row(source="c.jpg"), {"webp": b"", "xml": b"<a/>"}, None, [])


def written(of, classes=CLASSES):
    file = io.BytesIO()
    Parquet().write(file, of, classes)
    return file.getvalue()


def stored(data):
    return list(Parquet().read(io.BytesIO(data)))


def test_what_is_written_is_read_back_and_written_again_alike():
    data = written(samples())
    assert data == written(samples())
    found = stored(data)
    assert found == [(one.key, Stored(dict(one.files), one.objects)) for one in samples()]
    again = (
        one._replace(files=held.files, objects=held.objects) for one, (_, held) in zip(samples(), found, strict=True)
    )
    assert written(again) == data


def test_columns_are_those_that_loaders_of_hugging_face_know():
    table = pyarrow.parquet.read_table(io.BytesIO(written(samples())))
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert {*features} == {*table.column_names}
    assert features["image"] == {"_type": "Image"}
    assert features["label"] == {"names": ["cat", "d\\\\og\\xE9"], "_type": "ClassLabel"}
    assert features["objects"]["category"]["feature"] == features["label"]
    rows = table.to_pylist()
    assert [row["label"] for row in rows] == [0, 1, None]
    assert [row["soft_label"] for row in rows] == [None, [0.75, 0.25], None]
    assert [row["objects"] and row["objects"]["category"] for row in rows] == [None, [0, -1], []]
    assert [row["copy"] for row in rows] == [None, 1, None]
    assert rows[0]["source"] == "cat/a\\xE9.jpg"
    assert [one["path"] for one in rows[1]["masks"]] == ["b.mask.png", "b.mask_1.tif"]
    assert rows[1]["label_files"] == [{"bytes": b"0 1", "path": "b.txt"}]


def test_arrays_are_those_that_pyarrow_makes():
    number, text, binary = pyarrow.int64(), pyarrow.string(), pyarrow.binary()
    reals = pyarrow.list_(pyarrow.float64())
    file = pyarrow.struct([("bytes", binary), ("path", text)])
    for kind, values in (
        (number, [1, None, -(2**62)] * 5),
        (text, ["", None, "Größe", "a"]),
        (binary, [b"\xff", b"", None]),
        (reals, [[1.5], None, [], [2.0, None, -0.0]]),
        (pyarrow.list_(reals), [[[1.0], [], None], None, []] * 3),
        (file, [{"bytes": b"a", "path": None}, None, {"bytes": None, "path": "b"}]),
        (pyarrow.list_(file), [[{"bytes": b"a", "path": "c"}], None, []]),
        (number, []),
        (pyarrow.list_(text), []),
    ):
        made = array_of(kind, values)
        made.validate(full=True)
        assert made.equals(pyarrow.array(values, kind))


def test_pandas_is_not_loaded():
    code = (
        "import io, sys\n"
        "from augcli.output.containers import Sample\n"
        "from augcli.output.containers.parquet import Parquet\n"
        "from augcli.output.manifest import Row\n"
        "row = Row(**{**dict.fromkeys(Row._fields, ''), 'width': '1', 'height': '1'})\n"
        "file = io.BytesIO()\n"
        "Parquet().write(file, [Sample('a', row, {'jpg': b''}, 0, [])], ['a'])\n"
        "list(Parquet().read(file))\n"
        "print('pandas' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_row_groups_are_bounded_in_rows_and_in_bytes():
    one = Sample("a", row(source="a"), {"jpg": b"a"}, 0)
    large = one._replace(files={"jpg": bytes(BYTES_OF_A_GROUP // 2)})
    of = [one] * (2 * ROWS_OF_A_GROUP + 1) + [large] * 3
    about = pyarrow.parquet.read_metadata(io.BytesIO(written(iter(of))))
    assert [about.row_group(at).num_rows for at in range(about.num_row_groups)] == [100, 100, 2, 2]


def test_samples_are_asked_for_a_row_group_at_a_time():
    file, seen = io.BytesIO(), []

    def told():
        for number in range(4 * ROWS_OF_A_GROUP):
            seen.append(file.tell())
            yield Sample(str(number), row(source="a"), {"jpg": bytes(1000)}, 0)

    Parquet().write(file, told(), CLASSES)
    assert seen[-1] > 300_000


def test_nothing_to_hold_gives_a_table_without_rows():
    assert stored(written(())) == []


def test_a_file_that_is_cut_off_damaged_or_foreign_cannot_be_used():
    data = written(samples())
    foreign = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"image": ["a"], "masks": [1]}), foreign)
    damaged = data[:4] + bytes(200) + data[204:]
    for other in (b"", b"PAR1", data[:-1], data[: len(data) // 2], b"no table", foreign.getvalue(), damaged):
        with pytest.raises(Unusable):
            stored(other)


def test_a_full_disk_is_told_as_what_it_is():
    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() > 1000:
                raise OSError(errno.ENOSPC, "full")
            return super().write(data)

    with pytest.raises(OSError) as told:
        Parquet().write(Full(), [Sample("a", row(source="a"), {"jpg": bytes(5000)}, 0)] * 300, CLASSES)
    assert told.value.errno == errno.ENOSPC


def test_a_disk_that_cannot_be_read_is_told_as_what_it_is():
    class Failing(io.BytesIO):
        def read(self, *size):
            raise OSError(errno.EIO, "failing")

    with pytest.raises(OSError) as told:
        list(Parquet().read(Failing(written(samples()))))
    assert told.value.errno == errno.EIO


def test_an_error_of_the_samples_is_told_as_what_it_is():
    def told():
        yield from samples()
        raise OSError(errno.EIO, "gone")

    with pytest.raises(OSError) as found:
        written(told())
    assert found.value.errno == errno.EIO


SPEC = "copies: 2\noutput: {container: parquet, shard_size: 4}\npipeline: [horizontal_flip]\n"


@pytest.fixture
def made(tmp_path):
    draw = np.random.default_rng(1)
    for name in ("a/1", "a/2", "a/3", "b/1", "b/2"):
        path = tmp_path / "in" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(draw.integers(0, 255, (9, 12, 3), np.uint8)).save(path)
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def test_without_pyarrow_the_command_for_pip_is_told(made):
    code = (
        "import importlib.metadata as metadata\n"
        "real = metadata.distribution\n"
        "metadata.distribution = lambda name: real({'pyarrow': 'not-installed'}.get(name, name))\n"
        "from augcli import cli\n"
        "cli.main()\n"
    )
    command = [sys.executable, "-c", code, "run", "spec.yaml", "in", "out"]
    done = subprocess.run(command, cwd=made, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, 'Parquet needs pyarrow\n  = help: pip install "augcli[parquet]"\n')
    assert not (made / "out").exists()


def run(folder, *arguments):
    done = command("run", "spec.yaml", "in", *arguments, cwd=folder)
    assert done.code == 0, done.said
    return done.said


def test_one_more_file_gives_all_another_name_and_makes_none_again(made):
    run(made, "out")
    names = [path.name for path in (made / "out").glob("*.parquet")]
    assert sorted(names) == [f"train-0000{at}-of-00003.parquet" for at in range(3)]
    for name in ("b/3", "b/4"):
        PIL.Image.new("RGB", (9, 8), 7).save(made / f"in/{name}.png")
    said = run(made, "out", "-v")
    assert "train-00000-of-00004.parquet: 4 kept\n" in said
    assert "4 images written to out" in said
    assert "10 were there already" in said
    run(made, "fresh")
    assert tree(made / "out") == tree(made / "fresh")
    for name in ("a/1", "b/3", "b/4"):
        (made / f"in/{name}.png").unlink()
    run(made, "out", "--overwrite")
    run(made, "fresh", "--overwrite")
    assert tree(made / "out") == tree(made / "fresh")
    assert not (made / "out/train-00003-of-00004.parquet").exists()


def test_a_run_says_by_what_version_of_pyarrow_its_bytes_are(made):
    run(made, "out")
    record = json.loads((made / "out/augcli.json").read_text(encoding="utf-8"))
    assert record["versions"]["pyarrow"] == pyarrow.__version__
    about = pyarrow.parquet.read_metadata(made / "out/train-00000-of-00003.parquet")
    assert about.created_by == f"parquet-cpp-arrow version {pyarrow.__version__}"
