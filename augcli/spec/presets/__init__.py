"""The specs to start from: as they are, or made to give images of one size."""

from __future__ import annotations

import re
from pathlib import Path

COLUMN = 52
"""Before the comments in the presets."""


def preset_text(preset: str, size: int | None = None) -> str:
    """Return the text of a preset. With a `size` the images of all splits become squares of that side.

    Training images go through a random crop; the others shrink to 8/7 of the side and lose their edges, as in
    torchvision's reference training.
    """
    text = Path(__file__).with_name(f"{preset}.yaml").read_text(encoding="utf-8")
    if size is None:
        return text
    cut = f"[{{resize: {{size: {round(size * 8 / 7)}}}}}, {{center_crop: {{size: {size}}}}}]"
    if "center_crop" in text:
        return re.sub(r"\[\{resize: .*\]", cut, text)
    crop = _explained(f"  - random_resized_crop: {{size: {size}}}", "any part of 8 to 100 % of the area, as a square")
    splits = [_explained("splits:", "the others in the same size, without chance")]
    splits += ["  train: augment\n", f"  val: {cut}\n", f"  test: {cut}\n"]
    text = text.replace("  - color_jitter", crop + "  - color_jitter")  # behind the turns, which cut as well
    return re.sub(r"^splits:.*\n", "".join(splits), text, flags=re.MULTILINE)


def _explained(line: str, comment: str) -> str:
    return f"{line:{COLUMN}}# {comment}\n"
