"""Whether `eda` helps a linear classifier: accuracy with and without it on texts that it never saw.

`python text_helps.py TABLE.csv` in an environment with scikit-learn; the table has the columns `text` and `label`.
`--augcli PYTHON` names an environment with augcli. For each seed 200 texts a class are drawn for training and all
others are for testing; a text is in one of both only. The classifier is TF-IDF of words and pairs of words with
logistic regression, whose strength is chosen by cross-validation on the original texts alone, once for each seed.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

SPEC = """
seed: {seed}
copies: {copies}
include_originals: true
text: {{origin: false}}
pipeline:
  - eda: {{alpha_sr: {alpha}, alpha_ri: {alpha}, alpha_rs: {alpha}, p_rd: {alpha}}}
"""
CASES = [(4, 0.05), (8, 0.05), (4, 0.1), (8, 0.1)]
"""How many copies, and how much is changed."""


def written(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])


def read(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def features() -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def strength(train: list[tuple[str, str]]) -> float:
    model = make_pipeline(features(), LogisticRegression(max_iter=2000))
    search = GridSearchCV(model, {"logisticregression__C": [0.3, 1, 3, 10, 30]}, cv=5)
    search.fit(*zip(*train, strict=True))
    return float(search.best_params_["logisticregression__C"])


def accuracy(train: list[tuple[str, str]], test: list[tuple[str, str]], c: float) -> float:
    model = make_pipeline(features(), LogisticRegression(C=c, max_iter=2000))
    model.fit(*zip(*train, strict=True))
    return float(model.score(*zip(*test, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--augcli", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=200, help="of each class, for training")
    given = parser.parse_args()
    rows = sorted(dict(read(given.table)).items())
    found: dict[str, list[float]] = {}
    for seed in range(given.seeds):
        order = random.Random(seed).sample(rows, len(rows))
        train: list[tuple[str, str]] = []
        for label in sorted({label for _, label in rows}):
            train += [row for row in order if row[1] == label][: given.texts]
        chosen = set(train)
        test = [row for row in order if row not in chosen]
        c = strength(train)
        found.setdefault("originals", []).append(accuracy(train, test, c))
        # as often as with 8 copies, so that the same strength weighs what is alike
        found.setdefault("originals, 9 times", []).append(accuracy(train * 9, test, c))
        for copies, alpha in CASES:
            with tempfile.TemporaryDirectory() as folder:
                work = Path(folder)
                (work / "in").mkdir()
                written(work / "in" / "train.csv", train)
                (work / "spec.yaml").write_text(SPEC.format(seed=seed, copies=copies, alpha=alpha), encoding="utf-8")
                command = [given.augcli, "-m", "augcli", "run", str(work / "spec.yaml"), str(work / "in")]
                subprocess.run([*command, str(work / "out"), "-j", "1", "-q"], check=True, stderr=subprocess.DEVNULL)
                made = read(work / "out" / "train.csv")
            found.setdefault(f"{copies} copies, {alpha}", []).append(accuracy(made, test, c))
        print(f"seed {seed}: {len(train)} for training, {len(test)} for testing, C = {c:g}", file=sys.stderr)
    print("| training set | accuracy, % | standard deviation | against originals, points (least to most) |")
    print("|---|--:|--:|--:|")
    for name, scores in found.items():
        gains = sorted(100 * (one - other) for one, other in zip(scores, found["originals"], strict=True))
        gain = f"{statistics.mean(gains):+.2f} ({gains[0]:+.2f} to {gains[-1]:+.2f})"
        print(f"| {name} | {100 * statistics.mean(scores):.2f} | {100 * statistics.stdev(scores):.2f} | {gain} |")


if __name__ == "__main__":
    main()
