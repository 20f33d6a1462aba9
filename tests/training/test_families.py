"""What the families of synthetic cases cover."""

from collections import Counter

import pytest

from domain.values import Acuity
from training.families import FAMILIES
from training.voices import phrases


def test_there_are_sixty_families_over_all_levels():
    levels = Counter(degree.acuity for each in FAMILIES for degree in each.degrees)

    assert len({family.name for family in FAMILIES}) == len(FAMILIES) >= 60
    assert all(levels[level] >= 8 for level in Acuity)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_says_why_on_whose_word_and_speaks_only_of_known_complaints(family):
    assert family.why.endswith(".")
    assert family.citation
    assert family.complaints() <= phrases().keys()
    assert family.years[0] < family.years[1]
    assert 0 < family.minutes[0] < family.minutes[1]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_degrees_that_strain_the_body_more_are_at_least_as_urgent(family):
    by_strain = sorted(family.degrees, key=lambda degree: -degree.strain[1])

    levels = [degree.acuity for degree in by_strain]

    assert levels == sorted(levels)


def test_no_complaint_is_listed_that_nobody_has():
    used = frozenset().union(*(family.complaints() for family in FAMILIES))

    assert used == phrases().keys()


@pytest.mark.parametrize("name", sorted(phrases()))
def test_every_complaint_can_be_said_by_everybody(name):
    said = phrases()[name]

    assert said.keys() == {"lay", "clinical", "short"}
    assert all(said.values())
