"""Loads torchvision beside a CPU build of torch: its wheel is built for CUDA, and its own operators do not load."""

from typing import Any


def torchvision() -> Any:
    import torch

    operators = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision.transforms.v2
    import torchvision.transforms.v2.functional

    return torchvision
