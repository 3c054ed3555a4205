"""Keyed randomness: every draw is a pure function of (seed, source path, copy, step name).

A stream turns its key into doubles through BLAKE2b, eight to a 64-byte block, and does all further
arithmetic itself, so that the same key gives the same draws on every machine and with every library
version. Reals are rounded to 6 significant digits before anyone uses them: what the manifest
records is then exactly what was applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import unpack

_DOUBLE = 2.0**-53


def rounded(value: float) -> float:
    """Round to 6 significant digits, the precision of the manifest."""
    return float(f"{value:.6g}")


def total(numbers: Iterable[float]) -> float:
    """Add from left to right; what `sum` of floats does depends on the version of Python."""
    added = 0.0
    for number in numbers:
        added += number
    return added


class Stream:
    """An endless row of uniform doubles for one step of one copy of one source."""

    __slots__ = ("_block", "_key", "_words")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._block = 0
        self._words: list[int] = []

    def random(self) -> float:
        """Return the next double, uniform in [0, 1)."""
        if not self._words:
            digest = blake2b(self._block.to_bytes(8, "little"), key=self._key).digest()
            self._block += 1
            self._words = list(unpack("<8Q", digest)[::-1])
        return (self._words.pop() >> 11) * _DOUBLE

    def happens(self, p: float) -> bool:
        """Toss a coin that comes up with probability `p`; certain outcomes toss nothing."""
        return p >= 1 or (p > 0 and self.random() < p)

    def uniform(self, bounds: tuple[float, float]) -> float:
        """Draw a real from [low, high]; equal ends draw nothing and return that end."""
        low, high = bounds
        if low == high:
            return low
        return min(max(rounded(low + (high - low) * self.random()), low), high)

    def log_uniform(self, bounds: tuple[float, float]) -> float:
        """Draw a real whose logarithm is uniform between the logarithms of the (positive) ends."""
        low, high = bounds
        if low == high:
            return low
        value = math.exp(math.log(low) + (math.log(high) - math.log(low)) * self.random())
        return min(max(rounded(value), low), high)

    def integer(self, low: int | tuple[float, float], high: int | None = None) -> int:
        """Draw a whole number from {low, ..., high}, both ends included; a range of whole numbers has both."""
        if isinstance(low, tuple):
            low, high = map(int, low)
        elif high is None:
            raise TypeError("integer() needs a range, or both ends")
        return low if low == high else low + int(self.random() * (high - low + 1))

    def seed(self) -> int:
        """Draw a 48-bit integer from which a kernel grows noise; exact in JSON everywhere."""
        return int(self.random() * (1 << 48))

    def index(self, weights: Sequence[float]) -> int:
        """Draw an index with probability proportional to its weight."""
        at = self.random() * total(weights)
        for index, weight in enumerate(weights):
            at -= weight
            if at < 0:
                return index
        return max(index for index, weight in enumerate(weights) if weight > 0)

    def order(self, count: int) -> list[int]:
        """Draw a permutation of range(count), all equally likely (Fisher-Yates)."""
        items = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.integer(0, last)
            items[last], items[other] = items[other], items[last]
        return items

    def normal(self) -> float:
        """Draw from the standard normal distribution (Box-Muller), not rounded."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return radius * math.cos(2.0 * math.pi * self.random())

    def beta(self, alpha: float) -> float:
        """Draw from Beta(alpha, alpha), `alpha` above 0; not rounded.

        As the share of one of two gamma variables, whose logarithms are taken: for a small alpha both underflow.
        """
        return 1 / (1 + math.exp(min(700.0, self._log_gamma(alpha) - self._log_gamma(alpha))))

    def dirichlet(self, alpha: float, count: int) -> list[float]:
        """Draw `count` shares that sum to one from the symmetric Dirichlet distribution; not rounded."""
        logs = [self._log_gamma(alpha) for _ in range(count)]
        shares = [math.exp(log - max(logs)) for log in logs]
        return [share / total(shares) for share in shares]

    def _log_gamma(self, alpha: float) -> float:
        """Draw the logarithm of a gamma variable (Marsaglia and Tsang 2000; below 1 by a power of a uniform)."""
        if alpha < 1:
            return self._log_gamma(alpha + 1) + math.log(1.0 - self.random()) / alpha
        d = alpha - 1 / 3
        while True:
            x = self.normal()
            root = 1 + x / math.sqrt(9 * d)
            if root > 0 and math.log(1.0 - self.random()) < 0.5 * x * x + d - d * root**3 + 3 * d * math.log(root):
                return math.log(d) + 3 * math.log(root)


class WouldDraw(Exception):
    """Raised by `Certain` when a step asks for chance."""


class Certain(Stream):
    """A stream without chance: a step that can sample from it draws nothing at random."""

    def __init__(self) -> None:
        super().__init__(b"")

    def random(self) -> float:
        raise WouldDraw


class Streams:
    """The streams of one copy of one source, one per step name."""

    __slots__ = ("_root",)

    def __init__(self, seed: int, source: bytes, copy: int) -> None:
        self._root = blake2b(digest_size=32)
        # Every part is preceded by its length: no two keys can spell the same bytes.
        for part in (str(seed).encode(), source, str(copy).encode()):
            self._root.update(len(part).to_bytes(4, "little") + part)

    def __call__(self, step: str) -> Stream:
        """Return the stream of the step of that name."""
        keyed = self._root.copy()
        keyed.update(step.encode("utf-8", "surrogatepass"))
        return Stream(keyed.digest())
