"""Small data sets of texts, the same texts in every layout."""

import csv
import json
import random
from pathlib import Path

SUBJECTS = ("The movie", "My old phone", "This little book", "The new café", "Our hotel room", "The evening train")
VERBS = ("surprised", "annoyed", "delighted", "disappointed", "amused", "bored")
ENDINGS = (
    "and I would never have expected that.",
    "because the service was quick, friendly and honest;\nwe will come back!",
    'although many people said "wait a while", and they were right.',
    "not only once, but every single day of our long journey.",
    "for $5.00 a day (see https://example.com/a?b=1 &amp; ask for {name}).",
)


def texts(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Return texts with their classes, all of them different."""
    rng = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        words = rng.choice(SUBJECTS), rng.choice(VERBS), f"customer {len(found)}", rng.choice(ENDINGS)
        found[" ".join(words)] = rng.choice(("neg", "pos"))
    return list(found.items())


def as_classes(root: Path, given: list[tuple[str, str]]) -> Path:
    for number, (text, label) in enumerate(given):
        path = root / "train" / label / f"{number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{text}\n".encode())
    return root


def as_csv(root: Path, given: list[tuple[str, str]], name: str = "train.csv") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    with (root / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows([f"{number:05d}", *both] for number, both in enumerate(given))
    return root


def as_json_lines(root: Path, given: list[tuple[str, str]]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"text": text, "label": label, "n": 1.50}) + "\n" for text, label in given]
    (root / "train.jsonl").write_text("".join(lines), encoding="utf-8")
    return root


LAYOUTS = {"classes": as_classes, "csv": as_csv, "jsonl": as_json_lines}
