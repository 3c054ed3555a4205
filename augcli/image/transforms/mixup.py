from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from augcli.image.arrays import Size
from augcli.image.blending import weighted
from augcli.image.ops import Blend
from augcli.image.transform import Mixing
from augcli.random_streams import Stream, rounded
from augcli.settings import Number, setting


class Share(NamedTuple):
    lam: float


class Mixup(Mixing[Share]):
    """Fade the image into another one of the training set; the label becomes soft (Zhang et al. 2017).

    The share of the image, `lam`, follows Beta(alpha, alpha), and with `fold` is at least a half. Same as the
    formula `lam a + (1 - lam) b` rounded to nearest, and as torchvision `v2.MixUp`, to one level.
    """

    example: ClassVar[Mapping[str, Any]] = {"alpha": 1}

    alpha: Number = setting(0.2, "Of the Beta distribution: 1 is uniform, less keeps one of the two.", within=(0, 100))

    def sample(self, stream: Stream, size: Size) -> Share | None:
        lam = stream.beta(self.alpha) if self.alpha else 1.0
        lam = rounded(max(lam, 1 - lam) if self.fold else lam)
        return Share(lam) if lam < 1 else None

    def shares(self, draw: Share, size: Size) -> tuple[float, ...]:
        return draw.lam, rounded(1 - draw.lam)

    def lower(self, draw: Share, size: Size) -> Blend:
        return Blend(partial(weighted, lam=draw.lam))
