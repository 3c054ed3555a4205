"""How many near-duplicates `augcli check` finds, by what was done to a photo, and how many it sees that are none.

Each photo of FOLDER is changed in each way; found is a changed photo that is paired with the one it was made of. False
are pairs among the photos themselves, which are taken to be different, by what FOLDER they lie in. pHash and dHash, as
`imagehash` computes them, stand beside it, at the distances that are given.

    python benchmarks/near_duplicates.py FOLDER [FOLDER]... [--most 200]
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageEnhance
import PIL.ImageOps

from augcli.dataset.file_kinds import IMAGE_SUFFIXES
from augcli.image import near_duplicates

Image = PIL.Image.Image
PHASH, DHASH = 10, 6
"""Bits of 64 that may differ: what is often recommended for pHash, and about as many false pairs for dHash."""


def encoded(image: Image, format: str = "JPEG", quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **({} if format == "PNG" else {"quality": quality}))
    return buffer.getvalue()


def cropped(image: Image, share: float, chance: Any) -> Image:
    """Cut `share` of each side off, at a random place."""
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    left, top = (int(chance.integers(0, most + 1)) for most in (image.width - width, image.height - height))
    return image.crop((left, top, left + width, top + height))


def smaller(image: Image, times: int) -> Image:
    return image.resize((max(1, image.width // times), max(1, image.height // times)), PIL.Image.Resampling.LANCZOS)


def with_text(image: Image, chance: Any) -> Image:
    """Write a line of text over the lower edge, a twelfth of the height."""
    drawn = image.copy()
    size = max(8, image.height // 12)
    draw = PIL.ImageDraw.Draw(drawn)
    place = (image.width // 20, image.height - 2 * size)
    font = near_duplicates_font(size)
    draw.text(place, "photo of the year 2019", fill=(255, 255, 255), font=font)
    return drawn


def near_duplicates_font(size: int) -> Any:
    import PIL.ImageFont

    from augcli.commands.preview.contact_sheet import FONT

    return PIL.ImageFont.truetype(FONT, size)


def burst(image: Image, chance: Any, strength: float) -> Image:
    """Return what a hand-held camera takes a moment later: shifted, turned, of other light and noise."""
    shift = chance.uniform(-0.02, 0.02, 2) * strength * (image.width, image.height)
    turned = cv2.getRotationMatrix2D((image.width / 2, image.height / 2), chance.uniform(-1, 1) * strength, 1.0)
    turned[:, 2] += shift
    size = (image.width, image.height)
    moved = cv2.warpAffine(np.asarray(image), turned, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    noise = chance.normal(0, 4, moved.shape)
    return PIL.Image.fromarray(np.clip(moved * chance.uniform(0.97, 1.03) + noise, 0, 255).astype(np.uint8))


CHANGES: dict[str, Callable[[Image, Any], bytes]] = {
    "PNG": lambda image, chance: encoded(image, "PNG"),
    "WebP, quality 75": lambda image, chance: encoded(image, "WEBP", 75),
    **{f"JPEG, quality {q}": lambda image, chance, q=q: encoded(image, quality=q) for q in (90, 75, 50, 30)},
    **{f"1/{n} of its size": lambda image, chance, n=n: encoded(smaller(image, n)) for n in (2, 3, 8)},
    "10 % brighter": lambda image, chance: encoded(PIL.ImageEnhance.Brightness(image).enhance(1.1)),
    "10 % darker": lambda image, chance: encoded(PIL.ImageEnhance.Brightness(image).enhance(0.9)),
    **{
        f"{share} % of each side cut off": lambda image, chance, s=share: encoded(cropped(image, s / 100, chance))
        for share in (2, 5, 10)
    },
    "mirrored": lambda image, chance: encoded(PIL.ImageOps.mirror(image)),
    "a line of text": lambda image, chance: encoded(with_text(image, chance)),
    "burst: up to 1 %, 0.5 degrees": lambda image, chance: encoded(burst(image, chance, 0.5)),
    "burst: up to 2 %, 1 degree": lambda image, chance: encoded(burst(image, chance, 1)),
    "burst: up to 4 %, 2 degrees": lambda image, chance: encoded(burst(image, chance, 2)),
}


def pairs_of(data: list[bytes], groups: list[Any]) -> set[tuple[int, int]]:
    """Return what `check` would tell."""
    thumbnails = [near_duplicates.thumbnail(one, 100) for one in data]
    alike = near_duplicates.candidates(thumbnails, groups)
    return {(one, other) for one, other in alike if near_duplicates.alikeness(data[one], data[other], 100)}


def hashes(data: Iterable[bytes]) -> tuple[Any, Any]:
    """Return pHash and dHash of each, as rows of 64 bits."""
    phash, dhash = [], []
    for one in data:
        grey = PIL.Image.open(io.BytesIO(one)).convert("L")
        low = cv2.dct(np.asarray(grey.resize((32, 32), PIL.Image.Resampling.LANCZOS), np.float32))[:8, :8]
        phash.append((low > np.median(low)).ravel())
        small = np.asarray(grey.resize((9, 8), PIL.Image.Resampling.LANCZOS), np.int16)
        dhash.append((small[:, 1:] > small[:, :-1]).ravel())
    return np.array(phash), np.array(dhash)


def apart(bits: Any, others: Any) -> Any:
    return (bits[:, None] != others[None]).sum(axis=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=200, help="photos of a folder")
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {}
    false: list[str] = []
    for folder in arguments.folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
        paths = paths[:: max(1, len(paths) // arguments.most)][: arguments.most]
        data = [path.read_bytes() for path in paths]
        photos = [PIL.ImageOps.exif_transpose(PIL.Image.open(path)).convert("RGB") for path in paths]
        own = hashes(data)
        start = time.perf_counter()
        pairs = pairs_of(data, [*range(len(data))])
        each = 1000 * (time.perf_counter() - start) / len(data)
        all_pairs = len(data) * (len(data) - 1) / 2
        bits = [int(np.triu(apart(one, one) <= most, 1).sum()) for one, most in zip(own, (PHASH, DHASH), strict=True)]
        told = " | ".join(f"{number} ({1e6 * number / all_pairs:.0f})" for number in (len(pairs), *bits))
        false.append(f"| {folder.name} | {len(data)} | {told} | {each:.1f} ms |")
        for one, other in sorted(pairs)[:10]:
            print(f"{folder.name}: {paths[one].name} is {paths[other].name}", file=sys.stderr)
        chance = np.random.default_rng(0)
        for change, make in CHANGES.items():
            changed = [make(photo, chance) for photo in photos]
            number = len(data)
            pairs = pairs_of(data + changed, [place < number for place in range(2 * number)])
            hits = [sum((place, place + number) in pairs for place in range(number)) / number]
            theirs = hashes(changed)
            for a, b, most in zip(own, theirs, (PHASH, DHASH), strict=True):
                hits.append(float(((a != b).sum(axis=1) <= most).mean()))
            found.setdefault(change, []).extend([number, *hits])
    print(f"| changed | augcli | pHash, {PHASH} bits | dHash, {DHASH} bits |\n{'|---' * 4}|")
    for change, numbers in found.items():
        weights = numbers[::4]
        shares = [np.average(numbers[at::4], weights=weights) for at in (1, 2, 3)]
        print(f"| {change} | {' | '.join(f'{100 * share:.0f} %' for share in shares)} |")
    print(f"\n| false pairs in | photos | augcli (per million) | pHash | dHash | time a photo |\n{'|---' * 6}|")
    print("\n".join(false))


if __name__ == "__main__":
    main()
