"""Samples a second of augcli and its peers in the same DataLoader: pipeline A at 224, 2 workers, batches of 64.

Everyone reads JPEG photos of 500x375 with the decoder that its careful users take, and gives uint8 tensors. All loaders
live at once, with workers that persist; each makes a first epoch that does not count, and then one in turn, round after
round. CPU is that of the workers. A ratio is the median over rounds of augcli's value divided by a contestant's in the
same round. It runs in an environment with torch, torchvision and Albumentations: `make bench-loader`.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import albumentations as A  # noqa: N812  as all of its users write it
import cv2
import numpy as np
import PIL.Image
import torch
from albumentations.pytorch import ToTensorV2
from compare import HERE, MAKE
from peers import albumentations, torchvision_crop
from stub import torchvision
from torch.utils.data import DataLoader, Dataset

import augcli

SIDE, BATCH, WORKERS = 224, 64, 2
OURS = "**augcli.torch.AugmentedFolder**"
TICK = os.sysconf("SC_CLK_TCK")


class Photos(Dataset[tuple[Any, int]]):
    """Photos that `read` turns into tensors, each by its path and the number of the epoch."""

    def __init__(self, root: Path, read: Callable[[str, int], torch.Tensor]) -> None:
        self.root, self.read = root, read
        self.paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))
        self.epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        self.epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.read(self.paths[index], int(self.epoch)), index


def as_tensor(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)  # the batch is contiguous


def by_opencv(root: Path, path: str) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(root / path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


class Augcli(NamedTuple):
    """The Augmenter on arrays, for those who read photos themselves."""

    root: Path
    augmenter: augcli.Augmenter

    def __call__(self, path: str, epoch: int) -> torch.Tensor:
        return as_tensor(self.augmenter(by_opencv(self.root, path), path, epoch).image)


class Albumentations(NamedTuple):
    """As its documentation shows it, but for the means, which no one here subtracts."""

    root: Path
    steps: Any

    def __call__(self, path: str, epoch: int) -> torch.Tensor:
        return self.steps(image=by_opencv(self.root, path))["image"]  # type: ignore[no-any-return]


class Torchvision(NamedTuple):
    """Its steps on pictures of Pillow, or on tensors that are made of these first."""

    root: Path
    steps: Any
    on_tensors: bool
    to_tensor: Callable[[Any], torch.Tensor]

    def __call__(self, path: str, epoch: int) -> torch.Tensor:
        picture = PIL.Image.open(self.root / path).convert("RGB")
        if self.on_tensors:
            return self.steps(self.to_tensor(picture))  # type: ignore[no-any-return]
        return self.to_tensor(self.steps(picture))


def contestants(root: Path) -> dict[str, Any]:
    """Return the data sets by what they are called."""
    T = torchvision().transforms.v2  # noqa: N806  as all of its users write it
    to_tensor = T.functional.pil_to_tensor
    peer = A.Compose([albumentations("a", SIDE), ToTensorV2()])
    return {
        OURS: augcli.torch.AugmentedFolder(root, HERE / "a.yaml"),
        "augcli.Augmenter on arrays of OpenCV": Photos(root, Augcli(root, augcli.Augmenter(HERE / "a.yaml"))),
        "Albumentations, OpenCV": Photos(root, Albumentations(root, peer)),
        "torchvision v2 on Pillow": Photos(root, Torchvision(root, torchvision_crop(T, SIDE), False, to_tensor)),
        "torchvision v2 on tensors": Photos(root, Torchvision(root, torchvision_crop(T, SIDE), True, to_tensor)),
    }


def one_thread(_: int) -> None:
    """Let a worker use one thread, as torch does by itself and OpenCV does not."""
    cv2.setNumThreads(1)


class Running:
    """A loader and its workers."""

    def __init__(self, photos: Any) -> None:
        others = {*multiprocessing.active_children()}
        self.photos = photos
        self.loader = DataLoader(photos, BATCH, num_workers=WORKERS, persistent_workers=True, worker_init_fn=one_thread)
        self.epoch(0)
        self._workers = {*multiprocessing.active_children()} - others

    def epoch(self, number: int) -> float:
        """Return the seconds that an epoch takes."""
        self.photos.set_epoch(number)
        started, seen = time.perf_counter(), 0
        for images, _ in self.loader:
            assert images.shape[1:] == (3, SIDE, SIDE)
            assert images.dtype == torch.uint8
            seen += len(images)
        assert seen == len(self.photos)
        return time.perf_counter() - started

    def cpu(self) -> float:
        """Return the seconds of CPU that the workers have had."""
        stats = [Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split() for worker in self._workers]
        return sum(int(user) + int(system) for *_, user, system in (stat[:13] for stat in stats)) / TICK


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=512)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        root = Path(folder)
        samples = HERE.parent / "sample_data"
        subprocess.run([sys.executable, "-c", MAKE, samples, root, "500", "375", str(given.photos), ".jpg"], check=True)
        running = {label: Running(photos) for label, photos in contestants(root).items()}
        taken: dict[str, list[tuple[float, float]]] = {label: [] for label in running}
        for number in range(1, given.rounds + 1):
            for label, one in running.items():
                before = one.cpu()
                wall = one.epoch(number)
                taken[label].append((wall, one.cpu() - before))
    print(f"{given.photos} photos, {given.rounds} rounds, {WORKERS} workers, batches of {BATCH}\n")
    print("| | samples a second | augcli, times as many (least to most) | CPU of a sample, ms | times augcli's |")
    print("|---|--:|--:|--:|--:|")
    for label, rounds in taken.items():
        faster = sorted(wall / own for (wall, _), (own, _) in zip(rounds, taken[OURS], strict=True))
        dearer = statistics.median(cpu / own for (_, cpu), (_, own) in zip(rounds, taken[OURS], strict=True))
        wall, cpu = (statistics.median(values) for values in zip(*rounds, strict=True))
        cells = [f"{given.photos / wall:.0f}"]
        cells += [f"{statistics.median(faster):.2f} ({faster[0]:.2f} to {faster[-1]:.2f})"]
        cells += [f"{cpu / given.photos * 1e3:.2f}", f"{dearer:.2f}"]
        print(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
