"""Whether balanced copies raise the recall of a small class: scikit-learn's digits, one class ten times smaller.

Five ways to train a small CNN, with the same number of steps each, over some seeds. A seed decides which class is
small, which of its images are left, and how the net begins. `repeated` is the honest control: the small class as often
as the others, without any augmentation. `copies, repeated` tells apart what augmentation and what balance adds.

    python benchmarks/balance_helps.py            needs scikit-learn and torch
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import PIL.Image
import torch
from sklearn.datasets import load_digits

LARGE, SMALL, SIDE = 40, 4, 24
"""Images of a class and of the small one; the pixels of a side, of 8 in the set."""
STEPS, BATCH = 500, 64
PIPELINE = """
include_originals: true
pipeline:
  - affine: {degrees: 12, translate: {x: 0.08, y: 0.08}, scale: [0.85, 1.15], shear: 8}
  - color_jitter: {brightness: 0.2, contrast: 0.2}
"""
COPIES = "copies: 4\n"
BALANCED = "copies: 4\nbalance: {to: largest, at_most: 100}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    start = time.perf_counter()
    found: dict[str, list[tuple[float, float]]] = {}
    images: Counter[str] = Counter()
    for seed in range(seeds):
        for arm, score, number in trained(seed):
            found.setdefault(arm, []).append(score)
            images[arm] += number
            print(f"seed {seed}, {arm}: recall {score[0]:.3f}, accuracy {score[1]:.3f}", file=sys.stderr, flush=True)
    print(f"| trained on | images | recall of the small class | accuracy of all | seeds |\n{'|---' * 5}|")
    for arm, scores in found.items():
        told = (f"{100 * mean(column):.1f} % (sd {100 * stdev(column):.1f})" for column in zip(*scores, strict=True))
        print(f"| {arm} | {images[arm] // seeds} | {' | '.join(told)} | {seeds} |")
    for arm, scores in found.items():
        more = [100 * (best[0] - other[0]) for best, other in zip(found["balanced copies"], scores, strict=True)]
        if any(more):
            print(f"balanced copies: {mean(more):+.1f} points of recall (sd {stdev(more):.1f}) on {arm}, seed by seed")
    print(f"\n{time.perf_counter() - start:.0f} s; the accuracy is the mean of the recalls of the ten classes")


def trained(seed: int) -> Any:
    """Give for each arm its name, the recall of the small class with the mean recall of all, and how many images."""
    numbers, labels = load_digits(return_X_y=True)
    pictures = (numbers.reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    chance = random.Random(seed)
    small = seed * 3 % 10
    by_class = {label: chance.sample(places := [*np.flatnonzero(labels == label)], len(places)) for label in range(10)}
    train = {label: places[: SMALL if label == small else LARGE] for label, places in by_class.items()}
    test = [place for places in by_class.values() for place in places[LARGE:]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, places in train.items():
            (folder / "in" / str(label)).mkdir(parents=True)
            for place in places:
                as_picture(pictures[place]).save(folder / "in" / str(label) / f"{place}.png")
        for arm, text in (("copies", COPIES), ("balanced", BALANCED)):
            (folder / f"{arm}.yaml").write_text(f"seed: {seed}\nlayout: classes\n{text}{PIPELINE}")
            command = [sys.executable, "-m", "augcli", "run", folder / f"{arm}.yaml", folder / "in", folder / arm, "-q"]
            subprocess.run(command, check=True)
        originals, copies, balanced = (loaded(folder / arm) for arm in ("in", "copies", "balanced"))
    held_out = tensors([as_picture(pictures[place]) for place in test], [int(labels[place]) for place in test])
    arms = {
        "originals": originals,
        "originals, the small class repeated": repeated(originals, small),
        "copies of all": copies,
        "copies of all, the small class repeated": repeated(copies, small),
        "balanced copies": balanced,
    }
    for arm, data in arms.items():
        yield arm, scores(net(seed, data), held_out, small), len(data[1])


def as_picture(numbers: Any) -> PIL.Image.Image:
    return PIL.Image.fromarray(numbers).resize((SIDE, SIDE), PIL.Image.Resampling.BICUBIC)


def loaded(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    files = sorted(folder.glob("*/*.png"))
    return tensors([PIL.Image.open(path).convert("L") for path in files], [int(path.parent.name) for path in files])


def tensors(pictures: list[PIL.Image.Image], labels: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    stacked = np.stack([np.asarray(picture) for picture in pictures])[:, None].astype(np.float32) / 255
    return torch.from_numpy(stacked), torch.tensor(labels)


def repeated(data: tuple[torch.Tensor, torch.Tensor], small: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a set with the small class as often as each other one is there."""
    images, labels = data
    own = (labels == small).nonzero()[:, 0]
    most = int(torch.bincount(labels).max())
    places = torch.cat([(labels != small).nonzero()[:, 0], own.repeat(-(-most // len(own)))[:most]])
    return images[places], labels[places]


def net(seed: int, data: tuple[torch.Tensor, torch.Tensor]) -> torch.nn.Module:
    """Train a small CNN; the order of the images follows from the seed."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        *(torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.BatchNorm2d(16), torch.nn.ReLU(), torch.nn.MaxPool2d(2)),
        *(torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.BatchNorm2d(32), torch.nn.ReLU(), torch.nn.MaxPool2d(2)),
        *(torch.nn.Flatten(), torch.nn.Linear(32 * (SIDE // 4) ** 2, 10)),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    images, labels = data
    order: list[int] = []
    for step in range(STEPS):
        if len(order) < BATCH:
            order += torch.randperm(len(labels)).tolist()
        batch, order = order[:BATCH], order[BATCH:]
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - step / STEPS)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
    return model.eval()


def scores(model: torch.nn.Module, held_out: tuple[torch.Tensor, torch.Tensor], small: int) -> tuple[float, float]:
    images, labels = held_out
    with torch.no_grad():
        right = model(images).argmax(1) == labels
    recalls = [float(right[labels == label].float().mean()) for label in range(10)]
    return recalls[small], mean(recalls)


if __name__ == "__main__":
    main()
