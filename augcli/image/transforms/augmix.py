from __future__ import annotations

from typing import NamedTuple

from augcli.image.arrays import Size
from augcli.image.ops import Parallel
from augcli.image.transform import BORDER, INTERPOLATION, Transform
from augcli.image.transforms._primitives import FACTORS, RANDOM, Primitive, all_lowered, drawn, gentle_magnitude
from augcli.random_streams import Stream, rounded
from augcli.settings import Border, Count, Interpolation, Number, Whole, setting


class Chains(NamedTuple):
    weights: tuple[float, ...]
    chains: tuple[tuple[Primitive, ...], ...]


class Augmix(Transform[Chains]):
    """Mix the image with several gently changed versions of itself (Hendrycks et al. 2019).

    Operations, strengths and weights are torchvision's `AugMix`, truncated as there. Transparency moves with them.
    """

    severity: Count = setting(3, "The strongest operation.", within=(1, 10))
    mixture_width: Count = setting(3, "How many versions are mixed in.", within=(1, 20))
    chain_depth: Whole = setting((1, 3), "How many operations make a version.", within=(1, 20))
    alpha: Number = setting(1.0, "Of the Beta and Dirichlet distributions of the weights.", within=(0.01, 100))
    all_ops: bool = setting(True, "Use brightness, colour, contrast and sharpness too.")
    border: Border = BORDER
    interpolation: Interpolation = INTERPOLATION

    def sample(self, stream: Stream, size: Size) -> Chains:
        known = [name for name in RANDOM if name != "Identity" and (self.all_ops or name not in FACTORS)]
        kept = stream.beta(self.alpha)
        shares = stream.dirichlet(self.alpha, self.mixture_width)
        chains = []
        for _ in shares:
            names = [known[stream.integer(0, len(known) - 1)] for _ in range(stream.integer(self.chain_depth))]
            strengths = [gentle_magnitude(name, stream.integer(0, self.severity - 1), size) for name in names]
            chains.append(tuple(drawn(name, strength, stream) for name, strength in zip(names, strengths, strict=True)))
        return Chains(tuple(rounded(weight) for weight in (kept, *((1 - kept) * s for s in shares))), tuple(chains))

    def lower(self, draw: Chains, size: Size) -> Parallel:
        chains = (all_lowered(chain, size, self.border, self.interpolation) for chain in draw.chains)
        return Parallel(tuple(chains), draw.weights)
