"""How numbers and words are spread, counted one by one in little memory, whatever there is of them."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

FINE, BARS = 2048, 32
"""Bins in which numbers are counted, and the most bars that are drawn of them: each bin is a small part of a bar."""
FEW = 8
"""Up to so many different values are shown one by one."""
MOST_WORDS = 1000


class Bar(NamedTuple):
    """How many numbers lie from `low` to `high`, which are equal for a bar of one value."""

    low: float
    high: float
    number: int


class Numbers:
    """Counts numbers in bins whose width is a power of two, the smallest one that needs no more than `FINE` of them.

    It does not matter in which order they come.
    """

    def __init__(self) -> None:
        self.number = 0
        self.low, self.high, self.sum = math.inf, -math.inf, 0.0
        self._are_whole = True
        self._bins: Counter[int] = Counter()
        self._width = 2.0**-40

    def add(self, value: float) -> None:
        self.number += 1
        self.sum += value
        self.low, self.high = min(self.low, value), max(self.high, value)
        self._are_whole = self._are_whole and value == int(value)
        self._bins[math.floor(value / self._width)] += 1
        while len(self._bins) > FINE:
            wider: Counter[int] = Counter()
            for place, number in self._bins.items():
                wider[place >> 1] += number
            self._bins, self._width = wider, self._width * 2

    @property
    def mean(self) -> float:
        return self.sum / self.number

    @property
    def are_few(self) -> bool:
        return len(self._bins) <= FEW

    def bars(self) -> list[Bar]:
        """Return the bars of all numbers, from the lowest to the highest: more of more numbers."""
        if self.are_few:
            return [Bar(value, value, number) for value, number in self._each()]
        many = min(BARS, max(FEW, math.isqrt(self.number)))
        if self._are_whole and self._width <= 1:
            low, step = int(self.low), math.ceil((self.high - self.low + 1) / many)
            counted = Counter[int]()
            for value, number in self._each():
                counted[int(value - low) // step] += number
            return [Bar(low + at * step, low + (at + 1) * step - 1, counted[at]) for at in range(max(counted) + 1)]
        width = (self.high - self.low) / many
        counted = Counter[int]()
        for place, number in self._bins.items():
            counted[min(max(int(((place + 0.5) * self._width - self.low) / width), 0), many - 1)] += number
        return [Bar(self.low + at * width, self.low + (at + 1) * width, counted[at]) for at in range(many)]

    def _each(self) -> list[tuple[float, int]]:
        return [(self._of(place), number) for place, number in sorted(self._bins.items())]

    def _of(self, place: int) -> float:
        """Return the value of a bin that holds only one: a whole number as it is, others as near as six digits tell."""
        value = place * self._width
        if self._are_whole:
            return value
        if place == math.floor(self.low / self._width):
            return self.low
        if place == math.floor(self.high / self._width):
            return self.high
        return float(f"{value:.6g}")


class Words:
    """Counts words; of more different ones than `MOST_WORDS` those that come later are counted together."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.others = 0

    def add(self, word: str) -> None:
        if word in self.counts or len(self.counts) < MOST_WORDS:
            self.counts[word] += 1
        else:
            self.others += 1

    def most_frequent(self, number: int) -> list[tuple[str, int]]:
        """Return the words that are most frequent, with their numbers."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:number]

    def beyond(self, number: int) -> int:
        """Return how often all other words came."""
        return self.counts.total() + self.others - sum(count for _, count in self.most_frequent(number))
