"""Names of Albumentations that are not offered: why not, and what to write instead."""

from __future__ import annotations

from augcli.spec.dialects.entry import refuse

_NOTHING_LIKE_IT = "augcli has nothing like it"
ENTRIES = refuse(
    {
        "OpticalDistortion": (
            "its lens has a term more, and another unit",
            "write optical_distortion: {distortion: 0.0375}, which bends a square as much as distort_limit: 0.05",
        ),
        "NoOp": ("does nothing", "leave it out; `one_of` does nothing in 1 - p of the cases"),
        "RandomScale": ("changes the size at random", "write zoom, on the same canvas"),
        "SafeRotate": ("shrinks the image into the canvas", "write rotate: {expand: true}, and resize after it"),
        "OneOrOther": (
            "is a choice of two",
            "write one_of: {steps: [horizontal_flip, rotate]}, with weight on each step",
        ),
        "RandomSizedCrop": ("crops by a height in pixels", "write random_resized_crop: {size: 224, scale: [0.5, 1]}"),
        "RandomCropFromBorders": (
            "changes the size at random",
            "write random_crop: {size: 224} or random_resized_crop: {size: 224}",
        ),
        "BBoxSafeRandomCrop": (
            "crops by a law of its own, to many sizes",
            "write random_resized_crop: {size: 224, keep: all_objects}",
        ),
        "RandomSizedBBoxSafeCrop": (
            "crops by a law of its own",
            "write random_resized_crop: {size: 224, keep: all_objects}",
        ),
        "CropNonEmptyMaskIfExists": ("crops by masks, which are not read", "write random_crop: {size: 224}"),
        "Crop": ("crops at a fixed place", "write center_crop: {size: 224} or random_crop: {size: 224}"),
        "CropAndPad": ("crops or pads each side by a share", "write zoom, on the same canvas, or pad: {padding: 16}"),
        "PixelDropout": ("drops single pixels", "write salt_and_pepper: {amount: 0.01, salt: 0}, for black ones"),
        "ChannelDropout": ("drops a whole channel", "write channel_shuffle or rgb_shift"),
        "FancyPCA": ("shifts colours along their main axes", "write rgb_shift or color_jitter"),
        "MultiplicativeNoise": (
            "multiplies by noise",
            "write gauss_noise or iso_noise, or brightness for a single factor",
        ),
        "AdditiveNoise": ("has laws of its own", "write gauss_noise or iso_noise"),
        "ShotNoise": ("has a law of its own", "write iso_noise"),
        "Emboss": ("has a kernel of its own", "write sharpen"),
        "UnsharpMask": ("has a kernel of its own", "write sharpen or sharpness"),
        "RingingOvershoot": ("has a kernel of its own", _NOTHING_LIKE_IT),
        "ToSepia": ("tints brown", f"{_NOTHING_LIKE_IT}; write grayscale or saturation: {{factor: [0, 0.5]}} for pale"),
        "Defocus": ("blurs by a disk", "write gaussian_blur"),
        "AdvancedBlur": ("blurs by a kernel of its own", "write gaussian_blur"),
        "GlassBlur": ("moves pixels about and blurs", "write elastic: {alpha: 60, sigma: 2} and gaussian_blur"),
        "ZoomBlur": ("blurs outwards from the middle", "write motion_blur"),
        "Spatter": ("paints drops on the lens", "write rain or coarse_dropout"),
        "RandomGravel": ("paints gravel", _NOTHING_LIKE_IT),
        "Superpixels": ("paints areas in one colour", "write downscale or posterize"),
        "PiecewiseAffine": ("moves a grid of points", "write grid_distortion or elastic"),
        "ThinPlateSpline": ("moves a grid of points", "write grid_distortion or elastic"),
        "GridElasticDeform": ("moves a grid of points", "write grid_distortion or elastic"),
        "RandomGridShuffle": ("swaps tiles of the image", _NOTHING_LIKE_IT),
        "XYMasking": ("masks stripes", "write coarse_dropout or grid_dropout"),
        "MaskDropout": ("drops by masks, which are not read", "write coarse_dropout"),
        "RandomToneCurve": ("bends the tones by a curve", "write gamma or brightness_contrast"),
        "PlanckianJitter": ("shifts the colour temperature", "write rgb_shift"),
        "Illumination": ("lights one side", "write shadow or brightness"),
        "ChromaticAberration": ("moves the channels apart", _NOTHING_LIKE_IT),
        "MixUp": ("mixes two images", "write mixup"),
        "CutMix": ("mixes two images", "write cutmix"),
        "Mosaic": ("puts four images together", "write mosaic"),
        "ToRGB": ("images are RGB anyway", "leave it out"),
        "FromFloat": ("images are bytes anyway", "leave it out"),
        "BboxParams": (
            "says which boxes are dropped, which is no step",
            "write labels: {min_visible: 0.1} at the top of the spec, a share of the whole shape, counted once",
        ),
        "KeypointParams": (
            "says how keypoints are written, which is seen in the data",
            "leave it out; what lies outside keeps its slot and is not labelled any more",
        ),
        "Lambda": ("a function cannot be written in a spec", "augcli show lists the transforms"),
    }
)
