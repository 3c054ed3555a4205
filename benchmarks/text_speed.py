"""How many outputs a second of CPU gives, for texts of 20 and of 200 words, beside nlpaug and EDA's own code.

`python text_speed.py TEXTS [--nlpaug PYTHON] [--eda PYTHON:EDA.PY]`: TEXTS is a file with one text in a line, whose
words are put together anew. The others run in environments of their own, with NLTK's WordNet in NLTK_DATA, and with the
data of its tagger, which nlpaug asks about every word; the package `textblob-aptagger` has these weights as a pickle.

Contestants take turns, round after round. In process: 4 copies of each text, start-up and the first text left out.
Whole: all of the process tree, from the interpreter's start to the file that is written, for `augcli run -j 1` with its
manifest. A ratio is the median over rounds of augcli's outputs a second to the other's in the same round.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from compare import taken_by

COPIES = 4
STEPS = ("eda", "synonym_replacement", "word_dropout", "keyboard_typos")
TEXTS = {20: 600, 200: 80}
"""How many texts of so many words."""
SPEC = "copies: 4\npipeline: [{step}]\n"


def augcli(step: str) -> Callable[[str], Iterable[str]]:
    from augcli.modality.texts.copies import Copies
    from augcli.spec import loading
    from augcli.text.text import Text

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(SPEC.format(step=step), encoding="utf-8")
        spec = loading.load(path)

    def made(text: str) -> list[str]:
        copies = Copies(spec, "train", [Text(text, (), spec.text)], ("",), "")
        return [copies.drawn(number).texts[0].string for number in range(COPIES)]

    return made


def nlpaug(name: str) -> Callable[[str], Iterable[str]]:
    import nlpaug.augmenter.word as naw

    augmenter = naw.SynonymAug(aug_src="wordnet", aug_p=0.1)
    return lambda text: augmenter.augment(text, n=COPIES)


def eda(path: str) -> Callable[[str], Iterable[str]]:
    sys.path.insert(0, str(Path(path).parent))
    module = __import__(Path(path).stem)
    return lambda text: module.eda(text, num_aug=COPIES)[:-1]  # the last is the original; as many are thrown away


CONTESTANTS = {"augcli": augcli, "nlpaug": nlpaug, "eda_nlp": eda}


def inner(contestant: str, what: str, texts: Path, target: Path) -> None:
    """Make all copies, write them, and print how many there are for each second of CPU."""
    with texts.open(encoding="utf-8", newline="") as file:
        rows = [row["text"] for row in csv.DictReader(file)]
    made = CONTESTANTS[contestant](what)
    list(made(rows[0]))
    random.seed(1)
    started = time.process_time()
    found = [list(made(row)) for row in rows[1:]]
    seconds = time.process_time() - started
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([copy] for copies in found for copy in copies)
    target.with_suffix(".rate").write_text(str(sum(map(len, found)) / seconds), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--nlpaug", metavar="PYTHON")
    parser.add_argument("--eda", metavar="PYTHON:EDA.PY")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    words = given.texts.read_text(encoding="utf-8").split()
    peers = [("nlpaug", given.nlpaug, "SynonymAug")] if given.nlpaug else []
    peers += [("eda_nlp", *given.eda.split(":"))] if given.eda else []
    contestants = [("augcli", sys.executable, step) for step in STEPS] + peers
    work = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        for length, count in TEXTS.items():
            data = work / "in"
            data.mkdir(exist_ok=True)
            endless = itertools.cycle(words)
            with (data / "train.csv").open("w", encoding="utf-8", newline="") as file:
                texts = (" ".join(itertools.islice(endless, length)) for _ in range(count))
                csv.writer(file).writerows([["text"], *([text] for text in texts)])
            compare(work, data, count, contestants, given.rounds, length)
    finally:
        shutil.rmtree(work)


def compare(
    work: Path, data: Path, count: int, contestants: list[tuple[str, str, str]], rounds: int, length: int
) -> None:
    inside: dict[str, list[float]] = {}
    whole: dict[str, list[float]] = {}
    (work / "spec").mkdir(exist_ok=True)
    for _ in range(rounds):
        for name, python, what in contestants:
            label, target = f"{name} {Path(what).stem}", work / "made.csv"
            command = [python, __file__, "--inner", name, what, str(data / "train.csv"), str(target)]
            taken = taken_by(command)
            inside.setdefault(label, []).append(float(target.with_suffix(".rate").read_text(encoding="utf-8")))
            if name == "augcli":
                spec, out = work / "spec" / f"{what}.yaml", work / "out"
                spec.write_text(SPEC.format(step=what), encoding="utf-8")
                shutil.rmtree(out, ignore_errors=True)
                taken = taken_by([python, "-m", "augcli", "run", str(spec), str(data), str(out), "-j", "1", "-q"])
            whole.setdefault(label, []).append(count * COPIES / taken.cpu)
    print(f"\n{count} texts of {length} words, {COPIES} copies, {rounds} rounds; outputs per second of CPU:\n")
    print("| | in process | whole | augcli eda = 1, in process (least to most) | synonym_replacement = 1, in process |")
    print("|---|--:|--:|--:|--:|")
    for label, rates in inside.items():
        cells = [f"{statistics.median(rates):.0f}", f"{statistics.median(whole[label]):.0f}"]
        for step in ("eda", "synonym_replacement"):
            ratios = sorted(own / other for own, other in zip(inside[f"augcli {step}"], rates, strict=True))
            cells.append(f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})")
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inner"]:
        inner(*sys.argv[2:4], *map(Path, sys.argv[4:6]))
    else:
        main()
