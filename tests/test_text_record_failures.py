"""What goes wrong with one record of a table stops none of the others of its block."""

import csv

import augcli


def test_an_edited_row_fails_its_record_alone(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "train.csv").write_text("text,label\n" + 'The good old film was here today,"a"\n' * 9)
    spec = {"pipeline": ["random_swap"], "copies": 2}
    augcli.run(spec, source, out)
    manifest = out / "manifest.csv"
    manifest.write_text(manifest.read_text().replace('""edits"": [[', '""edits"": [[1', 1))
    (out / "train.csv").unlink()
    failed = augcli.run(spec, source, out).failures
    assert [failure.source for failure in failed] == ["train.csv#1"]
    with open(out / "train.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 8 * 2
