"""Randomness is a pure function of its key."""

import hashlib
import math

import numpy as np
import pytest
from scipy import stats

from augcli.random_streams import Stream, Streams, rounded, total


def test_the_same_key_gives_the_same_numbers():
    a, b = Streams(5, b"cat/a.jpg", 3)("rotate"), Streams(5, b"cat/a.jpg", 3)("rotate")
    assert [a.random() for _ in range(50)] == [b.random() for _ in range(50)]


def test_every_part_of_the_key_matters_and_none_runs_into_the_next():
    keys = [
        (0, b"a", 1, "b"),
        (1, b"a", 1, "b"),
        (0, b"a1", 1, "b"),
        (0, b"a", 11, "b"),
        (0, b"a", 1, "1b"),
        (0, b"", 1, "ab"),
    ]
    firsts = {Streams(seed, source, copy)(step).random() for seed, source, copy, step in keys}
    assert len(firsts) == len(keys)


def test_doubles_are_uniform_and_do_not_repeat():
    numbers = [Streams(0, b"x", copy)("step").random() for copy in range(2000)]
    numbers += [number for stream in [Stream(b"k")] for number in [stream.random() for _ in range(2000)]]
    assert len(set(numbers)) == len(numbers)
    assert stats.kstest(numbers, "uniform").pvalue > 1e-4


def test_the_stream_is_the_documented_one():
    """The definition written out again: a draw of today's spec must come out the same for ever."""
    parts = b"".join(len(part).to_bytes(4, "little") + part for part in (b"17", b"caf\xc3\xa9.jpg", b"2"))
    key = hashlib.blake2b(parts + b"rotate", digest_size=32).digest()
    blocks = [hashlib.blake2b(bytes([block, *[0] * 7]), key=key).digest() for block in range(2)]
    words = [int.from_bytes(block[at : at + 8], "little") for block in blocks for at in range(0, 64, 8)]
    stream = Streams(17, "café.jpg".encode(), 2)("rotate")
    assert [stream.random() for _ in words] == [(word // 2048) / 2**53 for word in words]


def test_normal_numbers_are_normal():
    stream = Stream(b"normal")
    assert stats.kstest([stream.normal() for _ in range(4000)], "norm").pvalue > 1e-4


def test_reals_have_six_digits_and_stay_in_their_range():
    stream = Stream(b"reals")
    for bounds in ((0.1, 0.123456789), (-15.0, 15.0), (1e-7, 2e-7)):
        for _ in range(200):
            value = stream.uniform(bounds)
            assert bounds[0] <= value <= bounds[1]
            assert value in (rounded(value), *bounds)


def test_certain_outcomes_cost_nothing():
    stream = Stream(b"certain")
    assert stream.uniform((3.0, 3.0)) == 3.0
    assert stream.integer(4, 4) == 4
    assert stream.happens(1.0)
    assert not stream.happens(0.0)
    assert stream.random() == Stream(b"certain").random()


def test_whole_numbers_reach_both_ends_equally_often():
    stream = Stream(b"whole")
    counts = [0] * 7
    for _ in range(7000):
        counts[stream.integer(-3, 3) + 3] += 1
    assert stats.chisquare(counts).pvalue > 1e-4


def test_a_whole_number_is_drawn_from_a_range_as_from_its_ends():
    both, ends = Streams(1, b"a", 0)("step"), Streams(1, b"a", 0)("step")
    drawn = [both.integer((2.0, 9.0)) for _ in range(50)]
    assert drawn == [ends.integer(2, 9) for _ in range(50)]
    assert {type(value) for value in drawn} == {int}


def test_orders_are_equally_likely():
    stream = Stream(b"orders")
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(6000):
        order = tuple(stream.order(3))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == math.factorial(3)
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4


@pytest.mark.parametrize("alpha", [0.01, 0.2, 1.0, 4.0, 100.0])
def test_beta_numbers_follow_their_law_even_where_gamma_numbers_underflow(alpha):
    stream = Stream(b"beta")
    numbers = [stream.beta(alpha) for _ in range(40_000)]
    assert all(0 <= number <= 1 for number in numbers)
    # Of a tiny alpha doubles next to 1 hold no more than 1: what is nearer to an end than they are is left together.
    ends = (np.array(numbers) < 1e-12, np.array(numbers) > 1 - 1e-12)
    between = [number for number in numbers if 1e-12 <= number <= 1 - 1e-12]
    least = stats.beta.cdf(1e-12, alpha, alpha)
    for end in ends:
        assert stats.binomtest(int(end.sum()), 40_000, least).pvalue > 1e-4
    law = stats.beta(alpha, alpha)
    assert stats.kstest(between, lambda x: (law.cdf(x) - least) / (1 - 2 * least)).pvalue > 1e-4


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("alpha", [0.01, 0.2, 1.0, 4.0, 100.0])
def test_dirichlet_shares_sum_to_one_and_each_follows_its_beta_law(alpha, count):
    stream = Stream(b"dirichlet")
    shares = np.array([stream.dirichlet(alpha, count) for _ in range(2000)])
    assert np.abs(shares.sum(axis=1) - 1).max() < 1e-12
    assert shares.min() >= 0
    law = stats.beta(alpha, alpha * (count - 1))
    for share in shares.T:
        between = share[(share >= 1e-12) & (share <= 1 - 1e-12)]
        low, high = law.cdf([1e-12, 1 - 1e-12])
        assert stats.binomtest(int((share < 1e-12).sum()), 2000, low).pvalue > 1e-4
        assert stats.kstest((law.cdf(between) - low) / (high - low), "uniform").pvalue > 1e-4
    # the greatest is any of them
    assert stats.chisquare(np.bincount(shares.argmax(axis=1), minlength=count)).pvalue > 1e-4


def test_rounding_never_takes_a_real_beyond_a_bound():
    """0.1234564 to 0.1234566 round to 0.123456 and 0.123457, which lie outside."""
    for bounds in ((0.1234564, 0.1234566), (-3.3333339, -3.3333331), (1.00000049, 1.0000005)):
        for draw in ("uniform", "log_uniform") if bounds[0] > 0 else ("uniform",):
            drawn = {getattr(Stream(bytes([number])), draw)(bounds) for number in range(40)}
            assert bounds[0] <= min(drawn)
            assert max(drawn) <= bounds[1]


def test_numbers_are_added_as_before_python_3_12():
    assert total([1.0, 2.0**-53, 2.0**-53]) == 1
