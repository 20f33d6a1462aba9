"""Every metric against values computed by hand, or from its definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.metrics import (
    Truth,
    auroc,
    bootstrap,
    clopper_pearson,
    confusion,
    gain,
    linear_kappa,
    proportion,
    quadratic_kappa,
)

SEED = 7
LEVEL = st.integers(1, 5)


def at_least(count, total, chance):
    """Return the chance of so many successes or more, by adding them up."""
    return sum(
        math.comb(total, k) * chance**k * (1 - chance) ** (total - k)
        for k in range(count, total + 1)
    )


@pytest.mark.parametrize(
    ("count", "total", "upper"), [(0, 59, 0.0495), (0, 300, 0.0099), (3, 300, 0.0256)]
)
def test_the_one_sided_bound_is_the_published_one(count, total, upper):
    found = proportion([True] * count + [False] * (total - count))

    assert found.upper == pytest.approx(upper, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
    ],
)
def test_clopper_pearson_gives_the_values_of_its_tables(count, total, low, high):
    assert clopper_pearson(count, total) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_leaves_out_what_is_rarer_than_one_in_forty(counts):
    count, total = counts

    low, high = clopper_pearson(count, total)

    if count:
        assert at_least(count, total, low) == pytest.approx(0.025, abs=1e-9)
    if count < total:
        assert at_least(count + 1, total, high) == pytest.approx(0.975, abs=1e-9)


@pytest.mark.parametrize(("count", "total"), [(1, 0), (-1, 3), (4, 3)])
def test_what_is_no_proportion_has_no_interval(count, total):
    with pytest.raises(ValueError, match="proportion"):
        clopper_pearson(count, total)


def test_nothing_has_no_share():
    assert proportion([]) is None


def test_kappa_is_what_a_hand_computes():
    # Seen: one of four off by one. By chance: (3*2 + 1*2) / 16 are off by one.
    near = confusion([(1, 1), (1, 1), (1, 2), (2, 2)])
    # Seen: one of four off by two. By chance: (2*3 + 2*1) / 16 are off by two.
    far = confusion([(1, 1), (1, 3), (3, 3), (3, 3)])

    assert linear_kappa(near) == pytest.approx(0.5)
    assert quadratic_kappa(near) == pytest.approx(0.5)
    assert quadratic_kappa(far) == pytest.approx(0.5)


@given(st.lists(st.tuples(LEVEL, LEVEL), min_size=2, max_size=40))
def test_kappa_is_one_minus_seen_by_expected_disagreement(pairs):
    pairings = [(a, b) for a, _ in pairs for _, b in pairs]
    seen = sum((a - b) ** 2 for a, b in pairs) / len(pairs)
    expected = sum((a - b) ** 2 for a, b in pairings) / len(pairings)

    found = float(quadratic_kappa(confusion(pairs)))

    if expected:
        assert found == pytest.approx(1 - seen / expected)
    else:
        assert math.isnan(found)


def by_outcome(without, having):
    table = np.zeros((2, 5))
    for row, levels in enumerate((without, having)):
        for level in levels:
            table[row, level - 1] += 1
    return table


def test_auroc_is_the_chance_that_the_sicker_got_the_more_urgent_level():
    # 1 beats 2 and 3; 2 ties with 2 and beats 3.
    assert float(auroc(by_outcome([2, 3], [1, 2]))) == pytest.approx(3.5 / 4)


@given(st.lists(LEVEL, min_size=1, max_size=20), st.lists(LEVEL, min_size=1))
def test_auroc_counts_pairs(without, having):
    wins = sum((h < w) + (h == w) / 2 for h in having for w in without)

    found = float(auroc(by_outcome(without, having)))

    assert found == pytest.approx(wins / len(without) / len(having))


def test_the_gain_is_the_difference_of_two_shares():
    assert float(gain(np.array([4.0, 1.0, 3.0]))) == pytest.approx(0.5)


def tables(pairs):
    return [confusion([pair]) for pair in pairs]


PAIRS = [(1, 1), (2, 2), (2, 3), (3, 3), (4, 3), (5, 5), (3, 2), (1, 2), (4, 4)] * 3


def test_the_same_seed_draws_the_same_interval_and_another_another():
    once = bootstrap(tables(PAIRS), quadratic_kappa, seed=SEED, total=27)
    again = bootstrap(tables(PAIRS), quadratic_kappa, seed=SEED, total=27)
    other = bootstrap(tables(PAIRS), quadratic_kappa, seed=SEED + 1, total=27)

    assert once == again
    assert once.low < once.value < once.high
    assert (other.low, other.high) != (once.low, once.high)
    assert other.value == once.value


def test_visits_of_one_patient_are_drawn_together_and_tell_less():
    alone = bootstrap(tables(PAIRS), quadratic_kappa, seed=SEED, total=27)
    patients = [3 * table for table in tables(PAIRS[:9])]
    together = bootstrap(patients, quadratic_kappa, seed=SEED, total=27)

    assert together.value == pytest.approx(alone.value)
    assert together.high - together.low > alone.high - alone.low


@pytest.mark.parametrize("clusters", [[], tables([(2, 2), (2, 2)])])
def test_what_is_undefined_has_no_estimate(clusters):
    assert bootstrap(clusters, quadratic_kappa, seed=SEED, total=2) is None


def test_resamples_that_are_undefined_are_left_out():
    found = bootstrap(tables([(1, 1), (2, 2)]), quadratic_kappa, seed=SEED, total=2)

    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_a_statistic_that_no_resample_has_gives_no_estimate():
    def defined_once(counts):
        whole = counts.ndim == 2
        return np.float64(1) if whole else np.full(len(counts), np.nan)

    assert bootstrap(tables(PAIRS), defined_once, seed=SEED, total=27) is None


def test_a_reference_may_be_a_range():
    emergency, calm, three = Truth(1, 3), Truth(4, 5), Truth(3, 3)

    assert [emergency.under(level) for level in (3, 4)] == [False, True]
    assert [calm.over(level) for level in (3, 4)] == [True, False]
    assert (three.exact, emergency.exact) == (3, None)
    assert emergency.surely_within(3)
    assert not emergency.surely_within(2)
    assert calm.surely_beyond(3)
    assert not calm.surely_beyond(4)


@pytest.mark.parametrize("levels", [(0, 3), (3, 6), (4, 3)])
def test_a_reference_that_is_no_range_is_refused(levels):
    with pytest.raises(ValueError, match="1 to 5"):
        Truth(*levels)
