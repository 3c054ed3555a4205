"""Names of torchvision that are not offered: why not, and what to write instead."""

from __future__ import annotations

from augcli.spec.dialects.entry import refuse

ENTRIES = refuse(
    {
        "FiveCrop": ("makes five images of one", "write random_crop: {size: 224}, and set copies"),
        "TenCrop": ("makes ten images of one", "write random_crop: {size: 224} and horizontal_flip, and set copies"),
        "Lambda": ("a function cannot be written in a spec", "augcli show lists the transforms"),
        "LinearTransformation": ("needs a matrix of the whole data set", "leave it out: training code does it"),
        "RandomZoomOut": (
            "changes the size at random",
            "write zoom: {factor: {x: [1, 4], y: [1, 4]}, p: 0.5}, on the same canvas",
        ),
        "RandomPhotometricDistort": ("its order is its own", "write color_jitter and channel_shuffle"),
        "RandomShortestSize": (
            "changes the size at random",
            "write torchvision.Resize: {size: 224}, or zoom on the same canvas",
        ),
        "RandomResize": (
            "changes the size at random",
            "write torchvision.Resize: {size: 224}, or zoom on the same canvas",
        ),
        "ScaleJitter": (
            "changes the size at random",
            "write zoom: {factor: {x: [0.5, 2], y: [0.5, 2]}}, on the same canvas",
        ),
        "RandomIoUCrop": ("crops by boxes, which are not read", "write random_resized_crop: {size: 224}"),
        "RandomSizedCrop": (
            "is another word for RandomResizedCrop",
            "write torchvision.RandomResizedCrop: {size: 224}",
        ),
        "Scale": ("is another word for Resize", "write torchvision.Resize: {size: 224}"),
        "ToPILImage": ("makes no other picture", "leave it out"),
        "RGB": ("images are RGB anyway", "leave it out"),
        "Mosaic": ("is no transform of torchvision", "write mosaic"),
    }
)
