"""What goes wrong with one record of a table costs none of the others of its block."""

import csv

import augcli
from augcli.text.transforms.random_swap import RandomSwap


def test_a_row_that_somebody_edited_is_made_again(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "train.csv").write_text("text,label\n" + 'The good old film was here today,"a"\n' * 9)
    spec = {"pipeline": ["random_swap"], "copies": 2}
    augcli.run(spec, source, out)
    before = (out / "train.csv").read_bytes()
    manifest = out / "manifest.csv"
    manifest.write_text(manifest.read_text().replace('""edits"": [[', '""edits"": [[1', 1))
    (out / "train.csv").unlink()
    summary = augcli.run(spec, source, out)
    assert (summary.failures, summary.made, summary.kept) == ((), 1, 17)
    assert (out / "train.csv").read_bytes() == before


def test_a_record_that_cannot_be_made_fails_alone(tmp_path, monkeypatch):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    lines = [f"The good old film number {number} was here today\n" for number in range(9)]
    (source / "train.csv").write_text("text\n" + "".join(lines))
    real = RandomSwap.sample

    def failing(self, stream, text):
        if "number 4" in text.string:
            raise IndexError
        return real(self, stream, text)

    monkeypatch.setattr(RandomSwap, "sample", failing)
    summary = augcli.run({"pipeline": ["random_swap"], "copies": 2}, source, out, jobs=1)
    (failure,) = summary.failures
    assert (failure.source, failure.reason[:22]) == ("train.csv#5", "could not be processed")
    with (out / "train.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 8 * 2
