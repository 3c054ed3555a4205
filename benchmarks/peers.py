"""One contestant of the benchmark, in the environment that has its library: `python peers.py NAME PIPELINE IN OUT`.

Every contestant reads all JPEG and PNG files below IN, writes 5 copies of each to OUT with quality 95 and 4:2:0, or
as PNG, and shares the files among 2 workers: joblib's, but those of `floor` are Python's own, as there is no joblib in
augcli's environment. `-per-copy` decodes for every copy, the others once per source.
The definitions are those of a.yaml and b.yaml: HSV hue, black constant borders; Albumentations does not antialias.
A crops small PNG files to 32 pixels instead of 224.
"""

import os
import sys
from pathlib import Path

COPIES, JOBS = 5, 2
SIDE = {".jpg": 224, ".png": 32}  # of the training crop


def albumentations(pipeline, side):
    import albumentations as A  # noqa: N812  as all of its users write it
    import cv2

    black = {"border_mode": cv2.BORDER_CONSTANT, "fill": 0}
    fifth = (0.8, 1.2)
    jitter = A.ColorJitter(brightness=fifth, contrast=fifth, saturation=fifth, hue=(-0.1, 0.1), p=1)
    blur = A.GaussianBlur(blur_limit=(5, 5), sigma_limit=(0.1, 2), p=0.3 if pipeline == "a" else 1)
    turn = A.Rotate(limit=15, p=1, **black)
    if pipeline == "a":
        crop = A.RandomResizedCrop(size=(side, side), scale=(0.08, 1), ratio=(3 / 4, 4 / 3), p=1)
        return A.Compose([A.HorizontalFlip(p=0.5), turn, crop, jitter, blur])
    shift = {"translate_percent": (-0.1, 0.1), "scale": (0.9, 1.1), "shear": {"x": (-5, 5), "y": (0, 0)}}
    steps = [
        turn,
        A.Affine(**shift, p=1, **black),
        A.Perspective(scale=(0.05, 0.1), p=0.5, **black),
        jitter,
        A.RandomGamma(gamma_limit=(80, 120), p=1),
        A.OneOf([blur, A.GaussNoise(std_range=(0.004, 0.09), p=1)], p=1),
    ]
    return A.Compose(steps)


def with_cv2(paths, root, out, pipeline, per_copy):
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    transform = albumentations(pipeline, SIDE[paths[0].suffix])

    def read(path):
        data = np.frombuffer(path.read_bytes(), np.uint8)
        return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)

    for path in paths:
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        image = None if per_copy else read(path)
        options = [cv2.IMWRITE_JPEG_QUALITY, 95] if path.suffix == ".jpg" else []
        for copy in range(COPIES):
            made = transform(image=read(path) if per_copy else image)["image"]
            encoded = cv2.imencode(path.suffix, cv2.cvtColor(made, cv2.COLOR_RGB2BGR), options)[1]
            target.with_stem(f"{path.stem}_{copy}").write_bytes(encoded)


def floor(paths, root, out, pipeline):
    """The codec alone: decode once, encode an image of the right size five times, write.

    With the fastest decoder, which augcli takes, and OpenCV's encoder, which peers take and whose bytes augcli writes.
    """
    import cv2
    import numpy as np
    import simplejpeg

    cv2.setNumThreads(1)
    for path in paths:
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        if path.suffix == ".jpg":
            image = simplejpeg.decode_jpeg(data, "BGR")
        else:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        options = [cv2.IMWRITE_JPEG_QUALITY, 95] if path.suffix == ".jpg" else []
        if pipeline == "a":
            image = cv2.resize(image, (SIDE[path.suffix],) * 2, interpolation=cv2.INTER_LINEAR)
        for copy in range(COPIES):
            encoded = cv2.imencode(path.suffix, image, options)[1]
            target.with_stem(f"{path.stem}_{copy}").write_bytes(encoded)


def torchvision_crop(T, side):  # noqa: N803  as all of its users write it
    jitter = T.ColorJitter(0.2, 0.2, 0.2, 0.1)
    blur = T.RandomApply([T.GaussianBlur(5, (0.1, 2))], 0.3)
    turn = T.RandomRotation(15, interpolation=T.InterpolationMode.BILINEAR)
    crop = T.RandomResizedCrop(side, (0.08, 1), antialias=True)
    return T.Compose([T.RandomHorizontalFlip(), turn, crop, jitter, blur])


def with_torchvision(paths, root, out, pipeline):
    import PIL.Image
    import torch
    from stub import torchvision

    T = torchvision().transforms.v2  # noqa: N806  likewise
    torch.set_num_threads(1)
    bilinear = T.InterpolationMode.BILINEAR
    if pipeline == "a":
        transform = torchvision_crop(T, SIDE[paths[0].suffix])
    else:
        jitter = T.ColorJitter(0.2, 0.2, 0.2, 0.1)
        blur = T.GaussianBlur(5, (0.1, 2))
        turn = T.RandomRotation(15, interpolation=bilinear)
        affine = T.RandomAffine(0, (0.1, 0.1), (0.9, 1.1), 5, interpolation=bilinear)

        def gamma(image):
            return T.functional.adjust_gamma(image, float(torch.empty(1).uniform_(0.8, 1.2)))

        def noise(image):
            std = float(torch.empty(1).uniform_(0.004, 0.09))
            values = T.functional.pil_to_tensor(image).float()
            noisy = (values + torch.randn_like(values) * std * 255).round().clamp(0, 255).to(torch.uint8)
            return T.functional.to_pil_image(noisy)

        last = T.RandomChoice([blur, T.Lambda(noise)])
        transform = T.Compose([turn, affine, T.RandomPerspective(0.2, 0.5), jitter, T.Lambda(gamma), last])
    for path in paths:
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        image = PIL.Image.open(path).convert("RGB")
        image.load()
        options = {"quality": 95, "subsampling": "4:2:0"} if path.suffix == ".jpg" else {}
        for copy in range(COPIES):
            transform(image).save(target.with_stem(f"{path.stem}_{copy}"), **options)


def with_augmentor(paths, root, out, pipeline):
    import Augmentor
    import PIL.Image

    steps = Augmentor.Pipeline()
    if pipeline == "a":
        steps.flip_left_right(0.5)
    steps.rotate(1, 15, 15)
    if pipeline == "b":
        steps.shear(1, 5, 5)
        steps.skew(0.5, 0.2)
    else:
        steps.crop_random(1, 0.54)
        steps.resize(1, SIDE[paths[0].suffix], SIDE[paths[0].suffix])
    steps.random_brightness(1, 0.8, 1.2)
    steps.random_contrast(1, 0.8, 1.2)
    steps.random_color(1, 0.8, 1.2)
    for path in paths:
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        image = PIL.Image.open(path).convert("RGB")
        options = {"quality": 95, "subsampling": "4:2:0"} if path.suffix == ".jpg" else {}
        for copy in range(COPIES):
            made = [image]
            for operation in steps.operations:
                if operation.probability == 1 or copy % 2:
                    made = operation.perform_operation(made)
            made[0].save(target.with_stem(f"{path.stem}_{copy}"), **options)


CONTESTANTS = {
    "floor": floor,
    "albumentations": lambda *a: with_cv2(*a, per_copy=False),
    "albumentations-per-copy": lambda *a: with_cv2(*a, per_copy=True),
    "torchvision": with_torchvision,
    "augmentor": with_augmentor,
}


def share(name, paths, *rest):
    CONTESTANTS[name](paths, *rest)


if __name__ == "__main__":
    name, pipeline, root, out = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    found = sorted(path for path in root.rglob("*.*") if path.suffix in (".jpg", ".png"))
    chunks = [found[start : start + 16] for start in range(0, len(found), 16)]
    if name == "floor":
        from multiprocessing import Pool

        with Pool(JOBS) as pool:
            pool.starmap(share, [(name, chunk, root, out, pipeline) for chunk in chunks], 1)
    else:
        import joblib

        joblib.Parallel(n_jobs=JOBS)(joblib.delayed(share)(name, chunk, root, out, pipeline) for chunk in chunks)
