"""An image folder as a dataset of PyTorch, augmented while it is read: each epoch has a copy of its own of each image.

It needs PyTorch, which is imported when `augcli.torch` is first used.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch.utils.data import Dataset

from augcli.api.arguments import whole_number
from augcli.api.augmenter import Augmented, Augmenter
from augcli.api.copies import in_colour, planes
from augcli.api.specs import SpecLike
from augcli.problems import Problem, Refused, Unusable, counted, listed

__all__ = ["AugmentedFolder"]


def __dir__() -> list[str]:
    return __all__


class AugmentedFolder(Dataset[tuple[Any, Any]]):
    """The images of a folder with what is known of them, augmented: their classes, or their objects.

    An item is `(image, target)`. The image is a tensor (3, H, W) uint8, or float32 where the spec has `output: {format:
    npy}`; grey is repeated, and what is transparent is laid over the spec's background. The target is the number of the
    class; where the spec mixes images, it is a tensor (classes,) float32 with the share of each class. `classes`,
    `class_to_idx`, `samples` (or `imgs`) and `targets` are those of `torchvision.datasets.ImageFolder`, in its order.

    Of a set with labels (YOLO, COCO, Pascal VOC...) the target is a mapping, as torchvision's detection models take it:
    `boxes` (N, 4) float32, left, top, right, bottom in pixels; `labels` (N,) int64; `image_id`; where the set has such,
    `masks` (N, H, W) uint8, `keypoints` (N, K, 3) float32, and `mask`, the label image. The classes are numbered from
    1 in the set's order; 0, `__background__`, is none of them. Batches need a `collate_fn`: `lambda b: tuple(zip(*b))`.

    In epoch e each image is its copy e, with the pixels that `run` encodes. A split has the steps that the spec gives
    it.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        spec: SpecLike,
        transform: Callable[[torch.Tensor], Any] | None = None,
        *,
        split: Literal["train", "val", "test"] | None = None,
        follow_links: bool = False,
    ) -> None:
        """Take the folder of a split, `in/train`, an IN without splits, or one with them and which one is meant.

        `transform` gets each image's tensor. Raises `SpecError`, and `Refused` where `root` is not what `run` would
        read.
        """
        self.augmenter = Augmenter(spec, root, split=split, follow_links=follow_links)
        self.transform = transform
        assert self.augmenter.images is not None
        folder, named, sources, _ = self.augmenter.images
        if not named and split is None and (splits := sorted({source.split for source in sources if source.split})):
            what = f"{os.fspath(root)}: holds {listed(splits)}, and a dataset is one split"
            raise Refused(Problem(what, 'give its name: split="train"'))
        chosen = [one for one in sources if (one.role == split if split is not None else one.split == named)]
        chosen.sort(key=lambda source: (source.label, *os.path.split(source.path)))
        names = self.augmenter.class_names()
        labels = {source.label for source in (sources if self.augmenter.spec.split.is_on else chosen)}
        self.has_labels = any(source.labels for source in chosen)
        self.classes = ["__background__", *names] if self.has_labels else sorted(labels)
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
        self.targets = [self.class_to_idx.get(source.label, 0) for source in chosen]
        self.samples = [
            (os.path.join(folder, source.path), target) for source, target in zip(chosen, self.targets, strict=True)
        ]
        self.imgs = self.samples
        self._keys = [source.path for source in chosen]
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    @property
    def epoch(self) -> int:
        """The epoch, from 0: the number of the copy that each image is."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Go to an epoch, before its first batch is asked for, as with DistributedSampler.

        All workers of a loader hear of it, those that persist, too.
        """
        self._epoch.fill_(whole_number("epoch", epoch, 0))

    def __repr__(self) -> str:
        images, classes = counted(len(self), "image"), len(self.classes)
        number = f"{classes} class" if classes == 1 else f"{classes} classes"
        return f"<AugmentedFolder: {images}, {number}, split {self.augmenter.split}, epoch {self.epoch}>"

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return the image and its target. Raises `Unusable` where a run would have a `failed` row."""
        key, target = self._keys[index], self.targets[index]
        try:
            made = self.augmenter.read(key, self.epoch)
        except Unusable as unusable:
            raise Unusable(f"{key}: {unusable}") from None
        image = torch.from_numpy(planes(in_colour(self.augmenter.spec, made.image)))
        shown = image if self.transform is None else self.transform(image)
        return shown, self._objects(made, index) if self.has_labels else self._shares(made.soft_label, target)

    def _objects(self, made: Augmented, index: int) -> dict[str, Any]:
        target: dict[str, Any] = {"image_id": index}
        if made.boxes is not None and made.labels is not None:
            numbers = [self.class_to_idx[name] for name in made.labels]
            target |= {
                "boxes": torch.from_numpy(made.boxes).float(),
                "labels": torch.tensor(numbers, dtype=torch.int64),
            }
        if made.masks is not None:
            target["masks"] = torch.from_numpy(made.masks).to(torch.uint8)
        if made.keypoints is not None:
            target["keypoints"] = torch.from_numpy(made.keypoints).float()
        if made.mask is not None:
            target["mask"] = torch.from_numpy(made.mask)
        return target

    def _shares(self, soft_label: Any, target: int) -> Any:
        if not self.augmenter.mixes:
            return target
        shares = torch.zeros(len(self.classes))
        for name, share in (soft_label or {self.classes[target]: 1.0}).items():
            shares[self.class_to_idx[name]] = share
        return shares

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._epoch.share_memory_()  # for workers of whoever loaded it from a pickle
