"""Names of Keras that are not offered: why not, and what to write instead."""

from __future__ import annotations

from augcli.spec.dialects.entry import refuse

ENTRIES = refuse(
    {
        "RandomShear": (
            "slants about the upper left corner, by slopes",
            "write shear: {degrees: {x: 11.3, y: 0}}, a slope of 0.2 about the middle",
        ),
        "Equalization": ("has a formula of its own", "write equalize, which is Pillow's and torchvision's"),
        "RandAugment": ("has nothing but the name in common with the paper's", "write torchvision.RandAugment"),
        "AugMix": ("has operations and strengths of its own", "write augmix: {severity: 3, chain_depth: 3}"),
        "RandomPerspective": ("has a law of its own", "write perspective: {distortion_scale: 0.5}"),
        "RandomElasticTransform": ("has units of its own", "write elastic: {alpha: 60, sigma: 6}"),
        "RandomColorDegeneration": ("is another word for pale", "write saturation: {factor: [0, 1]}"),
        "ContrastLimitedAdaptiveHistogramEqualization": ("has units of its own", "write clahe: {clip_limit: 4}"),
        "RandomHeight": ("changes the size at random", "write zoom: {factor: {x: 0, y: 0.2}, keep_ratio: false}"),
        "RandomWidth": ("changes the size at random", "write zoom: {factor: {x: 0.2, y: 0}, keep_ratio: false}"),
        "RandomChannelShift": ("has a law of its own", "write channel_shift: {shift: 20}"),
        "RandomCutout": ("is another word for a box of one size", "write coarse_dropout: {holes: 1}"),
        "Mosaic": ("is no layer of Keras", "write mosaic"),
        "MaxNumBoundingBoxes": ("boxes are not read", "leave it out"),
    }
)
